"""Requests at a bounded rate, and how much memory the service holds in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle

import psutil

from prp_pack.probes.http import Client, NoAnswerError
from prp_pack.probes.memory.growth import Sample
from prp_pack.probes.probe import CannotRunError, Run
from prp_pack.probes.request import Request

SAMPLES = 80
# A service that is slower than asked may take so many times as long.
_PATIENCE = 3.0

Family = Callable[[], Sequence[psutil.Process]]
"""The service's processes that run now."""


@dataclass(frozen=True)
class Pace:
    """How many requests are sent, how many a second, and after how many memory is watched."""

    rate: float
    requests: int
    warm_up: int

    @property
    def duration(self) -> float:
        return self.requests / self.rate


@dataclass
class Taken:
    """What was sent, in how many seconds, and what was seen.

    `warming` is what was seen before it was warm, which decides nothing. `since` and `until` bound
    what was watched, in seconds of the day.
    """

    samples: list[Sample] = field(default_factory=list)
    warming: list[Sample] = field(default_factory=list)
    flaws: list[str] = field(default_factory=list)
    sent: int = 0
    seconds: float = 0.0
    families: set[frozenset[int]] = field(default_factory=set)
    kind: str = "USS"
    since: float = 0.0
    until: float = 0.0


def take(
    run: Run, client: Client, requests: Sequence[Request], family: Family, pace: Pace
) -> Taken:
    """Send requests in turn, and look at the memory between them once it is warm."""
    taken = Taken()
    measure = _measure_of(family, taken)
    step = max(1, (pace.requests - pace.warm_up) // SAMPLES)
    begun = time.monotonic()
    for request in cycle(requests):
        if (taken.sent - pace.warm_up) % step == 0:
            seen, size = measure()
            if taken.sent >= pace.warm_up:
                taken.since = taken.since or time.time()
                taken.families.add(seen)
                taken.samples.append(Sample(taken.sent, size))
            else:
                taken.warming.append(Sample(taken.sent, size))
        spent = time.monotonic() - begun
        if taken.sent >= pace.requests or spent > _PATIENCE * pace.duration:
            break
        run.tell("watching memory", taken.sent / pace.requests)
        time.sleep(max(0.0, taken.sent / pace.rate - spent))
        taken.sent += 1
        try:
            flaw = request.flaw(
                client.ask(request.method, request.path, request.body, request.headers)
            )
        except NoAnswerError as error:
            flaw = str(error)
        if flaw:
            taken.flaws.append(f"{request.method} {request.path}: {flaw}")
    taken.until, taken.seconds = time.time(), time.monotonic() - begun
    return taken


def _measure_of(family: Family, taken: Taken) -> Callable[[], tuple[frozenset[int], int]]:
    """Return what tells who is in the family, and how many bytes they have.

    They are those of their own, or else all that they have in memory.
    """

    def own(process: psutil.Process) -> int:
        return int(process.memory_full_info().uss)

    def resident(process: psutil.Process) -> int:
        return int(process.memory_info().rss)

    each = own
    try:
        for process in family():
            own(process)
    except psutil.AccessDenied:
        taken.kind, each = "RSS", resident
    except psutil.NoSuchProcess:
        pass

    def measure() -> tuple[frozenset[int], int]:
        size, seen = 0, set()
        for process in family():
            try:
                size += each(process)
            except psutil.NoSuchProcess:
                # It ended just now; the next sample lacks it, and the set of families tells.
                continue
            except psutil.AccessDenied:
                raise CannotRunError(f"process {process.pid} may not be looked at") from None
            seen.add(process.pid)
        return frozenset(seen), size

    return measure
