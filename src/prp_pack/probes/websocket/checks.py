"""What every service with WebSockets must do, whatever it talks about."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from prp_pack.evidence.record import Check, Status
from prp_pack.probes.websocket.link import (
    ClosedError,
    Door,
    Link,
    RefusedError,
    SilentError,
    linked,
)
from prp_pack.probes.websocket.scenario import shown, wire

# What a service may close with that doesn't like a message: RFC 6455, 7.4.1, and codes of its own.
_COMPLAINTS = frozenset({1002, 1003, 1007, 1008, 1009})
_POLICY = 1008
_OWN = range(3000, 5000)
_FORBIDDEN = range(400, 500)
_DEEP = 2000
# How long a service may take to close a connection that it has accepted but doesn't want.
_SECOND_THOUGHTS = 1.0
# Handshakes that are under way at the same time; more only fills the queue of the socket.
_OPENING = 64

MALFORMED: tuple[tuple[str, str | bytes, bool | None], ...] = (
    ("no JSON", "{", None),
    ("a JSON list", "[1, null]", None),
    ("an empty text", "", None),
    ("an object of nothing known", '{"": null}', None),
    (f"{_DEEP} brackets", "[" * _DEEP, None),
    ("bytes", bytes(range(256)), None),
    ("a text that is no UTF-8", b"\xff\xfe{", True),
)
"""Name, content, and whether bytes are sent as a text."""


async def handshake(door: Door) -> Check:
    """Check that a connection can be opened, with one of the subprotocols asked for."""
    asked = f" ({', '.join(door.subprotocols)})" if door.subprotocols else ""
    id_ = f"handshake {door.where}{asked}"
    try:
        async with linked(door) as link:
            await link.ping()
    except (RefusedError, ClosedError, SilentError) as error:
        return Check(id_, Status.FAIL, str(error), door.where)
    if door.subprotocols and not link.subprotocol:
        said = f"none of the subprotocols {', '.join(door.subprotocols)} was chosen"
        return Check(id_, Status.FAIL, said, door.where)
    said = f", subprotocol {link.subprotocol}" if link.subprotocol else ""
    return Check(id_, Status.PASS, f"open, a ping is answered{said}", door.where)


async def is_refused(id_: str, door: Door) -> Check:
    """Check that nobody gets in: by the status of the handshake, or closed at once."""
    try:
        async with linked(door) as link:
            said = await link.receive(_SECOND_THOUGHTS)
    except RefusedError as error:
        held = error.status in _FORBIDDEN
        return Check(id_, Status.PASS if held else Status.FAIL, str(error), door.where)
    except ClosedError as error:
        held = error.code == _POLICY or error.code in _OWN
        return Check(id_, Status.PASS if held else Status.FAIL, str(error), door.where)
    except SilentError:
        return Check(id_, Status.FAIL, "the connection was accepted", door.where)
    return Check(id_, Status.FAIL, f"it was accepted and sent {shown(said)}", door.where)


async def malformed(door: Door, more: Sequence[object], max_message: int) -> AsyncIterator[Check]:
    """Check that nothing malformed ends the service, or a connection without a proper reason."""
    said: list[tuple[str, str | bytes, bool | None]] = [*MALFORMED]
    said += [(shown(wire(each)), wire(each), None) for each in more]
    for name, content, text in said:
        yield await _survives(door, name, content, text)
    if max_message:
        name, content = f"{max_message + 1} bytes", "x" * (max_message + 1)
        yield await _survives(door, name, content, None, must_close=True)


async def _survives(
    door: Door, name: str, content: str | bytes, text: bool | None, *, must_close: bool = False
) -> Check:
    id_ = f"malformed: {name}"
    try:
        async with linked(door) as link:
            draining: asyncio.Task[None] | None = None
            try:
                await link.send(content, text=text)
                draining = asyncio.create_task(link.drain())
                # It comes behind what was sent, so that an answer means that this was taken.
                await link.ping()
                await asyncio.sleep(0.05)
                await link.ping()
                said = "the connection is still open"
                status = Status.FAIL if must_close else Status.PASS
            except ClosedError as error:
                said, status = str(error), _status_of(error.code)
            finally:
                if draining:
                    draining.cancel()
        async with linked(door) as link:
            await link.ping()
    except SilentError as error:
        return Check(id_, Status.FAIL, str(error), door.where)
    except (RefusedError, ClosedError) as error:
        return Check(id_, Status.FAIL, f"afterwards nobody gets in: {error}", door.where)
    return Check(id_, status, said, door.where)


def _status_of(code: int) -> Status:
    if code in _COMPLAINTS or code in _OWN:
        return Status.PASS
    # An end without complaint hides what was wrong, but it is in order.
    return Status.WARN if code in (1000, 1001, 1005, 1013) else Status.FAIL


async def reconnect(door: Door) -> Check:
    """Check that one who was lost without a word gets in again."""
    try:
        link = await Link.open(door)
        await link.ping()
        link.drop()
        async with linked(door) as again:
            seconds = await again.ping()
    except (RefusedError, ClosedError, SilentError) as error:
        return Check("reconnect", Status.FAIL, f"after a drop: {error}", door.where)
    said = f"after a drop a new connection answers, a ping in {seconds * 1000:.1f} ms"
    return Check("reconnect", Status.PASS, said, door.where)


async def at_once(door: Door, count: int) -> Check:
    """Check that many connections are open at the same time, and all are answered."""
    opening = asyncio.Semaphore(_OPENING)

    async def opened() -> Link | RefusedError:
        async with opening:
            try:
                return await Link.open(door)
            except RefusedError as error:
                return error

    found = await asyncio.gather(*(opened() for _ in range(count)))
    links = [each for each in found if isinstance(each, Link)]
    refused = [each for each in found if isinstance(each, RefusedError)]
    draining = [asyncio.create_task(link.drain()) for link in links]
    try:
        pongs = await asyncio.gather(*(_answers(link) for link in links))
    finally:
        for task in draining:
            task.cancel()
        await asyncio.gather(*(link.leave() for link in links))
    flaws = [str(each) for each in refused] + [each for each in pongs if each]
    if flaws:
        said = f"{len(flaws)} of {count} failed: {flaws[0]}"
        return Check("connections", Status.FAIL, said, door.where)
    said = f"{count} open at the same time, a ping on each is answered"
    return Check("connections", Status.PASS, said, door.where)


async def _answers(link: Link) -> str:
    try:
        await link.ping()
    except (ClosedError, SilentError) as error:
        return str(error)
    return ""
