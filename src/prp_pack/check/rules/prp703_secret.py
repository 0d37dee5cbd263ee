from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check import secrets
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Kind, Severity

_HELP = "revoke it, then name where it is kept (a variable, a vault); what git has seen stays seen"


@rule(
    "PRP703",
    name="secret",
    summary="A credential stands in the document.",
    v2=Severity.ERROR,
    other=Severity.WARNING,
    kinds=tuple(Kind),
)
def secret(target: Target) -> Iterator[Finding]:
    for found in secrets.find(target.document.text):
        message = f"{found.kind} stands here, beginning with “{found.shown}”"
        yield Finding(found.line, message, column=found.column, help=_HELP)
