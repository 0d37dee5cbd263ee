"""The Python files of a project before or after an edit: what they define and what is collected."""

from __future__ import annotations

import ast
import posixpath
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from prp_pack.evidence.weakening.forms import FunctionNode, dotted
from prp_pack.evidence.weakening.roles import Role, is_python, role_of
from prp_pack.parse import python_source

_DEEPEST_BASES = 5


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
        return tuple(_placed(self.tree.body, (), live=True))

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
            for name, value in _assigned(one.node):
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
            found |= {name: value for name, value in _assigned(one.node) if value is not None}
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


@dataclass(frozen=True)
class Side:
    """All Python files that differ, before or after; `unread` are those that don't parse."""

    modules: Mapping[str, Module]
    unread: Mapping[str, str] = field(default_factory=dict)

    def without(self, paths: Iterable[str]) -> Side:
        left_out = frozenset(paths)
        return Side({path: one for path, one in self.modules.items() if path not in left_out})

    def module(self, dotted_name: str) -> Module | None:
        """Return the module of this name, wherever its package lies."""
        wanted = dotted_name.replace(".", "/") + ".py"
        return self._by_tail.get(wanted)

    @cached_property
    def _by_tail(self) -> Mapping[str, Module]:
        found: dict[str, Module] = {}
        for path in sorted(self.modules, key=len):
            parts = path.split("/")
            for index in range(len(parts)):
                found.setdefault("/".join(parts[index:]), self.modules[path])
        return found

    @cached_property
    def imported(self) -> frozenset[str]:
        """What is imported by name from anywhere, with dots."""
        return frozenset(
            one.dotted for module in self.modules.values() for one in module.imports.values()
        )

    @cached_property
    def tests(self) -> Mapping[tuple[str, str], Function]:
        """The functions that pytest or unittest would run, by path and name."""
        return {test.id: test for one in self.modules.values() for test in collected(one)}

    @cached_property
    def functions(self) -> Mapping[str, tuple[Function, ...]]:
        """All functions of all modules by their bare name, also methods."""
        found: dict[str, tuple[Function, ...]] = {}
        for module in self.modules.values():
            for one in defined(module):
                name = one.name.rpartition(".")[2]
                found[name] = (*found.get(name, ()), one)
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that a module or a class of it defines."""
        found: set[str] = set()
        for module in self.modules.values():
            found |= module.constants.keys() | module.classes.keys()
            for name in module.classes:
                found |= {f"self.{attribute}" for attribute in _set_up(module.classes[name])}
        return frozenset(found | self.functions.keys())


def read(files: Mapping[str, str]) -> Side:
    """Return the Python files among `files`, parsed. What doesn't parse says why in `unread`."""
    modules, unread = {}, {}
    for path, text in files.items():
        if not is_python(path):
            continue
        tree = _parsed(text)
        if isinstance(tree, str):
            unread[path] = tree
        else:
            modules[path] = Module(path, role_of(path), tree, tuple(text.split("\n")))
    return Side(modules, unread)


def _parsed(text: str) -> ast.Module | str:
    """Return the tree, or the reason why there is none."""
    for line, reason in python_source.unparsable(text, 1):
        return f"line {line}: {reason}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        return f"line {error.lineno or 1}: {error.msg}"


def _assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr | None]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
        yield node.target.id, node.value
    elif isinstance(node, ast.Delete):
        yield from ((one.id, None) for one in node.targets if isinstance(one, ast.Name))


def _placed(body: list[ast.stmt], guards: tuple[str, ...], *, live: bool) -> Iterator[Placed]:
    """Yield the statements of a body, those of its `if`, `try` and `with` included."""
    for node in body:
        yield Placed(node, guards, live)
        if isinstance(node, ast.If):
            truth = constant_truth(node.test)
            said = () if truth is not None else (f"if {ast.dump(node.test)}",)
            yield from _placed(node.body, guards + said, live=live and truth is not False)
            otherwise = () if truth is not None else (f"else {ast.dump(node.test)}",)
            yield from _placed(node.orelse, guards + otherwise, live=live and truth is not True)
        elif isinstance(node, ast.Try | ast.TryStar):
            for part in (node.body, node.orelse, node.finalbody):
                yield from _placed(part, guards, live=live)
            for one in node.handlers:
                yield from _placed(one.body, (*guards, "except"), live=live)
        elif isinstance(node, ast.With):
            yield from _placed(node.body, guards, live=live)


def constant_truth(node: ast.expr) -> bool | None:
    """Return whether a condition is always true or always false; None when it depends."""
    if isinstance(node, ast.Constant):
        return bool(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = constant_truth(node.operand)
        return None if inner is None else not inner
    # Type checkers take it for true; a running test for false.
    return False if dotted(node).rpartition(".")[2] == "TYPE_CHECKING" else None


# --- What is collected ----------------------------------------------------------------------


def collected(module: Module) -> Iterator[Function]:
    if module.role is not Role.TEST or _opts_out(module.statements):
        return
    for name, node in module.functions.items():
        if name.startswith("test"):
            yield Function(module, name, node, module.guards(name))
    for name, cls in module.classes.items():
        yield from _in_class(module, cls, module.guards(name), "", ())


def _in_class(
    module: Module, node: ast.ClassDef, guards: tuple[str, ...], prefix: str,
    outer: tuple[ast.ClassDef, ...],
) -> Iterator[Function]:  # fmt: skip
    lineage = _lineage(module, node)
    bodies = [tuple(_placed(one.body, guards, live=True)) for one in lineage]
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
            for name, value in _assigned(one.node):
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
    values = [value for one in body for name, value in _assigned(one.node) if name == "__test__"]
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


SET_UP = ("setUp", "setup_method", "setUpClass", "setup_class", "asyncSetUp")


def _set_up(node: ast.ClassDef) -> Iterator[str]:
    """Yield the attributes that a class's preparing methods set."""
    for method in node.body:
        if isinstance(method, FunctionNode):
            for one in ast.walk(method):
                if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store):
                    yield one.attr


def imported_from(module: Module, name: str, side: Side) -> Module | None:
    """Return the module of this side that an imported name comes from."""
    said = module.imports.get(name)
    if said is None:
        return None
    folder = module.path
    for _ in range(said.level):
        folder = posixpath.dirname(folder)
    if said.level:
        return side.modules.get(posixpath.join(folder, said.module.replace(".", "/") + ".py"))
    return side.module(said.module)
