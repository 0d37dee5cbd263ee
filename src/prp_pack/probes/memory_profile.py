"""Measure by how much the service's memory grows while it answers.

Requests are sent at a bounded rate, in turn: those of [memory], or the critical paths of
[performance]. What the service and all that it started hold is looked at between them, once it is
warm. Growth decides only where the slope, the ends and all parts of the run say the same. What a
request leaves behind is measured in bytes.

The service must be one that the script starts, or --pid names it. --deep lets it run once more
under memray, which tells the lines that keep memory; for services in Python.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import psutil

from prp_pack.evidence.record import Artefact, Check, Findings, Measurement, Status, Threshold
from prp_pack.evidence.result import Result
from prp_pack.gate.service import address_of
from prp_pack.probes import machine, quantities, samples, service
from prp_pack.probes.critical_paths import Performance, prepare
from prp_pack.probes.memory import allocations
from prp_pack.probes.memory import pictures as drawing
from prp_pack.probes.memory.growth import FEWEST, Trend, trend
from prp_pack.probes.memory.sampling import Pace, Taken, take
from prp_pack.probes.probe import CannotRunError, Option, Run, ServiceEndedError
from prp_pack.probes.quantities import Percent, Rate, Seconds
from prp_pack.probes.request import Request
from prp_pack.probes.service import Service, Target
from prp_pack.report.html.run_view import Shown
from prp_pack.values import replace

NAME = "memory_profile"
GROWTH, PER_REQUEST = "memory growth", "memory kept per request"
_MIB = 1024**2
_MEMRAY = "memray.bin"

OPTIONS = (
    Option("--max-growth", "By how much memory may grow during the run.",
           quantities.percent, "SHARE"),
    Option("--duration", "How long to send; 60s without it.", quantities.seconds, "TIME"),
    Option("--rate", "Requests a second; 50 without it.", quantities.rate, "RATE"),
    Option("--pid", "Watch this process, which serves already.", quantities.count, "PID"),
    Option("--deep", "Name the lines that keep memory, by a second run under memray."),
)  # fmt: skip


@dataclass(frozen=True)
class Memory:
    """`[memory]`: `warm_up` is a quarter of the `duration` where nothing says else."""

    requests: tuple[Request, ...] = ()
    max_growth: Percent | None = None
    duration: Seconds = 60.0
    warm_up: Seconds | None = None
    rate: Rate = 50.0


def plan(run: Run) -> Iterator[str]:
    """Yield what would be sent and watched."""
    yield from service.described(run)
    requests, pace, limit = _planned(run)
    yield (
        f"{pace.requests} requests, {pace.rate:g} a second; "
        f"memory is watched after {pace.warm_up} of them"
    )
    for request in requests:
        yield f"{request.method} {request.path}"
    yield f"{GROWTH} ≤ {limit:g} %"


def run(run: Run) -> Result:
    """Watch and judge; raises `CannotRunError` for a service whose processes aren't known."""
    requests, pace, limit = _planned(run)
    is_deep = bool(run.options.get("deep"))
    if is_deep and find_spec("memray") is None:
        raise CannotRunError("--deep needs memray", "pip install 'prp-pack[memory]'")
    if is_deep and run.options.get("pid"):
        raise CannotRunError("--deep must start the service itself", "leave --pid out")
    facts = machine.facts()
    taken = _watched(run, requests, pace)
    found = _judged(taken, limit)
    url = service.base_url(run, run.settings.table("service", Service))
    measured = samples.keep(run, drawing.kept(taken, pace, limit, url))
    deep = _deep(run, requests, pace) if is_deep else Findings()
    return Result(
        NAME,
        replace(
            found,
            checks=(*found.checks, *deep.checks),
            metrics=(*found.metrics, *deep.metrics),
            artefacts=(measured, *deep.artefacts),
        ),
        machine=facts,
    )


def pictures(found: Findings, measured: Mapping[str, Any]) -> Shown:
    """Return what the samples of a run show."""
    return drawing.shown(found, measured)


def _planned(run: Run) -> tuple[tuple[Request, ...], Pace, float]:
    """Return what to send, how fast, and the limit; raises `UnreadableError` for a lack."""
    memory = run.settings.table("memory", Memory)
    paths = run.settings.table("performance", Performance).critical_paths
    requests: tuple[Request, ...] = memory.requests or paths
    if not requests:
        help_ = 'write [[memory.requests]] tables: path = "/items"'
        raise run.settings.error("nothing says what to send", ("memory",), help_)
    asked = run.options.get("max_growth")
    limit = memory.max_growth if asked is None else asked
    if limit is None:
        help_ = "give --max-growth=10%"
        raise run.settings.error("nothing says by how much memory may grow", ("memory",), help_)
    rate = run.options.get("rate") or memory.rate
    duration = run.options.get("duration") or memory.duration
    warm = duration / 4 if memory.warm_up is None else memory.warm_up
    pace = Pace(rate, round(rate * duration), round(rate * warm))
    if pace.requests - pace.warm_up < FEWEST:
        said = f"{pace.requests - pace.warm_up} requests after the warm-up show nothing"
        raise run.settings.error(said, ("memory",), "give a longer --duration or a higher --rate")
    return requests, pace, limit


def _watched(run: Run, requests: tuple[Request, ...], pace: Pace) -> Taken:
    """Send and watch; whatever was prepared is there before."""
    pid = run.options.get("pid")
    with service.target(replace(run, start=False) if pid else run) as target:
        family = _of_pid(target, pid) if pid else target
        if family.process is None:
            help_ = "write start = [...] into [service], or give --pid"
            raise CannotRunError("it isn't known which processes the service has", help_)
        with target.client(run.timeout) as client:
            prepare(client, run.settings.table("performance", Performance).prepare)
            return take(run, client, requests, lambda: family.processes, pace)


def _of_pid(target: Target, pid: int) -> Target:
    try:
        process = psutil.Process(pid)
    except psutil.NoSuchProcess:
        raise CannotRunError(f"there is no process {pid}") from None
    service.expect_owner(address_of(service.address(target.base_url)), process)
    return replace(target, process=process)


def _judged(taken: Taken, limit: float) -> Findings:
    if taken.flaws:
        said = f"{len(taken.flaws)} of {taken.sent} requests: {taken.flaws[0]}"
        return Findings(checks=(Check("requests", Status.FAIL, said),))
    try:
        found = trend(taken.samples)
    except ValueError as error:
        raise CannotRunError(f"the service is too slow for this: {error}") from None
    # Whose memory is compared, when processes come and go?
    is_same = len(taken.families) == 1
    ok = found.is_within(limit) if is_same else None
    return Findings(
        checks=tuple(_checks(taken, found, ok, is_same=is_same)),
        metrics=_metrics(taken, found),
        thresholds=(Threshold(GROWTH, "<=", limit, ok, "--max-growth"),),
    )


def _checks(taken: Taken, found: Trend, ok: bool | None, *, is_same: bool) -> Iterator[Check]:
    said = (
        f"{taken.sent} answers, all as expected, {taken.sent / taken.seconds:.0f} a second; "
        f"{len(taken.samples)} looks at {taken.kind}"
    )
    yield Check("requests", Status.PASS, said)
    if not is_same:
        yield Check("processes", Status.WARN, "some came or went while memory was watched")
    elif ok is None:
        said = (
            f"by its slope it grows by {found.growth(found.slope):.1f} %, between its ends by "
            f"{found.growth_of_ends:.1f} %, {'' if found.is_steady else 'not '}steadily; "
            "a longer --duration shows more"
        )
        yield Check("trend", Status.WARN, said)
    elif ok and found.is_steady and found.low > 0:
        said = f"it grows steadily, though: {found.slope:.0f} B a request"
        yield Check("trend", Status.WARN, said)


def _metrics(taken: Taken, found: Trend) -> tuple[Measurement, ...]:
    ends = sorted((found.growth(found.low), found.growth(found.high)))
    return (
        Measurement(
            GROWTH, round(found.growth(found.slope), 2), "%", "lower",
            ci95=(round(ends[0], 2), round(ends[1], 2)), n=len(taken.samples),
        ),
        Measurement(
            PER_REQUEST, round(found.slope, 1), "B", "lower",
            ci95=(round(found.low, 1), round(found.high, 1)), n=found.requests,
        ),
        Measurement("memory after warm-up", round(found.start / _MIB, 2), "MiB", "lower"),
    )  # fmt: skip


def _told(site: allocations.Site, requests: int) -> str:
    return f"{site.bytes / requests:.0f} B a request at {site.where}, {site.function}"


def _deep(run: Run, requests: tuple[Request, ...], pace: Pace) -> Findings:
    """Run the service once more, under memray, and say where memory stays."""
    served = run.settings.table("service", Service)
    output = run.artefacts / _MEMRAY
    path = {**run.environment, **served.environment}.get("PATH")
    start = list(allocations.under_memray(served.start, output, path))
    document = dict(run.settings.document)
    document["service"] = {**document.get("service", {}), "start": start}
    deep = replace(run, settings=replace(run.settings, document=document))
    try:
        with service.target(deep, log="memray") as target, target.client(run.timeout) as client:
            prepare(client, run.settings.table("performance", Performance).prepare)
            taken = take(deep, client, requests, lambda: target.processes, pace)
    except ServiceEndedError as error:
        # Without memray it has just held the same requests.
        raise CannotRunError(f"under memray: {error.reason}") from None
    sites = allocations.kept(output, taken.since, taken.until, run.repository.root)
    sent = max(1, taken.sent - pace.warm_up)
    digest = hashlib.sha256(output.read_bytes()).hexdigest()
    checks = [
        Check(f"kept {place}", Status.WARN, _told(site, sent), site.where)
        for place, site in enumerate(allocations.notable(sites, sent), start=1)
    ]  # fmt: skip
    return Findings(
        checks=tuple(checks) or (Check("kept", Status.PASS, "no line keeps memory"),),
        metrics=(
            Measurement(
                "allocations kept per request", round(sum(s.bytes for s in sites) / sent, 1),
                "B", "lower", n=sent,
            ),
        ),
        artefacts=(Artefact(f"{run.folder}/{_MEMRAY}", digest, "memray"),),
    )  # fmt: skip
