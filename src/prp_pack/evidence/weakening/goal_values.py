"""The numbers that a PRP promises to meet, in the YAML of its sections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from prp_pack.evidence.weakening.change import (
    UNKNOWN,
    Change,
    neutral,
    shown,
    strengthened,
    weakened,
)
from prp_pack.evidence.weakening.quantities import Better, Quantity, is_stricter, masked, quantities
from prp_pack.model import Document
from prp_pack.parse import yaml_block

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


def compare(old: Document, new: Document) -> Iterator[Change]:
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
        doubt = f": {UNKNOWN}" if after else ""
        yield weakened(path, new.line, "threshold-lowered", said + doubt)
        return
    same_words = masked(old.text).split() == masked(new.text).split()
    changed = [
        (one, two)
        for one, two in zip(before, after, strict=True)
        if (one.value, one.unit) != (two.value, two.unit)
    ]
    if not same_words and not changed:
        yield weakened(path, new.line, "threshold-reworded", f"{said}: {UNKNOWN}")
    for one, two in changed:
        directed = (_directed(one, old.key), _directed(two, old.key))
        yield moved(
            path, new.line, directed, said, better=bool(is_stricter(*directed) and same_words)
        )


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


def moved(
    path: str, line: int, pair: tuple[Quantity, Quantity], said: str, *, better: bool
) -> Change:
    """Return the change of a number; `better` tells whether it asks for more."""
    old, new = pair
    if better:
        return strengthened(path, line, "threshold-raised", said)
    known = old.better is new.better is not Better.UNKNOWN and old.unit == new.unit
    doubt = "" if known else f": {UNKNOWN}"
    return weakened(path, line, "threshold-lowered", f"{said}{doubt}")
