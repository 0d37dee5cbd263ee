"""Each fault of a dependency in turn: how the service answers in it, and when it is well again."""

from __future__ import annotations

import time
from collections.abc import Iterator

from prp_pack.evidence.record import Check, Findings, Measurement, Status, Threshold
from prp_pack.probes.faults import asking
from prp_pack.probes.faults.asking import Asking, Reply, ask
from prp_pack.probes.faults.dependency import Reached
from prp_pack.probes.faults.tables import Expectation, Mode
from prp_pack.probes.probe import CannotRunError
from prp_pack.probes.request import Request
from prp_pack.probes.service import Target

_PAUSE = 0.1
_MOMENT = 0.5
# So many sound answers in a row: one of several connections may be the broken one.
_WELL = 3
_ANY_STATUS = range(100, 600)


def expect_sound(target: Target, reached: Reached) -> None:
    """Raise `CannotRunError` unless the request is answered, and by way of the proxy."""
    expect = reached.dependency.expect
    before = reached.proxy.passed
    reply = ask(target, expect, expect.within)
    what = f"{reached.dependency.name}: {expect.method} {expect.path}"
    if flaw := _unsound(expect, reply):
        raise CannotRunError(f"{what} isn't sound before any fault: {flaw}")
    if reached.proxy.passed == before:
        help_ = "write the variable that holds its address into “env”, and a request that needs it"
        raise CannotRunError(f"{what}: the service didn't go through the proxy", help_)


def is_sound(target: Target, reached: Reached) -> bool:
    """Tell whether the request is answered as in sound times."""
    expect = reached.dependency.expect
    return not _unsound(expect, ask(target, expect, expect.within))


def _unsound(expect: Expectation, reply: Reply) -> str:
    return expect.flaw(reply.answer) if reply.answer else reply.said


def broken(target: Target, reached: Reached, mode: Mode, alive: str) -> Iterator[Findings]:
    """Break a dependency, ask, mend it, and ask until the service is well again."""
    dependency, expect = reached.dependency, reached.dependency.expect
    id_, where = _named(reached, mode)
    if mode == "dead" and not dependency.start:
        said = "not killed: [[faults.dependencies]] doesn't say how to start it"
        yield Findings((Check(id_, Status.SKIP, said, where),))
        return
    reached.break_(mode)
    under_way = Asking(target, expect, expect.within_(mode))
    if alive:
        _wait_until_met(reached, under_way)
        other = ask(target, Request(alive), expect.within_(mode))
        yield _alive(id_, alive, other)
    reply = under_way.reply()
    touched = reached.proxy.touched
    reached.mend()
    yield _in_fault(reached, mode, reply, touched)
    yield _recovered(target, id_, where, expect)


def _named(reached: Reached, mode: Mode) -> tuple[str, str]:
    expect = reached.dependency.expect
    return f"{reached.dependency.name} {mode}", f"{expect.method} {expect.path}"


def _wait_until_met(reached: Reached, under_way: Asking) -> None:
    """Wait until the request has met the fault, or a moment where that can't be seen."""
    deadline = time.monotonic() + _MOMENT
    while not (reached.proxy.touched or under_way.is_over) and time.monotonic() < deadline:
        time.sleep(_PAUSE / 10)


def _alive(id_: str, path: str, reply: Reply) -> Findings:
    flaw = asking.flaw(reply, _ANY_STATUS)
    said = f"meanwhile {path}: {flaw or f'answered in {reply.seconds:.2f} s'}"
    return Findings((Check(f"{id_}, alive", Status.FAIL if flaw else Status.PASS, said, path),))


def _in_fault(reached: Reached, mode: Mode, reply: Reply, touched: int) -> Findings:
    expect = reached.dependency.expect
    id_, where = _named(reached, mode)
    flaw = asking.flaw(reply, expect.during_(mode))
    if not flaw and not touched and mode != "refuse":
        flaw = "the dependency wasn't asked: choose a request whose answer isn't kept"
    if reply.answer is None or flaw:
        return Findings((Check(id_, Status.FAIL, flaw, where),))
    within, seconds = expect.within_(mode), round(reply.seconds, 3)
    name = f"{id_} answer"
    return Findings(
        (Check(id_, Status.PASS, f"answered {reply.answer.status}", where),),
        (Measurement(name, seconds, "s", "lower", n=1),),
        (Threshold(name, "<=", within, seconds <= within, source=where),),
    )


def _recovered(target: Target, id_: str, where: str, expect: Expectation) -> Findings:
    begun = time.monotonic()
    well, since, flaw = 0, 0.0, ""
    # Who is well at the last moment may still show that it stays so.
    while well < _WELL and (well or time.monotonic() - begun <= expect.recovery):
        reply = ask(target, expect, max(_PAUSE, expect.within))
        if flaw := _unsound(expect, reply):
            well = 0
            time.sleep(_PAUSE)
        else:
            since = since if well else time.monotonic() - begun
            well += 1
    name = f"{id_} recovery"
    if well < _WELL:
        said = f"not well within {expect.recovery:g} s after the fault: {flaw}"
        return Findings((Check(name, Status.FAIL, said, where),))
    seconds = round(since, 3)
    return Findings(
        (),
        (Measurement(name, seconds, "s", "lower", n=1),),
        (Threshold(name, "<=", expect.recovery, seconds <= expect.recovery, source=where),),
    )
