"""What an assertion asks, and whether another one asks as much."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

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


NOTHING = Value("")
_OPS = {
    ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Is: "is", ast.IsNot: "isnot",
    ast.In: "in", ast.NotIn: "notin",
}  # fmt: skip
_NEGATED = {"eq": "ne", "ne": "eq", "is": "isnot", "isnot": "is", "in": "notin", "notin": "in",
            "truthy": "falsy", "falsy": "truthy", "isinstance": "notinstance",
            "notinstance": "isinstance"}  # fmt: skip
_SYMMETRIC = frozenset({"eq", "ne", "is", "isnot"})
_APPROX = {"pytest.approx": (1e-6, 1e-12), "approx": (1e-6, 1e-12)}


def checks_of(  # noqa: C901, PLR0912 - one case for each kind of expression
    node: ast.expr, scope: Scope, *, negated: bool = False
) -> Iterator[Check]:
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
        absolute = absolute if absolute is not None else [*positional, None, None][1]
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
