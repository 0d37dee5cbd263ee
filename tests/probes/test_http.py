from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from prp_pack.probes.http import Client, NoAnswerError


@contextmanager
def answering(handle: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve each connection by a function; yields the base URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    link, _ = server.accept()
                except TimeoutError:
                    continue
                with link:
                    link.settimeout(5)
                    handle(link)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/base"
        finally:
            done.set()
            thread.join()


def request_of(link: socket.socket) -> bytes:
    said = b""
    while b"\r\n\r\n" not in said:
        said += link.recv(4096)
    head, _, body = said.partition(b"\r\n\r\n")
    length = [
        int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"
    ]
    while length and len(body) < length[0]:
        body += link.recv(4096)
    return head + b"\r\n\r\n" + body


def test_a_request_goes_below_the_base_with_its_headers_and_json() -> None:
    said: list[bytes] = []

    def handle(link: socket.socket) -> None:
        said.append(request_of(link))
        link.sendall(b'HTTP/1.1 201 Made\r\nX-Kind: new\r\ncontent-length: 12\r\n\r\n{"ok": true}')

    with answering(handle) as url, Client(url, 5, {"authorization": "me"}) as client:
        answer = client.ask("POST", "/items", {"name": "ö"})
    assert (answer.status, answer.json(), answer.headers["x-kind"]) == (201, {"ok": True}, "new")
    assert answer.seconds > 0
    (head, body) = said[0].split(b"\r\n\r\n")
    assert head.startswith(b"POST /base/items HTTP/1.1")
    assert b"authorization: me" in head
    assert b"application/json" in head
    assert body == b'{"name": "\\u00f6"}'


def test_one_connection_serves_many_requests() -> None:
    links: list[int] = []

    def handle(link: socket.socket) -> None:
        links.append(link.fileno())
        for _ in range(3):
            request_of(link)
            link.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with answering(handle) as url, Client(url, 5) as client:
        assert [client.ask("GET", "/").status for _ in range(3)] == [204] * 3
    assert len(links) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "closed"),
        (b"SSH-2.0-x\r\n\r\n", "SSH"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", "4 bytes read"),
    ],
)
def test_half_an_answer_is_none(answer: bytes, said: str) -> None:
    def handle(link: socket.socket) -> None:
        request_of(link)
        link.sendall(answer)

    with (
        answering(handle) as url,
        Client(url, 5) as client,
        pytest.raises(NoAnswerError, match=said),
    ):
        client.ask("GET", "/")


def test_silence_ends_with_the_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with Client(url, 0.2) as client, pytest.raises(NoAnswerError, match=r"within 0\.2 s"):
            client.ask("GET", "/")


def test_nobody_there_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with Client(f"http://127.0.0.1:{port}", 1) as client, pytest.raises(NoAnswerError):
        client.ask("GET", "/")
