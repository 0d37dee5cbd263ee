"""Document the numbers of a phase for those that come after it.

They come from the records of the phase alone: from runs that passed, on files that a commit holds,
and of each number from its newest run. A number whose newest run failed, or saw files that were not
committed, is no baseline; then nothing is written. What was only measured by hand is left out
instead. The same records give the same files, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from prp_pack import worktree
from prp_pack.evidence.ledger import Ledger
from prp_pack.evidence.record import Check, Findings, Kind, Status
from prp_pack.evidence.result import Result
from prp_pack.parse import baselines
from prp_pack.probes import quantities
from prp_pack.probes.hand_off.measured import Judged, judged, records_of, sound
from prp_pack.probes.hand_off.written import settle
from prp_pack.probes.machine import BUSY, is_busy
from prp_pack.probes.probe import Option, Run
from prp_pack.render.baselines import to_json, to_table

NAME = "document_performance_baselines"
_HOW = "measure with response_time_test, load_test or another script that leaves a record"
_SHOWN = 3

OPTIONS = (
    Option("--phase", "The phase whose numbers are documented.", quantities.phase, "N",
           required=True),
    Option("--check", "Write nothing; fail when something would be written anew."),
)  # fmt: skip


def plan(run: Run) -> Iterator[str]:
    """Yield what would be documented, and what not."""
    of_phase = records_of(run.repository, run.options["phase"], run.prp)
    read, _ = sound(run.repository, of_phase)
    yield f"records: {read.folder}"
    for one in judged(read):
        yield f"{one.name}: {one.refusal or f'{one.found.value} {one.found.unit}'.strip()}"
    yield f"written: {', '.join(_paths(run.options['phase']))}"


def run(run: Run) -> Result:
    """Document them; raises `UnreadableError` when the phase's records can't be found."""
    number: int = run.options["phase"]
    found = partial(_result, number)
    read, broken = sound(run.repository, records_of(run.repository, number, run.prp))
    if broken:
        hint = "put it back, or say why it is so: prp waive"
        return found(
            [Check(str(one.place), Status.FAIL, f"{one.message}; {hint}") for one in broken]
        )
    all_ = judged(read)
    # Nothing rests on what somebody tried by hand, so it may be left out.
    left_out = [one for one in all_ if one.refusal and one.by_hand]
    refused = [one for one in all_ if one.refusal and not one.by_hand]
    good = [one for one in all_ if not one.refusal]
    checks = [Check(one.name, Status.FAIL, one.refusal, one.record.prp) for one in refused]
    checks += [Check(one.name, Status.WARN, f"left out: {one.refusal}") for one in left_out]
    if not good:
        said = f"no number of phase {number} can be a baseline" if all_ else "nothing was measured"
        checks.append(Check("metrics", Status.FAIL, f"{said} under {read.folder}; {_HOW}"))
    if not good or refused:
        return found(checks)
    checks += [
        Check(one.name, Status.PASS, f"{one.found.value} {one.found.unit}, run {one.record.run_id}")
        for one in good
    ]
    checks += _remarks(run, read, good)
    known = [one.baseline for one in good]
    texts = (to_json(number, known), to_table(number, known))
    files = dict(zip(_paths(number), texts, strict=True))
    checks += settle(run.repository, files, check=bool(run.options.get("check")))
    return found(checks)


def _paths(number: int) -> tuple[str, str]:
    path = baselines.path_of("PRPs", number)
    return path, f"{path.removesuffix('.json')}.md"


def _result(number: int, checks: Sequence[Check]) -> Result:
    return Result(NAME, Findings(checks=tuple(checks)), subject_phase=number)


def _remarks(run: Run, read: Ledger, good: Sequence[Judged]) -> Iterator[Check]:
    """Yield what a reader of the numbers should know: old files, and a machine that was busy."""
    ended = bool(read.of_kind(Kind.COMPLETION))
    now = worktree.read(run.repository)
    for commit in dict.fromkeys(one.record.git.sha for one in good if not ended):
        changed = worktree.changed_since(run.repository, commit, now)
        names = ", ".join(one.name for one in good if one.record.git.sha == commit)
        if changed:
            more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
            listed = f"{', '.join(changed[:_SHOWN])}{more}"
            said = f"measured at commit {str(commit)[:12]}; since then {listed} changed"
            yield Check(names, Status.WARN, said)
    for one in good:
        machine = dict(one.record.machine)
        if is_busy(machine):
            said = f"the machine was only {machine['idle_percent']} % idle, below {BUSY:g} %"
            yield Check(one.name, Status.WARN, said)
