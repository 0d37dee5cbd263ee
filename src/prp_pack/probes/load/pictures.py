"""What the course of a load test looks like: times, rate and errors over time, distributions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from prp_pack.evidence.record import Findings
from prp_pack.probes.load import course as courses
from prp_pack.probes.load import tally as tallies
from prp_pack.probes.load.counts import Counts, summed
from prp_pack.probes.load.course import FEW, Course
from prp_pack.probes.load.plan import Plan
from prp_pack.probes.load.tally import Tally
from prp_pack.probes.load.verdict import ENOUGH, percentile
from prp_pack.report.html.run_view import (
    Axis,
    Fact,
    Form,
    Layer,
    Level,
    Picture,
    Plot,
    Shown,
    Table,
)

# Of how many requests there are pictures of their own, and of how many rows there is a table.
_OWN, _ROWS = 10, 80
# Bars in a tenfold of time.
_BARS = 20
_SECONDS = "seconds since the first request was due"
_MS = "milliseconds until the answer"

Moments = Mapping[float, Counts]


def kept(plan: Plan, tally: Tally) -> dict[str, object]:
    """Return what pictures need, as JSON has it: nothing that was sent, as it may hold secrets."""
    known = ("base_url", "rate", "duration", "users", "workers", "timeout")
    plain = tallies.to_plain(tally)
    del plain["failures"]
    return {"plan": {name: getattr(plan, name) for name in known}, "tally": plain}


def shown(found: Findings, samples: Mapping[str, Any]) -> Shown:
    """Return what was asked, and the pictures."""
    plan = Plan(requests=(), **samples["plan"])
    tally = tallies.from_plain({**samples["tally"], "failures": {}})
    limits = {each.metric: each.limit for each in found.thresholds}
    return Shown(tuple(_asked(plan)), tuple(_pictures(plan, tally, limits)))


def _asked(plan: Plan) -> Iterator[Fact]:
    yield Fact("Target", plan.base_url)
    yield Fact("Rate", f"{plan.rate:g} requests a second for {plan.duration:g} s")
    processes = f"{plan.workers} process{'es' * (plan.workers > 1)}"
    yield Fact("From", f"{plan.users} users, {processes}")
    yield Fact("Timeout", f"{plan.timeout:g} s")


def _pictures(plan: Plan, tally: Tally, limits: Mapping[str, float]) -> Iterator[Picture]:
    course = tally.course
    everything = _merged(course.times.values())
    if everything:
        yield _times("Response times over the time of arrival", plan, everything, limits)
    if tally.answered:
        yield _rate(plan, course)
        yield _errors(plan, tally)
    if everything:
        yield _distribution("Distribution of response times", tally.all_times, limits)
    if len(tally.times) < 2:  # noqa: PLR2004 - it would be the same again
        return
    by_size = sorted(tally.times, key=lambda title: (-sum(tally.times[title].values()), title))
    for title in by_size[:_OWN]:
        yield _times(f"{title}: over the time of arrival", plan, course.times[title], {})
        yield _distribution(f"{title}: distribution", tally.times[title], {})
    if len(by_size) > _OWN:
        said = f"Pictures of their own have the {_OWN} most frequent of {len(by_size)} requests."
        yield Picture("The other requests", said)


def _merged(several: Iterable[Moments]) -> Moments:
    each = tuple(several)
    moments = sorted({at for one in each for at in one})
    return {at: summed(one[at] for one in each if at in one) for at in moments}


def _gathered(moments: Moments, width: float) -> dict[float, dict[float, int]]:
    """Return the same in slots of a width, in seconds."""
    found: dict[float, list[Counts]] = {}
    for at, seen in moments.items():
        found.setdefault(courses.slot(at, width), []).append(seen)
    return {at: summed(each) for at, each in sorted(found.items())}


def _row_width(plan: Plan) -> float:
    """Return the seconds that a row of a table, or a step of a rate, takes."""
    return float(max(1, math.ceil((plan.duration + plan.timeout) / _ROWS)))


def _time_axis(plan: Plan, last: float = 0.0) -> Axis:
    return Axis(_SECONDS, 0.0, max(plan.duration, last))


def _times(title: str, plan: Plan, moments: Moments, limits: Mapping[str, float]) -> Picture:
    most = max(value for seen in moments.values() for value in seen)
    if plan.arrivals <= FEW:
        points = tuple((at, ms) for at, seen in moments.items() for ms in seen)
        layers: tuple[Layer, ...] = (Layer("one request", Form.DOTS, points),)
        said = "Each dot is a request, at the moment when it was due to arrive."
    else:
        layers, width = _bands(plan, moments)
        said = f"How long half, 95 of 100, and all of those took that were due in each {width:g} s."
    said += (
        " A service that stands still shows as a ramp: who came first waited longest, and all"
        " waited until the same moment."
    )
    across = tuple(
        Level(limit, f"{metric.partition(' ')[0]} limit {limit:g} ms", is_limit=True)
        for metric, limit in limits.items()
        if metric.startswith("p") and limit <= 3 * most
    )
    return Picture(
        title, said, Plot(_time_axis(plan), Axis(_MS, 0.0, most), layers, across=across),
        table=_times_table(plan, moments),
    )  # fmt: skip


def _bands(plan: Plan, moments: Moments) -> tuple[tuple[Layer, ...], float]:
    width = courses.width(plan.duration)
    slots = _gathered(moments, width)
    ends = {at: min(at + width, plan.duration) for at in slots}
    p50, p95 = ({at: percentile_of(seen, p) for at, seen in slots.items()} for p in (50, 95))
    low = {at: min(seen) for at, seen in slots.items()}
    high = {at: max(seen) for at, seen in slots.items()}
    layers = (
        Layer("all", Form.BOXES, tuple((at, ends[at], low[at], high[at]) for at in slots), 3),
        Layer("95 of 100", Form.BOXES, tuple((at, ends[at], low[at], p95[at]) for at in slots), 1),
        Layer("median", Form.LEVELS, tuple((at, ends[at], p50[at]) for at in slots), 2),
    )
    return layers, width


def percentile_of(counts: Counts, share: float) -> float:
    """Return a percentile of counted values without its interval."""
    rank, seen = math.ceil(sum(counts.values()) * share / 100), 0
    for value, n in sorted(counts.items()):
        seen += n
        if seen >= rank:
            return value
    raise ValueError("there is nothing to take a percentile of")


def _times_table(plan: Plan, moments: Moments) -> Table:
    width = _row_width(plan)
    return Table(
        (f"Due in the {width:g} s from", "Requests", "Least, ms", "p50, ms", "p95, ms", "Most, ms"),
        tuple(
            (f"{at:g} s", str(sum(seen.values())), f"{min(seen):g}", f"{percentile_of(seen, 50):g}",
             f"{percentile_of(seen, 95):g}", f"{max(seen):g}")
            for at, seen in _gathered(moments, width).items()
        ),
    )  # fmt: skip


def _by_slot(counts: Counts, width: float) -> dict[float, int]:
    found: dict[float, int] = {}
    for at, n in counts.items():
        begin = courses.slot(at, width)
        found[begin] = found.get(begin, 0) + n
    return found


def _slots(last: float, width: float) -> Sequence[float]:
    return [n * width for n in range(math.ceil(last / width))]


def _rate(plan: Plan, course: Course) -> Picture:
    width = _row_width(plan)
    ended = _by_slot(course.ended, width)
    last = max(plan.duration, max(ended) + width)
    slots = _slots(last, width)
    # What ends after the last arrival was asked for before.
    rates = {at: ended.get(at, 0) / min(width, last - at) for at in slots}
    asked = Layer("asked", Form.LEVELS, ((0.0, plan.duration, plan.rate),), 2)
    steps = tuple((at, min(at + width, last), rates[at]) for at in slots)
    return Picture(
        "Rate of answers against the rate of arrivals",
        f"{plan.rate:g} requests a second were due until {plan.duration:g} s, and {ENOUGH:.0%} of "
        "as many must be answered. Answers that lag behind and come all at once afterwards are "
        "those of a service that stood still; answers that stay below, of one that can't keep up.",
        Plot(
            _time_axis(plan, last),
            Axis("requests a second", 0.0, max(plan.rate, *rates.values())),
            (Layer("answered", Form.LEVELS, steps), asked),
        ),
        table=Table(
            (f"In the {width:g} s from", "Answered a second"),
            tuple((f"{at:g} s", f"{rates[at]:.4g}") for at in slots),
        ),
    )


def _errors(plan: Plan, tally: Tally) -> Picture:
    title, course = "Errors over the time of arrival", tally.course
    width = _row_width(plan)
    flawed = {name: _by_slot(seen, width) for name, seen in sorted(course.flawed.items())}
    if not flawed:
        return Picture(title, f"None of {tally.answered} requests failed.")
    whole = _by_slot(summed(course.flawed.values()), width)
    slots = _slots(plan.duration, width)
    due = {at: plan.due_before(min(at + width, plan.duration)) - plan.due_before(at)
           for at in slots}  # fmt: skip
    shares = {at: min(100.0, 100 * whole.get(at, 0) / max(due[at], 1)) for at in slots}
    names = list(flawed)[:_OWN]
    return Picture(
        title,
        f"{sum(whole.values())} answers were wrong or missing; drawn is their share of those that "
        f"were due in each {width:g} s.",
        Plot(
            _time_axis(plan), Axis("per cent of those due", 0.0, max(shares.values())),
            (Layer("errors", Form.BOXES, tuple((at, min(at + width, plan.duration), 0.0, shares[at])
                                               for at in slots if shares[at]), 4),),
        ),
        table=Table(
            (f"Due in the {width:g} s from", "Requests", "Errors", "Share", *names),
            tuple((f"{at:g} s", str(due[at]), str(whole.get(at, 0)), f"{shares[at]:.3g} %",
                   *(str(flawed[name].get(at, 0)) for name in names)) for at in slots),
        ),
    )  # fmt: skip


def _distribution(title: str, counts: Counts, limits: Mapping[str, float]) -> Picture:
    bars: dict[int, int] = {}
    for value, n in counts.items():
        at = math.floor(math.log10(max(value, 1e-3)) * _BARS)
        bars[at] = bars.get(at, 0) + n
    edges = {at: (10 ** (at / _BARS), 10 ** ((at + 1) / _BARS)) for at in sorted(bars)}
    marks = [Level(percentile(counts, p).value, f"p{p}") for p in (50, 95, 99)]
    held = [
        Level(limit, f"{metric.partition(' ')[0]} limit {limit:g} ms", is_limit=True)
        for metric, limit in limits.items()
        if metric.startswith("p")
    ]
    low = min([*(edge for edge, _ in edges.values()), *(each.value for each in held)])
    high = max([*(edge for _, edge in edges.values()), *(each.value for each in held)])
    most = max(bars.values())
    return Picture(
        title,
        "How many requests took how long; both axes are logarithmic, so that a few slow ones are "
        "seen beside many quick ones. Two hills are two kinds of answers.",
        Plot(
            Axis(_MS, max(low, 1e-3), high, is_log=True),
            Axis("requests", 0.5, max(1.0, float(most)), is_log=True),
            (Layer("requests", Form.BOXES,
                   tuple((*edges[at], 0.5, float(bars[at])) for at in edges)),),
            upright=(*marks, *held),
        ),
        table=Table(
            ("From", "To", "Requests"),
            tuple((f"{edges[at][0]:.3g} ms", f"{edges[at][1]:.3g} ms", str(bars[at]))
                  for at in edges),
        ),
    )  # fmt: skip
