from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check import hidden_text, suppression
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Kind, Severity
from prp_pack.schema.template import fingerprint

_HELP = "say it where a reader sees it, or remove it: what is hidden must not steer an agent"


@rule(
    "PRP702",
    name="hidden-instruction",
    summary="Text that a reader doesn't see is addressed to an agent.",
    severity=Severity.WARNING,
    v2=Severity.WARNING,
    kinds=tuple(Kind),
)
def hidden_instruction(target: Target) -> Iterator[Finding]:
    for hidden in hidden_text.find(target.document):
        # Guidance that was left in place is PRP302's.
        if fingerprint(hidden.source.strip()) in target.template.guidance:
            continue
        # “ignore PRP304” is for us; the reason behind it is an author's words like any other.
        reason = suppression.reason_in(hidden.source)
        told = hidden_text.told(hidden.text if reason is None else reason)
        if told:
            # The words themselves are not repeated: findings go to an agent as well.
            message = f"{hidden.how} {told}"
            yield Finding(hidden.line, message, column=hidden.column, help=_HELP)
