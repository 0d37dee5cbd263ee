"""A real HTTP server whose paths behave as sites do: well, badly, and hostile."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

MOVES = {"for-good": 301, "found": 302, "other": 303, "now": 307, "for-ever": 308}


@dataclass
class Site:
    url: str
    asked: list[str] = field(default_factory=list)
    """Method and path of each request, in the order in which they came."""
    agents: set[str] = field(default_factory=set)
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Status and place of a redirect, by what is asked for."""
    let_go: threading.Event = field(default_factory=threading.Event)
    """Ends what `/held` and `/endless` do."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    site: Site

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that has gone is no news here."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        site = self.server.site
        site.asked.append(f"{self.command} {self.path}")
        site.agents.add(self.headers["User-Agent"])
        if self.path in site.answers:
            self.said(*site.answers[self.path])
            return
        # A proxy is asked for whole addresses.
        first, _, rest = urlsplit(self.path).path.lstrip("/").partition("/")
        getattr(self, f"of_{first.replace('-', '_')}", self.of_status)(rest)

    do_GET = do_HEAD  # noqa: N815 - the library calls it by this name

    def of_status(self, code: str) -> None:
        self.said(int(code) if code.isdigit() else 200)

    def of_get_only(self, code: str) -> None:
        self.said(int(code) if self.command == "HEAD" else 200)

    def of_silent_to_head(self, _: str) -> None:
        if self.command == "GET":
            self.said(200)

    def of_broken(self, _: str) -> None:
        self.wfile.write(b"no HTTP at all\r\n\r\n")

    def of_held(self, _: str) -> None:
        self.server.site.let_go.wait(60)
        self.said(200)

    def of_endless(self, _: str) -> None:
        """Send a header that never ends."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not self.server.site.let_go.wait(0.05):
            self.wfile.write(b"x")

    def of_large(self, rest: str) -> None:
        """Answer only GET, and promise a body of a terabyte, of which nothing ever comes."""
        head = self.command == "HEAD"
        self.said(405 if head else int(rest), "/status/200", 0 if head else 10**12)
        self.server.site.let_go.wait(0 if head else 60)

    def of_to(self, rest: str) -> None:
        how, _, where = rest.partition("/")
        self.said(MOVES[how], where if ":" in where else f"/{where}")

    def of_loop(self, _: str) -> None:
        self.said(302, "/loop")

    def said(self, status: int, where: str = "", length: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        if where:
            self.send_header("Location", where)
        self.end_headers()


@contextmanager
def serve() -> Iterator[Site]:
    server = _Server(("127.0.0.1", 0), _Handler)
    site = server.site = Site(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()


def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
