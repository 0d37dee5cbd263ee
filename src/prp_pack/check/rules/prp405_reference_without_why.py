from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.paths import DOCUMENTATION
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Severity
from prp_pack.parse.references import KINDS


@rule(
    "PRP405",
    name="reference-without-why",
    summary="A reference doesn't say why it is worth reading.",
    severity=Severity.WARNING,
)
def reference_without_why(target: Target) -> Iterator[Finding]:
    said: set[int] = set()
    for reference in target.paths.references:
        spec = target.spec_at(reference.line)
        if spec is None or spec.id != DOCUMENTATION or reference.kind not in KINDS:
            continue
        if not reference.reasons and reference.entry not in said:
            # Several references of one entry share its reason.
            said.add(reference.entry)
            message = f"{reference.kind} “{reference.name}” doesn't say why"
            hint = "add `why:`, `section:` or `critical:` with the one fact to take from it"
            yield Finding(reference.line, message, reference.column, hint)
