"""The processes of `[compose]`, run in the order of their dependencies. No container is started."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack

from prp_pack.evidence.record import Artefact, Check, Findings, Status
from prp_pack.gate import process
from prp_pack.gate.process import CannotRunError as CannotStartError
from prp_pack.gate.process import Job, Outcome, Running
from prp_pack.gate.service import Fault, Service, ServiceError, serving
from prp_pack.probes.compose.tables import Process
from prp_pack.probes.probe import CannotRunError, Run

_PAUSE = 0.1
_SHOWN_LINES = 3


def simulate(run: Run, order: Sequence[Process], timeout: float) -> Findings:
    """Start processes one after the other, run the test, and stop all.

    Raises `CannotRunError` when one can't be started, or another one has its port.
    """
    checks: list[Check] = []
    up: dict[str, Service] = {}
    try:
        with ExitStack() as stack:
            for each in order:
                run.tell(f"{each.name}: {' '.join(each.command)}"[:80], None)
                if each.test:
                    checks.append(_tested(run, each, up, timeout))
                elif each.once:
                    checks.append(check := _once(run, each, timeout))
                    if check.status is Status.FAIL:
                        break
                else:
                    up[each.name] = stack.enter_context(
                        serving(_job(run, each, each.ready_timeout), each.ready)
                    )
                    checks.append(Check(each.name, Status.PASS, "started and ready", each.ready))
    except ServiceError as error:
        checks += _failed(error, checks, order)
    except CannotStartError as error:
        raise CannotRunError(error.reason, error.help) from None
    return Findings(tuple(checks), artefacts=tuple(_logs(run, order)))


def _failed(error: ServiceError, checks: Sequence[Check], order: Sequence[Process]) -> list[Check]:
    if error.fault in (Fault.TAKEN, Fault.BAD_ADDRESS):
        raise CannotRunError(error.reason, "stop it, or write another address into “ready”")
    if any(check.status is Status.FAIL for check in checks):
        # What was found first says more than how it went on.
        return []
    lines = "; ".join(line for line in error.last_lines[-_SHOWN_LINES:] if line.strip())
    begun = {check.id for check in checks}
    name = next((each.name for each in order if each.name not in begun), "processes")
    said = f"{error.reason}{f' ({lines})' if lines else ''}"
    return [Check(name, Status.FAIL, said)]


def _once(run: Run, each: Process, timeout: float) -> Check:
    outcome = process.run(_job(run, each, timeout))
    return _judged(each, outcome)


def _tested(run: Run, each: Process, up: dict[str, Service], timeout: float) -> Check:
    """Run the test while everything else is up; it ends as soon as anything else does."""
    with Running(_job(run, each, timeout)) as running:
        while not running.wait(_PAUSE):
            gone = [name for name, service in up.items() if not service.is_alive]
            if gone:
                running.stop()
                said = f"{', '.join(gone)} ended before the test did"
                return Check(each.name, Status.FAIL, said)
            progress = running.progress
            run.tell(f"{each.name}: {progress.line[:60]}", None)
            if progress.elapsed >= timeout:
                running.stop()
                return Check(each.name, Status.FAIL, f"not at an end within {timeout:g} s")
        return _judged(each, running.stop())


def _judged(each: Process, outcome: Outcome) -> Check:
    how = f"status {outcome.status}" if outcome.status is not None else outcome.signal
    if outcome.succeeded:
        return Check(each.name, Status.PASS, f"ended with {how}")
    late = f"not at an end within {outcome.duration:.0f} s" if outcome.timed_out else ""
    lines = [line.strip() for line in outcome.tail.splitlines() if line.strip()][-_SHOWN_LINES:]
    said = "; ".join((late or f"ended with {how}", *lines))
    return Check(each.name, Status.FAIL, said)


def _job(run: Run, each: Process, timeout: float) -> Job:
    return Job(
        argv=each.command,
        folder=run.repository.root,
        environment={**run.environment, **each.environment},
        timeout=timeout,
        log=run.artefacts / f"{each.name}.log",
        marker=f"{run.folder.rpartition('/')[2]}-{each.name}",
    )


def _logs(run: Run, order: Sequence[Process]) -> list[Artefact]:
    found = []
    for each in order:
        path = run.artefacts / f"{each.name}.log"
        if path.is_file():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found.append(Artefact(f"{run.folder}/{each.name}.log", digest, "log"))
    return found
