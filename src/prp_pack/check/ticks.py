"""Ticking a box and taking a tick back, as edits of its line."""

from __future__ import annotations

from collections.abc import Sequence

from prp_pack.model import Checkbox, Document, Edit
from prp_pack.regex import regex

_MARK = regex(r"^(\s*(?:>\s*)*(?:[-*+]|\d{1,9}[.)])\s+)\[[ xX]\]")


def tick(box: Checkbox, lines: Sequence[str]) -> Edit | None:
    return _marked(box, lines, "x")


def untick(box: Checkbox, lines: Sequence[str]) -> Edit | None:
    return _marked(box, lines, " ")


def are_all(before: Sequence[str], document: Document) -> bool:
    """Tell whether nothing but ticks of its boxes tells a document from these lines."""
    boxes = {box.line for box in document.outline.checkboxes}
    return len(before) == len(document.lines) and all(
        old == new or (number in boxes and _MARK.sub(r"\1[ ]", old) == _MARK.sub(r"\1[ ]", new))
        for number, (old, new) in enumerate(zip(before, document.lines, strict=True), 1)
    )


def _marked(box: Checkbox, lines: Sequence[str], mark: str) -> Edit | None:
    """Return the edit of the box's line; None where there is nothing to change."""
    line = lines[box.line - 1]
    changed = _MARK.sub(rf"\1[{mark}]", line)
    # Without a newline the last line stays without one.
    ending = "\n" if box.line < len(lines) else ""
    return Edit(box.line, box.line + 1, changed + ending) if changed != line else None
