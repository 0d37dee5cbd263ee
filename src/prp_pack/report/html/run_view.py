"""What the page of one run shows, as values: its verdict, its numbers, and its pictures.

Texts are raw; whoever draws them makes them harmless. Pictures are told in the units of what was
measured, and know nothing of pixels.
"""

from __future__ import annotations

from enum import StrEnum

from prp_pack.report.html.view import Mark
from prp_pack.values import dataclass, field


@dataclass(frozen=True, slots=True)
class Word:
    """A verdict, or how a check or a limit came out, with the mark that it is shown with."""

    said: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was asked, or was so: `Rate`, `40 requests a second`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Held:
    """A number with its interval, what it was held to, and whether it holds; None for no limit."""

    name: str
    value: str
    interval: str = ""
    size: int | None = None
    limit: str = ""
    outcome: Word | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    outcome: Word
    said: str


class Form(StrEnum):
    """How the points of a layer are drawn, and what each of them consists of."""

    DOTS = "dots"
    """`x, y`"""
    SQUARES = "squares"
    """`x, y`"""
    LINE = "line"
    """`x, y`, joined in order"""
    DASHED = "dashed"
    """`x, y`, joined in order"""
    LEVELS = "levels"
    """`x, end of x, y`"""
    BOXES = "boxes"
    """`x, end of x, y, end of y`"""
    AREA = "area"
    """`x, y, end of y`, joined in order"""


@dataclass(frozen=True, slots=True)
class Layer:
    """One kind of thing in a plot; `tone` from 1 to 4 is its colour."""

    name: str
    form: Form
    points: tuple[tuple[float, ...], ...]
    tone: int = 1


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`; with `is_log` both are above 0."""

    label: str
    low: float
    high: float
    is_log: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """A value that is marked from side to side; `is_limit` where something is held to it."""

    value: float
    label: str
    is_limit: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the x axis that is shaded."""

    low: float
    high: float
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Points between two axes; `across` are marked values of y, `upright` of x."""

    x: Axis
    y: Axis
    layers: tuple[Layer, ...]
    across: tuple[Level, ...] = ()
    upright: tuple[Level, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A number with its interval, in a line of its own; None where it isn't known."""

    label: str
    value: float | None
    ends: tuple[float, float] | None = None
    is_control: bool = False


@dataclass(frozen=True, slots=True)
class Forest:
    """Numbers with their intervals under each other, beside what they are held to."""

    label: str
    rows: tuple[Row, ...]
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a picture; the first cell of a row names it."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """`said` is what there is to see; one without a plot is only said."""

    title: str
    said: str
    plot: Plot | None = None
    forest: Forest | None = None
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a script's samples say: what was asked of it, and its pictures."""

    asked: tuple[Fact, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class RunPage:
    """Everything on the page. `began` is when, in words; `remarks` are cautions."""

    script: str
    verdict: Word
    began: str
    seconds: float
    command: str
    asked: tuple[Fact, ...] = ()
    remarks: tuple[str, ...] = ()
    checks: tuple[Checked, ...] = ()
    numbers: tuple[Held, ...] = ()
    pictures: tuple[Picture, ...] = ()
    left: tuple[str, ...] = field(default_factory=tuple)
    record: str = ""
    version: str = ""
