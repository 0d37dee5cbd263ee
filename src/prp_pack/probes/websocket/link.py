"""One WebSocket connection; the only module that knows the library `websockets`.

Connections go where they are asked to: no proxy, no redirect to another host.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from prp_pack.probes.service import is_loopback

# No close frame came: RFC 6455, 7.1.5.
ABNORMAL = 1006
_MAX_BYTES = 16 * 1024 * 1024
# How many seconds a service has to answer a close frame where that isn't what is tested.
_POLITE = 1.0
# It would print what is reported here anyway.
_SILENT = logging.getLogger(__name__)
_SILENT.setLevel(logging.CRITICAL + 1)


class RefusedError(Exception):
    """A handshake that came to nothing; `status` of the answer is 0 where there was none."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class ClosedError(Exception):
    """A connection that is closed; without a close frame from the service `code` is 1006."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"closed with {code}{f' ({reason})' if reason else ''}")
        self.code = code


class SilentError(Exception):
    """Nothing came in the time there was."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where and how a connection is opened; `timeout` is in seconds, for any one thing."""

    base_url: str
    path: str
    timeout: float
    headers: Mapping[str, str] = field(default_factory=dict)
    subprotocols: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The path for people to read: without its query, which may hold a token."""
        return self.path.partition("?")[0]

    @property
    def url(self) -> str:
        return f"ws{self.base_url.removeprefix('http')}/{self.path.removeprefix('/')}"


class Link:
    """An open connection; its methods raise `ClosedError` once it is closed."""

    def __init__(self, connection: ClientConnection, timeout: float) -> None:
        self._connection = connection
        self._timeout = timeout

    @classmethod
    async def open(cls, door: Door) -> Self:
        """Return an open connection; raises `RefusedError`."""
        parts = urlsplit(door.url)
        secure = parts.scheme == "wss"
        try:
            connection = await connect(
                door.url,
                # Given by themselves, no redirect can change them.
                host=parts.hostname,
                port=parts.port or (443 if secure else 80),
                additional_headers=dict(door.headers),
                subprotocols=[Subprotocol(each) for each in door.subprotocols] or None,
                proxy=None,
                open_timeout=door.timeout,
                close_timeout=door.timeout,
                ping_interval=None,
                max_size=_MAX_BYTES,
                logger=_SILENT,
                ssl=_context(parts.hostname or "") if secure else None,
            )
        except InvalidStatus as error:
            status = error.response.status_code
            raise RefusedError(status, f"answered {status}") from None
        except TimeoutError:
            raise RefusedError(0, f"no handshake within {door.timeout:g} s") from None
        except (InvalidHandshake, OSError, EOFError, ValueError) as error:
            raise RefusedError(0, str(error) or type(error).__name__) from None
        return cls(connection, door.timeout)

    @property
    def subprotocol(self) -> str:
        return self._connection.subprotocol or ""

    async def send(self, said: str | bytes, *, text: bool | None = None) -> None:
        """Send a message; bytes go as a text with `text`, so that it can be broken."""
        try:
            async with asyncio.timeout(self._timeout):
                await self._connection.send(said, text=text)
        except ConnectionClosed as error:
            raise _closed(error) from None
        except TimeoutError:
            raise SilentError("the service takes no more bytes") from None

    async def receive(self, within: float) -> str | bytes:
        """Return the next message; raises `SilentError` when none comes in time, in seconds."""
        try:
            async with asyncio.timeout(within):
                return await self._connection.recv()
        except ConnectionClosed as error:
            raise _closed(error) from None
        except TimeoutError:
            raise SilentError(f"nothing came within {within:g} s") from None

    async def ping(self) -> float:
        """Return how many seconds a ping takes to be answered; raises `SilentError`."""
        try:
            async with asyncio.timeout(self._timeout):
                return await (await self._connection.ping())
        except ConnectionClosed as error:
            raise _closed(error) from None
        except TimeoutError:
            raise SilentError(f"no pong within {self._timeout:g} s") from None

    async def drain(self) -> None:
        """Take what comes and forget it, until the connection is closed.

        What nobody takes fills a queue, and behind a full queue no pong is seen.
        """
        try:
            async for _ in self._connection:
                pass
        except ConnectionClosed:
            return

    def drop(self) -> None:
        """End the connection as a lost network does: without a word."""
        self._connection.transport.abort()

    async def leave(self) -> None:
        """Close the connection politely, and end it when that isn't answered soon."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_POLITE):
                await self._connection.close()
        self.drop()

    async def close(self) -> int:
        """Close the connection; returns the code of the service's answer, 1006 for none."""
        await self._connection.close()
        return self._connection.close_code or ABNORMAL


@asynccontextmanager
async def linked(door: Door) -> AsyncIterator[Link]:
    """Have a connection open; raises `RefusedError`."""
    link = await Link.open(door)
    try:
        yield link
    except BaseException:
        link.drop()
        raise
    await link.leave()


def _closed(error: ConnectionClosed) -> ClosedError:
    if error.rcvd is None:
        return ClosedError(ABNORMAL, "without a close frame")
    return ClosedError(error.rcvd.code, error.rcvd.reason)


def _context(host: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if is_loopback(host):
        # Certificates of development are self-signed.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
