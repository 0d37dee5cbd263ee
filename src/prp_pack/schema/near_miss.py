"""Headings that look like a section of the template and are none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from math import ceil, floor

from prp_pack.model import Section
from prp_pack.regex import regex
from prp_pack.schema.matrix import Matrix, SectionSpec
from prp_pack.schema.sections import Located
from prp_pack.values import dataclass

# Two titles with a longer common part are the same words with a slip; measured on headings that
# mean something else, such as “Level 2: Integration Tests” against “Level 2: Integration
# Validation”, which must stay apart.
SIMILAR = 0.88
_NUMBERS = regex(r"\d+")


@dataclass(frozen=True, slots=True)
class _Name:
    """A name of a section that is absent. `order` decides between names that are equally near."""

    order: int
    spec: SectionSpec
    numbers: list[str]
    bare: str
    matcher: SequenceMatcher[str]
    """With the name as what is compared against; that side is prepared only once."""


def near_misses(located: Located, matrix: Matrix) -> list[tuple[Section, SectionSpec]]:
    """Return each unknown heading that nearly has the title of a section that is absent."""
    names = _by_length(spec for spec in matrix.sections if spec.id not in located.by_id)
    nearest: dict[str, SectionSpec | None] = {}
    found = []
    for section in located.unknown:
        title = section.path[-1]
        if title not in nearest:
            nearest[title] = _nearest(title, names)
        if spec := nearest[title]:
            found.append((section, spec))
    return found


def _by_length(absent: Iterable[SectionSpec]) -> dict[int, list[_Name]]:
    found: dict[int, list[_Name]] = {}
    names = ((name, spec) for spec in absent for name in spec.names)
    for order, (name, spec) in enumerate(names):
        matcher = SequenceMatcher(None, "", name)
        numbers, bare = _NUMBERS.findall(name), _NUMBERS.sub("", name)
        found.setdefault(len(name), []).append(_Name(order, spec, numbers, bare, matcher))
    return found


def _nearest(title: str, names: Mapping[int, list[_Name]]) -> SectionSpec | None:
    """Return the section whose name is most like the title; None when none is like it."""
    # Twice the shorter length by both together bounds the likeness from above.
    length, share = len(title), SIMILAR / (2 - SIMILAR)
    numbers, bare = _NUMBERS.findall(title), _NUMBERS.sub("", title)
    best: tuple[float, int] = (0.0, 0)
    nearest = None
    for near in range(floor(length * share), ceil(length / share) + 1):
        for name in names.get(near, ()):
            # Another number and other words is another section; a slip is one of the two.
            if numbers != name.numbers and bare != name.bare:
                continue
            name.matcher.set_seq1(title)
            if name.matcher.quick_ratio() < SIMILAR:
                continue
            likeness = name.matcher.ratio(), -name.order
            if likeness[0] >= SIMILAR and likeness > best:
                best, nearest = likeness, name.spec
    return nearest
