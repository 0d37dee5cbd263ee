"""Skips, retries, stand-ins and swallowed errors that a test or fixture gained or lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from prp_pack.evidence.weakening.change import UNKNOWN, Change, shown, strengthened, weakened
from prp_pack.evidence.weakening.marks import DEFAULT_EXAMPLES, Mark
from prp_pack.evidence.weakening.walk import Spot, Unit


def marked(old: Unit, new: Unit) -> Iterator[Change]:
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
    lost = [mark for key, mark in before.items() if key not in after]
    for key, mark in after.items():
        yield from (
            _kept(before[key], mark, path, name)
            if key in before
            else _added(mark, lost, path, name)
        )
    kinds = {mark.kind for mark in after.values()}
    for mark in lost:
        if mark.kind not in kinds:
            yield from _removed(mark, path, new.function.node.lineno, name)


def _kept(old: Mark, new: Mark, path: str, name: str) -> Iterator[Change]:
    if old.strict and not new.strict:
        message = f"{shown(new.text)} of {name} is no longer strict"
        yield weakened(path, new.line, "xfail-loosened", message)
    elif old.more is not None and new.more is not None:
        yield from _examples(old.more, new.more, path, new.line, name)


def _examples(old: float, new: float, path: str, line: int, name: str) -> Iterator[Change]:
    message = f"{name} tries {new:g} examples instead of {old:g}"
    if new < old:
        yield weakened(path, line, "examples-lowered", message)
    elif new > old:
        yield strengthened(path, line, "examples-raised", message)


def _added(mark: Mark, lost: list[Mark], path: str, name: str) -> Iterator[Change]:
    said = shown(mark.text)
    if mark.more is not None:
        yield from _examples(DEFAULT_EXAMPLES, mark.more, path, mark.line, name)
    elif mark.kind == "given" and any(one.kind == "given" for one in lost):
        message = f"{name} draws its examples from something else: {UNKNOWN}"
        yield weakened(path, mark.line, "cases-changed", message)
    elif mark.kind in ("given", "example"):
        yield strengthened(path, mark.line, "cases-added", f"{name} has {said} now")
    elif mark.off and any(one.form in _ALWAYS_OFF for one in lost):
        message = f"{name} has {said} instead of a skip"
        yield strengthened(path, mark.line, "skip-narrowed", message)
    elif mark.off and any(one.off for one in lost):
        message = f"{name} is left out under other conditions: {UNKNOWN}"
        yield weakened(path, mark.line, "skip-changed", message)
    else:
        yield weakened(path, mark.line, mark.kind, f"{name} has {said} now")


_ALWAYS_OFF = ("skip()", "expectedFailure()")


def _removed(mark: Mark, path: str, line: int, name: str) -> Iterator[Change]:
    message = f"{name} lost {shown(mark.text)}"
    if mark.more is not None:
        yield from _examples(mark.more, DEFAULT_EXAMPLES, path, line, name)
    elif mark.kind in ("given", "example"):
        yield weakened(path, line, "cases-changed", message)
    else:
        kind = mark.kind.replace("-added", "-removed").replace("-ignored", "-heeded")
        yield strengthened(path, line, kind, message)
