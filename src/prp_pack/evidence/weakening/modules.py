"""A Python file: what it defines, imports and sets, nothing of it run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from prp_pack.evidence.weakening.forms import FunctionNode, dotted
from prp_pack.evidence.weakening.roles import Role
from prp_pack.parse import python_source


@dataclass(frozen=True, slots=True)
class Imported:
    """`from module import name`, with as many dots before it as `level` says."""

    name: str
    module: str
    level: int

    @property
    def dotted(self) -> str:
        return f"{self.module}.{self.name}" if self.module else self.name


@dataclass(frozen=True)
class Module:
    """One parsed file. Later definitions of a name win over earlier ones, as when it is run."""

    path: str
    role: Role
    tree: ast.Module
    lines: tuple[str, ...]

    @cached_property
    def statements(self) -> tuple[Placed, ...]:
        return tuple(placed_in(self.tree.body, (), live=True))

    @cached_property
    def functions(self) -> Mapping[str, FunctionNode]:
        return {
            n: one.node for n, one in self._defined.items() if isinstance(one.node, FunctionNode)
        }

    @cached_property
    def classes(self) -> Mapping[str, ast.ClassDef]:
        return {
            n: one.node for n, one in self._defined.items() if isinstance(one.node, ast.ClassDef)
        }

    def guards(self, name: str) -> tuple[str, ...]:
        """Return the conditions under which a function or class is defined at all."""
        return self._defined[name].guards

    @cached_property
    def _defined(self) -> Mapping[str, Placed]:
        found: dict[str, Placed] = {}
        for one in self.statements:
            if isinstance(one.node, FunctionNode | ast.ClassDef) and one.live:
                found[one.node.name] = one
            for name, value in assigned(one.node):
                # `test_x = None` takes the test away; `pass_through = test_x` doesn't.
                if value is None or isinstance(value, ast.Constant | ast.Lambda):
                    found.pop(name, None)
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(self.functions.keys() | self.classes.keys() | self.constants.keys())

    @cached_property
    def nested(self) -> Mapping[str, int]:
        """The functions inside other functions, each with its line."""
        return {
            inner.name: inner.lineno
            for outer in ast.walk(self.tree) if isinstance(outer, FunctionNode)
            for inner in ast.walk(outer) if isinstance(inner, FunctionNode) and inner is not outer
        }  # fmt: skip

    @cached_property
    def constants(self) -> Mapping[str, ast.expr]:
        found: dict[str, ast.expr] = {}
        for one in self.statements:
            found |= {name: value for name, value in assigned(one.node) if value is not None}
        return found

    @cached_property
    def imports(self) -> Mapping[str, Imported]:
        """What each name that comes from another module is called there, and where that is."""
        return {
            alias.asname or alias.name: Imported(alias.name, node.module or "", node.level)
            for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }  # fmt: skip

    @cached_property
    def modules(self) -> Mapping[str, str]:
        """What `import x` and `import x.y as z` bind, with the module that each name stands for."""
        return {
            alias.asname or alias.name.partition(".")[0]:
                alias.name if alias.asname else alias.name.partition(".")[0]
            for node in ast.walk(self.tree) if isinstance(node, ast.Import)
            for alias in node.names
        }  # fmt: skip

    def text(self, node: ast.stmt | ast.expr) -> str:
        end = node.end_lineno or node.lineno
        return " ".join(
            line.strip() for line in self.lines[node.lineno - 1 : min(end, node.lineno + 7)]
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """A statement of a module or class; `guards` are the `if` lines around it."""

    node: ast.stmt
    guards: tuple[str, ...]
    live: bool


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method; `around` are the classes whose markers and `setUp` count for it."""

    module: Module
    name: str
    node: FunctionNode
    guards: tuple[str, ...] = ()
    around: tuple[ast.ClassDef, ...] = ()

    @property
    def id(self) -> tuple[str, str]:
        return (self.module.path, self.name)


def parsed(text: str) -> ast.Module | str:
    """Return the tree, or the reason why there is none."""
    for line, reason in python_source.unparsable(text, 1):
        return f"line {line}: {reason}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        return f"line {error.lineno or 1}: {error.msg}"


def assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr | None]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
        yield node.target.id, node.value
    elif isinstance(node, ast.Delete):
        yield from ((one.id, None) for one in node.targets if isinstance(one, ast.Name))


def placed_in(body: list[ast.stmt], guards: tuple[str, ...], *, live: bool) -> Iterator[Placed]:
    """Yield the statements of a body, those of its `if`, `try` and `with` included."""
    for node in body:
        yield Placed(node, guards, live)
        if isinstance(node, ast.If):
            truth = constant_truth(node.test)
            said = () if truth is not None else (f"if {ast.dump(node.test)}",)
            yield from placed_in(node.body, guards + said, live=live and truth is not False)
            otherwise = () if truth is not None else (f"else {ast.dump(node.test)}",)
            yield from placed_in(node.orelse, guards + otherwise, live=live and truth is not True)
        elif isinstance(node, ast.Try | ast.TryStar):
            for part in (node.body, node.orelse, node.finalbody):
                yield from placed_in(part, guards, live=live)
            for one in node.handlers:
                yield from placed_in(one.body, (*guards, "in except"), live=live)
        elif isinstance(node, ast.With):
            yield from placed_in(node.body, guards, live=live)


def constant_truth(node: ast.expr) -> bool | None:
    """Return whether a condition is always true or always false; None when it depends."""
    if isinstance(node, ast.Constant):
        return bool(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = constant_truth(node.operand)
        return None if inner is None else not inner
    # Type checkers take it for true; a running test for false.
    return False if dotted(node).rpartition(".")[2] == "TYPE_CHECKING" else None
