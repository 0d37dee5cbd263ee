"""Python tests before and after an edit: which checks are gone, loosened, or no longer count."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prp_pack.evidence.weakening.assertions import NOTHING, Check, Relation, relation
from prp_pack.evidence.weakening.change import Change, neutral, shown, strengthened, weakened
from prp_pack.evidence.weakening.forms import Steps, Value, fingerprint
from prp_pack.evidence.weakening.roles import Role
from prp_pack.evidence.weakening.suite import Function, Side, defined
from prp_pack.evidence.weakening.walk import Spot, Unit, is_fixture, module_unit, read_unit

# How much of an old test's checks a test of another name must have to be taken for it.
ALIKE = 0.5


@dataclass(slots=True)
class _Pair:
    """An old test and the one that stands for it now, with what is left after equal checks."""

    old: Unit
    new: Unit
    lost: list[Check] = field(default_factory=list)
    gained: list[Check] = field(default_factory=list)
    tightened: list[tuple[Check, Check]] = field(default_factory=list)


def compare(old: Side, new: Side) -> Iterator[Change]:
    """Yield what became of the tests and of what supports them. May raise TooLargeError."""
    steps = Steps()
    renamed = renames(old, new)
    befores = {key: read_unit(one, old, new, renamed, steps) for key, one in old.tests.items()}
    afters = {key: read_unit(one, new, old, {}, steps) for key, one in new.tests.items()}
    pairs, gone = _paired(befores, afters)
    used = {id(pair.new) for pair in pairs}
    spare = [one for one in afters.values() if id(one) not in used]
    for pair in pairs:
        _differ(pair, _checks(pair.old, pair.new), _all(pair.new))
    pool = [check for pair in pairs for check in pair.gained]
    pool += [check for one in spare if not one.is_off for check in one.checks]
    found: list[Change] = []
    for unit in gone:
        found += _gone(unit, pool, list(afters.values()), new)
    for pair in pairs:
        pair.lost = _take(pair.lost, pool)
        found += _moved(pair)
        found += _checked(pair)
        found += _marked(pair.old, pair.new)
    for unit in spare:
        place = unit.function
        yield strengthened(
            place.module.path, place.node.lineno, "test-added", f"test {shown(place.name)} is new"
        )
    entered = {name for unit in befores.values() for name in unit.entered}
    found += _support(old, new, renamed, steps, entered)
    found += _modules(old, new, renamed, steps)
    found += _constants(old, new, (*befores.values(), *afters.values()), steps)
    yield from found


def renames(old: Side, new: Side) -> dict[str, str]:
    """Return the functions and classes that do the same under another name, old name to new."""
    found: dict[str, str] = {}
    fresh: dict[str, str] = {}
    for name, mark in _fingerprints(new):
        if name not in old.names:
            fresh.setdefault(mark, name)
    for name, mark in _fingerprints(old):
        if name not in new.names and mark in fresh:
            found.setdefault(name, fresh[mark])
    return found | _moved_imports(old, new)


_MADE_UP = re.compile(r"mock|fake|stub|dummy|(?:^|[._])tests?[._]", re.IGNORECASE)


def _moved_imports(old: Side, new: Side) -> dict[str, str]:
    """Return what is imported from another module than before, old dotted name to new."""
    found: dict[str, str] = {}
    fresh = sorted(new.imported - old.imported)
    for name in sorted(old.imported - new.imported):
        last = name.rpartition(".")[2]
        same = [one for one in fresh if one.rpartition(".")[2] == last]
        if len(same) == 1 and not _MADE_UP.search(same[0]):
            found[name] = same[0]
    return found


def _fingerprints(side: Side) -> Iterator[tuple[str, str]]:
    for module in side.modules.values():
        for name, cls in module.classes.items():
            yield name, fingerprint(cls)
        for one in defined(module):
            yield one.node.name, fingerprint(one.node)


# --- Which new test stands for which old one ------------------------------------------------


def _paired(
    befores: Mapping[tuple[str, str], Unit], afters: Mapping[tuple[str, str], Unit]
) -> tuple[list[_Pair], list[Unit]]:
    pairs = [_Pair(one, afters[key]) for key, one in befores.items() if key in afters]
    left = {key: one for key, one in befores.items() if key not in afters}
    free = {key: one for key, one in afters.items() if key not in befores}
    for same in (_same_name, _same_body):
        for key, unit in list(left.items()):
            match = next((k for k, one in free.items() if same(unit, one)), None)
            if match is not None:
                pairs.append(_Pair(left.pop(key), free.pop(match)))
    for key, unit in list(left.items()):
        cores = Counter(check.core for check in unit.checks or unit.runs)
        shared = {k: sum((cores & Counter(c.core for c in one.checks or one.runs)).values())
                  for k, one in free.items()} if cores else {}  # fmt: skip
        best = max(shared, key=lambda k: shared[k], default=None)
        if best is not None and shared[best] >= ALIKE * sum(cores.values()):
            pairs.append(_Pair(left.pop(key), free.pop(best)))
    return pairs, list(left.values())


def _same_name(old: Unit, new: Unit) -> bool:
    names = [unit.function.name.rpartition(".")[2] for unit in (old, new)]
    return names[0] == names[1]


def _same_body(old: Unit, new: Unit) -> bool:
    return fingerprint(old.function.node) == fingerprint(new.function.node)


def _checks(old: Unit, new: Unit) -> list[Check]:
    """Return what the old test checks; where it asserts nothing, that its calls raise nothing."""
    if old.checks:
        return old.checks
    return [one for one in old.runs if one.guards or one.left.form not in new.calls]


def _all(new: Unit) -> list[Check]:
    return [*new.checks, *new.runs]


def _differ(pair: _Pair, old: Sequence[Check], new: Sequence[Check]) -> None:
    """Fill in the old checks that nothing new is as strong as, and the new ones left over."""
    free: dict[object, list[Check]] = {}
    for check in new:
        free.setdefault(check.key, []).append(check)
    lost = []
    for check in old:
        same = free.get(check.key)
        if same:
            same.pop()
        else:
            lost.append(check)
    pair.gained = [check for rest in free.values() for check in rest]
    for check in lost:
        match = next((o for o in pair.gained if relation(check, o) is Relation.STRONGER), None)
        if match is None:
            pair.lost.append(check)
        else:
            pair.gained.remove(match)
            pair.tightened.append((check, match))


def _take(lost: list[Check], free: list[Check]) -> list[Check]:
    """Return what is still lost after each has taken its equal from `free`, which shrinks."""
    rest = []
    for check in lost:
        match = next((one for one in free if relation(check, one) is Relation.SAME), None)
        if match is None:
            rest.append(check)
        else:
            free.remove(match)
    return rest


def _gone(unit: Unit, pool: list[Check], afters: list[Unit], new: Side) -> Iterator[Change]:
    function, name = unit.function, shown(unit.function.name)
    path = function.module.path
    kept = next((one for one in afters if not one.is_off and _same_body(unit, one)), None)
    asked = unit.checks or unit.runs
    rest = _take(list(asked), pool)
    if kept is not None:
        yield neutral(
            path, 0, "test-merged", f"test {name} is a copy of {shown(kept.function.name)}"
        )
    elif asked and not rest:
        yield neutral(path, 0, "test-merged", f"what {name} checked is checked by other tests")
    elif unit.is_off:
        yield neutral(path, 0, "test-deleted", f"test {name} is gone, which was skipped before")
    else:
        yield _not_collected(unit, new)


def _not_collected(unit: Unit, new: Side) -> Change:
    function, name = unit.function, shown(unit.function.name)
    mark = fingerprint(function.node)
    bare = function.name.rpartition(".")[2].strip("_")
    for module in new.modules.values():
        for one in defined(module):
            known = fingerprint(one.node) == mark or one.node.name.strip("_") == bare
            if known and one.id not in new.tests:
                message = f"test {name} is no longer collected: it is {shown(one.name)} now"
                return weakened(module.path, one.node.lineno, "test-not-collected", message)
        inner = module.nested.get(bare)
        if inner:
            message = f"test {name} is no longer collected: it stands inside another function"
            return weakened(module.path, inner, "test-not-collected", message)
    many = len(unit.checks)
    checks = f"{many} check{'s' * (many != 1)}" if many else "its calls"
    message = f"test {name} is gone, and with it {checks}"
    return weakened(function.module.path, 0, "test-deleted", message)


def _moved(pair: _Pair) -> Iterator[Change]:
    old, new = pair.old.function, pair.new.function
    if old.id == new.id:
        return
    kind = "test-moved" if old.module.path != new.module.path else "test-renamed"
    was = f"{old.module.path}::{old.name}" if kind == "test-moved" else old.name
    message = f"test {shown(was)} is {shown(new.name)} now"
    yield neutral(new.module.path, new.node.lineno, kind, message)


# --- What became of the checks of one test --------------------------------------------------


def _checked(pair: _Pair) -> Iterator[Change]:
    """Yield a change for each line of the old test whose checks are gone, and for new ones."""
    new = pair.new.function
    by_line: dict[tuple[str, int, int], list[Check]] = {}
    for check in pair.lost:
        by_line.setdefault((check.path, check.line, check.part), []).append(check)
    for place, lost in by_line.items():
        all_of_line = sum((c.path, c.line, c.part) == place for c in _checks(pair.old, pair.new))
        yield _lost(pair, lost, is_part=len(lost) < all_of_line)
    for was, check in pair.tightened:
        message = f"{shown(new.name)} asks for more: {shown(was.text)} became {shown(check.text)}"
        yield strengthened(check.path, check.line, "assertion-tightened", message)
    told = set()
    for check in pair.gained:
        if check.op != "runs" and check.line not in told:
            told.add(check.line)
            message = f"{shown(new.name)} checks {shown(check.text)}"
            yield strengthened(check.path, check.line, "assertion-added", message)


_CHANGED = {
    Relation.LOOSER: ("assertion-loosened", "asks for less: {} became {}"),
    Relation.GUARDED: ("assertion-guarded", "asks {} only sometimes now: {}"),
    Relation.CHANGED: ("assertion-changed", "asks for something else, and whether for less can't be "
                                            "told: {} became {}"),
}  # fmt: skip


def _lost(pair: _Pair, lost: list[Check], *, is_part: bool) -> Change:
    check, test = lost[0], shown(pair.new.function.name)
    path, line = pair.new.function.module.path, pair.new.function.node.lineno
    likely = [one for one in pair.gained if (one.op == "runs") == (check.op == "runs")]
    for how in (Relation.GUARDED, Relation.LOOSER, Relation.CHANGED):
        match = next((one for one in likely if relation(check, one) is how), None)
        if match is None:
            continue
        for one in lost:
            other = next((free for free in likely if relation(one, free) is how), None)
            if other is not None:
                likely.remove(other)
                pair.gained.remove(other)
        kind, message = _CHANGED[how]
        if how is Relation.GUARDED and any(g.startswith("except") for g in _added(check, match)):
            kind = "exception-swallowed"
        elif how is Relation.CHANGED and check.op == match.op and check.op in ("eq", "is", "in"):
            kind = "expected-value-changed"
        said = message.format(shown(check.text), shown(match.text))
        return weakened(match.path, match.line, kind, f"{test} {said}")
    there = (Relation.SAME, Relation.STRONGER, Relation.GUARDED)
    if any(relation(check, one) in there for one in pair.new.dead):
        kind, message = "assertion-unreachable", f"{test} never reaches {shown(check.text)} now"
        return weakened(path, line, kind, message)
    if pair.new.vacuous and len(pair.new.vacuous) > len(pair.old.vacuous):
        spot = pair.new.vacuous[-1]
        message = f"{test} asked {shown(check.text)}; {shown(spot.text)} is always true"
        return weakened(path, spot.line, "assertion-always-true", message)
    if check.op == "runs":
        return weakened(
            path, line, "statement-removed", f"{test} no longer runs {shown(check.text)}"
        )
    if is_part:
        some = f"{len(lost)} case{'s' * (len(lost) != 1)} of {shown(check.text)}"
        return weakened(path, line, "case-removed", f"{test} no longer checks {some}")
    return weakened(path, line, "assertion-removed", f"{test} no longer checks {shown(check.text)}")


def _added(old: Check, new: Check) -> set[str]:
    return set(new.guards) - set(old.guards)


def _marked(old: Unit, new: Unit) -> Iterator[Change]:
    """Yield what marks, stand-ins and swallowed errors a test gained or lost."""
    path, name = new.function.module.path, shown(new.function.name or "the module")
    yield from _marks(old, new, path, name)
    replaced = Counter(spot.form for spot in old.stand_ins)
    fresh = []
    for spot in new.stand_ins:
        if replaced[spot.form] > 0:
            replaced[spot.form] -= 1
        else:
            fresh.append(spot)
    # A patch follows its target when that moves to another module.
    tails = Counter({_tail(form): count for form, count in replaced.items() if count > 0})
    for spot in _once(fresh):
        if tails[_tail(spot.form)] > 0:
            tails[_tail(spot.form)] -= 1
            continue
        message = f"in {name} something is newly replaced by a stand-in: {shown(spot.text)}"
        yield weakened(path, spot.line, "mock-added", message)
    silent = Counter(spot.form for spot in old.swallowed)
    for spot in _once([one for one in new.swallowed if not silent[one.form]]):
        message = f"{name} lets {shown(spot.form)} pass without a word"
        yield weakened(path, spot.line, "exception-swallowed", message)


def _tail(form: str) -> str:
    return form.strip("'\"").rpartition(".")[2]


def _once(spots: Iterable[Spot]) -> list[Spot]:
    return list({spot.line: spot for spot in spots}.values())


def _marks(old: Unit, new: Unit, path: str, name: str) -> Iterator[Change]:
    before = {(mark.kind, mark.form): mark for mark in old.marks}
    after = {(mark.kind, mark.form): mark for mark in new.marks}
    lost = {key: mark for key, mark in before.items() if key not in after}
    for key, mark in after.items():
        was = before.get(key)
        kind, said = mark.kind, shown(mark.text)
        if was is not None:
            if was.strict and not mark.strict:
                message = f"{said} of {name} is no longer strict"
                yield weakened(path, mark.line, "xfail-loosened", message)
            elif was.more is not None and mark.more is not None and mark.more < was.more:
                message = f"{name} tries {mark.more:g} examples instead of {was.more:g}"
                yield weakened(path, mark.line, "examples-lowered", message)
            continue
        if mark.kind == "settings" and mark.more is not None:
            if mark.more < 100:  # noqa: PLR2004 - hypothesis' own default
                message = f"{name} tries {mark.more:g} examples instead of 100"
                yield weakened(path, mark.line, "examples-lowered", message)
        elif kind in ("given", "example"):
            if any(one.kind == kind == "given" for one in lost.values()):
                message = f"{name} draws from something else: whether from less can't be told"
                yield weakened(path, mark.line, "cases-changed", message)
        elif mark.off and any(one.off and one.form.startswith(("skip(", "expectedFailure("))
                              for one in lost.values()):  # fmt: skip
            yield strengthened(
                path, mark.line, "skip-narrowed", f"{name} has {said} instead of a skip"
            )
        elif mark.off and any(one.off for one in lost.values()):
            message = f"{name} counts under other conditions: whether more rarely can't be told"
            yield weakened(path, mark.line, "skip-changed", message)
        else:
            yield weakened(path, mark.line, kind, f"{name} has {said} now")
    for mark in lost.values():
        taken = any(one.kind == mark.kind for one in after.values())
        if mark.kind in ("given", "example") and not taken:
            yield weakened(
                path, new.function.node.lineno, "cases-changed", f"{name} lost {shown(mark.text)}"
            )
        elif mark.kind == "settings":
            if mark.more is not None and mark.more > 100:  # noqa: PLR2004
                message = f"{name} tries 100 examples instead of {mark.more:g}"
                yield weakened(path, new.function.node.lineno, "examples-lowered", message)
        elif not taken:
            kind = mark.kind.replace("-added", "-removed").replace("-ignored", "-heeded")
            yield strengthened(
                path, new.function.node.lineno, kind, f"{name} lost {shown(mark.text)}"
            )


# --- Helpers, fixtures, modules -------------------------------------------------------------


def _support(
    old: Side, new: Side, renamed: dict[str, str], steps: Steps, entered: set[str]
) -> Iterator[Change]:
    """Yield what became of functions that tests call or ask for, and that both sides have."""
    before, after = _helpers(old), _helpers(new)
    for key, function in before.items():
        other = after.get(key)
        if other is None:
            yield from _fixture_gone(function, new, steps, old)
            continue
        was = read_unit(function, old, new, renamed, steps)
        now = read_unit(other, new, old, {}, steps)
        pair = _Pair(was, now)
        _differ(pair, was.checks, now.checks)
        if key[1].rpartition(".")[2] not in entered:
            yield from _checked(pair)
        yield from _marked(was, now)
        yield from _answers(was, now)


def _helpers(side: Side) -> dict[tuple[str, str], Function]:
    roles = (Role.TEST, Role.SUPPORT)
    return {
        one.id: one for module in side.modules.values() if module.role in roles
        for one in defined(module) if one.id not in side.tests
    }  # fmt: skip


def _fixture_gone(function: Function, new: Side, steps: Steps, old: Side) -> Iterator[Change]:
    automatic = any("autouse" in {word.arg for word in getattr(one, "keywords", ())}
                    for one in function.node.decorator_list)  # fmt: skip
    if not automatic or function.node.name in new.functions:
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


def _modules(old: Side, new: Side, renamed: dict[str, str], steps: Steps) -> Iterator[Change]:
    for path, module in new.modules.items():
        if module.role is Role.SOURCE:
            continue
        before = old.modules.get(path)
        now = module_unit(module, new, old, steps)
        if before is not None:
            was = module_unit(before, old, new, steps)
            yield from _marked(was, now)
        yield from _left_out(old, new, path)
        for name, node in module.functions.items():
            if name not in _HOOKS:
                continue
            known = before.functions.get(name) if before is not None else None
            if known is None or fingerprint(known) != fingerprint(node):
                message = (
                    f"{shown(name)} decides what runs and how it ends: what it does can't be told"
                )
                yield weakened(path, node.lineno, "collection-hook", message)


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


def _constants(old: Side, new: Side, units: Iterable[Unit], steps: Steps) -> Iterator[Change]:
    """Yield the constants of test files that checks name, and whose value is another now."""
    used = {name for unit in units for name in unit.used}
    for path, module in old.modules.items():
        other = new.modules.get(path)
        if module.role is Role.SOURCE or other is None:
            continue
        was, now = (module_unit(module, old, new, steps), module_unit(other, new, old, steps))
        for name in sorted(used & module.constants.keys() & other.constants.keys()):
            before, after = was.bound.get(name, NOTHING), now.bound.get(name, NOTHING)
            if before.form != after.form and not _is_grown(before, after):
                line = other.constants[name].lineno
                message = (f"{shown(name)}, which checks name, was {shown(module.text(module.constants[name]))}"
                           f" and is {shown(other.text(other.constants[name]))}")  # fmt: skip
                yield weakened(path, line, "expected-value-changed", message)


def _is_grown(before: Value, after: Value) -> bool:
    """Tell whether a list has all that it had, and more."""
    if before.items is None or after.items is None:
        return False
    return {item.form for item in before.items} <= {item.form for item in after.items}
