"""A person's word: attesting what no command can prove, waiving what doesn't apply."""

from __future__ import annotations

from prp_pack.check.items import Item
from prp_pack.check.registry import Target
from prp_pack.evidence.record import Check, Kind, Record, Status, Verdict
from prp_pack.gate import ticking
from prp_pack.gate.recording import Contract
from prp_pack.repository import UnreadableError
from prp_pack.shell_words import quoted
from prp_pack.values import replace


def attest(contract: Contract, id_: str, by: str, note: str) -> Record:
    """Record that a named person looked, and tick the box; raises `UnreadableError` if it can't."""
    target = contract.target()
    item = find(target, id_)
    if item.is_runnable:
        run = f"prp gate run {quoted(contract.path)} --item {item.id}"
        reason = f"{item.id} is proven by a command, not by a word"
        raise UnreadableError(contract.path, reason, item.line, f"run it: {run}; or waive it")
    draft = contract.draft(target, Kind.ATTESTATION, item.id, item.key, item.subject)
    return _spoken(contract, target, draft, by, note)


def waive(contract: Contract, id_: str, by: str, reason: str) -> Record:
    """Record why an item doesn't apply, or why a record is gone; raises `UnreadableError`."""
    target = contract.target()
    for problem in target.proof.broken:
        if problem.place.path.rpartition("/")[2].partition(".")[0] == id_:
            draft = contract.draft(target, Kind.WAIVER, id_, id_, problem.message)
            return _spoken(contract, target, draft, by, reason)
    item = find(target, id_)
    draft = contract.draft(target, Kind.WAIVER, item.id, item.key, item.subject)
    return _spoken(contract, target, draft, by, reason)


def find(target: Target, id_: str) -> Item:
    """Return the item of an id; raises `UnreadableError`, which names those there are."""
    for item in target.proof.items:
        if item.id.lower() == id_.lower():
            return item
    path = target.document.path
    raise UnreadableError(
        path, f"has no item {id_}", help=f"prp gate list {quoted(path)} names them all"
    )


def _spoken(contract: Contract, target: Target, draft: Record, by: str, note: str) -> Record:
    if not by.strip() or not note.strip():
        raise UnreadableError(contract.path, "a word needs a name and a text")
    record = replace(
        draft,
        verdict=Verdict.PASS,
        checks=(Check("word", Status.PASS, f"{by}: {note}"),),
        by=by.strip(),
        note=contract.redacted(note.strip()),
        data=contract.through,
    )
    written = contract.write(target, record)
    ticking.apply(contract)
    return written
