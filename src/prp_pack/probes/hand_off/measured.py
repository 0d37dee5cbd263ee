"""Which measured numbers of a phase can be a baseline, and why others can't."""

from __future__ import annotations

from dataclasses import dataclass

from prp_pack.evidence import ledger as ledgers
from prp_pack.evidence.ledger import Ledger
from prp_pack.evidence.record import COMPARISON, Kind, Measurement, Record, Verdict
from prp_pack.evidence.standing import reason
from prp_pack.gate import phase_prp
from prp_pack.model import Baseline, Problem
from prp_pack.parse import document as documents
from prp_pack.repository import Repository, UnreadableError
from prp_pack.values import replace


@dataclass(frozen=True, slots=True)
class Judged:
    """A number by its newest record. `refusal` says why it is no baseline; empty when it is."""

    name: str
    record: Record
    found: Measurement
    refusal: str = ""

    @property
    def by_hand(self) -> bool:
        """Whether no gate measured it, so that nothing rests on it."""
        return not self.record.key

    @property
    def baseline(self) -> Baseline:
        """The baseline; raises `ValueError` for a number that is none."""
        if self.refusal or self.found.value is None or self.record.git.sha is None:
            raise ValueError(f"{self.name} is no baseline: {self.refusal}")
        return Baseline(
            name=self.name,
            value=self.found.value,
            unit=self.found.unit,
            run=self.record.run_id,
            commit=self.record.git.sha,
            measured=self.record.started,
            script=self.record.script,
            better=self.found.better,
            ci95=self.found.ci95,
            n=self.found.n,
        )


def records_of(repository: Repository, number: int, prp: str = "") -> Ledger:
    """Return the records of a phase, those of a PRP when it is that phase's.

    Raises `UnreadableError` where none or several PRPs fit.
    """
    if prp:
        document = documents.parse(repository.read(prp).text, prp)
        stated = document.block.context
        if stated and stated.phase and stated.phase.number == number:
            return ledgers.read(repository, ledgers.folder_of(document))
    folder = f"{ledgers.FOLDER}/phase_{number}"
    try:
        path = phase_prp.path_of(repository, number)
    except UnreadableError:
        if not repository.names(folder):
            raise
    else:
        folder = ledgers.folder_of(documents.parse(repository.read(path).text, path))
    return ledgers.read(repository, folder)


def sound(repository: Repository, read: Ledger) -> tuple[Ledger, tuple[Problem, ...]]:
    """Return the records that nobody altered, and what is wrong with the others.

    What somebody has given a reason for (`prp waive`) is no longer wrong, but measures nothing.
    """
    problems = (*read.problems, *ledgers.losses(repository, read))
    altered = {_run_of(problem) for problem in problems}
    left = tuple(record for record in read.records if record.run_id not in altered)
    kept = replace(read, records=left)
    excused = {record.item for record in kept.of_kind(Kind.WAIVER)}
    return kept, tuple(problem for problem in problems if _run_of(problem) not in excused)


def _run_of(problem: Problem) -> str:
    return problem.place.path.rpartition("/")[2].partition(".")[0]


def judged(ledger: Ledger) -> tuple[Judged, ...]:
    """Return each number that was measured, by its name; the newest measurement of it decides.

    An older and better one is no way out of a newer that failed.
    """
    measured: dict[str, list[Record]] = {}
    for record in ledger.of_kind(Kind.RUN):
        for name in {one.name for one in record.metrics if one.role != COMPARISON}:
            measured.setdefault(name, []).append(record)
    return tuple(_judged(ledger, name, tuple(of)) for name, of in sorted(measured.items()))


def _judged(ledger: Ledger, name: str, among: tuple[Record, ...]) -> Judged:
    newest = ledger.newest(among)
    each = [Judged(name, record, _last(record, name), _refusal(record, name)) for record in newest]
    # After a merge several may be the newest: one that is refused decides.
    worst = next((one for one in each if one.refusal), each[-1])
    if len(newest) > 1 and not worst.refusal:
        runs = " and ".join(record.run_id for record in newest)
        said = f"runs {runs} measured it on branches that were merged since; measure it again"
        return Judged(name, worst.record, worst.found, said)
    return worst


def _last(record: Record, name: str) -> Measurement:
    return [one for one in record.metrics if one.name == name][-1]


def _refusal(record: Record, name: str) -> str:
    run = f"run {record.run_id}"
    if record.verdict is not Verdict.PASS:
        return f"{run} did not pass ({record.verdict.value}): {reason(record)}"
    if _last(record, name).value is None:
        return f"{run} could not measure it"
    if record.git.sha is None:
        return f"{run} measured files of no commit: commit them and measure again"
    if record.git.dirty:
        return f"{run} measured files that differ from every commit: commit them and measure again"
    return ""
