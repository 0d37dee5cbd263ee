"""What tests lean on: helpers, fixtures, hooks, and what stands on the level of a module."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from prp_pack.evidence.weakening.assertions import NOTHING
from prp_pack.evidence.weakening.change import UNKNOWN, Change, neutral, shown, weakened
from prp_pack.evidence.weakening.collection import defined, is_fixture
from prp_pack.evidence.weakening.fingerprints import fingerprint
from prp_pack.evidence.weakening.forms import Steps, Value, dotted
from prp_pack.evidence.weakening.modules import Function, Module
from prp_pack.evidence.weakening.python_checks import Pair, checked, differ
from prp_pack.evidence.weakening.python_marks import marked
from prp_pack.evidence.weakening.roles import Role
from prp_pack.evidence.weakening.suite import Side
from prp_pack.evidence.weakening.walk import Unit, module_unit, read_unit


def helpers(
    old: Side, new: Side, renamed: dict[str, str], steps: Steps, entered: set[str]
) -> Iterator[Change]:
    """Yield what became of functions that tests call or ask for, and that both sides have."""
    before, after = _helpers(old), _helpers(new)
    for key in after.keys() - before.keys():
        if _is_automatic(after[key]):
            nothing = Unit(after[key])
            yield from marked(nothing, read_unit(after[key], new, old, {}, steps))
    for key, function in before.items():
        other = after.get(key)
        if other is None:
            yield from _fixture_gone(function, new, steps, old)
            continue
        was = read_unit(function, old, new, renamed, steps)
        now = read_unit(other, new, old, {}, steps)
        pair = Pair(was, now)
        differ(pair, was.checks, now.checks)
        if key[1].rpartition(".")[2] not in entered:
            yield from checked(pair)
        yield from marked(was, now)
        yield from _answers(was, now)


def _helpers(side: Side) -> dict[tuple[str, str], Function]:
    roles = (Role.TEST, Role.SUPPORT)
    return {
        one.id: one for module in side.modules.values() if module.role in roles
        for one in defined(module) if one.id not in side.tests
    }  # fmt: skip


def _is_automatic(function: Function) -> bool:
    return is_fixture(function.node) and any(
        word.arg == "autouse" for one in function.node.decorator_list
        if isinstance(one, ast.Call) for word in one.keywords
    )  # fmt: skip


def _fixture_gone(function: Function, new: Side, steps: Steps, old: Side) -> Iterator[Change]:
    if not _is_automatic(function) or function.node.name in new.functions:
        return
    path, name = function.module.path, shown(function.name)
    unit = read_unit(function, old, new, {}, steps)
    if unit.checks:
        message = (
            f"fixture {name} is gone, which checked {shown(unit.checks[0].text)} for every test"
        )
        yield weakened(path, 0, "autouse-check-removed", message)
    else:
        yield neutral(path, 0, "fixture-removed", f"fixture {name} is gone, which every test used")


def _answers(old: Unit, new: Unit) -> Iterator[Change]:
    """Yield a change when what a helper or fixture gave back is a literal now."""
    if not old.calls or new.calls or is_fixture(old.function.node) != is_fixture(new.function.node):
        return
    function = new.function
    if new.gives_literal:
        message = f"{shown(function.name)} gives back a literal now, and called something before"
        yield weakened(function.module.path, function.node.lineno, "answer-made-up", message)


_HOOKS = ("pytest_collection_modifyitems", "pytest_ignore_collect", "pytest_collect_file",
          "pytest_pycollect_makeitem", "pytest_runtest_makereport", "pytest_runtest_protocol",
          "pytest_runtest_call", "pytest_runtest_setup", "pytest_sessionfinish",
          "pytest_collection_finish", "pytest_itemcollected", "pytest_pyfunc_call",
          "pytest_deselected", "pytest_generate_tests", "pytest_report_teststatus",
          "pytest_exception_interact", "pytest_unconfigure", "load_tests")  # fmt: skip


def modules(old: Side, new: Side, steps: Steps) -> Iterator[Change]:
    for path, module in new.modules.items():
        if module.role is Role.SOURCE:
            continue
        before = old.modules.get(path)
        now = module_unit(module, new, old, steps)
        if before is not None:
            was = module_unit(before, old, new, steps)
            yield from marked(was, now)
            yield from _bases(before, module)
        yield from _left_out(old, new, path)
        for name, node in module.functions.items():
            if name not in _HOOKS:
                continue
            known = before.functions.get(name) if before is not None else None
            if known is None or fingerprint(known) != fingerprint(node):
                message = f"{shown(name)} decides what runs and how it ends: {UNKNOWN}"
                yield weakened(path, node.lineno, "collection-hook", message)


_PLAIN_BASES = frozenset(
    {"TestCase", "IsolatedAsyncioTestCase", "object", "ABC", "Protocol", "Generic"}
)


def _bases(old: Module, new: Module) -> Iterator[Change]:
    """Yield the bases that a class of tests lost, which may have had tests of their own."""
    for name in sorted(old.classes.keys() & new.classes.keys()):
        has = {dotted(base) for base in new.classes[name].bases}
        for base in old.classes[name].bases:
            word = dotted(base)
            known = word in old.classes or word.rpartition(".")[2] in _PLAIN_BASES
            if word and word not in has and not known:
                message = f"{shown(name)} no longer inherits from {shown(word)}: {UNKNOWN}"
                yield weakened(new.path, new.classes[name].lineno, "base-removed", message)


def _left_out(old: Side, new: Side, path: str) -> Iterator[Change]:
    for name in ("collect_ignore", "collect_ignore_glob"):
        node = new.modules[path].constants.get(name)
        before = old.modules[path].constants.get(name) if path in old.modules else None
        if node is None:
            continue
        texts = {_source(one) for one in getattr(node, "elts", [node])}
        known = {_source(one) for one in getattr(before, "elts", [before])} if before else set()
        for one in sorted(texts - known):
            message = f"{shown(name)} leaves out {shown(one)} now"
            yield weakened(path, node.lineno, "collection-narrowed", message)


def _source(node: object) -> str:
    return repr(getattr(node, "value", "an expression"))


def constants(old: Side, new: Side, units: Iterable[Unit], steps: Steps) -> Iterator[Change]:
    """Yield the constants of test files that checks name, and whose value is another now."""
    used = {name for unit in units for name in unit.used}
    for path, module in old.modules.items():
        other = new.modules.get(path)
        if module.role is Role.SOURCE or other is None:
            continue
        was, now = (module_unit(module, old, new, steps), module_unit(other, new, old, steps))
        for name in sorted(used & module.constants.keys() & other.constants.keys()):
            before, after = was.bound.get(name, NOTHING), now.bound.get(name, NOTHING)
            grown = _is_grown(before, after) or _has_all(
                module.constants[name], other.constants[name]
            )
            if before.form != after.form and not grown:
                line = other.constants[name].lineno
                texts = [shown(one.text(one.constants[name])) for one in (module, other)]
                message = f"{shown(name)}, which checks name, was {texts[0]} and is {texts[1]}"
                yield weakened(path, line, "expected-value-changed", message)


def _is_grown(before: Value, after: Value) -> bool:
    """Tell whether a list has all that it had, and more."""
    if before.items is None or after.items is None:
        return False
    return {item.form for item in before.items} <= {item.form for item in after.items}


def _has_all(before: ast.expr, after: ast.expr) -> bool:
    """Tell whether a table that is written out has all rows that it had."""
    if isinstance(before, ast.Dict) and isinstance(after, ast.Dict):
        had, has = (
            {
                (ast.dump(key) if key else "**", ast.dump(value))
                for key, value in zip(one.keys, one.values, strict=True)
            }
            for one in (before, after)
        )
        return had <= has
    if isinstance(before, ast.List | ast.Tuple | ast.Set) and isinstance(
        after, ast.List | ast.Tuple | ast.Set
    ):
        return {ast.dump(one) for one in before.elts} <= {ast.dump(one) for one in after.elts}
    return False
