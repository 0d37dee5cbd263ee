"""Headings that look like a section of the template and are none."""

from __future__ import annotations

from difflib import SequenceMatcher

from prp_pack.model import Section
from prp_pack.regex import regex
from prp_pack.schema.matrix import Matrix, SectionSpec
from prp_pack.schema.sections import Located

# Two titles with a longer common part are the same words with a slip; measured on headings that
# mean something else, such as “Level 2: Integration Tests” against “Level 2: Integration
# Validation”, which must stay apart.
SIMILAR = 0.88
# No PRP has as many headings that no template knows; the rest aren't compared.
MOST = 300
_NUMBERS = regex(r"\d+")


def near_misses(located: Located, matrix: Matrix) -> list[tuple[Section, SectionSpec]]:
    """Return each unknown heading that nearly has the title of a section that is absent."""
    absent = [spec for spec in matrix.sections if spec.id not in located.by_id]
    found = []
    for section in located.unknown[:MOST]:
        title = section.path[-1]
        scored = [(_likeness(title, name), spec) for spec in absent for name in spec.names]
        best = max(scored, key=lambda pair: pair[0], default=None)
        if best and best[0] >= SIMILAR:
            found.append((section, best[1]))
    return found


def _likeness(one: str, other: str) -> float:
    # Lengths alone bound the ratio; most pairs end here.
    if 2 * min(len(one), len(other)) < SIMILAR * (len(one) + len(other)):
        return 0.0
    # Another number and other words is another section; a slip is one of the two.
    bare = [_NUMBERS.sub("", name) for name in (one, other)]
    if _NUMBERS.findall(one) != _NUMBERS.findall(other) and bare[0] != bare[1]:
        return 0.0
    return SequenceMatcher(None, one, other).ratio()
