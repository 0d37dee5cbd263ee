"""The section matrix as a table, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from prp_pack.report import json_report
from prp_pack.report.visible import visible
from prp_pack.schema.conditions import applies
from prp_pack.schema.matrix import COLUMNS, Matrix, SectionSpec

_MARKS = {True: "●", False: "·"}
# The last column: whether `N/A: reason` may stand for a section's content.
_WAIVABLE = "N/A"


def render(matrix: Matrix) -> str:
    """Return the matrix for a terminal: a row a section, a column a kind of PRP."""
    return "\n".join(_rows(matrix)) + "\n"


def _rows(matrix: Matrix) -> Iterator[str]:
    width = max(len(_indented(spec)) for spec in matrix.sections)
    yield f"{'section':<{width}}  " + "  ".join((*COLUMNS, _WAIVABLE))
    for spec in matrix.sections:
        marks = "  ".join(f"{_MARKS[on]:^{len(name)}}" for name, on in _required(spec).items())
        waivable = "○" if spec.waivable else ""
        yield f"{_indented(spec):<{width}}  {marks}  {waivable:^{len(_WAIVABLE)}}".rstrip()
    counts = matrix.counts()
    yield f"{'required':<{width}}  " + "  ".join(f"{counts[name]:^{len(name)}}" for name in COLUMNS)


def _indented(spec: SectionSpec) -> str:
    return f"{'  ' * (spec.level - 2)}{visible(spec.title)}"


def _required(spec: SectionSpec) -> dict[str, bool]:
    return {name: applies(spec.when, context) for name, context in COLUMNS.items()}


def to_json(matrix: Matrix) -> str:
    """Return the document that `prp matrix --json` prints."""
    fields = {
        "version": 1,
        "template": matrix.template,
        "sections": [
            {
                "id": spec.id,
                "title": spec.title,
                "required": _required(spec),
                "waivable": spec.waivable,
            }
            for spec in matrix.sections
        ],
    }
    return json_report.dump(fields)
