"""Records of one PRP: who writes one knows the PRP, the tree, the configuration and the time."""

from __future__ import annotations

import platform
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from prp_pack import __version__, worktree
from prp_pack.check.engine import Checker
from prp_pack.check.items import Item
from prp_pack.check.registry import Target
from prp_pack.evidence import configuration, ledger
from prp_pack.evidence.record import Check, Kind, Record, Revision, Status, Verdict, verdict_of
from prp_pack.gate import redaction
from prp_pack.repository import Repository
from prp_pack.values import dataclass, replace
from prp_pack.worktree import Worktree

Clock = Callable[[], datetime]

# Exit statuses of a validation script, and of a run as a whole.
EXITS = {
    Verdict.PASS: 0,
    Verdict.FAIL: 1,
    Verdict.ERROR: 3,
    Verdict.INCONCLUSIVE: 4,
    Verdict.SKIPPED: 5,
}


@dataclass(frozen=True)
class Contract:
    """A PRP as something to be proven. What it says is read anew each time it is asked."""

    repository: Repository
    path: str
    checker: Callable[[], Checker]
    """Makes new rules each time: what they have read is soon out of date."""
    clock: Clock
    """Returns the time with its zone."""
    environment: Mapping[str, str]
    keeps: bool = True
    """False for a run that leaves no record and no tick."""

    def target(self) -> Target:
        """Return the PRP as the rules see it now; raises `UnreadableError` for what is no PRP."""
        return self.checker().prp(self.path)

    def draft(self, target: Target, kind: Kind, item: str, key: str, subject: str) -> Record:
        """Return a record that says nothing yet but what it is about, when and on which tree."""
        phase = target.context.phase
        number = phase.number if phase else None
        blank = blank_record(self.repository, self.clock(), kind, self.path, number)
        return replace(blank, item=item, key=key, subject=self.redacted(subject))

    def write(self, target: Target, record: Record) -> Record:
        if not self.keeps:
            return record
        return ledger.write(self.repository, ledger.folder_of(target.document), record)

    @property
    def through(self) -> dict[str, str]:
        """What a record of a person's word says beside it: who may have typed it.

        Inside of a session of the client that need not have been the person.
        """
        return {"through": "claude-code"} if self.environment.get("CLAUDECODE") else {}

    def redacted(self, text: str) -> str:
        return redaction.redact(text, redaction.known(self.environment))


def blank_record(
    repository: Repository, now: datetime, kind: Kind, prp: str, phase: int | None
) -> Record:
    """Return a record that says only when, on which tree, and by which program."""
    return Record(
        run_id=_run_id(now),
        kind=kind,
        prp=prp,
        item="",
        key="",
        subject="",
        started=now.isoformat(timespec="seconds"),
        git=revision(worktree.read(repository), ()),
        verdict=Verdict.ERROR,
        phase=phase,
        config_sha256=configuration.digest(repository),
        tools={"prp": __version__, "python": platform.python_version()},
        machine={"system": platform.system(), "machine": platform.machine()},
    )


def revision(tree: Worktree, scope: Sequence[str]) -> Revision:
    return Revision(tree.revision, tree.dirty, tree.scoped(scope))


def begun(
    contract: Contract, target: Target, item: Item, argv: Sequence[str], before: Worktree
) -> Record:
    """Return the unfinished record of a run, which stays when the run never ends."""
    draft = contract.draft(target, Kind.RUN, item.id, item.key, item.subject)
    said = Check("end", Status.ERROR, "the run did not end")
    return replace(
        draft,
        git=revision(before, item.scope),
        argv=tuple(contract.redacted(word) for word in argv),
        level=item.level,
        checks=(said,),
        exit_code=EXITS[Verdict.ERROR],
        finished=False,
    )


def ended(record: Record, checks: Sequence[Check], duration: float) -> Record:
    """Return the finished record; its verdict follows from the checks."""
    verdict = verdict_of(checks, record.thresholds)
    return replace(
        record,
        checks=tuple(checks),
        verdict=verdict,
        exit_code=EXITS[verdict],
        duration_s=round(duration, 3),
        finished=True,
    )


def _run_id(now: datetime) -> str:
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{stamp}-{secrets.token_hex(4)}"
