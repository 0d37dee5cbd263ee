from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Kind, Severity

_HELP = "a phase has number, name, type, complexity and depends_on, which names earlier phases"


@rule(
    "PRP603",
    name="bad-phase-graph",
    summary="The plan's phases can't be worked through in order.",
    v2=Severity.NOTE,
    other=Severity.NOTE,
    kinds=(Kind.PLAN,),
)
def bad_phase_graph(target: Target) -> Iterator[Finding]:
    if target.plan is None:
        return
    # What keeps the front matter from being read is PRP109's, and that no phase is left its echo.
    unread = target.document.front_matter.problems
    if unread and not target.plan.phases:
        return
    for problem in target.plan.problems:
        if problem not in unread:
            hint = problem.help or _HELP
            line, severity = problem.place.line, problem.severity
            yield Finding(line, problem.message, help=hint, severity=severity)
