"""A test function as the list of what it checks, its helpers and fixtures looked into."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace

from prp_pack.evidence.weakening import calls, marks
from prp_pack.evidence.weakening.assertions import NOTHING, Check, checks_of
from prp_pack.evidence.weakening.collection import SET_UP, is_fixture
from prp_pack.evidence.weakening.forms import (
    FunctionNode,
    Scope,
    Steps,
    Value,
    called,
    dotted,
    each,
    shortened,
    value_of,
)
from prp_pack.evidence.weakening.marks import Mark
from prp_pack.evidence.weakening.modules import Function, Module, constant_truth
from prp_pack.evidence.weakening.suite import Side, imported_from
from prp_pack.evidence.weakening.syntax import (
    MAX_LOOP,
    given_parameters,
    handed_out,
    is_note,
    range_of,
    yields,
)

MAX_DEPTH = 6
# What looking into a function costs, in steps.
ENTERING = 25
_MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_DOTTED = re.compile(r"[\w.]+\.\w+")


@dataclass(frozen=True, slots=True)
class Spot:
    """Something of a kind at a place; `form` is what it is about."""

    form: str
    line: int
    text: str


@dataclass(slots=True)
class Unit:
    """What one function checks. `vacuous` and `dead` are assertions that can't fail or aren't run.

    `calls` are the calls that it makes itself, `runs` those on a line of their own: where nothing
    is asserted, that they raise nothing is the check.
    """

    function: Function
    checks: list[Check] = field(default_factory=list)
    dead: list[Check] = field(default_factory=list)
    vacuous: list[Spot] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    stand_ins: list[Spot] = field(default_factory=list)
    swallowed: list[Spot] = field(default_factory=list)
    calls: set[str] = field(default_factory=set)
    runs: list[Check] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    entered: set[str] = field(default_factory=set)
    """The names of the functions that were looked into."""
    bound: dict[str, Value] = field(default_factory=dict)
    """What the names of a module mean."""
    gives_literal: bool = False

    @property
    def is_off(self) -> bool:
        return any(mark.off for mark in self.marks)


def read_unit(
    function: Function, side: Side, other: Side, renamed: dict[str, str], steps: Steps
) -> Unit:
    """Return what a function checks; `other` is the side it will be compared with.

    What both sides define is known by its name; what only this side defines, by what it is.
    """
    walk = _Walk(side, other, renamed, steps, Unit(function))
    walk.start()
    return walk.unit


@dataclass(slots=True)
class _Walk:
    side: Side
    other: Side
    renamed: dict[str, str]
    steps: Steps
    unit: Unit
    module: Module = field(init=False)
    guards: tuple[str, ...] = ()
    is_dead: bool = False
    stack: tuple[FunctionNode, ...] = ()
    local: dict[str, FunctionNode] = field(default_factory=dict)
    closures: dict[FunctionNode, dict[str, Value]] = field(default_factory=dict)
    branches: int = 0
    trace: list[str] = field(default_factory=list)
    returned: list[Value] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.module = self.unit.function.module

    def start(self) -> None:
        function = self.unit.function
        node = function.node
        self.guards = function.guards
        scope = self.scope({})
        decorators = [one for cls in function.around for one in cls.decorator_list]
        decorators += node.decorator_list
        self.unit.marks += marks.marks_of(decorators, scope)
        for one in decorators:
            value_of(one, scope)
        for cases in marks.cases_of(decorators, scope):
            names: dict[str, Value] = {}
            self.local = {}
            self.returned = []
            within = self.scope(names)
            self._set_up(function, within)
            names |= self._parameters(node, cases, within)
            self.stack = (node,)
            # Of a test that yields, only a generator is made.
            self.is_dead = function.id in self.side.tests and yields(node.body)
            self.run(node.body, within)
            given = [value for value in self.returned if value.form != "NoneType:None"]
            self.unit.gives_literal = bool(given) and all(value.constant for value in given)
        if is_fixture(node):
            self._fixture_cases(node, scope)

    def _fixture_cases(self, node: FunctionNode, scope: Scope) -> None:
        for one in node.decorator_list:
            for keyword in one.keywords if isinstance(one, ast.Call) else ():
                for item in value_of(keyword.value, scope).items or ():
                    self.add(Check("case", item, NOTHING), one)

    def scope(self, names: dict[str, Value]) -> Scope:
        # The walk goes into other modules and back: names are asked for where it stands then.
        return Scope(names, self.outside, self._member, self._renamed, self.call, self.steps)

    def _renamed(self, name: str) -> str:
        return self.renamed.get(name, name)

    # --- Names ------------------------------------------------------------------------------

    def outside(self, name: str) -> Value:
        """Return what a name means that the function doesn't bind itself."""
        if name in self.local:
            self._enter_unknown(self.local[name])
            return Value("λdef")
        # What the file itself defines hides what it imports.
        said = None if name in self.module.names else self.module.imports.get(name)
        home = imported_from(self.module, name, self.side) if said else self.module
        original = said.name if said else name
        if said and (home is None or original not in home.names):
            return Value(self._member(said.dotted))
        if name in self.module.modules:
            return Value(self.module.modules[name])
        node = home.constants.get(original) if home else None
        if node is None or home is None or original in self.renamed:
            return Value(self._renamed(original))
        value = self._in_module(home, node)
        if isinstance(node, _MUTABLE):
            value = replace(value, constant=False)
        if original not in self.other.names:
            return value
        self.unit.used.add(original)
        return Value(original, value.items, value.number)

    def _member(self, name: str) -> str:
        """Return what a dotted name finds in a module; by its own name where that is at hand."""
        if name in self.renamed:
            return self.renamed[name]
        home, _, last = name.rpartition(".")
        if not _DOTTED.fullmatch(name):
            return name
        module = self.side.module(home)
        return self._renamed(last) if module is not None and last in module.names else name

    def _in_module(self, module: Module, node: ast.expr) -> Value:
        if len(self.stack) > MAX_DEPTH:
            return Value("…")
        before, self.module, stack = self.module, module, self.stack
        self.stack = (*stack, *stack[-1:]) or stack
        value = value_of(node, self.scope({}))
        self.module, self.stack = before, stack
        return value

    def _parameters(
        self, node: FunctionNode, cases: dict[str, Value], scope: Scope
    ) -> dict[str, Value]:
        arguments = node.args
        found: dict[str, Value] = {}
        positional = [*arguments.posonlyargs, *arguments.args]
        given = given_parameters(node)
        for index, one in enumerate([*positional, *arguments.kwonlyargs]):
            if one.arg in cases:
                found[one.arg] = cases[one.arg]
            elif one.arg in given:
                found[one.arg] = Value(given[one.arg])
            elif index == 0 and one.arg in ("self", "cls"):
                found[one.arg] = Value("self")
            else:
                found[one.arg] = self._fixture(one.arg, scope)
        return found

    def _fixture(self, name: str, scope: Scope) -> Value:
        known = [one for one in self.side.functions.get(name, ()) if is_fixture(one.node)]
        if not known or name in self.other.functions or len(self.stack) > MAX_DEPTH:
            return Value(name)
        fixture = min(known, key=lambda one: one.module is not self.module)
        value = self._enter(fixture.module, fixture.node, {}, scope)
        return value if value is not None else Value(name)

    def _set_up(self, function: Function, scope: Scope) -> None:
        for cls in function.around:
            for one in cls.body:
                if isinstance(one, FunctionNode) and one.name in SET_UP:
                    scope.names.setdefault("self", Value("self"))
                    self.run(one.body, scope)
                elif isinstance(one, ast.Assign):
                    value = value_of(one.value, scope)
                    for target in one.targets:
                        if isinstance(target, ast.Name):
                            scope.names[f"self.{target.id}"] = value
        known = [
            n for n, value in scope.names.items() if n in self.other.names and not value.constant
        ]
        for name in known:
            del scope.names[name]

    # --- Calls ------------------------------------------------------------------------------

    def call(self, node: ast.Call, scope: Scope) -> Value | None:
        name = dotted(node.func)
        last = name.rpartition(".")[2]
        if last == "param" and name in ("param", "pytest.param"):
            return marks.case(node, scope)
        found = self._function(node.func)
        if found is not None:
            value = self._enter(*found, self._arguments(found[1], node, scope), scope)
            if value is not None and found[1].name not in self.other.functions:
                return value
        if last == "range" and len(node.args) == 1:
            return range_of(value_of(node.args[0], scope))
        value = called(node, scope)
        self.unit.calls.add(value.form)
        stand_in = calls.stand_in(name, node, scope)
        if stand_in:
            self.unit.stand_ins.append(Spot(stand_in, node.lineno, self.module.text(node)))
        return value

    def _function(self, node: ast.expr) -> tuple[Module, FunctionNode] | None:
        """Return the function that a call goes to, when one of the files at hand defines it."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in ("self", "cls"):
                for cls in reversed(self.unit.function.around):
                    for one in cls.body:
                        if isinstance(one, FunctionNode) and one.name == node.attr:
                            return self.unit.function.module, one
            return None
        if not isinstance(node, ast.Name):
            return None
        if node.id in self.local:
            return self.module, self.local[node.id]
        said = None if node.id in self.module.names else self.module.imports.get(node.id)
        home = imported_from(self.module, node.id, self.side) if said else self.module
        found = home.functions.get(said.name if said else node.id) if home else None
        return None if found is None or home is None else (home, found)

    def _arguments(self, function: FunctionNode, node: ast.Call, scope: Scope) -> dict[str, Value]:
        arguments = function.args
        names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
        bound: dict[str, Value] = {}
        if names[:1] in (["self"], ["cls"]):
            bound[names.pop(0)] = Value("self")
        for name, default in zip(reversed(names), reversed(arguments.defaults), strict=False):
            bound[name] = value_of(default, scope)
        for keyword, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if value is not None:
                bound[keyword.arg] = value_of(value, scope)
        plain = [one for one in node.args if not isinstance(one, ast.Starred)]
        bound |= {name: value_of(one, scope) for name, one in zip(names, plain, strict=False)}
        return bound | {one.arg: value_of(one.value, scope) for one in node.keywords if one.arg}

    def _enter(
        self, module: Module, node: FunctionNode, bound: dict[str, Value], scope: Scope
    ) -> Value | None:
        """Look into a function; return what it gives back when there is one such value."""
        if node in self.stack or len(self.stack) > MAX_DEPTH:
            return None
        for _ in range(ENTERING):
            self.steps.take()
        self.unit.entered.add(node.name)
        before = (self.module, self.stack, self.local, self.trace, self.returned)
        self.module, self.stack = module, (*self.stack, node)
        nested = node in self.local.values()
        self.local, self.trace, self.returned = dict(self.local) if nested else {}, [], []
        names = dict(self.closures.get(node, {})) if nested else {
            name: value for name, value in scope.names.items() if name.startswith("self.")
        }  # fmt: skip
        within = self.scope(names)
        if is_fixture(node):
            names |= self._parameters(node, {}, within)
        self.run(node.body, self.scope(names | bound))
        returned = self.returned
        self.module, self.stack, self.local, self.trace, self.returned = before
        return returned[0] if len(returned) == 1 else None

    def _enter_unknown(self, node: FunctionNode) -> None:
        """Look into a function that is handed to something else, which will call it."""
        self._enter(self.module, node, {}, self.scope({}))

    # --- Statements -------------------------------------------------------------------------

    def branch(self, body: list[ast.stmt], scope: Scope) -> bool:
        """Read statements that may be left out, or run more than once."""
        self.branches += 1
        ended = self.run(body, scope)
        self.branches -= 1
        return ended

    def run(self, body: list[ast.stmt], scope: Scope) -> bool:
        """Read statements; tell whether what follows them can't be reached."""
        guards, was_dead, ended = self.guards, self.is_dead, False
        for node in body:
            self.steps.take()
            ended = self._statement(node, scope) or ended
            self.is_dead = was_dead or ended
        self.guards, self.is_dead = guards, was_dead
        return ended

    def _statement(self, node: ast.stmt, scope: Scope) -> bool:  # noqa: C901, PLR0911, PLR0912
        match node:
            case ast.Assert():
                self._assert(node, scope)
            case ast.Expr():
                self._expression(node, node.value, scope)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                self._assign(node, scope)
            case ast.If():
                return self._if(node, scope)
            case ast.For() | ast.AsyncFor():
                self._for(node, scope)
            case ast.While():
                return self._while(node, scope)
            case ast.With() | ast.AsyncWith():
                return self._with(node, scope)
            case ast.Try() | ast.TryStar():
                return self._try(node, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.local[node.name] = node
                self.closures[node] = scope.names
            case ast.ClassDef():
                for one in node.body:
                    if isinstance(one, FunctionNode):
                        self._enter_unknown(one)
            case ast.Return():
                if node.value is not None:
                    value = value_of(node.value, scope)
                    self.trace.append(value.form)
                    self.returned.append(value)
                return True
            case ast.Raise():
                self._raise(node, scope)
                return True
            case ast.Continue() | ast.Break():
                return True
            case ast.Match():
                self._match(node, scope)
            case _:
                pass
        return False

    def _assert(self, node: ast.Assert, scope: Scope) -> None:
        found = list(checks_of(node.test, scope))
        if not found:
            self.unit.vacuous.append(Spot("", node.lineno, self.module.text(node)))
        for part, check in enumerate(found):
            self.trace.append(str(check.core))
            self.add(replace(check, part=part), node)

    def add(self, check: Check, node: ast.stmt | ast.expr) -> None:
        placed = replace(
            check, guards=(*self.guards, *check.guards), line=node.lineno, path=self.module.path,
            text=self.module.text(node),
        )  # fmt: skip
        (self.unit.dead if self.is_dead else self.unit.checks).append(placed)

    def _expression(self, node: ast.stmt, value: ast.expr, scope: Scope) -> None:
        """Read an expression on a line of its own, which may be an assertion of a library."""
        if isinstance(value, ast.Await):
            value = value.value
        if isinstance(value, ast.Yield) and value.value is not None:
            self.returned.append(value_of(value.value, scope))
        elif not isinstance(value, ast.Call):
            value_of(value, scope)
        else:
            self._called(node, value, scope)

    def _called(self, node: ast.stmt, value: ast.Call, scope: Scope) -> None:
        said = calls.read(value, scope)
        if said.skip is not None and not self.is_dead:
            self.unit.marks.append(replace(said.skip, form=said.skip.form + "".join(self.guards)))
        if said.checks is not None:
            if not said.checks:
                self.unit.vacuous.append(Spot("", node.lineno, self.module.text(node)))
            for check in said.checks:
                self.trace.append(str(check.core))
                self.add(check, node)
            return
        found = value_of(value, scope)
        self.trace.append(found.form)
        looked_into = self._function(value.func) is not None
        if calls.reads_as_assertion(value) and not looked_into:
            on = value.func.value if isinstance(value.func, ast.Attribute) else None
            subject = value_of(on, scope) if on is not None else NOTHING
            self.add(Check("call", found, subject), node)
        elif not self.is_dead:
            self._runs(found, node)

    def _runs(self, value: Value, node: ast.stmt) -> None:
        text = self.module.text(node)
        check = Check("runs", value, NOTHING, None, self.guards, line=node.lineno,
                      path=self.module.path, text=text)  # fmt: skip
        self.unit.runs.append(check)

    def _assign(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign, scope: Scope) -> None:
        if node.value is None:
            return
        value = value_of(node.value, scope)
        self.trace.append(value.form)
        inner = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(inner, ast.Call) and not self.is_dead:
            said = calls.read(inner, scope)
            if said.skip is not None:
                self.unit.marks.append(said.skip)
            for check in said.checks or ():
                self.add(check, node)
            self._runs(value, node)
        if isinstance(node, ast.AugAssign):
            before = value_of(node.target, scope)
            value = Value(shortened(f"{type(node.op).__name__}({before.form},{value.form})"))
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            scope.bind(target, self._sure(target, value, node.value, scope))
            self._replace(target, node, scope)

    def _sure(self, target: ast.expr, value: Value, node: ast.expr, scope: Scope) -> Value:
        """Return what a name is known to be from here on; elsewhere it may become another."""
        handed = dotted(target) in self._handed_out()
        if handed or isinstance(node, _MUTABLE):
            # What it holds later depends on who else gets hold of it.
            value = replace(value, items=None if handed else value.items, constant=False)
        if self.branches and isinstance(target, ast.Name):
            before = scope.names.get(target.id)
            form = f"maybe({before.form},{value.form})" if before else value.form
            return Value(shortened(form), value.items if not before else None)
        return value

    def _replace(self, target: ast.expr, node: ast.stmt, scope: Scope) -> None:
        """Note an assignment that puts something else in the place of a module's own."""
        form = ""
        if isinstance(target, ast.Subscript) and dotted(target.value) == "sys.modules":
            form = f"sys.modules {value_of(target.slice, scope).form}"
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            base = target.value.id
            if base in self.module.imports or base in self.module.modules:
                form = f"{dotted(target)}="
        if form:
            spot = Spot(shortened(form), node.lineno, self.module.text(node))
            self.unit.stand_ins.append(spot)

    def _handed_out(self) -> frozenset[str]:
        return handed_out(self.stack[-1]) if self.stack else frozenset()

    def _if(self, node: ast.If, scope: Scope) -> bool:
        truth = constant_truth(node.test)
        fails = [one for one in node.body if not is_note(one)]
        if truth is None and not node.orelse and len(fails) == 1 and calls.is_failure(fails[0]):
            for check in checks_of(node.test, scope, negated=True):
                self.add(check, node)
            return False
        condition = value_of(node.test, scope)
        if truth is None and condition.constant:
            truth = not condition.falsy
        before, dead = self.guards, self.is_dead
        self.guards = before if truth else (*before, f"if {condition.form}")
        self.is_dead = dead or truth is False
        read = self.branch if truth is None else self.run
        ended = read(node.body, scope)
        self.guards = before if truth is False else (*before, f"else {condition.form}")
        self.is_dead = dead or truth is True
        ended_otherwise = read(node.orelse, scope)
        self.guards, self.is_dead = before, dead
        if truth is not None:
            return ended if truth else ended_otherwise
        if ended != ended_otherwise and not _raises(node.body if ended else node.orelse):
            # What follows is only reached on the other branch.
            self.guards = (*before, f"{'else' if ended else 'if'} {condition.form}")
        return ended and ended_otherwise

    def _for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
        source = value_of(node.iter, scope)
        before = self.guards
        if source.items is not None and len(source.items) <= MAX_LOOP:
            for item in source.items:
                scope.bind(node.target, item)
                self.run(node.body, scope)
        else:
            # A list with items in it, or `range(1000)`, is surely gone through.
            if source.items is None and not (source.number or 0) > 0:
                self.guards = (*before, shortened(f"for {source.form} if "))
            scope.bind(node.target, each(source))
            self.branch(node.body, scope)
        self.guards = before
        self.run(node.orelse, scope)

    def _while(self, node: ast.While, scope: Scope) -> bool:
        truth = constant_truth(node.test)
        before, dead = self.guards, self.is_dead
        if truth is None:
            self.guards = (*before, f"while {value_of(node.test, scope).form}")
        self.is_dead = dead or truth is False
        self.branch(node.body, scope)
        self.guards, self.is_dead = before, dead
        self.run(node.orelse, scope)
        leaves = any(isinstance(one, ast.Break) for one in ast.walk(node))
        return truth is True and not leaves

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> bool:
        before, expected = self.guards, []
        for item in node.items:
            context = item.context_expr
            if isinstance(context, ast.Call):
                check = calls.expectation(context, scope)
                if check is not None:
                    expected.append(check)
                    self.guards = (*self.guards, f"raises {len(expected)}")
                elif dotted(context.func).rpartition(".")[2] == "suppress":
                    types = ",".join(value_of(one, scope).form for one in context.args)
                    self.guards = (*self.guards, f"except {types}")
                    text = self.module.text(context)
                    self.unit.swallowed.append(Spot(types, node.lineno, text))
            value = Value("raised") if expected else value_of(context, scope)
            if item.optional_vars is not None:
                entered = value if expected else Value(shortened(f"enter({value.form})"))
                scope.bind(item.optional_vars, entered)
        outer, self.trace = self.trace, []
        ended = self.run(node.body, scope)
        inner, self.trace = self.trace, outer
        self.trace += inner
        self.guards = before
        for check in expected:
            body = Value(shortened(";".join(inner)))
            self.add(replace(check, left=body), node.items[0].context_expr)
        return ended and not expected

    def _try(self, node: ast.Try | ast.TryStar, scope: Scope) -> bool:
        swallowing = [one for one in node.handlers if not _insists(one.body)]
        before, count = self.guards, len(self.unit.checks)
        if swallowing:
            types = [
                value_of(h.type, scope).form if h.type else "BaseException" for h in swallowing
            ]
            self.guards = (*before, f"except {','.join(types)}")
        ended = (self.branch if node.handlers else self.run)(node.body, scope)
        if swallowing and len(self.unit.checks) == count:
            text = self.module.text(node)
            self.unit.swallowed.append(Spot(",".join(types), swallowing[0].lineno, text))
        self.branch(node.orelse, scope)
        self.guards = before
        for handler in node.handlers:
            kind = value_of(handler.type, scope).form if handler.type else "BaseException"
            self.guards = (*before, f"in except {kind}")
            if handler.name:
                scope.names[handler.name] = Value("raised")
            self.branch(handler.body, scope)
            self.guards = before
        return self.run(node.finalbody, scope) or (ended and not node.handlers)

    def _raise(self, node: ast.Raise, scope: Scope) -> None:
        if node.exc is None:
            return
        function = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        name = dotted(function).rpartition(".")[2]
        if name in ("SkipTest", "Skipped") and not self.is_dead:
            guard = "".join(self.guards)
            text = self.module.text(node)
            self.unit.marks.append(marks.skip("SkipTest", node.exc, scope, text, guard))
        elif name in ("AssertionError", "Failed"):
            self.add(Check("fail", Value(""), NOTHING), node)

    def _match(self, node: ast.Match, scope: Scope) -> None:
        subject = value_of(node.subject, scope)
        before = self.guards
        for case in node.cases:
            self.guards = (*before, shortened(f"case {subject.form} {ast.dump(case.pattern)}"))
            self.branch(case.body, scope)
        self.guards = before


def _raises(body: list[ast.stmt]) -> bool:
    """Tell whether a branch that ends does so by failing the test."""
    return bool(body) and (isinstance(body[-1], ast.Raise) or calls.is_failure(body[-1]))


def _insists(body: list[ast.stmt]) -> bool:
    """Tell whether an error that is caught still fails the test, or is what it looks for."""
    return any(
        isinstance(one, ast.Raise | ast.Assert)
        or (isinstance(one, ast.Call) and calls.is_asserting(one))
        for node in body for one in ast.walk(node)
    )  # fmt: skip


def module_unit(module: Module, side: Side, other: Side, steps: Steps) -> Unit:
    """Return what stands on the level of a module: its marks, its warnings filters, its skips."""
    node = ast.FunctionDef(
        name="", args=ast.arguments([], [], None, [], [], None, []), body=[], decorator_list=[],
        returns=None, type_comment=None, lineno=0, col_offset=0,
    )  # fmt: skip
    walk = _Walk(side, other, {}, steps, Unit(Function(module, "", node)))
    scope = walk.scope({})
    for placed in module.statements:
        if not placed.live:
            continue
        walk.guards = placed.guards
        if isinstance(placed.node, ast.Expr):
            walk._expression(placed.node, placed.node.value, scope)  # noqa: SLF001 - the same file
        elif isinstance(placed.node, ast.Assign | ast.AnnAssign):
            walk._assign(placed.node, scope.within(walk.unit.bound))  # noqa: SLF001
            names = placed.node.targets if isinstance(placed.node, ast.Assign) else []
            if any(dotted(name) == "pytestmark" for name in names) and placed.node.value:
                walk.unit.marks += marks.marks_of(marks.listed(placed.node.value), scope)
    return walk.unit
