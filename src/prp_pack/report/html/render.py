"""Values to one HTML file: Jinja2 with everything escaped, no script, no address to fetch from.

Jinja2 is an extra; this is the one module that knows it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from prp_pack.report.html import charts, graph, plots
from prp_pack.report.html.run_view import RunPage
from prp_pack.report.html.view import MEANINGS, Amount, Mark, Page
from prp_pack.report.visible import visible
from prp_pack.values import dataclass

_TEMPLATES = Path(__file__).with_name("templates")
# Per cent of a bar that even one item among thousands takes.
_SEEN = 0.8


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar; `x` and `width` in per cent."""

    mark: Mark
    x: float
    width: float


def render(page: Page) -> str:
    """Return the page as one HTML file; the same page gives the same text."""
    return _rendered(
        "page.html",
        ("style.css",),
        page=page,
        drawings=_drawings(page),
        numbers=tuple(stage.number for stage in page.phases if stage.number is not None),
    )


def render_run(page: RunPage) -> str:
    """Return the page of one run as one HTML file; the same page gives the same text."""
    return _rendered("run.html", ("style.css", "run.css"), page=page)


def _rendered(template: str, styles: Sequence[str], **values: object) -> str:
    style = "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in styles)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _environment().get_template(template).render(
        style=Markup(style),  # noqa: S704 - our own files
        style_digest=digest,
        **values,
    )  # fmt: skip


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "MEANINGS": MEANINGS,
        "Mark": Mark,
        "chart": charts.chart,
        "exact": charts.exact,
        "plot": plots.plot,
        "forest": plots.forest,
        "segments": segments,
        "cut": cut,
    }
    return environment


def _shown(value: object) -> object:
    """Return a value as it is put into the page: of a text, what hides is written out.

    What the templates themselves made is of a type of its own, and passes.
    """
    if type(value) is not str or (value.isascii() and value.isprintable()):
        return value
    return visible(value)


def _drawings(page: Page) -> tuple[graph.Drawing, ...]:
    """Return the graph for wide and for narrow windows; nothing for what can't be looked at."""
    depends = {stage.number: stage.depends_on for stage in page.phases if stage.number is not None}
    if not depends or len(depends) > graph.MOST:
        return ()
    return graph.draw(depends, across=True), graph.draw(depends, across=False)


def segments(amounts: Sequence[Amount]) -> Iterator[Segment]:
    """Yield the parts of a bar that shows how many items have each mark; each part is seen."""
    total = sum(amount.count for amount in amounts) or 1
    widths = [max(100 * amount.count / total, _SEEN) for amount in amounts]
    x = 0.0
    for amount, width in zip(amounts, widths, strict=True):
        share = 100 * width / sum(widths)
        yield Segment(amount.mark, round(x, 3), round(share, 3))
        x += share


def cut(text: str, length: int) -> str:
    """Return the text, shortened to a number of characters as they are shown."""
    shown = visible(text)
    return shown if len(shown) <= length else f"{shown[: length - 1]}…"
