"""What ends a command when `prp` itself is killed, so that it can't do that any more.

A shell waits at one end of a pipe, and only `prp` has the other end open. The system closes it
however `prp` ends, by SIGKILL too; then the shell becomes this module's `main`, which looks for
what belongs to the command and ends it. The shell is started before the command is, in a session of
its own: there is no moment without it, and what hits the group of `prp` leaves it alone. It costs
a millisecond or two, as Python is started only when it is needed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from prp_pack.gate.descendants import Family

# The first line says the number of the command. Who asks everything to end, means us not: as long
# as `prp` ends in order there is nothing to do, and when it doesn't there is.
_WAIT = 'trap \'\' HUP INT TERM; read -r main; read -r over || exec "$@" "$main"'


class Guard:
    """A guard on duty for what carries a mark; between asking and killing it gives `grace` seconds.

    `afterwards` is a command that takes away what no process of ours holds, such as containers; it
    is run in `folder` when all else has ended. Raises `OSError` when the guard can't be started.
    Windows has none: there the command stays.
    """

    def __init__(
        self, mark: str, grace: float, folder: Path, afterwards: Sequence[str] = ()
    ) -> None:
        self._shell: subprocess.Popen[bytes] | None = None
        if sys.platform == "win32":
            return
        words = (sys.executable, "-P", "-m", __name__, mark, str(grace), str(folder))
        self._shell = subprocess.Popen(  # noqa: S603 - fixed words
            ("/bin/sh", "-c", _WAIT, "prp-guard", *words, *afterwards),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )

    def watch(self, main: int) -> None:
        """Tell the number of the command, by which its session is known."""
        if self._shell and self._shell.stdin:
            try:
                self._shell.stdin.write(b"%d\n" % main)
            except BrokenPipeError:
                # Somebody ended the guard. The command is as well off as without one.
                return

    def release(self) -> None:
        """End the guard: nothing is left that it could end."""
        if self._shell and self._shell.stdin:
            self._shell.kill()
            self._shell.wait()
            self._shell.stdin.close()


def main(words: Sequence[str]) -> None:
    """End what carries a mark, and run what is to be done afterwards.

    `words` are mark, grace, folder, the words of that command, and the main process or nothing.
    """
    mark, grace, folder, *afterwards, number = words
    Family(int(number) if number else None, mark).end(float(grace))
    if afterwards:
        subprocess.run(afterwards, cwd=folder, check=False)  # noqa: S603 - from the caller


if __name__ == "__main__":
    main(sys.argv[1:])
