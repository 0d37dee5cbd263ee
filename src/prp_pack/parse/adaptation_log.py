"""PHASE_ADAPTATION_LOG.md: which phases a recorded change of plan is about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prp_pack.markdown import front_matter_end, outline
from prp_pack.model import Place
from prp_pack.parse import phase_number
from prp_pack.regex import regex
from prp_pack.values import dataclass

# This is for lines whose spaces are single, so that none is tried at each of its spaces.
_ITEM = regex(
    r"^(?:[-*+] )?[*_]{0,3}(?:phases?|affects)[*_]{0,3} ?: ?[*_]{0,3} ?(.*)$", re.IGNORECASE
)
_PLACEHOLDER = regex(r"\[[^\]]*[^\W\d][^\]]*\]")


@dataclass(frozen=True, slots=True)
class Adaptation:
    """One entry: its title, where it stands, and the phases it changes or touches."""

    title: str
    place: Place
    phases: tuple[int, ...]


def parse(text: str, path: str) -> tuple[Adaptation, ...]:
    """Return the entries in order. One that names no phase has none; nothing is ever refused."""
    lines = text.split("\n")
    start = (front_matter_end(lines) or 0) + 1
    entries = [s for s in outline(text).sections if s.level > 1 and s.line >= start]
    return tuple(
        Adaptation(
            section.title,
            Place(path, section.line),
            tuple(sorted(set(_phases(lines, section.line, section.body_end)))),
        )
        for section in entries
    )


def _phases(lines: list[str], line: int, end: int) -> Iterator[int]:
    """Yield the phases named under the heading, by `Phase` and `Affects`; not in other words."""
    for content in lines[line : end - 1]:
        if match := _ITEM.match(" ".join(content.split())):
            named = _PLACEHOLDER.sub("", match[1])
            yield from phase_number.numbers_in_text(named.strip("[]() *_."))
