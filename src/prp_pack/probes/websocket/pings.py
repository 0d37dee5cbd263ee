"""How long pings take, until it is clear on which side of a limit their percentile lies."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from prp_pack.evidence.record import Check, Findings, Measurement, Status, Threshold
from prp_pack.probes.order_statistics import percentile
from prp_pack.probes.probe import Tell
from prp_pack.probes.websocket.link import (
    ClosedError,
    Door,
    Link,
    RefusedError,
    SilentError,
    linked,
)

_WARM_UP = 5
# After this many times the asked number of pings an open question stays open.
_PATIENCE = 8
# Seconds from one ping to the next, on average.
_PERIOD = 0.02


@dataclass(frozen=True, slots=True)
class Asked:
    """How many `pings` at least, which percentile `share`, and its `limit` in milliseconds."""

    pings: int
    share: float
    limit: float | None
    seed: int


async def measured(door: Door, asked: Asked, tell: Tell) -> Findings:
    """Return the percentile of pings over one connection, in milliseconds, with its limit."""
    times: list[float] = []
    try:
        async with linked(door) as link:
            draining = asyncio.create_task(link.drain())
            try:
                await _measure(link, asked, times, tell)
            finally:
                draining.cancel()
                with suppress(asyncio.CancelledError):
                    await draining
    except (RefusedError, ClosedError, SilentError) as error:
        return Findings((Check("ping", Status.FAIL, str(error), door.where),))
    return _found(times, asked, door.where)


async def _measure(link: Link, asked: Asked, times: list[float], tell: Tell) -> None:
    chance = random.Random(asked.seed)  # noqa: S311 - no secret
    for _ in range(_WARM_UP):
        await link.ping()
    wanted = asked.pings
    while wanted <= asked.pings * _PATIENCE:
        # They are sent by the clock, at irregular times: one that waited for the pong before it
        # would leave out just those that meet a service that stands still.
        under_way = []
        for sent in range(len(times), wanted):
            under_way.append(asyncio.create_task(link.ping()))
            tell("measuring pings", sent / wanted)
            await asyncio.sleep(chance.expovariate(1 / _PERIOD))
        times += [seconds * 1000 for seconds in await _all(under_way)]
        if asked.limit is None or percentile(times, asked.share).is_below(asked.limit) is not None:
            return
        wanted *= 2


async def _all(under_way: Sequence[asyncio.Task[float]]) -> list[float]:
    """Return the results of tasks; the first error that one raises ends them all."""
    try:
        return [await task for task in under_way]
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


def _found(times: Sequence[float], asked: Asked, where: str) -> Findings:
    found = percentile(times, asked.share)
    name = f"ping p{asked.share:g}"
    ends = (round(found.low, 3), round(found.high, 3)) if found.high < float("inf") else None
    metric = Measurement(name, round(found.value, 3), "ms", "lower", ci95=ends, n=len(times))
    held: tuple[Threshold, ...] = ()
    if asked.limit is not None:
        ok = found.is_below(asked.limit)
        held = (Threshold(name, "<=", asked.limit, ok, source="[websocket] max_ping"),)
    check = Check("ping", Status.PASS, f"{len(times)} pings, all answered", where)
    return Findings((check,), (metric,), held)
