from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.check.ticks import untick
from prp_pack.evidence.standing import State
from prp_pack.model import Finding
from prp_pack.shell_words import quoted


@rule(
    "PRP506",
    name="stale-evidence",
    summary="A box is ticked on the word of a run that saw other files than are there now.",
    fixable=True,
)
def stale_evidence(target: Target) -> Iterator[Finding]:
    if not any(box.ticked for box in target.document.outline.checkboxes):
        return
    for item in target.proof.items:
        standing = target.proof.standings[item.id]
        if item.box and item.box.ticked and standing.state is State.STALE:
            said = f"ticked, but {standing.why} ({item.id})"
            hint = f"run it again: prp gate run {quoted(target.document.path)} --item {item.id}"
            fix = untick(item.box, target.lines)
            yield Finding(item.line, said, help=hint, fix=fix)
