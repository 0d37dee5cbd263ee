"""Small questions to the syntax of a function."""

from __future__ import annotations

import ast
from functools import lru_cache

from prp_pack.evidence.weakening.forms import FunctionNode, Value, dotted

# A loop over more written-out items than this is not run through item by item.
MAX_LOOP = 50


@lru_cache(maxsize=256)
def handed_out(function: FunctionNode) -> frozenset[str]:
    """Return the names that a function changes in place or gives to something that may."""
    found: set[str] = set()
    for node in ast.walk(function):
        given: list[ast.expr] = []
        if isinstance(node, ast.Attribute | ast.Starred):
            given = [node.value]
        elif isinstance(node, ast.Call):
            given = [*node.args, *(word.value for word in node.keywords)]
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            given = [node.value]
        elif isinstance(node, ast.AugAssign):
            given = [node.target]
        elif isinstance(node, ast.Nonlocal | ast.Global):
            found |= set(node.names)
        found |= {one.id for one in given if isinstance(one, ast.Name)}
    return frozenset(found)


def yields(body: list[ast.stmt]) -> bool:
    """Tell whether a function is a generator; functions inside of it don't count."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, FunctionNode | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(node)
    return False


def given_parameters(node: FunctionNode) -> dict[str, str]:
    """Return the parameters that hypothesis fills, with forms that don't depend on their names."""
    found: dict[str, str] = {}
    names = [one.arg for one in node.args.args if one.arg != "self"]
    for one in node.decorator_list:
        if isinstance(one, ast.Call) and dotted(one.func).rpartition(".")[2] == "given":
            # Positional strategies fill the parameters from the right.
            last = names[-len(one.args) :] if one.args else []
            found |= {name: f"given {index}" for index, name in enumerate(last)}
            found |= {word.arg: f"given {word.arg}" for word in one.keywords if word.arg}
    return found


def range_of(stop: Value) -> Value:
    form = f"range({stop.form})"
    if stop.number is None:
        return Value(form)
    if 0 <= stop.number <= MAX_LOOP:
        many = range(int(stop.number))
        return Value(form, tuple(Value(f"int:{n}", None, n, constant=True) for n in many))
    return Value(form, None, stop.number)


def is_note(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
