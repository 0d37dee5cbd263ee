"""Where an item stands: what the ledger says of it, for the tree and the configuration of now."""

from __future__ import annotations

from enum import StrEnum

from prp_pack.evidence.ledger import Ledger
from prp_pack.evidence.record import Kind, Record, Status, Verdict
from prp_pack.values import dataclass


class State(StrEnum):
    PROVEN = "proven"
    FAILED = "failed"
    STALE = "stale"
    UNRUN = "unrun"
    INCONCLUSIVE = "inconclusive"
    ATTESTED = "attested"
    WAIVED = "waived"


# What needs nothing more.
SETTLED = frozenset({State.PROVEN, State.ATTESTED, State.WAIVED})

# A level is as good as its worst item, in this order.
WORST_FIRST = (
    State.FAILED, State.INCONCLUSIVE, State.STALE, State.UNRUN, State.WAIVED, State.ATTESTED,
    State.PROVEN,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """The state, the record that it rests on, and the reason in a few words."""

    state: State
    run: str = ""
    why: str = ""

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED


def standing(ledger: Ledger, key: str, tree: str | None, config: str) -> Standing:
    """Return where the item of a key stands. `tree` is None where git can't say."""
    runs = ledger.about(key, Kind.RUN)
    fresh = [
        run for run in runs if tree and run.git.tree_sha == tree and run.config_sha256 == config
    ]
    newest = ledger.newest(tuple(fresh))
    # After a merge two runs may be the newest; the worse one counts.
    worst = max(newest, key=lambda run: _ORDER.index(run.verdict), default=None)
    if worst is not None and worst.verdict is Verdict.PASS:
        return Standing(State.PROVEN, worst.run_id, _flaws(fresh))
    said = ledger.newest(ledger.about(key, Kind.WAIVER, Kind.ATTESTATION))
    if said:
        spoken = said[-1]
        state = State.WAIVED if spoken.kind is Kind.WAIVER else State.ATTESTED
        return Standing(state, spoken.run_id, _said(spoken))
    if worst is not None:
        return Standing(_STATES[worst.verdict], worst.run_id, reason(worst))
    if not runs:
        return Standing(State.UNRUN, why="never run")
    last = runs[-1]
    what = "the tree" if tree is None or last.git.tree_sha != tree else "the configuration"
    return Standing(State.STALE, last.run_id, f"{what} changed since the run of {last.started}")


def _said(record: Record) -> str:
    through = ", entered from a session of Claude Code" if record.data.get("through") else ""
    return f"{record.by}: {record.note}{through}"


_ORDER = (Verdict.PASS, Verdict.SKIPPED, Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.ERROR)
_STATES = {
    Verdict.FAIL: State.FAILED,
    Verdict.ERROR: State.FAILED,
    Verdict.INCONCLUSIVE: State.INCONCLUSIVE,
    # Not applicable is for a person to say, with a reason.
    Verdict.SKIPPED: State.UNRUN,
}


def reason(record: Record) -> str:
    """Return why a run did not pass: the first check that says so."""
    bad = (Status.ERROR, Status.FAIL, Status.SKIP, Status.WARN)
    found = (check.message for status in bad for check in record.checks if check.status is status)
    missed = (
        f"{t.metric} is not {t.op} {t.limit:g}" for t in record.thresholds if t.ok is not True
    )
    return next(iter((*found, *missed)), record.verdict.value)


def _flaws(fresh: list[Record]) -> str:
    failed = sum(run.verdict is not Verdict.PASS for run in fresh)
    times = "once" if failed == 1 else f"{failed} times"
    return f"passed after it had failed {times} on the same tree" if failed else ""
