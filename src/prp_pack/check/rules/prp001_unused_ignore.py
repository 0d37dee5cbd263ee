from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check import suppression
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Kind, Severity


@rule(
    "PRP001",
    name="unused-ignore",
    summary="An ignore comment silences nothing.",
    severity=Severity.WARNING,
    v2=Severity.WARNING,
    other=Severity.NOTE,
    kinds=tuple(Kind),
    fixable=True,
)
def unused_ignore(target: Target) -> Iterator[Finding]:
    # The engine runs this rule last, when it knows what each comment has silenced.
    for ignore, ids in target.ignores.unused:
        where = "the file" if ignore.stop is None else "what it stands above"
        message = f"the ignore of {', '.join(ids)} silences nothing in {where}"
        fix = suppression.removal(target.document, ignore, ids)
        yield Finding(ignore.line, message, help="remove it", fix=fix)
