"""Helpers for the tests: a client without a network, and real servers."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import uvicorn
from fastapi import FastAPI

from parcel_tracker.app import create_app
from parcel_tracker.settings import Settings

SOURCE = Path(__file__).parent.parent / "src"


def settings_in(folder: Path, live_queue: int = 32) -> Settings:
    return Settings(database_url=f"sqlite:///{folder / 'parcels.db'}", live_queue=live_queue)


@asynccontextmanager
async def app_client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Start the application in this event loop and talk ASGI to it."""
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client


class Listener:
    """A WebSocket client that speaks ASGI, so that a test decides when it reads."""

    def __init__(self, app: FastAPI, code: str) -> None:
        self._app = app
        self._scope = {
            "type": "websocket",
            "path": f"/ws/parcels/{code}",
            "raw_path": f"/ws/parcels/{code}".encode(),
            "query_string": b"",
            "headers": [],
            "subprotocols": [],
        }
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._reading = asyncio.Event()
        self._closing = asyncio.Event()
        self._gone = False
        self._reading.set()

    async def __aenter__(self) -> Self:
        self._incoming.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._run())
        assert (await self.event())["type"] == "websocket.accept"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()
        await asyncio.wait_for(self._task, 5)

    async def _run(self) -> None:
        await self._app(self._scope, self._incoming.get, self._send)

    async def _send(self, event: Any) -> None:
        if event["type"] == "websocket.close":
            self._closing.set()
        await self._reading.wait()
        if self._gone:
            # What uvicorn raises once it has received the client's close frame.
            raise RuntimeError("Unexpected ASGI message, after sending 'websocket.close'.")
        self._outgoing.put_nowait(event)

    async def event(self) -> dict[str, Any]:
        return await asyncio.wait_for(self._outgoing.get(), 5)

    async def message(self) -> dict[str, Any]:
        event = await self.event()
        assert event["type"] == "websocket.send", event
        answer: dict[str, Any] = json.loads(event["text"])
        return answer

    async def close_code(self) -> int:
        event = await self.event()
        assert event["type"] == "websocket.close", event
        return int(event["code"])

    async def until_closing(self) -> None:
        """Wait for the application to try to close, even while nothing is read."""
        await asyncio.wait_for(self._closing.wait(), 5)

    def stop_reading(self) -> None:
        self._reading.clear()

    def read_again(self) -> None:
        self._reading.set()

    def say(self, text: str) -> None:
        self._incoming.put_nowait({"type": "websocket.receive", "text": text})

    def leave(self) -> None:
        self._gone = True
        self._reading.set()
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})


@contextmanager
def server_in_thread(settings: Settings) -> Iterator[str]:
    """A real uvicorn server inside the test process; yields its host and port."""
    config = uvicorn.Config(
        create_app(settings), port=0, log_level="warning", timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            assert time.monotonic() < deadline, "the server did not start in 10 s"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def server_process(folder: Path) -> Iterator[str]:
    """`python -m parcel_tracker` as a process of its own; yields its host and port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "PARCEL_DATABASE_URL": f"sqlite:///{folder / 'parcels.db'}",
        "PARCEL_PORT": str(port),
        "PYTHONPATH": str(SOURCE),
    }
    log = folder / "server.log"
    with (
        log.open("a") as output,
        subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "parcel_tracker"],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _wait_for_health(f"http://127.0.0.1:{port}/health", process, log)
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
    assert "Traceback" not in log.read_text(), log.read_text()


def _wait_for_health(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"no answer from {url}: {log.read_text()}")
