from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check import goalposts
from prp_pack.check.goalposts import Moved
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding
from prp_pack.repository import UnreadableError
from prp_pack.shell_words import quoted


@rule(
    "PRP507",
    name="moved-goalposts",
    summary="A criterion, gate, test or tool's setting asks for less than when it was sealed.",
)
def moved_goalposts(target: Target) -> Iterator[Finding]:
    path = target.document.path
    for each in goalposts.in_document(target):
        line = each.change.line or 1
        yield Finding(line, f"since the seal: {each.change.message}", help=_help(path, each))
    try:
        weakened = goalposts.in_files(target)
    except UnreadableError as error:
        yield Finding(1, error.reason, help=error.help)
        return
    for each in weakened:
        yield Finding(1, f"since the seal: {each}", help=_help(path, each))


def _help(path: str, moved: Moved) -> str:
    accepting = f"prp gate accept {quoted(path)} {moved.key} --by NAME --reason TEXT"
    return f"take it back, or a person accepts it: {accepting}"
