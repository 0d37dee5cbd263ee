"""The goalposts of a PRP before and after: criteria, checklist, performance values, gates."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prp_pack.evidence.weakening import commands, goal_gates, goal_values
from prp_pack.evidence.weakening.change import (
    UNKNOWN,
    Change,
    shown,
    strengthened,
    weakened,
)
from prp_pack.evidence.weakening.goal_values import moved
from prp_pack.evidence.weakening.quantities import is_stricter, masked, quantities
from prp_pack.model import Document, Gate
from prp_pack.schema import matrix
from prp_pack.schema.sections import locate

_CRITERIA, _CHECKLIST = "what.success-criteria", "final-validation-checklist"
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_]|[*_](?!\w)")
_QUOTED = re.compile(r"`+([^`]*)`+")
# Two texts that are less alike than this are two items and not one that was reworded.
ALIKE = 0.6
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class _Item:
    """A line that can be ticked, in the words that count; `quoted` are its parts in backticks."""

    section: str
    text: str
    quoted: tuple[str, ...]
    line: int

    @property
    def key(self) -> tuple[str, str]:
        return (self.section, self.text)

    @property
    def bare(self) -> str:
        """The text without what stands in backticks."""
        return re.sub(r"[\s:–—-]+", " ", _QUOTED.sub(" ", self.text)).strip(" .,;()")


def compare_goalposts(
    old: Document, new: Document, old_gates: Sequence[Gate], new_gates: Sequence[Gate]
) -> tuple[Change, ...]:
    """Return how the goalposts of one PRP moved; ticks and order don't count."""
    gated = {gate.command for gate in (*old_gates, *new_gates)}
    found = [
        *_items(old, new, gated),
        *goal_values.compare(old, new),
        *goal_gates.compare(new.path, old_gates, new_gates),
    ]
    return tuple(sorted(set(found), key=lambda one: (one.line, one.kind, one.message)))


# --- Criteria and checklist -----------------------------------------------------------------


def _tickable(document: Document) -> Iterator[_Item]:
    located = locate(document.outline, matrix.shipped())
    boxes = document.outline.checkboxes
    lines = document.lines
    for id_ in (_CRITERIA, _CHECKLIST):
        for match in located.by_id.get(id_, ()):
            section = match.section
            inside = [box for box in boxes if section.line < box.line < section.end]
            for box, following in zip(inside, [*inside[1:], None], strict=True):
                end = following.line if following else section.end
                rest = []
                for line in lines[box.line : end - 1]:
                    if not line.strip() or not line.startswith((" ", "\t")):
                        break
                    rest.append(line.strip())
                said = " ".join([box.text, *rest])[:_LONGEST]
                text = " ".join(_EMPHASIS.sub("", said).split()).rstrip(" .")
                yield _Item(id_, text, tuple(_QUOTED.findall(text)), box.line)


def _items(old: Document, new: Document, gated: set[str]) -> Iterator[Change]:
    before, after = list(_tickable(old)), list(_tickable(new))
    had, has = Counter(one.key for one in before), Counter(one.key for one in after)
    lost, gained = _surplus(before, had - has), _surplus(after, has - had)
    for one in lost:
        match = _nearest(one, gained)
        word = "criterion" if one.section == _CRITERIA else "checklist"
        if match is None:
            yield weakened(new.path, 0, f"{word}-removed", f"{shown(one.text)} is gone")
            continue
        gained.remove(match)
        yield from _reworded(new.path, word, one, match, gated)
    for one in gained:
        word = "criterion" if one.section == _CRITERIA else "checklist"
        yield strengthened(new.path, one.line, f"{word}-added", f"{shown(one.text)} is new")


def _surplus(items: list[_Item], many: Counter[tuple[str, str]]) -> list[_Item]:
    chosen = []
    for one in items:
        if many[one.key] > 0:
            many[one.key] -= 1
            chosen.append(one)
    return chosen


def _nearest(old: _Item, gained: list[_Item]) -> _Item | None:
    same = [one for one in gained if one.section == old.section]
    exact = [one for one in same if masked(one.text) == masked(old.text)]
    exact += [one for one in same if masked(one.bare) == masked(old.bare)]
    if exact:
        return exact[0]
    rated = [
        (difflib.SequenceMatcher(None, old.text, one.text).ratio(), one.line, one) for one in same
    ]
    best = max(rated, default=None, key=lambda one: one[:2])
    return best[2] if best is not None and best[0] >= ALIKE else None


def _reworded(path: str, word: str, old: _Item, new: _Item, gated: set[str]) -> Iterator[Change]:
    said = f"{shown(old.text)} became {shown(new.text)}"
    if masked(old.bare) != masked(new.bare):
        yield weakened(path, new.line, f"{word}-reworded", f"{said}: {UNKNOWN}")
        return
    yield from _numbers(path, new.line, old.bare, new.bare, said)
    # Commands in the checklist are gates, and are compared as such.
    before = [one for one in old.quoted if one not in gated]
    after = [one for one in new.quoted if one not in gated]
    missing = [one for one in before if one not in after]
    fresh = [one for one in after if one not in before]
    for one in missing:
        other = next((two for two in fresh if " " in one and " " in two), None)
        if other is None:
            yield weakened(path, new.line, f"{word}-reworded", f"{said}: {shown(one)} is gone")
            continue
        fresh.remove(other)
        for difference in commands.compare(one, other):
            yield Change(path, new.line, difference.effect, difference.kind, difference.message)
    for one in fresh:
        yield strengthened(
            path, new.line, f"{word}-decided", f"{shown(one)} decides {shown(new.bare)}"
        )


def _numbers(path: str, line: int, old: str, new: str, said: str) -> Iterator[Change]:
    for before, after in zip(quantities(old), quantities(new), strict=True):
        how = is_stricter(before, after)
        if how is not None:
            yield moved(path, line, (before, after), said, better=how)
