from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Severity

# How `context.resolve` says it; that nothing was measured yet is no error while one only asks.
_MISSING = "has no completion summary"


@rule(
    "PRP601",
    name="missing-completion-summary",
    summary="A phase that this one depends on has no completion summary.",
    requires=("PRP202",),
)
def missing_completion_summary(target: Target) -> Iterator[Finding]:
    block = target.document.block
    fence = block.fence.line if block.fence else 1
    line = block.lines.get("PHASE_INFO.previous_phases", fence)
    for problem in target.expected.problems if target.expected else ():
        if problem.severity is Severity.NOTE and _MISSING in problem.message:
            hint = "write it when that phase is done: /update-phase-completion N"
            message = f"{problem.message}, and {problem.place} makes this phase depend on it"
            yield Finding(line, message, help=hint)
