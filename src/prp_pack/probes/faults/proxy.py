"""A TCP proxy that breaks what goes through it, in ways that networks and processes break.

It knows no protocol: a database, a queue or another HTTP service can lie behind it. A network that
swallows even the request for a connection can't be had above TCP; `black_hole` accepts it, and then
nothing moves until the fault is lifted, as after a partition.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from prp_pack.probes.faults.tables import Mode

T = TypeVar("T")

_CHUNK = 65_536
_GARBAGE = 512
_PATIENCE = 10.0
# Closing with this sends RST: nothing lingers.
_NO_LINGER = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class _Connection:
    """One connection through the proxy; its tasks carry bytes in both directions."""

    writer: asyncio.StreamWriter
    upstream: asyncio.StreamWriter | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


class FaultProxy:
    """Listens at `host` and `port` and passes on to `target`, soundly until `break_`.

    `touched` counts connections and chunks that met the fault since it began; it stays 0 in the
    mode `refuse`, where nothing arrives. To be used in the loop that started it.
    """

    def __init__(
        self,
        listen: tuple[str, int],
        target: tuple[str, int],
        *,
        latency: float = 1.0,
        bytes_per_second: int = 20,
        seed: int = 0,
    ) -> None:
        self.host, self.port = listen
        self._target = target
        self._latency = latency
        self._pause = 1 / bytes_per_second
        self._random = random.Random(seed)  # noqa: S311 - no secret
        self._mode: Mode | None = None
        self._sound = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self.touched = 0
        self.passed = 0
        """Bytes that went through to the dependency."""

    async def start(self) -> None:
        """Listen; raises `OSError` when the port is taken."""
        self._sound.set()
        self._server = await asyncio.start_server(self._accept, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def break_(self, mode: Mode) -> None:
        """Begin a fault, on connections that are there as well as on new ones."""
        self._mode, self.touched = mode, 0
        self._sound.clear()
        if mode == "refuse":
            await self._stop_listening()
        if mode in ("refuse", "reset"):
            for connection in list(self._connections):
                self.touched += 1
                self._reset(connection)

    async def mend(self) -> None:
        """End the fault: what was held goes on, what was broken stays so."""
        self._mode = None
        self._sound.set()
        if self._server is None:
            await self.start()

    async def stop(self) -> None:
        """Close everything."""
        self._sound.set()
        await self._stop_listening()
        for connection in list(self._connections):
            self._reset(connection)
        tasks = [task for each in self._connections for task in each.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _stop_listening(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
            # The socket is closed by the loop's next turn.
            await asyncio.sleep(0)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(writer)
        self._connections.add(connection)
        try:
            await self._carry(connection, reader)
        except (OSError, asyncio.IncompleteReadError):
            self._reset(connection)
        finally:
            self._connections.discard(connection)
            for each in (connection.upstream, connection.writer):
                if each:
                    each.close()

    async def _carry(self, connection: _Connection, reader: asyncio.StreamReader) -> None:
        if self._mode == "black_hole":
            self.touched += 1
            await self._sound.wait()
        if self._mode == "reset":
            self.touched += 1
            await reader.read(_CHUNK)
            self._reset(connection)
            return
        upstream, answers = await self._upstream(connection)
        connection.tasks = [
            asyncio.create_task(self._forward(connection, reader, upstream, answers=False)),
            asyncio.create_task(
                self._forward(connection, answers, connection.writer, answers=True)
            ),
        ]
        await asyncio.gather(*connection.tasks, return_exceptions=True)

    async def _upstream(
        self, connection: _Connection
    ) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
        try:
            answers, upstream = await asyncio.open_connection(*self._target)
        except OSError:
            # Nobody is behind the proxy: that looks like a reset, as the proxy itself is there.
            self.touched += 1
            raise
        connection.upstream = upstream
        return upstream, answers

    async def _forward(
        self,
        connection: _Connection,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        *,
        answers: bool,
    ) -> None:
        try:
            while chunk := await source.read(_CHUNK):
                if not await self._pass(connection, chunk, sink, answers=answers):
                    return
            if sink.can_write_eof():
                sink.write_eof()
        except OSError:
            self._reset(connection)

    async def _pass(
        self, connection: _Connection, chunk: bytes, sink: asyncio.StreamWriter, *, answers: bool
    ) -> bool:
        """Pass a chunk on as the mode has it; tell whether the connection goes on."""
        mode = self._mode
        if mode:
            self.touched += 1
        if mode == "black_hole":
            await self._sound.wait()
        elif mode == "latency" and not answers:
            # In one direction: a round trip is late by just that much.
            await asyncio.sleep(self._latency)
        elif mode in ("refuse", "reset"):
            self._reset(connection)
            return False
        elif mode == "slow" and answers:
            return await self._trickle(chunk, sink)
        elif mode == "cut" and answers:
            sink.write(chunk[: len(chunk) // 2])
            await sink.drain()
            self._close(connection)
            return False
        elif mode == "garbage" and answers:
            chunk = self._random.randbytes(_GARBAGE)
        if not answers:
            self.passed += len(chunk)
        sink.write(chunk)
        await sink.drain()
        return True

    async def _trickle(self, chunk: bytes, sink: asyncio.StreamWriter) -> bool:
        """Pass a chunk byte for byte, and what is left of it at once when the fault ends."""
        for at in range(len(chunk)):
            if self._mode != "slow":
                sink.write(chunk[at:])
                await sink.drain()
                return True
            sink.write(chunk[at : at + 1])
            await sink.drain()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._sound.wait(), self._pause)
        return True

    def _close(self, connection: _Connection) -> None:
        for each in (connection.writer, connection.upstream):
            if each:
                each.close()

    def _reset(self, connection: _Connection) -> None:
        for each in (connection.writer, connection.upstream):
            if each is None or each.transport.is_closing():
                continue
            link: socket.socket | None = each.get_extra_info("socket")
            if link:
                with contextlib.suppress(OSError):
                    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            each.transport.abort()


class Loop:
    """An event loop in a thread of its own, for proxies that work while a script waits."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the loop and return what comes of it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)

    def stop(self) -> None:
        """End what is still done in it, and the loop."""
        self.do(_end_others())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()


async def _end_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextlib.contextmanager
def looping() -> Iterator[Loop]:
    """Have a loop run in a thread."""
    loop = Loop()
    try:
        yield loop
    finally:
        loop.stop()
