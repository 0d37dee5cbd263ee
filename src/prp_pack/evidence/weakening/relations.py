"""Whether one check asks as much as another one."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto

from prp_pack.evidence.weakening.assertions import NOTHING, Check
from prp_pack.evidence.weakening.forms import Value


class Relation(Enum):
    """How a new check stands to an old one."""

    UNRELATED = auto()
    CHANGED = auto()
    LOOSER = auto()
    GUARDED = auto()
    SAME = auto()
    STRONGER = auto()


# How much of its subject a check fixes. Between two of the same rank, neither is known to be more.
_RANK = {"is": 6, "eq": 5, "count": 4, "lt": 3, "le": 3, "in": 3, "isinstance": 3, "or": 1,
         "ne": 2, "isnot": 2, "notin": 2, "notinstance": 2, "truthy": 1, "falsy": 4}  # fmt: skip


def relation(old: Check, new: Check) -> Relation:
    """Return how `new` stands to `old`; CHANGED where it can't be told which asks for more."""
    how = _relation(old, new)
    if how in (Relation.UNRELATED, Relation.CHANGED, Relation.LOOSER):
        return how
    if set(new.guards) - set(old.guards):
        return Relation.GUARDED
    return how if new.guards == old.guards else Relation.STRONGER


def _relation(old: Check, new: Check) -> Relation:  # noqa: PLR0911 - one for each answer
    if old.core == new.core:
        return _by_tolerance(old, new)
    if old.core in new.parts:
        return Relation.LOOSER
    if new.core in old.parts or (old.parts and new.parts and new.parts < old.parts):
        return Relation.STRONGER
    if old.parts and new.parts and new.parts & old.parts:
        return Relation.LOOSER if new.parts > old.parts else Relation.CHANGED
    pair = next(
        ((subject, bare) for subject, bare in _subjects(old)
         if any(other.form == subject.form for other, _ in _subjects(new))), None,
    )  # fmt: skip
    if pair is None:
        return Relation.UNRELATED
    subject, other = pair
    answer = next(bare for one, bare in _subjects(new) if one.form == subject.form)
    if _implies(new, answer, old, other, subject):
        return Relation.STRONGER
    if _implies(old, other, new, answer, subject) or _rank(new) < _rank(old):
        return Relation.LOOSER
    return Relation.CHANGED


def _by_tolerance(old: Check, new: Check) -> Relation:
    if old.tolerance == new.tolerance:
        return Relation.SAME
    if new.tolerance is None:
        return Relation.STRONGER
    if old.tolerance is None:
        return Relation.LOOSER
    tighter = all(n <= o for n, o in zip(new.tolerance, old.tolerance, strict=True))
    return Relation.STRONGER if tighter else Relation.LOOSER


def _subjects(check: Check) -> Iterator[tuple[Value, Value]]:
    """Yield each operand that isn't a literal, with the other one."""
    if not check.left.constant:
        yield check.left, check.right
    if check.right.form and not check.right.constant:
        yield check.right, check.left


def _rank(check: Check) -> int:
    return _RANK.get(check.op, 3) - (check.tolerance is not None)


def _implies(strong: Check, by: Value, weak: Check, of: Value, subject: Value) -> bool:  # noqa: PLR0911
    """Tell whether `strong`, which compares `subject` with `by`, can't hold without `weak`."""
    exact = strong.op in ("eq", "is") and strong.tolerance is None
    if strong.op == weak.op:
        return _is_narrower(strong, by, weak, of, subject)
    match weak.op:
        case "eq" if strong.op == "is":
            return by.form == of.form
        case "truthy" if exact:
            return by.constant and not by.falsy
        case "falsy" if exact:
            return by.constant and by.falsy
        case "isnot" if of.form == "NoneType:None":
            holds = by.constant or by.items is not None
            return strong.op in ("truthy", "isinstance") or (
                exact and holds and by.form != "NoneType:None"
            )
        case "ne" | "isnot" if exact:
            return by.constant and of.constant and by.form != of.form
        case "lt" | "le" if exact or strong.op in ("lt", "le"):
            return _is_bounded(strong, by, weak, of, subject)
        case "in" if exact and weak.left.form == subject.form:
            return of.items is not None and any(item.form == by.form for item in of.items)
        case "in" if exact:
            return by.items is not None and any(item.form == of.form for item in by.items)
        case _:
            return False


def _is_narrower(strong: Check, by: Value, weak: Check, of: Value, subject: Value) -> bool:
    if strong.op in ("lt", "le"):
        return _is_bounded(strong, by, weak, of, subject)
    if strong.op == "in" and strong.left.form == subject.form and by.items and of.items:
        return {item.form for item in by.items} <= {item.form for item in of.items}
    if strong.op in ("raises", "warns"):
        return _raises_more(by, of)
    return False


def _raises_more(by: Value, of: Value) -> bool:
    """Tell whether an expected error says more: a type instead of any, a match instead of none."""
    types, match = (by.items or (NOTHING, NOTHING))[:2]
    old_types, old_match = (of.items or (NOTHING, NOTHING))[:2]
    wide = old_types.form in ("Exception", "BaseException")
    narrower = types.form == old_types.form or (wide and types.form != "BaseException")
    if old_types.items and types.items is None:
        narrower = narrower or any(item.form == types.form for item in old_types.items)
    return narrower and old_match.form in ("", match.form)


def _is_bounded(strong: Check, by: Value, weak: Check, of: Value, subject: Value) -> bool:
    if by.number is None or of.number is None:
        return False
    above = weak.left.form == subject.form
    if strong.op in ("eq", "is"):
        inside = by.number < of.number if above else by.number > of.number
        return inside or (weak.op == "le" and by.number == of.number)
    if (strong.left.form == subject.form) != above:
        return False
    if by.number == of.number:
        return weak.op == "le" or strong.op == "lt"
    return by.number < of.number if above else by.number > of.number
