"""What a run amounts to: its exit status, the tests it reports, the files it changed."""

from __future__ import annotations

from collections.abc import Iterator

from prp_pack import worktree
from prp_pack.check.items import Item
from prp_pack.evidence.record import Artefact, Check, Record, Status
from prp_pack.gate import counts, recording
from prp_pack.gate.counts import Counts
from prp_pack.gate.process import CannotRunError, Outcome
from prp_pack.gate.service import ServiceError
from prp_pack.values import replace
from prp_pack.worktree import Worktree

# More changed files than this are counted and not named.
SHOWN = 3
# What a shell ends with when it can't find a program.
_NOT_FOUND = 127


def checks(item: Item, outcome: Outcome, timeout: float) -> list[Check]:
    """Return what the end of a command says: how it ended, and what its tests report."""
    found = [_end(outcome, timeout)]
    found += _tests(item, outcome)
    left = [survivor.command for survivor in outcome.survivors]
    if left:
        said = f"left {len(left)} running, which {'was' if len(left) == 1 else 'were'} ended: "
        found.append(Check("left-running", Status.WARN, said + ", ".join(left[:SHOWN])))
    return found


def _end(outcome: Outcome, timeout: float) -> Check:
    if outcome.timed_out:
        return Check("exit", Status.FAIL, f"did not end within {timeout:g} s")
    if outcome.log_error:
        return Check("exit", Status.ERROR, f"its log can't be written: {outcome.log_error}")
    if outcome.signal:
        return Check("exit", Status.FAIL, f"was ended by {outcome.signal}")
    if outcome.status == _NOT_FOUND:
        return Check("exit", Status.ERROR, "exit status 127: a program in it is not installed")
    status = Status.PASS if outcome.status == 0 else Status.FAIL
    return Check("exit", status, f"exit status {outcome.status}")


def _tests(item: Item, outcome: Outcome) -> Iterator[Check]:
    """Yield what is said of the tests that a command reports, or should report."""
    found = counts.in_text(outcome.tail)
    runner = counts.runner_of(item.step.commands) if item.step else ""
    doubt = counts.judge(outcome.status, found, runner)
    if doubt is None:
        passed = outcome.status == 0
        for each in found if passed else ():
            yield Check("tests", Status.PASS, str(each), data=_data(each))
    else:
        uncounted = doubt.doubt is counts.Doubt.UNCOUNTED
        yield Check("tests", Status.WARN if uncounted else Status.FAIL, doubt.message)


def _data(found: Counts) -> dict[str, object]:
    return {"passed": found.passed, "failed": found.failed, "skipped": found.skipped}


def not_started(error: CannotRunError | ServiceError) -> list[Check]:
    """Return what is said of a command, or a service, that never got to work."""
    if isinstance(error, ServiceError):
        return [Check("ready", Status.FAIL, error.reason)]
    said = f"{error.reason}; {error.help}" if error.help else error.reason
    return [Check("start", Status.ERROR, said)]


def of_service(item: Item) -> list[Check]:
    """Return what is said of a service that was up as long as it was needed."""
    ready = item.gate.ready if item.gate else ""
    if ready:
        return [
            Check("ready", Status.PASS, f"answered at {ready}, and was up until it was stopped")
        ]
    said = "was up until it was stopped; `ready=` would tell whether it answers"
    return [Check("ready", Status.PASS, said)]


def artefacts(log: str, outcome: Outcome) -> tuple[Artefact, ...]:
    return (Artefact(log, outcome.log_sha256, "log"),) if outcome.log_sha256 else ()


def on_tree(item: Item, record: Record, before: Worktree, after: Worktree) -> Record:
    """Return the record on the tree that is there now; a run that changed it has failed.

    Else it would prove something of files that are no longer there.
    """
    changed = [
        path
        for path in sorted({p for p, _ in {*before.entries.items()} ^ {*after.entries.items()}})
        if worktree.within(path, item.scope)
    ]
    if not changed:
        return record
    named = ", ".join(changed[:SHOWN]) + (
        "" if len(changed) <= SHOWN else f" and {len(changed) - SHOWN} more"
    )
    said = (
        f"files changed while it ran: {named}; a gate checks and changes nothing (what it makes on "
        "purpose belongs into .gitignore)"
    )
    found = (Check("tree", Status.FAIL, said), *record.checks)
    moved = replace(record, git=recording.revision(after, item.scope))
    return recording.ended(moved, found, record.duration_s)
