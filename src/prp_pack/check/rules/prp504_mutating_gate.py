from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.gates import replacement
from prp_pack.check.hazards import mutations
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Severity


@rule(
    "PRP504",
    name="mutating-gate",
    summary="A gate changes the tree that it should only look at.",
    severity=Severity.WARNING,
    fixable=True,
)
def mutating_gate(target: Target) -> Iterator[Finding]:
    for step in target.gates.steps:
        for found in mutations(step):
            column, fix = replacement(target.document, found.line, found.column,
                                      found.old, found.new)  # fmt: skip
            yield Finding(found.line, found.message, column, found.help, fix=fix)
