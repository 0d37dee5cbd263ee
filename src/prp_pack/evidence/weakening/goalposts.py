"""The goalposts of a PRP before and after: criteria, checklist, performance values, gates."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prp_pack.evidence.weakening import commands
from prp_pack.evidence.weakening.change import (
    Change,
    Effect,
    neutral,
    shown,
    strengthened,
    weakened,
)
from prp_pack.evidence.weakening.quantities import Better, Quantity, is_stricter, masked, quantities
from prp_pack.model import Document, Gate
from prp_pack.parse import yaml_block
from prp_pack.schema import matrix
from prp_pack.schema.sections import locate

_CRITERIA, _CHECKLIST = "what.success-criteria", "final-validation-checklist"
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_]|[*_](?!\w)|~~")
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
        *_values(old, new),
        *_gates(new.path, old_gates, new_gates),
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
    for frame in (lambda one: masked(one.text), lambda one: masked(one.bare)):
        exact = next((one for one in same if frame(one) == frame(old)), None)
        if exact is not None:
            return exact
    rated = [
        (difflib.SequenceMatcher(None, old.text, one.text).ratio(), one.line, one) for one in same
    ]
    best = max(rated, default=None, key=lambda one: one[:2])
    return best[2] if best is not None and best[0] >= ALIKE else None


def _reworded(path: str, word: str, old: _Item, new: _Item, gated: set[str]) -> Iterator[Change]:
    said = f"{shown(old.text)} became {shown(new.text)}"
    if masked(old.bare) != masked(new.bare):
        message = f"{said}, and whether that asks for less can't be told"
        yield weakened(path, new.line, f"{word}-reworded", message)
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
            yield _moved(path, line, before, after, said, is_stricter=how)


def _moved(
    path: str, line: int, old: Quantity, new: Quantity, said: str, *, is_stricter: bool
) -> Change:
    if is_stricter:
        return strengthened(path, line, "threshold-raised", said)
    known = old.better is new.better is not Better.UNKNOWN and old.unit == new.unit
    doubt = "" if known else ", and whether that asks for less can't be told"
    return weakened(path, line, "threshold-lowered", f"{said}{doubt}")


# --- Performance values ---------------------------------------------------------------------

_VALUES = frozenset(
    {"target", "performance_target", "growth_limit", "threshold", "limit", "budget", "current"}
)
_NAMES = ("metric", "path", "component", "source", "phase", "name", "endpoint")
_MORE_IS_BETTER = re.compile(
    r"throughput|rps|requests|coverage|availability|uptime|accuracy|hit", re.IGNORECASE
)
_FEWER_IS_BETTER = re.compile(
    r"time|latency|memory|growth|duration|error|size|cpu|p9\d", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Value:
    text: str
    line: int
    key: str


def _stated(document: Document) -> dict[str, _Value]:
    found: dict[str, _Value] = {}
    for fence in document.outline.fences:
        if fence.language not in ("yaml", "yml"):
            continue
        block = yaml_block.load(fence.content, fence.line + 1, document.path)
        waiting: list[tuple[str, str, object]] = [("", "", block.value)]
        # An alias may repeat what it stands in; a PRP has a few dozen values.
        for _ in range(2000):
            if not waiting:
                break
            where, name, value = waiting.pop()
            if isinstance(value, dict):
                item = yaml_block.as_mapping(value)
                known = next(
                    (
                        f"{key}={item[key]}"
                        for key in _NAMES
                        if isinstance(item.get(key), str | int)
                    ),
                    "",
                )
                for key, inner in item.items():
                    place = f"{where}.{key}" if where else key
                    if key in _VALUES and not isinstance(inner, dict | list):
                        line = block.lines.get(place, fence.line)
                        text = "null" if inner is None else str(inner)
                        found.setdefault(
                            f"{name} {known} {key}".strip(), _Value(text, line, f"{known} {key}")
                        )
                    else:
                        waiting.append((place, f"{name}.{key} {known}".strip(". "), inner))
            elif isinstance(value, list):
                waiting += [(f"{where}.{n}", name, inner) for n, inner in enumerate(value)]
    return found


def _values(old: Document, new: Document) -> Iterator[Change]:
    before, after = _stated(old), _stated(new)
    for name, value in before.items():
        now = after.get(name)
        if now is not None and now.text == value.text:
            continue
        numbers = list(quantities(value.text))
        if now is None:
            if numbers:
                yield weakened(
                    new.path,
                    0,
                    "threshold-removed",
                    f"{shown(name)} is gone, which was {shown(value.text)}",
                )
            continue
        said = f"{shown(name)} was {shown(value.text)} and is {shown(now.text)}"
        yield from _value(new.path, value, now, numbers, said)
    for name in after.keys() - before.keys():
        if any(quantities(after[name].text)):
            yield strengthened(
                new.path, after[name].line, "threshold-added", f"{shown(name)} is new"
            )


def _value(
    path: str, old: _Value, new: _Value, before: list[Quantity], said: str
) -> Iterator[Change]:
    after = list(quantities(new.text))
    if not before:
        # A value that nobody had measured, or “establish”.
        made = strengthened if after else neutral
        yield made(path, new.line, "threshold-added", said)
        return
    if len(before) != len(after) or not after:
        doubt = ", and whether that asks for less can't be told" if after else ""
        yield weakened(path, new.line, "threshold-lowered", said + doubt)
        return
    same_words = masked(old.text).split() == masked(new.text).split()
    moved = [
        (one, two)
        for one, two in zip(before, after, strict=True)
        if (one.value, one.unit) != (two.value, two.unit)
    ]
    if not same_words and not moved:
        yield weakened(
            path,
            new.line,
            "threshold-reworded",
            f"{said}, and whether that asks for less can't be told",
        )
    for one, two in moved:
        directed = (_directed(one, old.key), _directed(two, old.key))
        how = is_stricter(*directed) and same_words
        yield _moved(path, new.line, *directed, said, is_stricter=bool(how))


def _directed(one: Quantity, key: str) -> Quantity:
    """Return the quantity with a direction from its name or unit, where no comparator gives one."""
    if one.better is not Better.UNKNOWN or key.endswith("current"):
        return one
    better = Better.UNKNOWN
    if _MORE_IS_BETTER.search(key) or one.unit == "rate":
        better = Better.MORE
    elif _FEWER_IS_BETTER.search(key) or one.unit in ("time", "size"):
        better = Better.FEWER
    return Quantity(one.value, better, one.unit, one.strict, one.text)


# --- Gates ----------------------------------------------------------------------------------


def _gates(path: str, old: Sequence[Gate], new: Sequence[Gate]) -> Iterator[Change]:
    left = list(new)
    pairs: list[tuple[Gate, Gate]] = []
    rest: list[Gate] = []
    for gate in old:
        same = [
            one for one in left if " ".join(one.command.split()) == " ".join(gate.command.split())
        ]
        match = next((one for one in same if one.id == gate.id), None) or (
            same[0] if same else None
        )
        if match is None:
            rest.append(gate)
        else:
            left.remove(match)
            pairs.append((gate, match))
    for gate in rest:
        match = _successor(gate, left)
        if match is None:
            yield weakened(path, 0, "gate-removed", f"gate {gate.id} {shown(gate.command)} is gone")
            continue
        left.remove(match)
        pairs.append((gate, match))
        for one in commands.compare(gate.command, match.command):
            kind = "gate-changed" if one.kind == "command-changed" else one.kind
            yield Change(path, match.line, one.effect, kind, f"gate {gate.id}: {one.message}")
    for before, after in pairs:
        yield from _around(path, before, after)
    for gate in left:
        if gate.command.strip() in ("true", ":", "exit 0"):
            message = f"gate {gate.id} is {shown(gate.command)}, which never fails"
            yield weakened(path, gate.line, "failure-hidden", message)
            continue
        yield strengthened(
            path, gate.line, "gate-added", f"gate {gate.id} {shown(gate.command)} is new"
        )


def _successor(gate: Gate, left: list[Gate]) -> Gate | None:
    """Return the gate that stands for an old one: of its level, and changed the least."""
    rated = []
    for one in left:
        found = list(commands.compare(gate.command, one.command))
        if any(difference.kind == "command-changed" for difference in found):
            continue
        weak = sum(difference.effect is Effect.WEAKENED for difference in found)
        rated.append((one.id != gate.id, one.level != gate.level, weak, one.line, one))
    best = min(rated, default=None, key=lambda one: one[:4])
    if best is None:
        return next((one for one in left if one.id == gate.id), None)
    return best[4] if not best[1] or best[2] == 0 else None


_SHADOWING = re.compile(
    r"^\s*(?:alias\b|function\b|[\w.-]+\s*\(\s*\)|set\s+\+|cd\b|PATH=|export\s+(?:PATH|PYTEST_ADDOPTS)=)"
)


def _around(path: str, old: Gate, new: Gate) -> Iterator[Change]:
    for line in new.setup:
        if line not in old.setup and _SHADOWING.search(line):
            message = f"gate {new.id} runs after {shown(line)} now: whether it checks the same can't be told"
            yield weakened(path, new.line, "gate-setup-changed", message)
    if new.scope != old.scope:
        lost = [one for one in old.scope if not any(commands.covers(two, one) for two in new.scope)]
        was, has = (
            ",".join(old.scope) or "the whole project",
            ",".join(new.scope) or "the whole project",
        )
        said = f"the scope of gate {new.id} was {shown(was)} and is {shown(has)}"
        if new.scope and (lost or not old.scope):
            yield weakened(path, new.line, "gate-scope-narrowed", said)
        else:
            yield strengthened(path, new.line, "gate-scope-widened", said)
    if new.background and not old.background:
        message = f"gate {new.id} runs in the background now, where its failure doesn't count"
        yield weakened(path, new.line, "failure-hidden", message)
