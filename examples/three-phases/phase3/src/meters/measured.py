"""What the service does, in the form that Prometheus reads."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Measured:
    """Requests and their seconds, by method, route and status."""

    def __init__(self) -> None:
        self._requests: Counter[str] = Counter()
        self._seconds: Counter[str] = Counter()

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        labels = f'method="{method}",route="{route}",status="{status}"'
        self._requests[labels] += 1
        # A counter of whole microseconds: its sums are exact.
        self._seconds[labels] += round(seconds * 1_000_000)

    def lines(self) -> Iterator[str]:
        yield "# TYPE http_requests_total counter"
        for labels, number in sorted(self._requests.items()):
            yield f"http_requests_total{{{labels}}} {number}"
        yield "# TYPE http_request_seconds_total counter"
        for labels, microseconds in sorted(self._seconds.items()):
            yield f"http_request_seconds_total{{{labels}}} {microseconds / 1_000_000:.6f}"


class Measuring:
    """The application around another that counts its requests.

    Not a function for `app.middleware`: that costs each request a task and two queues.
    """

    def __init__(self, app: ASGIApp, measured: Measured) -> None:
        self._app = app
        self._measured = measured

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            # The route, not the path: each code would be a counter of its own.
            route = getattr(scope.get("route"), "path", "none")
            seconds = time.perf_counter() - begin
            self._measured.count(scope["method"], route, status, seconds)
