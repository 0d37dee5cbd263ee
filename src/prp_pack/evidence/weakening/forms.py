"""Python expressions in a normal form, so that two ways to write one thing are equal.

A local name stands for what it was bound to, so that renaming it, naming a part of an expression
or extracting it into a function changes nothing. Nothing is run.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

# A form that is longer becomes its digest: what is built from it stays small.
MAX_FORM = 160
# A list that is longer isn't looked into, item by item.
MAX_ITEMS = 400
# Expressions and statements that one comparison looks at, those of called functions included.
MAX_STEPS = 100_000

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
IGNORED = ("ctx", "kind", "type_comment")


class TooLargeError(Exception):
    """The text takes more steps to read than a text that a person wrote."""


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression is, as far as its text says.

    `items` are those of a list, tuple or set that is written out; `constant` is true of literals,
    also of those with literals in them.
    """

    form: str
    items: tuple[Value, ...] | None = None
    number: float | None = None
    constant: bool = False
    falsy: bool = False


@dataclass(slots=True)
class Steps:
    left: int = MAX_STEPS

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooLargeError


@dataclass(slots=True)
class Scope:
    """What names mean at one place of a function.

    `call` gives the value of a call whose function is known, after looking into it; `member` the
    form of what a dotted name finds in a module.
    """

    names: dict[str, Value] = field(default_factory=dict)
    outside: Callable[[str], Value] = Value
    member: Callable[[str], str] = lambda name: name
    renamed: Callable[[str], str] = lambda name: name
    call: Callable[[ast.Call, Scope], Value | None] = lambda node, scope: None  # noqa: ARG005
    steps: Steps = field(default_factory=Steps)
    bound: int = 0

    def within(self, names: dict[str, Value]) -> Scope:
        """Return a scope of the same place with other local names."""
        return Scope(
            names, self.outside, self.member, self.renamed, self.call, self.steps, self.bound
        )

    def bind(self, target: ast.expr, value: Value) -> None:
        """Let the names in `target` mean `value` or its parts, as an assignment does."""
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            self.names[f"{target.value.id}.{target.attr}"] = value
        elif isinstance(target, ast.Starred):
            self.bind(target.value, Value(shortened(f"*{value.form}")))
        elif isinstance(target, ast.Tuple | ast.List):
            starred = any(isinstance(part, ast.Starred) for part in target.elts)
            items = value.items if not starred else None
            for index, part in enumerate(target.elts):
                known = items is not None and len(items) == len(target.elts)
                part_of = Value(shortened(f"{value.form}[int:{index}]"))
                self.bind(part, items[index] if known and items else part_of)


def shortened(form: str) -> str:
    if len(form) <= MAX_FORM:
        return form
    return "#" + hashlib.blake2b(form.encode("utf-8", "replace"), digest_size=12).hexdigest()


def value_of(node: ast.expr, scope: Scope) -> Value:
    """Return the normal form of an expression; names bound inside of it stay in `scope`."""
    scope.steps.take()
    value = _value(node, scope)
    if len(value.form) > MAX_FORM:
        return Value(shortened(value.form), value.items, value.number, value.constant, value.falsy)
    return value


def _value(node: ast.expr, scope: Scope) -> Value:  # noqa: C901, PLR0911, PLR0912 - one for each kind
    match node:
        case ast.Constant():
            return _constant(node)
        case ast.Name():
            known = scope.names.get(node.id)
            return known if known is not None else scope.outside(node.id)
        case ast.Attribute():
            return _attribute(node, scope)
        case ast.Await():
            return value_of(node.value, scope)
        case ast.NamedExpr():
            value = value_of(node.value, scope)
            scope.bind(node.target, value)
            return value
        case ast.List() | ast.Tuple() | ast.Set():
            return _sequence(node, scope)
        case ast.Dict():
            return _dict(node, scope)
        case ast.Call():
            return scope.call(node, scope) or called(node, scope)
        case ast.BinOp() | ast.UnaryOp():
            return _arithmetic(node, scope)
        case ast.Subscript():
            base, index = value_of(node.value, scope), value_of(node.slice, scope)
            return Value(f"{base.form}[{index.form}]")
        case ast.Lambda():
            return _lambda(node, scope)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            return _comprehension(node, scope)
        case _:
            return Value(_generic(node, scope))


def _constant(node: ast.Constant) -> Value:
    value = node.value
    if isinstance(value, str | bytes):
        form = f"{type(value).__name__}:{shortened(repr(value))}"
        return Value(form, constant=True, falsy=not value)
    if isinstance(value, int) and value.bit_length() > 1000:  # noqa: PLR2004
        return Value(f"int:{hash(value)}", constant=True)
    number = float(value) if isinstance(value, int | float) else None
    return Value(f"{type(value).__name__}:{value!r}", None, number, constant=True, falsy=not value)


def _attribute(node: ast.Attribute, scope: Scope) -> Value:
    if isinstance(node.value, ast.Name):
        known = scope.names.get(f"{node.value.id}.{node.attr}")
        if known is not None:
            return known
    return Value(scope.member(f"{value_of(node.value, scope).form}.{scope.renamed(node.attr)}"))


def _sequence(node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Value:
    items = tuple(value_of(part, scope) for part in node.elts)
    forms = [item.form for item in items]
    if isinstance(node, ast.Set):
        forms.sort()
    brackets = {ast.List: "[]", ast.Tuple: "()", ast.Set: "{}"}[type(node)]
    starred = any(isinstance(part, ast.Starred) for part in node.elts)
    listed = None if starred or len(items) > MAX_ITEMS else items
    constant = all(item.constant for item in items)
    return Value(
        f"{brackets[0]}{','.join(forms)}{brackets[1]}", listed, None, constant, falsy=not items
    )


def _dict(node: ast.Dict, scope: Scope) -> Value:
    values = [value_of(value, scope) for value in node.values]
    keys = [value_of(key, scope) if key else Value("**") for key in node.keys]
    pairs = [f"{key.form}:{value.form}" for key, value in zip(keys, values, strict=True)]
    # Later pairs win over what `**` brings, so that their order counts.
    forms = pairs if None in node.keys else sorted(pairs)
    constant = all(one.constant for one in (*keys, *values)) and None not in node.keys
    return Value(f"{{{','.join(forms)}:}}", None, None, constant, falsy=not pairs)


def called(node: ast.Call, scope: Scope) -> Value:
    """Return the value of a call that isn't looked into; the order of keywords doesn't count."""
    function = value_of(node.func, scope)
    args = [value_of(arg, scope) for arg in node.args]
    keywords = [(one.arg or "**", value_of(one.value, scope)) for one in node.keywords]
    forms = [arg.form for arg in args]
    forms += sorted(f"{name}={value.form}" for name, value in keywords)
    number = _seconds(keywords) if function.form.endswith("timedelta") and not args else None
    if function.form in ("decimal.Decimal", "float", "int") and len(args) == 1:
        number = args[0].number
    return Value(f"{function.form}({','.join(forms)})", None, number)


_UNITS = {"weeks": 604800, "days": 86400, "hours": 3600, "minutes": 60, "seconds": 1,
          "milliseconds": 1e-3, "microseconds": 1e-6}  # fmt: skip


def _seconds(keywords: Iterable[tuple[str, Value]]) -> float | None:
    total = 0.0
    for name, value in keywords:
        if name not in _UNITS or value.number is None:
            return None
        total += _UNITS[name] * value.number
    return total


def _arithmetic(node: ast.BinOp | ast.UnaryOp, scope: Scope) -> Value:
    sign = type(node.op).__name__
    if isinstance(node, ast.UnaryOp):
        one = value_of(node.operand, scope)
        number = -one.number if one.number is not None and sign == "USub" else None
        return Value(f"{sign}({one.form})", None, number, one.constant)
    left, right = value_of(node.left, scope), value_of(node.right, scope)
    constant = left.constant and right.constant
    number = _result(sign, left.number, right.number)
    return Value(f"{sign}({left.form},{right.form})", None, number, constant)


def _result(sign: str, left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    match sign:
        case "Add":
            return left + right
        case "Sub":
            return left - right
        case "Mult":
            return left * right
        case "Div" if right:
            return left / right
        case _:
            return None


def _lambda(node: ast.Lambda, scope: Scope) -> Value:
    inner = scope.within(dict(scope.names))
    arguments = node.args
    for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        inner.bound += 1
        inner.names[one.arg] = Value(f"λ{inner.bound}")
    return Value(f"λ({value_of(node.body, inner).form})")


def _comprehension(
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, scope: Scope
) -> Value:
    inner, parts = opened(node.generators, scope)
    if isinstance(node, ast.DictComp):
        said = f"{value_of(node.key, inner).form}:{value_of(node.value, inner).form}"
    else:
        said = value_of(node.elt, inner).form
    return Value(f"{type(node).__name__}({said};{';'.join(parts)})")


def opened(generators: Iterable[ast.comprehension], scope: Scope) -> tuple[Scope, tuple[str, ...]]:
    """Return the scope inside a comprehension, and the forms of its `for` and `if` parts."""
    inner = scope.within(dict(scope.names))
    parts = []
    for one in generators:
        source = value_of(one.iter, inner)
        inner.bind(one.target, each(source))
        conditions = [value_of(condition, inner).form for condition in one.ifs]
        parts.append(shortened(f"for {source.form} if {','.join(conditions)}"))
    return inner, tuple(parts)


def each(source: Value) -> Value:
    """Return any one item of `source`."""
    return Value(shortened(f"each({source.form})"))


def _generic(node: ast.AST, scope: Scope) -> str:
    parts = []
    for name, part in ast.iter_fields(node):
        if name in IGNORED:
            continue
        for one in part if isinstance(part, list) else [part]:
            if isinstance(one, ast.expr):
                parts.append(value_of(one, scope).form)
            elif isinstance(one, ast.AST):
                parts.append(_generic(one, scope))
            elif one is not None:
                parts.append(repr(one))
    return shortened(f"{type(node).__name__}({','.join(parts)})")


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` as it is written, or an empty text for another expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])
