"""What a tally says about the service, and where it says nothing.

A generator that comes late makes times longer and the rate lower, never the other way round. So a
limit that holds in spite of it holds; one that doesn't is open where the generator may be why.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from prp_pack.evidence.record import Check, Findings, Measurement, Status, Threshold
from prp_pack.probes import order_statistics
from prp_pack.probes.load.counts import Counts
from prp_pack.probes.load.plan import Plan
from prp_pack.probes.load.tally import Tally
from prp_pack.probes.order_statistics import Percentile

SOURCE = "[load]"
# The share of the planned rate that must be there, and of a processor that a generator may take.
ENOUGH = 0.98
BUSY = 0.9
_Z = 1.959964
_SHOWN = 5
_MANY = 2000


@dataclass(frozen=True)
class Limits:
    """`max_error_rate` in per cent, `percentiles` from share to milliseconds."""

    max_error_rate: float
    percentiles: dict[float, float]


@dataclass(frozen=True)
class Strain:
    """How well the generator did: `late` in milliseconds, at most, for 99 of 100 requests."""

    late: float
    busiest: float
    is_busy: bool
    is_late: bool

    @property
    def is_saturated(self) -> bool:
        return self.is_busy or self.is_late


def strain(plan: Plan, tally: Tally) -> Strain:
    """Return what is known of the generator.

    What came late by `1 - ENOUGH` of the duration is as much as the rate may fall short of.
    """
    busiest = max(tally.busy, default=0.0)
    late = percentile(tally.late, 99).value if tally.late else 0.0
    usual = percentile(tally.late, 95).value if tally.late else 0.0
    return Strain(late, busiest, busiest >= BUSY, usual >= (1 - ENOUGH) * plan.duration * 1000)


def findings(plan: Plan, tally: Tally, limits: Limits) -> Findings:
    """Return the checks, numbers and limits of a load test."""
    generator = strain(plan, tally)
    if not tally.answered:
        return Findings((Check("load", Status.FAIL, "not one request was sent and answered"),))
    rate, expected = _rate(plan, tally, generator)
    errors = _errors(tally, limits)
    times, held = _percentiles(tally, limits, generator) if tally.times else ([], [])
    return Findings(
        checks=(_sent(plan, tally), *_failures(tally, errors[1]), _generator(generator)),
        metrics=(rate, errors[0], *times, *_each(tally)),
        thresholds=(expected, errors[1], *held),
    )


def _sent(plan: Plan, tally: Tally) -> Check:
    said = (
        f"{tally.sent} of {plan.arrivals} requests sent by {plan.users} users, "
        f"{plan.rate:g} a second for {plan.duration:g} s"
    )
    return Check("load", Status.PASS, said, plan.base_url)


def _rate(plan: Plan, tally: Tally, generator: Strain) -> tuple[Measurement, Threshold]:
    """Return how many requests a second were answered, and whether that is as many as came.

    Those don't count that were due so late that the quickest answer would have been too late.
    """
    window = max(plan.duration - tally.quickest / 1000, plan.duration / 2)
    due = plan.due_before(window)
    achieved = plan.rate * min(1.0, tally.in_time / due)
    enough = ENOUGH * plan.rate
    ok = True if achieved >= enough else None if generator.is_saturated else False
    name = "rate under load"
    return (
        Measurement(name, round(achieved, 2), "requests/s", "higher", n=tally.in_time),
        Threshold(name, ">=", round(enough, 2), ok, source=f"{ENOUGH:.0%} of {plan.rate:g}/s"),
    )


def _errors(tally: Tally, limits: Limits) -> tuple[Measurement, Threshold]:
    answers = tally.answered
    share = 100 * tally.failed / answers
    low, high = _wilson(tally.failed, answers)
    name = "error rate under load"
    return (
        Measurement(
            name, round(share, 3), "%", "lower", ci95=(round(low, 3), round(high, 3)), n=answers
        ),
        Threshold(name, "<=", limits.max_error_rate, share <= limits.max_error_rate, SOURCE),
    )


def _failures(tally: Tally, threshold: Threshold) -> Iterator[Check]:
    """Yield what was wrong with answers, the most frequent first."""
    found = sorted(
        ((n, title, why) for title, each in tally.failures.items() for why, n in each.items()),
        key=lambda one: (-one[0], *one[1:]),
    )
    status = Status.WARN if threshold.ok else Status.FAIL
    for n, title, why in found[:_SHOWN]:
        of = tally.ended[title]
        yield Check(title, status, f"{n} of {of} requests: {why}", title)


def _generator(found: Strain) -> Check:
    said = (
        f"used or waited for a processor {found.busiest:.0%} of the time; 99 of 100 requests left "
        f"within {found.late:g} ms of their time"
    )
    status = Status.WARN if found.is_saturated else Status.PASS
    advice = "; give it more --workers or machines" if found.is_saturated else ""
    return Check("generator", status, said + advice)


def _percentiles(
    tally: Tally, limits: Limits, generator: Strain
) -> tuple[list[Measurement], list[Threshold]]:
    counts = tally.all_times
    metrics, thresholds = [], []
    for share in sorted({50.0, 95.0, 99.0, *limits.percentiles}):
        found = percentile(counts, share)
        name = f"p{share:g} under load"
        metrics.append(_measured(name, found, counts))
        if share in limits.percentiles:
            limit = limits.percentiles[share]
            ok = _holds(found, limit, generator)
            thresholds.append(Threshold(name, "<=", limit, ok, SOURCE))
    return metrics, thresholds


def _holds(found: Percentile, limit: float, generator: Strain) -> bool | None:
    if found.high <= limit:
        return True
    # Late in sending, it may be as late in receiving.
    late = math.inf if generator.is_busy else 2 * generator.late
    return False if found.low - late > limit else None


def _each(tally: Tally) -> Iterator[Measurement]:
    """Yield the percentiles of each request where there are several."""
    if len(tally.times) > 1:
        for title, counts in sorted(tally.times.items()):
            yield _measured(f"{title} p95 under load", percentile(counts, 95), counts)


def _measured(name: str, found: Percentile, counts: Counts) -> Measurement:
    ends = (found.low, found.high) if math.isfinite(found.low + found.high) else None
    return Measurement(name, found.value, "ms", "lower", ci95=ends, n=sum(counts.values()))


def percentile(counts: Counts, share: float) -> Percentile:
    """Return a percentile of counted values, `share` from 0 to 100; raises `ValueError`.

    The interval is that of `order_statistics`; of many values the normal curve is as exact.
    """
    size = sum(counts.values())
    if size <= _MANY:
        return order_statistics.percentile(
            [value for value, n in counts.items() for _ in range(n)], share
        )
    p = share / 100
    spread = _Z * math.sqrt(size * p * (1 - p))
    # One rank further up than the curve says, as ranks are whole.
    ranks = math.floor(size * p - spread), math.ceil(size * p + spread) + 1
    low, high = (_at(counts, rank) for rank in ranks)
    return Percentile(_at(counts, math.ceil(size * p)), low, high)


def _at(counts: Counts, rank: int) -> float:
    if rank < 1:
        return -math.inf
    seen = 0
    for value, n in sorted(counts.items()):
        seen += n
        if seen >= rank:
            return value
    return math.inf


def _wilson(hits: int, size: int) -> tuple[float, float]:
    """Return the interval of a share in per cent: Wilson's, which holds for none of many too."""
    p, square = hits / size, _Z * _Z
    middle = (p + square / (2 * size)) / (1 + square / size)
    reach = _Z * math.sqrt(p * (1 - p) / size + square / (4 * size**2)) / (1 + square / size)
    return 100 * max(0.0, middle - reach), 100 * min(1.0, middle + reach)
