from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Kind, Severity


@rule(
    "PRP002",
    name="bad-ignore",
    summary="An ignore comment can't be read, gives no reason, or names what can't be silenced.",
    v2=Severity.WARNING,
    other=Severity.NOTE,
    kinds=tuple(Kind),
)
def bad_ignore(target: Target) -> Iterator[Finding]:
    for fault in target.ignores.faults:
        yield Finding(fault.line, fault.message, column=fault.column, help=fault.help)
