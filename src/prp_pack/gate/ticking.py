"""Ticks that follow the ledger: what is settled gets one, what a run has refuted loses it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from prp_pack.check.registry import Target
from prp_pack.check.ticks import tick, untick
from prp_pack.gate.recording import Contract
from prp_pack.model import Edit
from prp_pack.repository import Source, UnreadableError

# Somebody who writes the PRP at the same time is waited for this often.
ATTEMPTS = 5


def apply(contract: Contract, ran: Collection[str] = ()) -> int:
    """Tick the boxes of settled items, take back those of items that `ran`; returns how many.

    `ran` are keys. Nothing else of the PRP changes, and what somebody else writes meanwhile stays.
    """
    if not contract.keeps:
        return 0
    for _ in range(ATTEMPTS):
        before = contract.repository.read(contract.path)
        edits = list(_edits(contract.target(), ran))
        if contract.repository.read(contract.path).raw != before.raw:
            # Whose lines the edits name, nobody knows.
            continue
        if edits:
            contract.repository.write(contract.path, _marked(before, edits))
        return len(edits)
    raise UnreadableError(contract.path, "is being written by something else", help="run it again")


def _marked(source: Source, edits: Iterable[Edit]) -> str:
    """Return the raw text with the lines of the boxes changed; each ends as it did."""
    lines = source.raw_lines
    for edit in edits:
        old = lines[edit.line - 1]
        lines[edit.line - 1] = edit.text.removesuffix("\n") + old[len(old.rstrip("\r\n")) :]
    return "".join(lines)


def _edits(target: Target, ran: Collection[str]) -> Iterator[Edit]:
    for item in target.proof.items:
        if item.box is None:
            continue
        if target.proof.standings[item.id].is_settled:
            edit = tick(item.box, target.lines)
        else:
            edit = untick(item.box, target.lines) if item.key in ran else None
        if edit:
            yield edit
