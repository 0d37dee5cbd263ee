"""Skips, retries, stand-ins and swallowed errors that a test or fixture gained or lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from prp_pack.evidence.weakening.change import Change, shown, strengthened, weakened
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
