"""What an assertion asks, and whether another one asks as much."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

from prp_pack.evidence.weakening.forms import Scope, Value, called, opened, shortened, value_of


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold. Symmetric operators have their operands in alphabetical order.

    `tolerance` is relative and absolute, None for exact; `guards` are the conditions under which
    it is asked at all. `line` counts from 1 in `path`; `text` is what stands there.
    """

    op: str
    left: Value
    right: Value
    tolerance: tuple[float, float] | None = None
    guards: tuple[str, ...] = ()
    parts: frozenset[tuple[str, str, str]] = frozenset()
    line: int = 0
    path: str = ""
    text: str = ""
    part: int = 0
    """Which of the parts of a conjunction on this line it is."""

    @property
    def core(self) -> tuple[str, str, str]:
        return (self.op, self.left.form, self.right.form)

    @property
    def key(self) -> tuple[object, ...]:
        return (self.core, self.tolerance, self.guards)


class Relation(Enum):
    """How a new check stands to an old one."""

    UNRELATED = auto()
    CHANGED = auto()
    LOOSER = auto()
    GUARDED = auto()
    SAME = auto()
    STRONGER = auto()


NOTHING = Value("")
_OPS = {
    ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Is: "is", ast.IsNot: "isnot",
    ast.In: "in", ast.NotIn: "notin",
}  # fmt: skip
_NEGATED = {"eq": "ne", "ne": "eq", "is": "isnot", "isnot": "is", "in": "notin", "notin": "in",
            "truthy": "falsy", "falsy": "truthy", "isinstance": "notinstance",
            "notinstance": "isinstance"}  # fmt: skip
_SYMMETRIC = frozenset({"eq", "ne", "is", "isnot"})
# How much of its subject a check fixes. Between two of the same rank, neither is known to be more.
_RANK = {"is": 6, "eq": 5, "count": 4, "lt": 3, "le": 3, "in": 3, "isinstance": 3, "or": 1,
         "ne": 2, "isnot": 2, "notin": 2, "notinstance": 2, "truthy": 1, "falsy": 4}  # fmt: skip
_APPROX = {"pytest.approx": (1e-6, 1e-12), "approx": (1e-6, 1e-12)}


def checks_of(node: ast.expr, scope: Scope, *, negated: bool = False) -> Iterator[Check]:
    """Yield what must hold for `node` to be true; nothing where it is true anyway."""
    match node:
        case ast.BoolOp(op=op, values=values) if isinstance(op, ast.Or) == negated:
            for one in values:
                yield from checks_of(one, scope, negated=negated)
        case ast.BoolOp(values=values):
            yield from _any_of(values, scope, negated=negated)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            yield from checks_of(inner, scope, negated=not negated)
        case ast.Compare():
            yield from _compared(node, scope, negated=negated)
        case ast.Call(func=ast.Name(id="bool"), args=[inner], keywords=[]):
            yield from checks_of(inner, scope, negated=negated)
        case ast.Call(func=ast.Name(id="all"), args=[ast.GeneratorExp() as inner]) if not negated:
            within, guards = opened(inner.generators, scope)
            for check in checks_of(inner.elt, within):
                yield replace(check, guards=(*guards, *check.guards))
        case ast.Call(func=ast.Name(id="isinstance"), args=[subject, kind]):
            yield check_of(
                "isinstance", value_of(subject, scope), value_of(kind, scope), negated=negated
            )
        case ast.Call() if node.args and _name(node) in ("isclose", "allclose", "array_equal"):
            yield close(node, scope, negated=negated)
        case ast.Await():
            yield from checks_of(node.value, scope, negated=negated)
        case _:
            value = value_of(node, scope)
            if not _always(node, value, negated=negated):
                yield check_of("truthy", value, NOTHING, negated=negated)


def _always(node: ast.expr, value: Value, *, negated: bool) -> bool:
    # A tuple is true whatever is in it: `assert (x == 1, "message")`.
    written = isinstance(node, ast.Tuple | ast.List | ast.Dict | ast.Set | ast.Constant)
    if isinstance(node, ast.Lambda):
        return not negated
    return (value.constant or written) and value.falsy == negated


def _any_of(values: list[ast.expr], scope: Scope, *, negated: bool) -> Iterator[Check]:
    found = []
    for one in values:
        checks = list(checks_of(one, scope, negated=negated))
        if not checks:
            return
        found += checks
    cores = frozenset(check.core for check in found)
    form = shortened(f"or({','.join(sorted(map(str, cores)))})")
    yield Check("or", Value(form), NOTHING, parts=cores)


def _compared(node: ast.Compare, scope: Scope, *, negated: bool) -> Iterator[Check]:
    if len(node.ops) > 1 and negated:
        yield check_of("falsy", Value(_joined(node, scope)), NOTHING)
        return
    left_node = node.left
    left, left_tolerance = _exact(left_node, scope)
    for op, right_node in zip(node.ops, node.comparators, strict=True):
        right, tolerance = _exact(right_node, scope)
        if not _is_vacuous(left_node, left, right_node, right, scope):
            yield _comparison(op, left, right, left_tolerance or tolerance, negated=negated)
        left_node, left, left_tolerance = right_node, right, tolerance


def _joined(node: ast.Compare, scope: Scope) -> str:
    forms = [value_of(one, scope).form for one in (node.left, *node.comparators)]
    return shortened(" ".join([*forms, *(type(op).__name__ for op in node.ops)]))


def _is_vacuous(
    left_node: ast.expr, left: Value, right_node: ast.expr, right: Value, scope: Scope
) -> bool:
    """Tell whether nothing of the code under test is in a comparison."""
    if left.constant and right.constant:
        return True
    if left.form != right.form or ast.dump(left_node) != ast.dump(right_node):
        return False
    scope.steps.take()
    return not any(isinstance(one, ast.Call | ast.Await) for one in ast.walk(left_node))


def _comparison(
    op: ast.cmpop,
    left: Value,
    right: Value,
    tolerance: tuple[float, float] | None,
    *,
    negated: bool,
) -> Check:
    if isinstance(op, ast.Gt | ast.GtE):
        left, right = right, left
    name = _OPS.get(type(op)) or ("lt" if isinstance(op, ast.Gt) else "le")
    if negated and name in ("lt", "le"):
        name, left, right, negated = "le" if name == "lt" else "lt", right, left, False
    return check_of(name, left, right, tolerance, negated=negated)


def check_of(
    op: str, left: Value, right: Value, tolerance: tuple[float, float] | None = None,
    *, negated: bool = False,
) -> Check:  # fmt: skip
    name = _NEGATED.get(op, f"not {op}") if negated else op
    if name in _SYMMETRIC and right.form < left.form:
        left, right = right, left
    return Check(name, left, right, tolerance)


def _exact(node: ast.expr, scope: Scope) -> tuple[Value, tuple[float, float] | None]:
    """Return the value inside `approx(…)` with its tolerance, else the value itself."""
    if isinstance(node, ast.Call) and _name(node) == "approx" and node.args:
        relative, absolute = _keyword(node, "rel", scope), _keyword(node, "abs", scope)
        positional = [value_of(arg, scope).number for arg in node.args[1:3]]
        relative = relative if relative is not None else (positional or [None])[0]
        absolute = absolute if absolute is not None else (positional + [None, None])[1]
        # An absolute tolerance alone turns the relative one off.
        default = 1e-6 if absolute is None else 0.0
        tolerance = (default if relative is None else relative,
                     1e-12 if absolute is None else absolute)  # fmt: skip
        return value_of(node.args[0], scope), tolerance
    return value_of(node, scope), None


def close(node: ast.Call, scope: Scope, *, negated: bool = False) -> Check:
    """Return what a function such as `isclose(a, b, rel_tol=…)` asks."""
    if len(node.args) == 1:
        return check_of("truthy", called(node, scope), NOTHING, negated=negated)
    left, right = value_of(node.args[0], scope), value_of(node.args[1], scope)
    found = [_keyword(node, name, scope) for name in ("rel_tol", "rtol", "abs_tol", "atol")]
    relative, absolute = found[0] or found[1], found[2] or found[3]
    if relative is None and absolute is None and "equal" in _name(node):
        return check_of("eq", left, right, negated=negated)
    tolerance = (1e-7 if relative is None else relative, 0.0 if absolute is None else absolute)
    return check_of("eq", left, right, tolerance, negated=negated)


def _keyword(node: ast.Call, name: str, scope: Scope) -> float | None:
    return next((value_of(k.value, scope).number for k in node.keywords if k.arg == name), None)


def _name(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


# --- One check against another --------------------------------------------------------------


def relation(old: Check, new: Check) -> Relation:
    """Return how `new` stands to `old`; CHANGED where it can't be told which asks for more."""
    how = _relation(old, new)
    if how in (Relation.UNRELATED, Relation.CHANGED, Relation.LOOSER):
        return how
    if set(new.guards) - set(old.guards):
        return Relation.GUARDED
    return how if new.guards == old.guards else Relation.STRONGER


def _relation(old: Check, new: Check) -> Relation:
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
            return _is_bounded(strong, by, weak, of, subject, exact=exact)
        case "in" if exact and weak.left.form == subject.form:
            return of.items is not None and any(item.form == by.form for item in of.items)
        case "in" if exact:
            return by.items is not None and any(item.form == of.form for item in by.items)
        case _:
            return False


def _is_narrower(strong: Check, by: Value, weak: Check, of: Value, subject: Value) -> bool:
    if strong.op in ("lt", "le"):
        return _is_bounded(strong, by, weak, of, subject, exact=False)
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


def _is_bounded(
    strong: Check, by: Value, weak: Check, of: Value, subject: Value, *, exact: bool
) -> bool:
    if by.number is None or of.number is None:
        return False
    above = weak.left.form == subject.form
    if exact:
        inside = by.number < of.number if above else by.number > of.number
        return inside or (weak.op == "le" and by.number == of.number)
    if (strong.left.form == subject.form) != above:
        return False
    if by.number == of.number:
        return weak.op == "le" or strong.op == "lt"
    return by.number < of.number if above else by.number > of.number
