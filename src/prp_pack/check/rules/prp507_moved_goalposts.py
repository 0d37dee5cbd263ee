from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check import goalposts
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding
from prp_pack.repository import UnreadableError


@rule(
    "PRP507",
    name="moved-goalposts",
    summary="A criterion, gate, test or tool's setting asks for less than when it was sealed.",
)
def moved_goalposts(target: Target) -> Iterator[Finding]:
    try:
        weakened = goalposts.weakened(target)
    except UnreadableError as error:
        yield Finding(1, error.reason, help=error.help)
        return
    path = target.document.path
    for each in weakened:
        here = each.change.path == path
        message = each.change.message if here else f"{each}"
        hint = f"take it back, or a person accepts it: prp gate accept {path} {each.key} "
        yield Finding(
            each.change.line or 1 if here else 1,
            f"since the seal: {message}",
            help=f"{hint}--by NAME --reason TEXT",
        )
