"""One metric over the phases as a small chart: where its lines, dots and labels lie."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from prp_pack.report.html.view import Mark, Point, Series
from prp_pack.values import dataclass, replace

WIDTH, HEIGHT = 360, 168
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 20, 22, 28
_TICKS = 4
# Labels beside each other that can be read.
_LABELS = 10
# Pixels above a dot that its label takes.
_LABEL = 26
# Pixels between the limits of two phases, at each side.
_APART = 3
# Below this a float counts every whole number; above that, a label is too long.
_WHOLE, _LONG = 1e15, 1e7
# What is smaller than this can't be divided any more.
_SMALLEST = 1e-290


@dataclass(frozen=True, slots=True)
class Dot:
    """A value; `low` and `high` end its error bar, `label_y` is the foot of its label."""

    x: float
    y: float
    label: str
    label_y: float
    mark: Mark
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A level of the chart, from `x` to `end`: a tick with its label, or the limit of a phase."""

    y: float
    label: str = ""
    x: float = _LEFT
    end: float = WIDTH - _RIGHT


@dataclass(frozen=True, slots=True)
class Chart:
    """All lengths in pixels of a drawing `WIDTH` by `HEIGHT`; `path` joins the dots."""

    dots: tuple[Dot, ...]
    path: str
    ticks: tuple[Line, ...]
    limits: tuple[Line, ...]
    phases: tuple[tuple[float, int], ...]
    """Where the phases stand on the axis; of many, only some."""
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    bottom: int = HEIGHT - _BOTTOM
    width: int = WIDTH
    height: int = HEIGHT


def chart(series: Series, phases: Sequence[int]) -> Chart:
    """Return the chart of a metric over some phases; the axis begins at zero."""
    known = [value for point in series.points for value in (point.value, *(point.ci95 or ()))
             if value is not None and math.isfinite(value)]  # fmt: skip
    known += [limit.value for limit in series.limits if math.isfinite(limit.value)]
    steps = ticks(min([0.0, *known]), max([0.0, *known]))
    low, high = steps[0], steps[-1]

    def y_of(value: float) -> float:
        # Halved, so that the widest range of all doesn't overflow.
        share = (value / 2 - low / 2) / (high / 2 - low / 2)
        return round(HEIGHT - _BOTTOM - share * (HEIGHT - _BOTTOM - _TOP), 1)

    step = (WIDTH - _LEFT - _RIGHT) / max(len(phases), 1)
    x_of = {number: round(_LEFT + step * (i + 0.5), 1) for i, number in enumerate(phases)}
    drawn = [p for p in series.points
             if p.value is not None and math.isfinite(p.value) and p.phase in x_of]  # fmt: skip
    half = step / 2 - _APART
    limits = tuple(
        Line(y_of(limit.value), "", round(x_of[limit.phase] - half, 1),
             round(x_of[limit.phase] + half, 1))
        for limit in series.limits
        if math.isfinite(limit.value) and limit.phase in x_of
    )  # fmt: skip
    dots = tuple(_dot(point, x_of[point.phase], y_of, limits) for point in drawn)
    if len(dots) > _LABELS:
        dots = tuple(replace(dot, label="") for dot in dots)
    every = math.ceil(len(phases) / _LABELS) or 1
    return Chart(
        dots=dots,
        path=" ".join(f"{'L' if i else 'M'}{dot.x} {dot.y}" for i, dot in enumerate(dots)),
        ticks=tuple(Line(y_of(tick), short(tick)) for tick in steps),
        limits=limits,
        phases=tuple((x_of[number], number) for number in phases[::every]),
    )


def _dot(point: Point, x: float, y_of: Callable[[float], float], limits: Sequence[Line]) -> Dot:
    value = point.value or 0.0
    y = y_of(value)
    # Above the dot, unless a limit goes through there.
    struck = any(line.x <= x <= line.end and 0 <= y - line.y <= _LABEL for line in limits)
    dot = Dot(x, y, short(value), round(y + 18 if struck else y - 10, 1), point.mark)
    low, high = point.ci95 or (None, None)
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return dot
    return replace(dot, low=y_of(low), high=y_of(high))


def ticks(low: float, high: float) -> list[float]:
    """Return round numbers from at most the low to at least the high one."""
    rough = high / _TICKS - low / _TICKS
    if rough < _SMALLEST:
        return [0.0, 1.0]
    size = 10.0 ** math.floor(math.log10(rough))
    step = next((size * n for n in (1, 2, 2.5, 5) if size * n >= rough), size * 10)
    first, last = math.floor(low / step), math.ceil(high / step)
    found = [step * index for index in range(first, last + 1)]
    return found if all(map(math.isfinite, found)) else [low, high]


def short(value: float) -> str:
    """Return a number in at most four digits that count, or a whole one that is not too long."""
    whole = abs(value) < _LONG and value == int(value)
    return f"{value:,.0f}" if whole else f"{value:.4g}"


def exact(value: float) -> str:
    """Return a number as it was recorded."""
    return str(int(value)) if abs(value) < _WHOLE and value == int(value) else repr(value)
