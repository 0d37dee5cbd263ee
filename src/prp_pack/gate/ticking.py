"""Ticks that follow the ledger: what is settled gets one, what a run has refuted loses it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from prp_pack.check import fix
from prp_pack.check.registry import Target
from prp_pack.check.ticks import tick, untick
from prp_pack.gate.recording import Contract
from prp_pack.model import Finding
from prp_pack.repository import UnreadableError

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
        findings = list(_edits(contract.target(), ran))
        raw = fix.apply(before, findings)
        if raw == before.raw:
            return 0
        if contract.repository.read(contract.path).raw == before.raw:
            contract.repository.write(contract.path, raw)
            return len(findings)
    raise UnreadableError(contract.path, "is being written by something else", help="run it again")


def _edits(target: Target, ran: Collection[str]) -> Iterator[Finding]:
    for item in target.proof.items:
        if item.box is None:
            continue
        if target.proof.standings[item.id].is_settled:
            edit = tick(item.box, target.lines)
        else:
            edit = untick(item.box, target.lines) if item.key in ran else None
        if edit:
            yield Finding(item.line, "", fix=edit)
