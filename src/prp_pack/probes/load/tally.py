"""What one generator counts while it sends, and what several counted together.

Times are kept as counts of rounded milliseconds: of a million answers no more remains than of a
thousand.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from prp_pack.probes.load import course as courses
from prp_pack.probes.load.counts import Counts, by_key, numbers, rounded, summed, texts
from prp_pack.probes.load.course import Course
from prp_pack.probes.load.plan import Plan

# Of the reasons of failures no more are kept for one request.
_REASONS = 20
_OTHERS = "other reasons"


@dataclass(frozen=True)
class Tally:
    """What was sent and came back.

    `ended` has, by a request's title, how many have an answer or got none, and `in_time` is how
    many of them while requests were due. `times` has, by title, the milliseconds until the right
    answer came; where none came, as long as was waited for it. How quick a wrong answer was says
    nothing. `failures` has, by title, how often something was wrong. `late` has the milliseconds
    by which the generator itself was late. `busy` is the share of a processor, 0 to 1, that each
    generator took or waited for; `plans` the digests of what they went by; `broken` how many
    errors of their own they had. `course` is the same over time.
    """

    ended: Mapping[str, int] = field(default_factory=dict)
    times: Mapping[str, Counts] = field(default_factory=dict)
    failures: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    late: Counts = field(default_factory=dict)
    in_time: int = 0
    quickest: float = float("inf")
    busy: tuple[float, ...] = ()
    plans: tuple[str, ...] = ()
    broken: int = 0
    course: Course = field(default_factory=Course)

    @property
    def all_times(self) -> Counts:
        return summed(self.times.values())

    @property
    def sent(self) -> int:
        return sum(self.late.values())

    @property
    def answered(self) -> int:
        return sum(self.ended.values())

    @property
    def failed(self) -> int:
        return sum(sum(each.values()) for each in self.failures.values())


class Counting:
    """Counts for one generator. Times are in seconds of one clock, since the first arrival."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._ended: Counter[str] = Counter()
        self._times: dict[str, Counter[float]] = {}
        self._failures: dict[str, Counter[str]] = {}
        self._late: Counter[float] = Counter()
        self._in_time = 0
        self._quickest = float("inf")
        self._following = courses.Following(plan)
        self.broken = 0

    def sent(self, due: float, at: float, free: float) -> float:
        """Count a request that is sent now; return by how much the server made it late.

        `free` is when its user had its answer before. A user that waited for the server doesn't
        send in time, and whoever comes to a server that stands still waits from then on: that
        belongs to the time of the answer. What else is late is the generator.
        """
        waited = at - due if free > due else 0.0
        self._late[rounded(0.0 if waited else max(0.0, (at - due) * 1000))] += 1
        return waited

    def answered(self, title: str, due: float, milliseconds: float, at: float, flaw: str) -> None:
        """Count an answer; `flaw` says what is wrong with it."""
        self._end(title, milliseconds, at)
        if flaw:
            self._fail(title, due, flaw)
        else:
            self._time(title, due, milliseconds)

    def unanswered(self, title: str, due: float, milliseconds: float, at: float, why: str) -> None:
        """Count a request that got no answer in the time that was waited for it."""
        self._end(title, milliseconds, at)
        self._fail(title, due, why)
        self._time(title, due, milliseconds)

    def _end(self, title: str, milliseconds: float, at: float) -> None:
        self._ended[title] += 1
        self._quickest = min(self._quickest, milliseconds)
        self._in_time += at < self._plan.duration
        self._following.ended(at)

    def _fail(self, title: str, due: float, why: str) -> None:
        self._following.fail(title, due)
        known = self._failures.setdefault(title, Counter())
        known[why if why in known or len(known) < _REASONS else _OTHERS] += 1

    def _time(self, title: str, due: float, milliseconds: float) -> None:
        self._following.time(title, due, milliseconds)
        self._times.setdefault(title, Counter())[rounded(milliseconds)] += 1

    def tally(self, busy: float) -> Tally:
        return Tally(
            ended=self._ended,
            times=self._times,
            failures=self._failures,
            late=self._late,
            in_time=self._in_time,
            quickest=self._quickest,
            busy=(round(busy, 3),),
            plans=(self._plan.digest,),
            broken=self.broken,
            course=self._following.course(),
        )


def together(tallies: Iterable[Tally]) -> Tally:
    """Return what several generators counted."""
    all_ = tuple(tallies)
    return Tally(
        ended=summed(each.ended for each in all_),
        times=by_key(each.times for each in all_),
        failures=by_key(each.failures for each in all_),
        late=summed(each.late for each in all_),
        in_time=sum(each.in_time for each in all_),
        quickest=min((each.quickest for each in all_), default=float("inf")),
        busy=tuple(one for each in all_ for one in each.busy),
        plans=tuple(one for each in all_ for one in each.plans),
        broken=sum(each.broken for each in all_),
        course=courses.together(each.course for each in all_),
    )


def to_plain(tally: Tally) -> dict[str, Any]:
    """Return a tally as JSON and msgpack have it: keys are texts."""
    return {
        "ended": dict(tally.ended),
        "times": {title: texts(counts) for title, counts in tally.times.items()},
        "failures": {title: dict(counts) for title, counts in tally.failures.items()},
        "late": texts(tally.late),
        "in_time": tally.in_time,
        "quickest": tally.quickest if tally.ended else None,
        "busy": list(tally.busy),
        "plans": list(tally.plans),
        "broken": tally.broken,
        "course": courses.to_plain(tally.course),
    }


def from_plain(plain: Mapping[str, Any]) -> Tally:
    """Return the tally that `to_plain` made; raises `KeyError`, `TypeError` or `ValueError`."""
    quickest = plain["quickest"]
    return Tally(
        ended={str(title): int(n) for title, n in plain["ended"].items()},
        times={str(title): numbers(counts) for title, counts in plain["times"].items()},
        failures={
            str(title): {str(why): int(n) for why, n in counts.items()}
            for title, counts in plain["failures"].items()
        },
        late=numbers(plain["late"]),
        in_time=int(plain["in_time"]),
        quickest=float("inf") if quickest is None else float(quickest),
        busy=tuple(float(each) for each in plain["busy"]),
        plans=tuple(str(each) for each in plain["plans"]),
        broken=int(plain["broken"]),
        course=courses.from_plain(plain["course"]),
    )


def to_json(tally: Tally) -> str:
    return json.dumps(to_plain(tally))


def from_json(text: str) -> Tally:
    """Return the tally of a file; raises `ValueError` for what is none."""
    try:
        return from_plain(json.loads(text))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"it is no tally: {error}") from None
