"""The fault proxy over real sockets, without a service: what each mode does to bytes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from prp_pack.parse.contract import Operation
from prp_pack.probes.faults.proxy import FaultProxy, Loop, looping
from prp_pack.probes.faults.tables import Mode, address
from prp_pack.probes.faults.wrong_requests import taking_json
from prp_pack.probes.openapi.operations import Contract

SAFETY = 20.0


class Echo:
    """Answers each chunk with the same in capitals."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._listening.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                link, _ = self._listening.accept()
                threading.Thread(target=self._answer, args=(link,), daemon=True).start()

    def _answer(self, link: socket.socket) -> None:
        with link, suppress(OSError):
            while said := link.recv(100):
                link.sendall(said.upper())

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@contextmanager
def link_to(proxy: FaultProxy) -> Iterator[socket.socket]:
    with socket.create_connection((proxy.host, proxy.port), SAFETY) as link:
        yield link


@pytest.fixture
def proxied() -> Iterator[tuple[FaultProxy, Loop]]:
    echo = Echo()
    with looping() as loop:
        proxy = FaultProxy(("127.0.0.1", 0), echo.address, latency=0.2, bytes_per_second=50)
        loop.do(proxy.start())
        try:
            yield proxy, loop
        finally:
            loop.do(proxy.stop())
            echo.close()


def ask(link: socket.socket) -> bytes:
    link.sendall(b"hello")
    said = b""
    while len(said) < 5 and (more := link.recv(5 - len(said))):
        said += more
    return said


def test_soundly_everything_goes_through(proxied: tuple[FaultProxy, Loop]) -> None:
    proxy, _ = proxied
    with link_to(proxy) as link:
        assert ask(link) == b"HELLO"
    assert proxy.passed == 5
    assert proxy.touched == 0


def test_refused_is_refused_and_listens_again_at_the_same_port(
    proxied: tuple[FaultProxy, Loop],
) -> None:
    proxy, loop = proxied
    port = proxy.port
    with link_to(proxy) as open_:
        assert ask(open_) == b"HELLO"
        loop.do(proxy.break_("refuse"))
        with pytest.raises(ConnectionRefusedError), link_to(proxy):
            pass
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            ask(open_)
    loop.do(proxy.mend())
    assert proxy.port == port
    with link_to(proxy) as link:
        assert ask(link) == b"HELLO"


@pytest.mark.parametrize("opened", ["before", "after"])
def test_reset_resets_what_is_open_and_what_is_new(
    proxied: tuple[FaultProxy, Loop], opened: str
) -> None:
    proxy, loop = proxied
    if opened == "after":
        loop.do(proxy.break_("reset"))
    with link_to(proxy) as link:
        if opened == "before":
            assert ask(link) == b"HELLO"
            loop.do(proxy.break_("reset"))
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            ask(link)
    assert proxy.touched >= 1


@pytest.mark.parametrize("opened", ["before", "after"])
def test_what_a_black_hole_held_goes_on_afterwards(
    proxied: tuple[FaultProxy, Loop], opened: str
) -> None:
    proxy, loop = proxied
    if opened == "after":
        loop.do(proxy.break_("black_hole"))
    with link_to(proxy) as link:
        if opened == "before":
            assert ask(link) == b"HELLO"
            loop.do(proxy.break_("black_hole"))
        link.settimeout(0.2)
        with pytest.raises(TimeoutError):
            ask(link)
        link.settimeout(SAFETY)
        assert proxy.touched >= 1
        loop.do(proxy.mend())
        assert link.recv(5) == b"HELLO"


@pytest.mark.parametrize(("mode", "least"), [("latency", 0.2), ("slow", 4 / 50)])
def test_slowness_takes_its_time_and_ends_with_the_fault(
    proxied: tuple[FaultProxy, Loop], mode: Mode, least: float
) -> None:
    proxy, loop = proxied
    loop.do(proxy.break_(mode))
    with link_to(proxy) as link:
        begun = time.monotonic()
        assert ask(link) == b"HELLO"
        assert time.monotonic() - begun >= least


def test_cut_ends_in_the_middle_of_an_answer(proxied: tuple[FaultProxy, Loop]) -> None:
    proxy, loop = proxied
    loop.do(proxy.break_("cut"))
    with link_to(proxy) as link:
        assert ask(link) == b"HE"


def test_garbage_is_not_the_answer(proxied: tuple[FaultProxy, Loop]) -> None:
    proxy, loop = proxied
    loop.do(proxy.break_("garbage"))
    with link_to(proxy) as link:
        said = ask(link)
    assert len(said) == 5
    assert said != b"HELLO"


def test_a_dependency_that_is_gone_is_a_reset() -> None:
    echo = Echo()
    with looping() as loop:
        proxy = FaultProxy(("127.0.0.1", 0), echo.address)
        loop.do(proxy.start())
        echo.close()
        loop.do(proxy.break_("dead"))
        with link_to(proxy) as link, pytest.raises((ConnectionResetError, BrokenPipeError)):
            ask(link)
        assert proxy.touched >= 1
        loop.do(proxy.stop())


@pytest.mark.parametrize(
    ("said", "meant"), [("127.0.0.1:5432", ("127.0.0.1", 5432)), ("[::1]:80", ("::1", 80))]
)
def test_an_address_is_host_and_port(said: str, meant: tuple[str, int]) -> None:
    assert address(said) == meant


@pytest.mark.parametrize("said", ["", "host", "host:", ":1", "host:http", "host:70000", 5])
def test_anything_else_is_no_address(said: object) -> None:
    with pytest.raises(ValueError, match=r"address|port"):
        address(said)


def test_operations_that_take_json_are_found_in_both_versions() -> None:
    body: dict[str, object] = {"content": {"application/json": {}}}
    form: dict[str, object] = {"content": {"multipart/form-data": {}}}
    both = {
        "paths": {
            "/a": {"post": {"requestBody": body}, "get": {}},
            "/b": {"put": {"requestBody": {"$ref": "#/components/requestBodies/B"}}},
            "/c/{id}": {"post": {"requestBody": body}},
            "/d": {"post": {"requestBody": form}},
        },
        "components": {"requestBodies": {"B": body}},
    }
    found = taking_json(Contract("", both))
    assert found == (Operation("POST", "/a"), Operation("PUT", "/b"))
    old = {"post": {"parameters": [{"in": "body", "name": "x"}]}}
    swagger = Contract("", {"swagger": "2.0", "basePath": "/v1", "paths": {"/a": old}})
    assert taking_json(swagger) == (Operation("POST", "/v1/a"),)
    document = {"servers": [{"url": "http://a.example/v1/"}], "paths": {"/a": {"post": {
        "requestBody": body}}}}  # fmt: skip
    below = Contract("", document)
    assert taking_json(below) == (Operation("POST", "/v1/a"),)
    assert taking_json(below, "http://127.0.0.1:1/v1") == (Operation("POST", "/a"),)
