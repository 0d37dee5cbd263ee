"""Services: real ones, on real ports."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from prp_pack.gate.process import CannotRunError, Progress
from prp_pack.gate.service import Address, Fault, ServiceError, address_of, serving
from tests.gate.conftest import JobMaker, running

SERVER = """
import http.server, os, sys, time
port, status = int(sys.argv[1]), int(sys.argv[2])
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
print("secret", os.environ.get("APP_SECRET"), flush=True)
http.server.HTTPServer(("127.0.0.1", port), Answer).serve_forever()
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


def server(port: int, status: int = 200) -> tuple[str, ...]:
    return (sys.executable, "-u", "-c", SERVER, str(port), str(status))


@pytest.mark.parametrize("status", [200, 204, 302])
def test_a_service_is_up_between_start_and_end(job: JobMaker, port: int, status: int) -> None:
    one = job(server(port, status))
    with serving(one, f"http://127.0.0.1:{port}/health?x=1") as service:
        assert service.is_alive
    assert not service.is_alive
    assert service.outcome is not None
    assert (service.outcome.signal, service.outcome.survivors) == ("SIGTERM", ())
    assert f'"GET /health?x=1 HTTP/1.1" {status}' in service.outcome.tail
    assert running(one.marker) == []


def test_a_port_is_enough_of_an_answer(job: JobMaker, port: int) -> None:
    with serving(job(server(port, 500)), f"tcp://127.0.0.1:{port}") as service:
        assert service.is_alive


def test_what_a_service_puts_into_background_is_the_service(job: JobMaker, port: int) -> None:
    command = f"setsid {sys.executable} -m http.server --bind 127.0.0.1 {port} & sleep 0.1"
    with serving(job(command), f"http://localhost:{port}/") as service:
        assert service.is_alive
        assert "http.server" not in service.tail


@pytest.mark.parametrize("status", [404, 500])
def test_an_error_is_no_readiness(job: JobMaker, port: int, status: int) -> None:
    ticks: list[Progress] = []
    environment = {**os.environ, "APP_SECRET": "correct-horse-battery"}
    one = job(server(port, status), timeout=2.5, environment=environment)
    ready = f"http://127.0.0.1:{port}/"
    with pytest.raises(ServiceError) as raised, serving(one, ready, ticks.append):
        pytest.fail("it isn't ready")
    assert raised.value.fault == Fault.NOT_READY
    assert str(raised.value) == f"service did not answer at {ready} within 2.5 s"
    assert raised.value.outcome is not None
    assert raised.value.outcome.tail.startswith("secret [redacted: $APP_SECRET]\n")
    assert len(raised.value.last_lines) == 15
    assert ticks


def test_a_service_that_ends_before_it_is_ready(job: JobMaker, port: int) -> None:
    one = job("echo no database; exit 3")
    with pytest.raises(ServiceError) as raised, serving(one, f"http://127.0.0.1:{port}/"):
        pytest.fail("it has ended")
    assert raised.value.fault == Fault.ENDED
    assert str(raised.value) == "service ended with status 3 before it was ready"
    assert raised.value.last_lines == ("no database",)


def test_a_service_that_ends_while_it_is_needed(job: JobMaker, port: int) -> None:
    one = job(server(port))
    with pytest.raises(ServiceError) as raised, serving(one, f"tcp://127.0.0.1:{port}") as service:
        for process in running(one.marker):
            process.kill()
        while service.is_alive:
            time.sleep(0.02)
    assert str(raised.value) == "service ended by SIGKILL while it was needed"


def test_a_service_whose_log_can_not_go_on_has_ended(job: JobMaker, port: int) -> None:
    one = job("echo x; sleep 1000", log=Path("/dev/full"))
    with (
        pytest.raises(ServiceError, match="log cannot be written: no space left"),
        serving(one, f"tcp://127.0.0.1:{port}"),
    ):
        pytest.fail("its log is lost")


def test_a_server_from_before_proves_nothing(job: JobMaker) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        one = job(server(port))
        with pytest.raises(ServiceError) as raised, serving(one, f"http://127.0.0.1:{port}/"):
            pytest.fail("the other one answers")
    assert raised.value.fault == Fault.TAKEN
    said = f"another process answers at 127.0.0.1:{port} already: process {os.getpid()} ("
    assert str(raised.value).startswith(said)
    assert raised.value.outcome is None
    assert raised.value.last_lines == ()
    assert not one.log.exists()


def test_without_an_address_a_service_must_run_for_a_while(job: JobMaker) -> None:
    with serving(job("sleep 1000"), "") as service:
        assert service.is_alive
    with (
        pytest.raises(ServiceError, match="status 0 before it was ready"),
        serving(job("true"), ""),
    ):
        pytest.fail("it has ended")


def test_a_service_that_can_not_be_started(job: JobMaker) -> None:
    with pytest.raises(CannotRunError), serving(job(("no-such-program",)), ""):
        pytest.fail("there is none")


def test_what_is_raised_inside_leaves_nothing_running(job: JobMaker, port: int) -> None:
    one = job(server(port))
    with pytest.raises(KeyboardInterrupt), serving(one, f"tcp://127.0.0.1:{port}"):
        raise KeyboardInterrupt
    assert running(one.marker) == []


@pytest.mark.parametrize("says", [b"", b"220 mail ready\r\n", b"HTTP/1.1 2", b"x" * 10_000])
def test_what_is_no_answer_of_http_is_no_readiness(
    job: JobMaker, port: int, says: bytes, tmp_path: Path
) -> None:
    (tmp_path / "says").write_bytes(says)
    code = """
import socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    link, _ = s.accept()
    with link:
        link.sendall(open("says", "rb").read())
        link.recv(1000)
"""
    one = job((sys.executable, "-c", code, str(port)), timeout=1)
    with (
        pytest.raises(ServiceError, match="did not answer"),
        serving(one, f"http://127.0.0.1:{port}/"),
    ):
        pytest.fail("it doesn't speak HTTP")


def test_a_service_that_accepts_and_is_silent_is_given_up(job: JobMaker, port: int) -> None:
    code = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(1000)"
    one = job((sys.executable, "-c", code, str(port)), timeout=1)
    with (
        pytest.raises(ServiceError, match="did not answer"),
        serving(one, f"http://127.0.0.1:{port}/"),
    ):
        pytest.fail("it says nothing")


def test_a_certificate_of_its_own_is_fine_on_this_machine(
    job: JobMaker, port: int, tmp_path: Path
) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
         "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    code = f"""
import http.server, ssl
s = http.server.HTTPServer(("127.0.0.1", {port}), http.server.SimpleHTTPRequestHandler)
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain("cert.pem", "key.pem")
s.socket = c.wrap_socket(s.socket, server_side=True)
s.serve_forever()
"""
    with serving(job((sys.executable, "-c", code)), f"https://127.0.0.1:{port}/") as service:
        assert service.is_alive


@pytest.mark.parametrize(
    ("ready", "address", "own"),
    [
        ("http://127.0.0.1:8000/health", Address("http", "127.0.0.1", 8000, "/health"), True),
        ("https://api.localhost", Address("https", "api.localhost", 443), True),
        ("http://staging.example/?a=b", Address("http", "staging.example", 80, "/?a=b"), False),
        ("tcp://[::1]:5432", Address("tcp", "::1", 5432), True),
    ],
)
def test_addresses(ready: str, address: Address, own: bool) -> None:
    assert address_of(ready) == address
    assert address.is_own == own


@pytest.mark.parametrize(
    "ready",
    ["localhost:8000", "http://", "tcp://localhost", "http://x:99999/", "ftp://x/", "http://[::1/",
     "http://user:password@x/", "http://x/a b", "http://x/\r\nHost: y", "http://ä/"],
)  # fmt: skip
def test_what_is_no_address(ready: str) -> None:
    with pytest.raises(ServiceError) as raised:
        address_of(ready)
    assert raised.value.fault == Fault.BAD_ADDRESS
    assert "password" not in str(raised.value)
