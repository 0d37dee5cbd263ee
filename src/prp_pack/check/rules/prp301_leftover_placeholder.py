from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Lineage, Severity

_SHOWN = 100


@rule(
    "PRP301",
    name="leftover-placeholder",
    summary="A placeholder of the template was left as it was.",
    v2=Severity.ERROR,
)
def leftover_placeholder(target: Target) -> Iterator[Finding]:
    for found in chain.from_iterable(target.placeholders.values()):
        # In older documents a word in brackets may be anything.
        if target.lineage is Lineage.V3 or found.certain:
            text = found.text if len(found.text) <= _SHOWN else f"{found.text[:_SHOWN]}…"
            message = f"placeholder “{text}” was left as it was"
            hint = "write what belongs here, or remove the line when nothing does"
            yield Finding(found.line, message, column=found.column, help=hint)
