from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.addresses import addresses, wrong
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Severity


@rule(
    "PRP406",
    name="bad-url",
    summary="An address that can't be opened.",
    severity=Severity.WARNING,
    v2=Severity.WARNING,
)
def bad_url(target: Target) -> Iterator[Finding]:
    for reference in addresses(target):
        if reason := wrong(reference.name):
            message = f"url “{reference.name[:100]}” {reason}"
            hint = "write the whole address: `https://host/path`"
            yield Finding(reference.line, message, reference.column, hint)
