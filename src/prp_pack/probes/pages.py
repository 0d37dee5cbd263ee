"""The page of one run: its result and what its samples show, gathered for drawing."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from prp_pack import __version__, worktree
from prp_pack.evidence.record import Check, Findings, Status, Verdict
from prp_pack.evidence.result import Result
from prp_pack.gate import recording
from prp_pack.probes import samples, telling
from prp_pack.probes.filing import Call, redacted
from prp_pack.probes.machine import is_busy
from prp_pack.probes.probe import Run
from prp_pack.report.html.run_view import Checked, Fact, Held, RunPage, Shown, Word
from prp_pack.report.html.view import Mark

_VERDICTS = {
    Verdict.PASS: Mark.PROVEN,
    Verdict.FAIL: Mark.FAILED,
    Verdict.ERROR: Mark.FAILED,
    Verdict.INCONCLUSIVE: Mark.INCONCLUSIVE,
    Verdict.SKIPPED: Mark.WAIVED,
}
_STATUSES = {
    Status.PASS: Mark.PROVEN,
    Status.FAIL: Mark.FAILED,
    Status.ERROR: Mark.FAILED,
    Status.WARN: Mark.STALE,
    Status.SKIP: Mark.WAIVED,
}
_OUTCOMES = {"ok": Mark.PROVEN, "FAIL": Mark.FAILED, "open": Mark.INCONCLUSIVE}


Pictures = Callable[[Findings, Mapping[str, Any]], Shown]
"""What a script whose result has pictures makes of its samples."""


def html(run: Run, pictures: Pictures, result: Result, call: Call, record: str) -> str:
    """Return the page of a run as one HTML file; needs the extra `report`.

    Raises `UnreadableError` when the samples aren't those that the result names.
    """
    from prp_pack.report.html.render import render_run  # noqa: PLC0415 - an extra

    measured = samples.kept(run.repository, result.found.artefacts)
    shown = pictures(result.found, measured) if measured else Shown()
    return render_run(gather(run, result, call, shown, record))


def gather(run: Run, result: Result, call: Call, shown: Shown, record: str) -> RunPage:
    """Return everything that the page of a run shows; `record` is empty where none was written."""
    verdict = result.verdict
    words = (redacted(word, run.environment) for word in call.words)
    return RunPage(
        script=result.script,
        verdict=Word(telling.VERDICTS[verdict][0], _VERDICTS[verdict]),
        began=call.began.isoformat(" ", timespec="seconds"),
        seconds=call.spent,
        command=f"prp run {shlex.join(words)}",
        asked=(*shown.asked, *_asked(run, result)),
        remarks=(telling.busy(result),) if is_busy(dict(result.machine)) else (),
        checks=tuple(_checked(check) for check in result.checks),
        numbers=tuple(_numbers(result.found)),
        pictures=shown.pictures,
        left=tuple(each.path for each in result.found.artefacts),
        record=record,
        version=__version__,
    )


def _checked(check: Check) -> Checked:
    word = Word(telling.MARKS[check.status], _STATUSES[check.status])
    return Checked(word, f"{check.id}: {check.message}")


def _numbers(found: Findings) -> Iterator[Held]:
    for metric, held in telling.held_to(found):
        word = telling.outcome(held)
        yield Held(
            name=metric.name,
            value="not measured" if metric.value is None else f"{metric.value:g} {metric.unit}",
            interval=f"{metric.ci95[0]:g} to {metric.ci95[1]:g}" if metric.ci95 else "",
            size=metric.n,
            limit=telling.limits(metric, held),
            outcome=Word(word, _OUTCOMES[word]) if word else None,
        )


def _asked(run: Run, result: Result) -> Iterator[Fact]:
    """Yield what every script is asked, where it is known."""
    revision = recording.revision(worktree.read(run.repository), ())
    if result.subject_phase is not None:
        yield Fact("Phase", str(result.subject_phase))
    yield Fact("Seed", str(run.seed))
    if run.prp:
        yield Fact("PRP", run.prp)
    if revision.sha:
        yield Fact("Commit", revision.sha[:12] + (" with changes" if revision.dirty else ""))
    if revision.tree_sha:
        yield Fact("Files", revision.tree_sha[:12])
    for name, said in result.tools.items():
        yield Fact(name.capitalize(), said)
    machine = dict(result.machine)
    if "processors" in machine:
        yield Fact("Processors", f"{machine['processors']}, {machine['idle_percent']} % idle")
        yield Fact("Memory", f"{machine['memory_mib']} MiB")
        yield Fact("Platform", str(machine["platform"]))
