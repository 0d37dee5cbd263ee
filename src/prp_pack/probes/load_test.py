"""Send a mix of requests at a rate, and see whether the service keeps up.

Requests arrive by a timetable that doesn't follow the server: who comes while it stands still
waits, and that is counted. Locust sends them, from as many users as it takes for each to ask once
in a while ([load] period). The service must answer as many as come, with few errors and within the
limits of [load].

Where the generator itself can't send as fast as asked, a limit that doesn't hold says nothing:
inconclusive. --workers 4 sends from four processes. For several machines call the same on all, with
--master=HOST:PORT on one, where the result comes out, and --worker-of=HOST:PORT on the others.

Load goes to this machine and [service] allowed_hosts alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from prp_pack.evidence.record import Check, Findings, Status
from prp_pack.evidence.result import Result
from prp_pack.probes import machine, quantities, samples, service
from prp_pack.probes.critical_paths import Performance, prepare
from prp_pack.probes.load import pictures as drawing
from prp_pack.probes.load import plan as plans
from prp_pack.probes.load.generator import Generated, Place, generate, place, version, work
from prp_pack.probes.load.plan import Asked, Plan
from prp_pack.probes.load.verdict import Limits, findings
from prp_pack.probes.probe import CannotRunError, Option, Run
from prp_pack.probes.quantities import Milliseconds, Percent, Rate, Seconds
from prp_pack.report.html.run_view import Shown
from prp_pack.values import replace

NAME = "load_test"
_SECOND = 1.0

OPTIONS = (
    Option("--target-rps", "Requests a second.", quantities.rate, "RATE", required=True),
    Option("--duration", "How long to send; 60s without it.", quantities.seconds, "TIME", 60.0),
    Option("--users", "From how many users; rate times [load] period without it.",
           quantities.count, "N"),
    Option("--workers", "Send from several processes.", quantities.count, "N", 1),
    Option("--master", "Wait here for workers of other machines.", place, "HOST:PORT"),
    Option("--worker-of", "Send for a master on another machine.", place, "HOST:PORT"),
)  # fmt: skip


@dataclass(frozen=True)
class Load:
    """`[load]`: the mix, and what must hold under it. Without `requests` it is the critical paths.

    `period` is how often a user asks. `max_rps` and `max_duration` keep a slip of the finger from
    becoming an attack.
    """

    requests: tuple[Asked, ...] = ()
    p95: Milliseconds | None = None
    p99: Milliseconds | None = None
    max_error_rate: Percent = 1.0
    period: Seconds = 3.0
    max_rps: Rate = 1000.0
    max_duration: Seconds = 600.0


def plan(run: Run) -> Iterator[str]:
    """Yield what would be sent, and what must hold."""
    yield from service.described(run)
    load, planned = _planned(run)
    for asked in planned.requests:
        yield f"{asked.weight} × {asked.title}"
    yield (
        f"{planned.rate:g} requests a second for {planned.duration:g} s, "
        f"{planned.users} users, {planned.workers} process{'es' * (planned.workers > 1)}"
    )
    yield f"errors ≤ {load.max_error_rate:g} %"
    for share, limit in _limits(load).percentiles.items():
        yield f"p{share:g} ≤ {limit:g} ms"


def run(run: Run) -> Result:
    """Send and judge; raises `CannotRunError` when nothing could be sent."""
    load, planned = _planned(run)
    master: Place | None = run.options.get("worker_of")
    if master:
        work(run, planned, master)
        said = f"sent for the master at {master.host}:{master.port}, which has the result"
        return Result(NAME, Findings((Check("worker", Status.SKIP, said),)))
    facts = machine.facts()
    generated: Generated | None = None
    ended: tuple[Check, ...] = ()
    try:
        with service.target(run) as target:
            with target.client(run.timeout) as client:
                prepare(client, run.settings.table("performance", Performance).prepare)
            generated = generate(run, planned, run.options.get("master"))
    except CannotRunError as error:
        if generated is None:
            raise
        # It answered before, so that it fell under the load is a finding.
        ended = (Check("service", Status.FAIL, error.reason),)
    found = findings(planned, generated.tally, _limits(load))
    return Result(
        NAME,
        replace(
            found,
            checks=(*ended, *found.checks),
            artefacts=(
                generated.report,
                samples.keep(run, drawing.kept(planned, generated.tally)),
            ),
        ),
        tools={"locust": version()},
        machine=facts,
    )


def pictures(found: Findings, measured: Mapping[str, Any]) -> Shown:
    """Return what the samples of a test show."""
    return drawing.shown(found, measured)


def _limits(load: Load) -> Limits:
    limits = {95.0: load.p95, 99.0: load.p99}
    return Limits(load.max_error_rate, {p: each for p, each in limits.items() if each is not None})


def _planned(run: Run) -> tuple[Load, Plan]:
    """Return the settings and the plan; raises `UnreadableError` for what must not be sent."""
    load = run.settings.table("load", Load)
    served = run.settings.table("service", service.Service)
    url = service.base_url(run, served)
    service.expect_allowed(run, url, served.allowed_hosts)
    rate, duration = run.options["target_rps"], run.options["duration"]
    if rate > load.max_rps:
        said = f"{rate:g} requests a second are more than the {load.max_rps:g} of max_rps"
        raise run.settings.error(said, ("load", "max_rps"), "raise max_rps in [load]")
    if not _SECOND <= duration <= load.max_duration:
        said = f"{duration:g} s is not between 1 s and the {load.max_duration:g} s of max_duration"
        raise run.settings.error(said, ("load", "max_duration"), "raise max_duration in [load]")
    workers, users = run.options["workers"], run.options.get("users")
    return load, Plan(
        base_url=url,
        requests=_mix(run, load),
        rate=rate,
        duration=duration,
        users=plans.users_for(users, 1.0, workers) if users
        else plans.users_for(rate, load.period, workers),
        workers=workers,
        timeout=run.timeout,
        seed=run.seed,
        headers=served.headers,
    )  # fmt: skip


def _mix(run: Run, load: Load) -> tuple[Asked, ...]:
    if load.requests:
        return load.requests
    shared = tuple(Asked.__dataclass_fields__.keys() - {"weight"})
    paths = run.settings.table("performance", Performance).critical_paths
    if not paths:
        help_ = 'write [[load.requests]] tables: path = "/items", weight = 3'
        raise run.settings.error("nothing says what to send", ("load",), help_)
    return tuple(Asked(**{name: getattr(path, name) for name in shared}) for path in paths)
