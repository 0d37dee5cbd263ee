"""What became of the checks of one test, or of one function that supports tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from prp_pack.evidence.weakening.assertions import Check
from prp_pack.evidence.weakening.change import UNKNOWN, Change, shown, strengthened, weakened
from prp_pack.evidence.weakening.relations import Relation, relation
from prp_pack.evidence.weakening.walk import Unit


@dataclass(slots=True)
class Pair:
    """An old test and the one that stands for it now, with what is left after equal checks."""

    old: Unit
    new: Unit
    lost: list[Check] = field(default_factory=list)
    gained: list[Check] = field(default_factory=list)
    tightened: list[tuple[Check, Check]] = field(default_factory=list)


def differ(pair: Pair, old: Sequence[Check], new: Sequence[Check]) -> None:
    """Fill in the old checks that nothing new is as strong as, and the new ones left over."""
    free: dict[object, list[Check]] = {}
    for check in new:
        free.setdefault(check.key, []).append(check)
    lost = []
    for check in old:
        same = free.get(check.key)
        if same:
            same.pop()
        else:
            lost.append(check)
    pair.gained = [check for rest in free.values() for check in rest]
    for check in lost:
        match = next((o for o in pair.gained if relation(check, o) is Relation.STRONGER), None)
        if match is None:
            pair.lost.append(check)
        else:
            pair.gained.remove(match)
            pair.tightened.append((check, match))


def asked(old: Unit, new: Unit) -> list[Check]:
    """Return what the old test checks; where it asserts nothing, that its calls raise nothing."""
    if old.checks:
        return old.checks
    return [one for one in old.runs if one.guards or one.left.form not in new.calls]


def checked(pair: Pair) -> Iterator[Change]:
    """Yield a change for each line of the old test whose checks are gone, and for new ones."""
    new = pair.new.function
    by_line: dict[tuple[str, int, int], list[Check]] = {}
    for check in pair.lost:
        by_line.setdefault((check.path, check.line, check.part), []).append(check)
    for place, lost in by_line.items():
        all_of_line = sum((c.path, c.line, c.part) == place for c in asked(pair.old, pair.new))
        yield _lost(pair, lost, is_part=len(lost) < all_of_line)
    for was, check in pair.tightened:
        message = f"{shown(new.name)} asks for more: {shown(was.text)} became {shown(check.text)}"
        yield strengthened(check.path, check.line, "assertion-tightened", message)
    told = set()
    for check in pair.gained:
        if check.op != "runs" and check.line not in told:
            told.add(check.line)
            message = f"{shown(new.name)} checks {shown(check.text)}"
            yield strengthened(check.path, check.line, "assertion-added", message)


_CHANGED = {
    Relation.GUARDED: ("assertion-guarded", "asks {} only sometimes now: {}"),
    Relation.LOOSER: ("assertion-loosened", "asks for less: {} became {}"),
    Relation.CHANGED: ("assertion-changed", f"asks otherwise, {{}} became {{}}: {UNKNOWN}"),
}  # fmt: skip


def _kind(how: Relation, old: Check, new: Check) -> str:
    added = set(new.guards) - set(old.guards)
    if how is Relation.GUARDED and any(guard.startswith("except") for guard in added):
        return "exception-swallowed"
    if how is Relation.CHANGED and old.op == new.op and old.op in ("eq", "is", "in"):
        return "expected-value-changed"
    return _CHANGED[how][0]


def _lost(pair: Pair, lost: list[Check], *, is_part: bool) -> Change:
    """Return what became of the checks of one old line: the likeliest of what the new test has."""
    check, test = lost[0], shown(pair.new.function.name)
    path, line = pair.new.function.module.path, pair.new.function.node.lineno
    likely = [one for one in pair.gained if (one.op == "runs") == (check.op == "runs")]
    for how in _CHANGED:
        match = next((one for one in likely if relation(check, one) is how), None)
        if match is not None:
            for one in lost:
                other = next((free for free in likely if relation(one, free) is how), None)
                if other is not None:
                    likely.remove(other)
                    pair.gained.remove(other)
            said = _CHANGED[how][1].format(shown(check.text), shown(match.text))
            return weakened(match.path, match.line, _kind(how, check, match), f"{test} {said}")
    there = (Relation.SAME, Relation.STRONGER, Relation.GUARDED)
    if any(relation(check, one) in there for one in pair.new.dead):
        kind, message = "assertion-unreachable", f"{test} never reaches {shown(check.text)} now"
        return weakened(path, line, kind, message)
    if pair.new.vacuous and len(pair.new.vacuous) > len(pair.old.vacuous):
        spot = pair.new.vacuous[-1]
        message = f"{test} asked {shown(check.text)}; {shown(spot.text)} is always true"
        return weakened(path, spot.line, "assertion-always-true", message)
    if check.op == "runs":
        return weakened(
            path, line, "statement-removed", f"{test} no longer runs {shown(check.text)}"
        )
    if is_part:
        some = f"{len(lost)} case{'s' * (len(lost) != 1)} of {shown(check.text)}"
        return weakened(path, line, "case-removed", f"{test} no longer checks {some}")
    return weakened(path, line, "assertion-removed", f"{test} no longer checks {shown(check.text)}")
