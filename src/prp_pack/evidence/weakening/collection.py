"""Which functions of a file a test runner would run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from prp_pack.evidence.weakening.forms import FunctionNode, dotted
from prp_pack.evidence.weakening.modules import Function, Module, Placed, assigned, placed_in
from prp_pack.evidence.weakening.roles import Role

_DEEPEST_BASES = 5


def collected(module: Module) -> Iterator[Function]:
    if module.role is not Role.TEST or _opts_out(module.statements):
        return
    for name, node in module.functions.items():
        if name.startswith("test") and not is_fixture(node):
            yield Function(module, name, node, module.guards(name))
    for name, cls in module.classes.items():
        yield from _in_class(module, cls, module.guards(name), "", ())


def _in_class(
    module: Module, node: ast.ClassDef, guards: tuple[str, ...], prefix: str,
    outer: tuple[ast.ClassDef, ...],
) -> Iterator[Function]:  # fmt: skip
    lineage = _lineage(module, node)
    bodies = [tuple(placed_in(one.body, guards, live=True)) for one in lineage]
    if not _is_collected(node, lineage) or _opts_out(bodies[0]):
        return
    around = (*outer, *reversed(lineage))
    methods: dict[str, Function] = {}
    for body in reversed(bodies):
        for one in body:
            if isinstance(one.node, FunctionNode) and one.live and one.node.name.startswith("test"):
                name = f"{prefix}{node.name}.{one.node.name}"
                methods[one.node.name] = Function(module, name, one.node, one.guards, around)
            elif isinstance(one.node, ast.ClassDef) and one.live and body is bodies[0]:
                inner = f"{prefix}{node.name}."
                yield from _in_class(module, one.node, one.guards, inner, around)
            for name, value in assigned(one.node):
                if value is None or isinstance(value, ast.Constant):
                    methods.pop(name, None)
    yield from methods.values()


def _lineage(module: Module, node: ast.ClassDef) -> tuple[ast.ClassDef, ...]:
    """Return the class and those of its bases that the same file defines, nearest first."""
    found, waiting = [node], list(node.bases)
    while waiting and len(found) <= _DEEPEST_BASES:
        base = module.classes.get(dotted(waiting.pop(0)))
        if base is not None and base not in found:
            found.append(base)
            waiting += base.bases
    return tuple(found)


def _is_collected(node: ast.ClassDef, lineage: tuple[ast.ClassDef, ...]) -> bool:
    bases = [dotted(base).rpartition(".")[2] for one in lineage for base in one.bases]
    if any(base.endswith(("TestCase", "AsyncioTestCase")) for base in bases):
        return True
    made = any(isinstance(one, FunctionNode) and one.name == "__init__"
               for item in lineage for one in item.body)  # fmt: skip
    return node.name.startswith("Test") and not made


def _opts_out(body: tuple[Placed, ...]) -> bool:
    """Tell whether `__test__ = False` stands in a module or class."""
    values = [value for one in body for name, value in assigned(one.node) if name == "__test__"]
    return bool(values) and isinstance(values[-1], ast.Constant) and not values[-1].value


def defined(module: Module) -> Iterator[Function]:
    """Yield the functions of a module and the methods of its classes."""
    for name, node in module.functions.items():
        yield Function(module, name, node, module.guards(name))
    for name, cls in module.classes.items():
        around = tuple(reversed(_lineage(module, cls)))
        for method in cls.body:
            if isinstance(method, FunctionNode):
                full = f"{name}.{method.name}"
                yield Function(module, full, method, module.guards(name), around)


def is_fixture(node: FunctionNode) -> bool:
    for one in node.decorator_list:
        function = one.func if isinstance(one, ast.Call) else one
        if dotted(function).rpartition(".")[2] == "fixture":
            return True
    return False


SET_UP = ("setUp", "setup_method", "setUpClass", "setup_class", "asyncSetUp")


def prepared_attributes(node: ast.ClassDef) -> Iterator[str]:
    """Yield the attributes that a class's preparing methods set."""
    for method in node.body:
        if isinstance(method, FunctionNode):
            for one in ast.walk(method):
                if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store):
                    yield one.attr
