"""Plots of a run as paths: they stretch with the page, while their lines and labels don't.

A drawing is `WIDE` units wide, which a browser makes as wide as there is room, and `HEIGHT` pixels
high. So places along it are told in units for paths, and in per cent for texts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from prp_pack.report.html.charts import short, ticks
from prp_pack.report.html.run_view import Axis, Forest, Form, Layer, Level, Plot
from prp_pack.values import dataclass

WIDE, HEIGHT = 1000, 240
_TOP = 8
# Of a label in a plot, in pixels; and the per cent beyond which one is written to the left.
_LINE, _FAR = 14, 55
# Of more labels on a logarithmic axis only powers of ten are left.
_MOST, _FEWEST = 8, 3
# The share of a forest that is left free at each side.
_MARGIN = 0.06

Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Tick:
    """`at` is in per cent of the width, or in pixels from the top; `anchor` as SVG has it."""

    at: float
    label: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Marked:
    """A marked value: `at` as a tick has it, and where its label begins, in pixels from the top."""

    at: float
    label: str
    label_y: float
    is_limit: bool
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Path:
    """The `d` of an SVG path, and the names of its colour and form."""

    d: str
    name: str
    tone: int
    form: Form


@dataclass(frozen=True, slots=True)
class Shade:
    """`at` and `width` in per cent."""

    at: float
    width: float
    label: str


@dataclass(frozen=True, slots=True)
class Drawn:
    paths: tuple[Path, ...]
    xs: tuple[Tick, ...]
    ys: tuple[Tick, ...]
    across: tuple[Marked, ...]
    upright: tuple[Marked, ...]
    shades: tuple[Shade, ...]
    wide: int = WIDE
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a forest, all in per cent: its value and its interval; None where unknown."""

    at: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class DrawnForest:
    bars: tuple[Bar, ...]
    xs: tuple[Tick, ...]
    levels: tuple[Marked, ...]


def plot(of: Plot) -> Drawn:
    """Return where everything of a plot lies."""
    x_steps, y_steps = _steps(of.x), _steps(of.y)
    y_low, y_high = of.y.low, of.y.high
    if not of.y.is_log:
        y_low, y_high = min(y_low, y_steps[0]), max(y_high, y_steps[-1])
    across, upward = _scale(of.x.low, of.x.high, of.x.is_log), _scale(y_low, y_high, of.y.is_log)

    def y_of(value: float) -> float:
        return round(HEIGHT - upward(value) * (HEIGHT - _TOP), 1)

    def x_of(value: float) -> float:
        return round(WIDE * across(value), 1)

    return Drawn(
        paths=tuple(
            Path(_path(layer, x_of, y_of), layer.name, layer.tone, layer.form)
            for layer in of.layers
        ),
        xs=tuple(_x_tick(100 * across(value), value) for value in x_steps
                 if of.x.low <= value <= of.x.high),
        ys=tuple(Tick(y_of(value), short(value), "end") for value in y_steps
                 if y_low <= value <= y_high),
        across=tuple(_across(level, y_of) for level in of.across),
        upright=tuple(_upright(of.upright, across)),
        shades=tuple(
            Shade(round(100 * across(span.low), 2),
                  round(100 * (across(span.high) - across(span.low)), 2), span.label)
            for span in of.spans
        ),
    )  # fmt: skip


def forest(of: Forest) -> DrawnForest:
    """Return where the rows of a forest lie; ratios are drawn by their logarithms."""
    known = [each for row in of.rows for each in (row.value, *(row.ends or ()))
             if each is not None and each > 0]  # fmt: skip
    known += [level.value for level in of.levels]
    low, high = min(known, default=1.0), max(known, default=1.0)
    reach = max(math.log(high / low), 0.01) * _MARGIN
    low, high = low / math.exp(reach), high * math.exp(reach)
    scale = _scale(low, high, is_log=True)

    def at(value: float | None) -> float | None:
        return None if value is None or value <= 0 else round(100 * scale(value), 2)

    steps = _steps(Axis("", low, high, is_log=True))
    # Within a small range there is no 1, 2 or 5.
    steps = steps if len(steps) >= _FEWEST else ticks(low, high)
    inner = [value for value in steps if low <= value <= high]
    return DrawnForest(
        bars=tuple(
            Bar(at(row.value), *(at(each) for each in row.ends or (None, None))) for row in of.rows
        ),
        xs=tuple(_x_tick(100 * scale(value), value) for value in inner),
        levels=tuple(_upright(of.levels, scale)),
    )


def _scale(low: float, high: float, is_log: bool) -> Scale:
    """Return what tells the share of the way from low to high, held between them."""
    if is_log:
        low, high = math.log10(low), math.log10(high)
    width = high - low or 1.0

    def share(value: float) -> float:
        placed = math.log10(value) if is_log and value > 0 else low if is_log else value
        return min(1.0, max(0.0, (placed - low) / width))

    return share


def _steps(axis: Axis) -> list[float]:
    if not axis.is_log:
        return ticks(axis.low, axis.high)
    first, last = math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high))
    powers = range(first, last + 1)
    for factors in ((1, 2, 5), (1,)):
        found = [factor * 10.0**power for power in powers for factor in factors]
        within = [each for each in found if axis.low <= each <= axis.high]
        if len(within) <= _MOST:
            break
    return within


def _x_tick(at: float, value: float) -> Tick:
    anchor = "start" if at < 3 else "end" if at > 97 else "middle"  # noqa: PLR2004 - per cent
    return Tick(round(at, 2), short(value), anchor)


def _across(level: Level, y_of: Scale) -> Marked:
    y = y_of(level.value)
    return Marked(y, level.label, y - 4 if y > _LINE + 4 else y + _LINE, level.is_limit, "end")


def _upright(levels: Sequence[Level], scale: Scale) -> Iterator[Marked]:
    """Yield marked values of x, their labels one below the other, so that none hides another."""
    for turn, level in enumerate(levels):
        at = round(100 * scale(level.value), 2)
        anchor = "end" if at > _FAR else "start"
        yield Marked(at, level.label, _LINE * (turn + 1), level.is_limit, anchor)


def _path(layer: Layer, x_of: Scale, y_of: Scale) -> str:
    places = layer.points
    match layer.form:
        case Form.DOTS | Form.SQUARES:
            # A line of no length: its round or square ends are the dot.
            return "".join(f"M{x_of(x):g} {y_of(y):g}h0" for x, y in dict.fromkeys(places))
        case Form.LEVELS:
            return "".join(f"M{x_of(x):g} {y_of(y):g}H{x_of(end):g}" for x, end, y in places)
        case Form.BOXES:
            return "".join(
                f"M{x_of(x):g} {y_of(low):g}H{x_of(end):g}V{y_of(high):g}H{x_of(x):g}z"
                for x, end, low, high in places
            )
        case Form.AREA:
            up = [f"{x_of(x):g} {y_of(high):g}" for x, _, high in places]
            down = [f"{x_of(x):g} {y_of(low):g}" for x, low, _ in reversed(places)]
            return f"M{'L'.join((*up, *down))}z" if places else ""
        case _:
            return f"M{'L'.join(f'{x_of(x):g} {y_of(y):g}' for x, y in places)}" if places else ""
