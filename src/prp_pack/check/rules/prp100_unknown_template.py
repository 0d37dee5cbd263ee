from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Severity


@rule(
    "PRP100",
    name="unknown-template",
    summary="The document descends from no template that is known.",
    severity=None,
    other=Severity.NOTE,
)
def unknown_template(target: Target) -> Iterator[Finding]:
    path = target.matrix.template or "PRPs/templates/prp_base.md"
    message = "descends from no known template: its sections are not checked"
    hint = f"to have it checked, write `template: prp_base` into its front matter and follow {path}"
    yield Finding(1, message, help=hint)
