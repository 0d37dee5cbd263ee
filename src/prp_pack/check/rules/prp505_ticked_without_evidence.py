from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.items import Item
from prp_pack.check.registry import Target, rule
from prp_pack.check.ticks import untick
from prp_pack.evidence.standing import Standing, State
from prp_pack.model import Finding
from prp_pack.shell_words import quoted


@rule(
    "PRP505",
    name="ticked-without-evidence",
    summary="A box is ticked that no record, no person and no waiver stands behind.",
    fixable=True,
)
def ticked_without_evidence(target: Target) -> Iterator[Finding]:
    boxes = target.document.outline.checkboxes
    if not any(box.ticked for box in boxes):
        return
    for item in target.proof.items:
        standing = target.proof.standings[item.id]
        if not item.box or not item.box.ticked or standing.is_settled:
            continue
        if standing.state is not State.STALE:
            fix = untick(item.box, target.lines)
            yield Finding(item.line, _message(item, standing), help=_help(item, target), fix=fix)


def _message(item: Item, standing: Standing) -> str:
    if not item.is_runnable:
        return f"ticked, but nobody has attested it ({item.id})"
    if standing.state is State.UNRUN:
        return f"ticked, but `{item.subject}` has no run on record ({item.id})"
    return f"ticked, but its last run did not pass: {standing.why} ({item.id})"


def _help(item: Item, target: Target) -> str:
    path = target.document.path
    if item.is_runnable:
        return f"run it: prp gate run {quoted(path)} --item {item.id}; it ticks what it proves"
    return (
        f"a person who looked can say so: prp attest {quoted(path)} {item.id} --by NAME --note TEXT"
    )
