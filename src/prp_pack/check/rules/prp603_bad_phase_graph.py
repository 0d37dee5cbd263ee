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
    for problem in target.plan.problems if target.plan else ():
        message = problem.message
        if message.startswith("YAML"):
            message = f"the plan's {message}"
        hint = problem.help or _HELP
        yield Finding(problem.place.line, message, help=hint, severity=problem.severity)
