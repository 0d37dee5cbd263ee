"""What both readers of Markdown give: headings and blocks, before sections are made of them."""

from __future__ import annotations

from collections.abc import Iterable

from prp_pack.model import Checkbox, Comment, Fence
from prp_pack.regex import regex
from prp_pack.values import dataclass

# Level, title as written, line.
Heading = tuple[int, str, int]

_FENCE_OPENING = regex(r"^[ ]{0,3}(`{3,}|~{3,})[ \t]*([\w+#.-]+)?")


@dataclass(frozen=True, slots=True)
class Parts:
    headings: tuple[Heading, ...]
    fences: tuple[Fence, ...]
    checkboxes: tuple[Checkbox, ...]
    comments: tuple[Comment, ...]


def nested_openings(content: str, marker: str, first_line: int) -> Iterable[int]:
    """Yield the lines of a fence that look like the opening of another one."""
    # Most fences hold no marker at all, and one search tells.
    if marker[0] * 3 not in content:
        return
    for offset, line in enumerate(content.split("\n")):
        opening = _FENCE_OPENING.match(line)
        if opening and opening[2] and opening[1][0] == marker[0] and len(opening[1]) >= len(marker):
            yield first_line + offset
