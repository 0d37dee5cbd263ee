from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.gates import replacement
from prp_pack.check.hazards import hazards
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Severity


@rule(
    "PRP503",
    name="unsafe-command",
    summary="A command does harm, never returns, or succeeds whatever happens.",
    v2=Severity.NOTE,
    fixable=True,
)
def unsafe_command(target: Target) -> Iterator[Finding]:
    for step in target.gates.steps:
        for hazard in hazards(step, target.lines):
            column, fix = replacement(target.document, hazard.line, hazard.column,
                                      hazard.old, hazard.new)  # fmt: skip
            yield Finding(hazard.line, hazard.message, column, hazard.help, fix=fix)
