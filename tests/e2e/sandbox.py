"""The program that runs inside the network namespace: ``sandbox.py FD COMMAND [ARGUMENT ...]``.

It brings the namespace's loopback up, listens there, hands the listening socket
to whoever holds the other end of the UNIX socket FD, and becomes COMMAND. A socket
stays in the namespace in which it was made, so the test process outside can serve
the model, Python callables and all, to a client that can reach nothing else.
"""

import fcntl
import os
import socket
import struct
import sys

_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    command = sys.argv[2:]
    with socket.socket() as listener:
        # `ip link set lo up`, without needing iproute2.
        fcntl.ioctl(listener, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))
        listener.bind(("127.0.0.1", 0))
        listener.listen(32)
        port = listener.getsockname()[1]
        socket.send_fds(control, [b"listening"], [listener.fileno()])
    control.close()
    os.environ["ANTHROPIC_BASE_URL"] = f"http://127.0.0.1:{port}"
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
