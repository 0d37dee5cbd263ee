"""How a load test went over its time: by when requests were due, and by when answers came.

Of few requests each keeps its own moment. Of many, those of a slot of time are counted together,
and their times rounded further: what is kept doesn't grow with their number.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from prp_pack.probes.load.counts import Counts, by_key, numbers, summed, texts
from prp_pack.probes.load.plan import Plan

FEW = 2000
_SLOTS = 300
_WIDTHS = (0.1, 0.2, 0.5)


@dataclass(frozen=True)
class Course:
    """All keys of time are in seconds since the first request was due, the beginnings of slots.

    `times` has, by title and by when requests were due, how often each time in milliseconds was
    seen; `flawed` how many answers were wrong or missing. `ended` has how many requests ended then.
    """

    times: Mapping[str, Mapping[float, Counts]] = field(default_factory=dict)
    flawed: Mapping[str, Counts] = field(default_factory=dict)
    ended: Counts = field(default_factory=dict)


class Following:
    """Counts for one generator."""

    def __init__(self, plan: Plan) -> None:
        self._is_few = plan.arrivals <= FEW
        self._width = width(plan.duration)
        self._times: dict[str, dict[float, Counter[float]]] = {}
        self._flawed: dict[str, Counter[float]] = {}
        self._ended: Counter[float] = Counter()

    def ended(self, at: float) -> None:
        """Count a request that has its answer, or will have none."""
        self._ended[slot(at, self._width)] += 1

    def time(self, title: str, due: float, milliseconds: float) -> None:
        seen = self._times.setdefault(title, {}).setdefault(self._moment(due), Counter())
        seen[float(f"{milliseconds:.{3 if self._is_few else 2}g}")] += 1

    def fail(self, title: str, due: float) -> None:
        self._flawed.setdefault(title, Counter())[self._moment(due)] += 1

    def _moment(self, due: float) -> float:
        return round(due, 3) if self._is_few else slot(due, self._width)

    def course(self) -> Course:
        return Course(self._times, self._flawed, self._ended)


def width(duration: float) -> float:
    """Return the seconds that a slot takes: a tenth at least, and so many slots at most."""
    least = duration / _SLOTS
    return next((each for each in _WIDTHS if each >= least), float(math.ceil(least)))


def slot(seconds: float, width: float) -> float:
    """Return the beginning of the slot that a moment falls into."""
    # What is a rounding error below a beginning is that beginning.
    return round(math.floor(round(seconds / width, 6)) * width, 3)


def together(courses: Iterable[Course]) -> Course:
    """Return what several generators counted."""
    all_ = tuple(courses)
    titles = sorted({title for each in all_ for title in each.times})
    return Course(
        times={title: by_key(each.times.get(title, {}) for each in all_) for title in titles},
        flawed=by_key(each.flawed for each in all_),
        ended=summed(each.ended for each in all_),
    )


def to_plain(course: Course) -> dict[str, Any]:
    """Return a course as JSON and msgpack have it: keys are texts."""
    return {
        "times": {
            title: {f"{at:.10g}": texts(seen) for at, seen in sorted(moments.items())}
            for title, moments in sorted(course.times.items())
        },
        "flawed": {title: texts(seen) for title, seen in sorted(course.flawed.items())},
        "ended": texts(course.ended),
    }


def from_plain(plain: Mapping[str, Any]) -> Course:
    """Return the course that `to_plain` made; raises `KeyError`, `TypeError` or `ValueError`."""
    return Course(
        times={
            str(title): {float(at): numbers(seen) for at, seen in moments.items()}
            for title, moments in plain["times"].items()
        },
        flawed={str(title): numbers(seen) for title, seen in plain["flawed"].items()},
        ended=numbers(plain["ended"]),
    )
