"""The gates of a PRP before and after."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from prp_pack.evidence.weakening import commands
from prp_pack.evidence.weakening.change import (
    UNKNOWN,
    Change,
    Effect,
    shown,
    strengthened,
    weakened,
)
from prp_pack.model import Gate


def compare(path: str, old: Sequence[Gate], new: Sequence[Gate]) -> Iterator[Change]:
    left, rest = list(new), list(old)
    pairs: list[tuple[Gate, Gate]] = []
    # Those that stayed where they were come first: a command may stand in several places.
    for in_place in (True, False):
        for gate in tuple(rest):
            match = _same(gate, left, in_place=in_place)
            if match is not None:
                rest.remove(gate)
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


def _same(gate: Gate, left: Sequence[Gate], *, in_place: bool) -> Gate | None:
    """Return a gate with the same command, in the same place or anywhere."""
    command = gate.command.split()
    for one in left:
        if one.command.split() == command and (one.id == gate.id or not in_place):
            return one
    return None


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
            message = f"gate {new.id} runs after {shown(line)} now: {UNKNOWN}"
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
