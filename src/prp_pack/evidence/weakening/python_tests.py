"""Python tests before and after an edit: which checks are gone, loosened, or no longer count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from prp_pack.evidence.weakening import python_support as support
from prp_pack.evidence.weakening.assertions import Check
from prp_pack.evidence.weakening.change import Change, neutral, shown, strengthened, weakened
from prp_pack.evidence.weakening.collection import defined
from prp_pack.evidence.weakening.fingerprints import fingerprint
from prp_pack.evidence.weakening.forms import MAX_STEPS, Steps
from prp_pack.evidence.weakening.python_checks import Pair, asked, checked, differ
from prp_pack.evidence.weakening.python_marks import marked
from prp_pack.evidence.weakening.relations import Relation, relation
from prp_pack.evidence.weakening.renames import renames
from prp_pack.evidence.weakening.roles import Role
from prp_pack.evidence.weakening.suite import Side
from prp_pack.evidence.weakening.walk import Unit, read_unit

# How much of an old test's checks a test of another name must have to be taken for it.
ALIKE = 0.5


def compare(old: Side, new: Side) -> Iterator[Change]:
    """Yield what became of the tests and of what supports them. May raise TooLargeError."""
    # A large project may take more than a small one; one file that is made to take long may not.
    suites = [
        one for one in (*old.modules.values(), *new.modules.values()) if one.role is not Role.SOURCE
    ]
    steps = Steps(MAX_STEPS * max(1, len(suites) // 2))
    renamed = renames(old, new)
    befores = {key: read_unit(one, old, new, renamed, steps) for key, one in old.tests.items()}
    afters = {key: read_unit(one, new, old, {}, steps) for key, one in new.tests.items()}
    pairs, gone = _paired(befores, afters)
    used = {id(pair.new) for pair in pairs}
    spare = [one for one in afters.values() if id(one) not in used]
    for pair in pairs:
        differ(pair, asked(pair.old, pair.new), _all(pair.new))
    pool = [check for pair in pairs for check in pair.gained]
    pool += [check for one in spare if not one.is_off for check in one.checks]
    found: list[Change] = []
    for unit in gone:
        found += _gone(unit, pool, list(afters.values()), new)
    for pair in pairs:
        pair.lost = _take(pair.lost, pool)
        found += _moved(pair)
        found += checked(pair)
        found += marked(pair.old, pair.new)
    for unit in spare:
        place = unit.function
        yield strengthened(
            place.module.path, place.node.lineno, "test-added", f"test {shown(place.name)} is new"
        )
    entered = {name for unit in befores.values() for name in unit.entered}
    found += support.helpers(old, new, renamed, steps, entered)
    found += support.modules(old, new, steps)
    found += support.constants(old, new, (*befores.values(), *afters.values()), steps)
    yield from found


# --- Which new test stands for which old one ------------------------------------------------


def _paired(
    befores: Mapping[tuple[str, str], Unit], afters: Mapping[tuple[str, str], Unit]
) -> tuple[list[Pair], list[Unit]]:
    pairs = [Pair(one, afters[key]) for key, one in befores.items() if key in afters]
    left = {key: one for key, one in befores.items() if key not in afters}
    free = {key: one for key, one in afters.items() if key not in befores}
    for same in (_same_name, _same_body):
        for key, unit in list(left.items()):
            match = next((k for k, one in free.items() if same(unit, one)), None)
            if match is not None:
                pairs.append(Pair(left.pop(key), free.pop(match)))
    for key, unit in list(left.items()):
        cores = Counter(check.core for check in unit.checks or unit.runs)
        shared = {k: sum((cores & Counter(c.core for c in one.checks or one.runs)).values())
                  for k, one in free.items()} if cores else {}  # fmt: skip
        best = max(shared, key=lambda k: shared[k], default=None)
        if best is not None and shared[best] >= ALIKE * sum(cores.values()):
            pairs.append(Pair(left.pop(key), free.pop(best)))
    return pairs, list(left.values())


def _same_name(old: Unit, new: Unit) -> bool:
    names = [unit.function.name.rpartition(".")[2] for unit in (old, new)]
    return names[0] == names[1]


def _same_body(old: Unit, new: Unit) -> bool:
    return fingerprint(old.function.node) == fingerprint(new.function.node)


def _all(new: Unit) -> list[Check]:
    return [*new.checks, *new.runs]


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
    before = unit.checks or unit.runs
    rest = _take(list(before), pool)
    if kept is not None:
        yield neutral(
            path, 0, "test-merged", f"test {name} is a copy of {shown(kept.function.name)}"
        )
    elif before and not rest:
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


def _moved(pair: Pair) -> Iterator[Change]:
    old, new = pair.old.function, pair.new.function
    if old.id == new.id:
        return
    kind = "test-moved" if old.module.path != new.module.path else "test-renamed"
    was = f"{old.module.path}::{old.name}" if kind == "test-moved" else old.name
    message = f"test {shown(was)} is {shown(new.name)} now"
    yield neutral(new.module.path, new.node.lineno, kind, message)
