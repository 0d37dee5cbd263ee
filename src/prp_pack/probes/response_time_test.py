"""Measure the critical paths of a service against their limits.

Each request is sent alone, the paths in turn, so that a slow moment falls on all. An answer that
isn't the expected one is a failure however fast it came. Whether a limit holds is decided by the
interval of the percentile: while it lies on both sides of the limit, more is measured, and in the
end nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from prp_pack.evidence.record import Check, Findings, Measurement, Status, Threshold
from prp_pack.evidence.result import Result
from prp_pack.probes import machine, quantities, service
from prp_pack.probes.critical_paths import CriticalPath, Performance, prepare
from prp_pack.probes.http import Client, NoAnswerError
from prp_pack.probes.order_statistics import Percentile, percentile
from prp_pack.probes.probe import Option, Run

NAME = "response_time_test"
# After this many times the asked number of requests an open question stays open.
_PATIENCE = 8
_WARM_UP = 10

OPTIONS = (
    Option("--target", "Limit of every path; with a limit of its own, the lower one counts.",
           quantities.milliseconds, "TIME"),
    Option("--critical-paths", "Measure [performance] critical_paths, as is done without it."),
    Option("--path", "Measure this path alone, with GET.", str, "PATH"),
    Option("--requests", "Requests to each path before deciding.", quantities.count, "N"),
)  # fmt: skip


def plan(run: Run) -> Iterator[str]:
    """Yield what would be measured."""
    yield from service.described(run)
    performance = run.settings.table("performance", Performance)
    for path in _paths(run, performance):
        yield f"{path.method} {path.path}: {path.metric} ≤ {path.target:g} ms"


def run(run: Run) -> Result:
    """Measure; raises `CannotRunError` when there is no service to be measured."""
    performance = run.settings.table("performance", Performance)
    paths = _paths(run, performance)
    requests = run.options.get("requests") or performance.requests
    facts = machine.facts()
    with service.target(run) as target, target.client(run.timeout) as client:
        prepare(client, performance.prepare)
        measured = {path.metric: _Series(path) for path in paths}
        for series in measured.values():
            for _ in range(_WARM_UP):
                series.take(client)
            series.forget()
        _measure(run, client, tuple(measured.values()), requests)
    found = [series.found() for series in measured.values()]
    return Result(
        NAME,
        Findings(
            checks=tuple(check for each in found for check in each.checks),
            metrics=tuple(one for each in found for one in each.metrics),
            thresholds=tuple(one for each in found for one in each.thresholds),
        ),
        machine=facts,
    )


def _paths(run: Run, performance: Performance) -> tuple[CriticalPath, ...]:
    """Return what is to be measured, each with a limit; raises `UnreadableError` for none."""
    named = run.options.get("path")
    paths = (CriticalPath(path=named),) if named else performance.critical_paths
    if not paths:
        help_ = "write [[performance.critical_paths]] tables, or give --path"
        raise run.settings.error("there is no critical path", ("performance",), help_)
    found = []
    for index, path in enumerate(paths):
        limits = [each for each in (path.target, run.options.get("target")) if each is not None]
        if not limits:
            keys = ("performance", "critical_paths", str(index))
            help_ = 'write target = "200ms" into it, or give --target'
            raise run.settings.error(f"{path.metric} has no limit", keys, help_)
        known = {name: getattr(path, name) for name in CriticalPath.__dataclass_fields__}
        found.append(CriticalPath(**{**known, "target": min(limits)}))
    return tuple(found)


def _measure(run: Run, client: Client, all_: Sequence[_Series], requests: int) -> None:
    """Measure in rounds, each as long as all before it, until every question is decided."""
    wanted = requests
    while open_ := [series for series in all_ if not series.is_decided]:
        if wanted > requests * _PATIENCE:
            return
        while due := [series for series in open_ if series.count < wanted and not series.flaws]:
            for series in due:
                series.take(client)
            done = sum(min(each.count / wanted, 1.0) for each in all_) / len(all_)
            run.tell(f"measuring {len(open_)} of {len(all_)} paths", done)
        wanted *= 2


class _Series:
    """What was measured of one path."""

    def __init__(self, path: CriticalPath) -> None:
        self.path = path
        self.milliseconds: list[float] = []
        self.flaws: list[str] = []

    def forget(self) -> None:
        self.milliseconds.clear()

    def take(self, client: Client) -> None:
        path = self.path
        try:
            answer = client.ask(path.method, path.path, path.body, path.headers)
        except NoAnswerError as error:
            self.flaws.append(str(error))
            return
        if flaw := path.flaw(answer):
            self.flaws.append(flaw)
            return
        self.milliseconds.append(answer.seconds * 1000)

    @property
    def count(self) -> int:
        return len(self.milliseconds)

    @property
    def percentile(self) -> Percentile | None:
        with suppress(ValueError):
            return percentile(self.milliseconds, self.path.percentile)
        return None

    @property
    def is_decided(self) -> bool:
        found = self.percentile
        return bool(self.flaws) or (found is not None and self._holds(found) is not None)

    def _holds(self, found: Percentile) -> bool | None:
        return found.is_below(self.path.target or 0.0)

    def found(self) -> Findings:
        path, found = self.path, self.percentile
        where = f"{path.method} {path.path}"
        if self.flaws:
            said = f"{len(self.flaws)} of {self.count + len(self.flaws)} requests: {self.flaws[0]}"
            return Findings(checks=(Check(path.metric, Status.FAIL, said, where),))
        if found is None:
            return Findings(checks=(Check(path.metric, Status.FAIL, "nothing measured", where),))
        ends = (round(found.low, 3), round(found.high, 3)) if found.high < float("inf") else None
        said = f"{self.count} answers, all as expected"
        return Findings(
            checks=(Check(path.metric, Status.PASS, said, where),),
            metrics=(
                Measurement(
                    path.metric, round(found.value, 3), "ms", "lower",
                    ci95=ends, n=self.count,
                ),
            ),
            thresholds=(
                Threshold(path.metric, "<=", path.target or 0.0, self._holds(found), source=where),
            ),
        )  # fmt: skip
