"""What happens during a run, and what would, a line at a time."""

from __future__ import annotations

import shlex

from prp_pack.check.registry import Target
from prp_pack.evidence.record import Record, Verdict
from prp_pack.evidence.standing import reason
from prp_pack.gate.process import argv_of
from prp_pack.gate.run import (
    Ended,
    Event,
    Plan,
    Refused,
    Running,
    Settled,
    Started,
    Stopped,
    judged,
    refusal,
)
from prp_pack.report.visible import visible

_WORDS = {
    Verdict.PASS: ("passed", "32"),
    Verdict.FAIL: ("FAILED", "31;1"),
    Verdict.ERROR: ("FAILED", "31;1"),
    Verdict.INCONCLUSIVE: ("inconclusive", "33"),
    Verdict.SKIPPED: ("not applicable", "33"),
}
# Where no line can change, a new one is printed this often.
SECONDS = 30.0
# The lines of a failed command's output that are shown.
_LINES = 12


def line(event: Event, *, colour: bool = False) -> str:
    """Return what to print for an event, without a newline at its end."""
    match event:
        case Started(item):
            return visible(f"{item.id:<8} {_one_line(item.subject)}")
        case Running(item, elapsed, said):
            return visible(f"{item.id:<8} … {elapsed:.0f} s  {_one_line(said)}")
        case Ended(item, record, tail):
            return "\n".join(_ended(item.id, record, tail, colour=colour))
        case Settled(item, standing):
            return f"{item.id:<8} {standing.state} already ({standing.run})"
        case Refused(item, why):
            return visible(f"{item.id:<8} not run: {why}")
        case Stopped(level, open_):
            named = ", ".join(item.id for item in open_)
            return f"stopped at level {level}: {named} not proven; --keep-going goes on"


def _ended(id_: str, record: Record, tail: str, *, colour: bool) -> list[str]:
    word, code = _WORDS[record.verdict]
    painted = f"\x1b[{code}m{word}\x1b[0m" if colour else word
    passed = record.verdict is Verdict.PASS
    why = "; ".join(check.message for check in record.checks) if passed else reason(record)
    lines = [f"{id_:<8} {painted} in {record.duration_s:.1f} s: {visible(why)}"]
    if not passed:
        shown = tail.rstrip().split("\n")[-_LINES:] if tail.strip() else []
        lines += [f"         | {visible(each)}" for each in shown]
        lines += [f"         log: {artefact.path}" for artefact in record.artefacts[:1]]
    return lines


def _one_line(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= 88 else f"{said[:87]}…"  # noqa: PLR2004 - a terminal's line


def dry_run(target: Target, plan: Plan) -> str:
    """Return what a run would do, without doing it."""
    lines = []
    proof = judged(target)
    for item in proof.items:
        if not plan.wants(item):
            continue
        standing = proof.standings[item.id]
        reason = refusal(item, target)
        if not item.is_runnable:
            said = "needs a person's word"
        elif reason:
            said = f"not run: {reason}"
        elif standing.is_settled and not plan.again:
            said = f"{standing.state} already"
        else:
            argv = argv_of(item.gate) if item.gate else ()
            said = f"$ {shlex.join(argv)}" if argv else item.subject
        lines.append(f"{item.id:<8} {visible(said)}\n")
    return "".join(lines)
