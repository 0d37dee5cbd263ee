"""The end of a service that is asked to end while a request is under way."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence

import psutil

from prp_pack.evidence.record import Check, Findings, Measurement, Status, Threshold
from prp_pack.gate.process import CannotRunError as CannotStartError
from prp_pack.gate.process import Outcome
from prp_pack.gate.service import Service as Serving
from prp_pack.gate.service import ServiceError, serving
from prp_pack.probes import service
from prp_pack.probes.faults.asking import Asking, Reply, flaw
from prp_pack.probes.faults.dependency import Reached
from prp_pack.probes.faults.tables import Shutdown
from prp_pack.probes.probe import CannotRunError, Run
from prp_pack.probes.request import Request
from prp_pack.probes.service import Service, Target

_ID = "graceful shutdown"
_PAUSE = 0.02
# After it a request that was declared as a slow one is under way.
_UNDER_WAY = 0.3
# Ended by itself, or by the signal: either is an answer to it.
_CALM = (0, 128 + signal.SIGTERM)


def checked(
    run: Run, table: Shutdown, reached: Sequence[Reached], environment: Mapping[str, str]
) -> Findings:
    """Start the service once more, and end it with a request under way."""
    if sys.platform == "win32":
        return Findings((Check(_ID, Status.SKIP, "there is no signal TERM here"),))
    declared = run.settings.table("service", Service)
    job, ready = service.start_of(run, declared, environment, "service-ended")
    under_way: Asking | None = None
    spent, is_ready = 0.0, False
    try:
        with serving(job, ready) as started:
            is_ready = True
            target = Target(service.base_url(run, declared), declared, psutil.Process(started.pid))
            service.expect_answer(target.base_url, declared, run.timeout)
            under_way, wrong = _begun(run, table, target, reached)
            if wrong:
                return Findings((Check(_ID, Status.FAIL, wrong),))
            spent = _end(started, table.within)
            if started.is_alive:
                said = f"still there {table.within:g} s after the signal TERM"
                return Findings((Check(_ID, Status.FAIL, said),))
    except ServiceError as error:
        if not is_ready or error.outcome is None:
            raise CannotRunError(error.reason) from None
        if not spent:
            said = f"before it was asked to end, the {error.reason}"
            return Findings((Check(_ID, Status.FAIL, said),))
        reply = under_way.reply() if under_way else None
        where, flaw = _lost(table, reached, reply)
        return _found(error.outcome, where, flaw, spent, table.within)
    except CannotStartError as error:
        raise CannotRunError(f"the service: {error.reason}", error.help) from None
    finally:
        for each in reached:
            each.mend()
    return Findings((Check(_ID, Status.FAIL, "it can't be told how the service ended"),))


def _request(table: Shutdown, reached: Sequence[Reached]) -> Request | None:
    return table.request or (reached[0].dependency.expect if reached else None)


def _begun(
    run: Run, table: Shutdown, target: Target, reached: Sequence[Reached]
) -> tuple[Asking | None, str]:
    """Return a request that is under way, if there is one to be had, and what is wrong."""
    request = _request(table, reached)
    if request is None:
        return None, ""
    if table.request is None:
        # A slow dependency makes any request that needs it a slow one.
        reached[0].break_("latency")
    asked = Asking(target, request, table.within + run.timeout)
    deadline = time.monotonic() + (_UNDER_WAY if table.request else run.timeout)
    while time.monotonic() < deadline and not asked.is_over:
        if table.request is None and reached[0].proxy.touched:
            return asked, ""
        time.sleep(_PAUSE)
    if asked.is_over:
        return asked, f"{request.method} {request.path} was answered too soon to be under way"
    return asked, "" if table.request else "the request doesn't reach the dependency"


def _end(started: Serving, within: float) -> float:
    """Send TERM to the process that was started; returns the seconds until it was gone."""
    begun = time.monotonic()
    os.kill(started.pid, signal.SIGTERM)
    while started.is_alive and time.monotonic() - begun < within:
        time.sleep(_PAUSE)
    return time.monotonic() - begun


def _lost(table: Shutdown, reached: Sequence[Reached], reply: Reply | None) -> tuple[str, str]:
    """Return which request was under way, empty for none, and what is wrong with its answer."""
    request = _request(table, reached)
    if request is None or reply is None:
        return "", ""
    where = f"{request.method} {request.path.partition('?')[0]}"
    if table.request is None:
        # That the dependency is slow was our doing, and may be said.
        return where, flaw(reply, reached[0].dependency.expect.during_("latency"))
    return where, request.flaw(reply.answer) if reply.answer else reply.said


def _found(outcome: Outcome, where: str, lost: str, spent: float, within: float) -> Findings:
    calm = outcome.status in _CALM or outcome.signal == "SIGTERM"
    how = f"status {outcome.status}" if outcome.status is not None else outcome.signal
    flaws = [] if calm else [f"it ended with {how}"]
    flaws += [f"the request under way, {where}: {lost}"] if lost else []
    if flaws:
        return Findings((Check(_ID, Status.FAIL, "; ".join(flaws), where),))
    beside = "the request under way was answered" if where else "no request was under way"
    seconds = round(spent, 3)
    return Findings(
        (Check(_ID, Status.PASS, f"ended with {how}; {beside}", where),),
        (Measurement(_ID, seconds, "s", "lower", n=1),),
        (Threshold(_ID, "<=", within, seconds <= within, source="[faults.shutdown] within"),),
    )
