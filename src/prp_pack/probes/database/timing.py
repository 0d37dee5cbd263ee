"""How long the declared queries take, each against its limit, and all of them on average."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterable, Sequence

from sqlalchemy.exc import DBAPIError

from prp_pack.evidence.record import Check, Findings, Measurement, Status, Threshold
from prp_pack.probes.database import plans
from prp_pack.probes.database.connecting import Link, Meter, rolled_back
from prp_pack.probes.database.settings import Query
from prp_pack.probes.order_statistics import CONFIDENCE, Percentile, percentile
from prp_pack.probes.probe import Run

_WARM_UP = 3
# After this many times the asked number of runs an open question stays open.
_PATIENCE = 8
# No query is timed for longer, in seconds, once there are enough runs for an interval.
_BUDGET = 20.0
_ENOUGH = 6
_RESAMPLES = 1000
AVERAGE = "average query"


class _Series:
    """The times of one query, in milliseconds."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.milliseconds: list[float] = []
        self.flaw = ""

    def take(self, link: Link) -> None:
        try:
            with rolled_back(link.connection), Meter(link.connection, link.timeout):
                begun = time.perf_counter()
                plans.answer(link.connection, self.query)
                spent = time.perf_counter() - begun
        except DBAPIError as error:
            self.flaw = link.words_of(error)
        else:
            self.milliseconds.append(spent * 1000)

    @property
    def count(self) -> int:
        return len(self.milliseconds)

    @property
    def is_over(self) -> bool:
        spent = sum(self.milliseconds) / 1000 > _BUDGET
        return bool(self.flaw) or (spent and self.count >= _ENOUGH)

    @property
    def median(self) -> Percentile:
        return percentile(self.milliseconds, 50)

    @property
    def holds(self) -> bool | None:
        """Whether the limit is kept; True without one."""
        return self.query.max_ms is None or self.median.is_below(self.query.max_ms)


def measure(
    run: Run,
    link: Link,
    queries: Sequence[Query],
    runs: int,
    max_average: float,
) -> Findings:
    """Time queries one at a time and in turn, until every limit is decided or patience is over."""
    all_ = [_Series(query) for query in queries]
    for series in all_:
        for _ in range(_WARM_UP):
            series.take(link)
        series.milliseconds.clear()
    wanted = runs
    while wanted <= runs * _PATIENCE:
        while due := [each for each in all_ if each.count < wanted and not each.is_over]:
            for series in due:
                series.take(link)
            done = sum(min(each.count / wanted, 1.0) for each in all_) / len(all_)
            run.tell(f"timing {len(due)} of {len(all_)} queries", done)
        sound = [each for each in all_ if each.milliseconds and not each.flaw]
        if all(each.holds is not None for each in sound) and (
            not sound or average(sound, run.seed).is_below(max_average) is not None
        ):
            break
        wanted *= 2
    return _found(all_, max_average, run.seed)


def average(all_: Sequence[_Series], seed: int) -> Percentile:
    """Return the mean over queries of their mean time, each query counting alike.

    Its interval is that of 1,000 samples drawn anew from the times of each query: a slow outlier,
    which a mean takes in and a median doesn't, makes it as wide as it should be.
    """
    value = _mean(each.milliseconds for each in all_)
    if any(each.count < _ENOUGH for each in all_):
        return Percentile(value, -math.inf, math.inf)
    draw = random.Random(seed)  # noqa: S311 - nothing is hidden by it
    means = sorted(
        _mean(draw.choices(each.milliseconds, k=each.count) for each in all_)
        for _ in range(_RESAMPLES)
    )
    tail = round(_RESAMPLES * (1 - CONFIDENCE) / 2)
    return Percentile(value, means[tail], means[-1 - tail])


def _mean(all_: Iterable[Sequence[float]]) -> float:
    means = [sum(each) / len(each) for each in all_]
    return sum(means) / len(means)


def _found(all_: Sequence[_Series], max_average: float, seed: int) -> Findings:
    checks, metrics, thresholds = [], [], []
    sound = [each for each in all_ if each.milliseconds and not each.flaw]
    for series in all_:
        if series.flaw:
            name = series.query.name
            checks.append(Check(f"timing of {name}", Status.FAIL, series.flaw, name))
    for series in sound:
        name = f"{series.query.name} median"
        metrics.append(_measured(name, series.median, series.count))
        if series.query.max_ms is not None:
            thresholds.append(
                Threshold(name, "<=", series.query.max_ms, series.holds, source=series.query.name)
            )
    if sound:
        found = average(sound, seed)
        metrics.append(_measured(AVERAGE, found, sum(each.count for each in sound)))
        thresholds.append(Threshold(AVERAGE, "<=", max_average, found.is_below(max_average)))
    return Findings(tuple(checks), tuple(metrics), tuple(thresholds))


def _measured(name: str, found: Percentile, count: int) -> Measurement:
    finite = math.isfinite(found.low) and math.isfinite(found.high)
    ends = (round(found.low, 3), round(found.high, 3)) if finite else None
    return Measurement(name, round(found.value, 3), "ms", "lower", ci95=ends, n=count)
