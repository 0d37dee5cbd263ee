"""Seal the goalposts before the work begins, and accept a change of them afterwards."""

from __future__ import annotations

from prp_pack import worktree
from prp_pack.check import goalposts
from prp_pack.check.registry import Target
from prp_pack.evidence import ledger
from prp_pack.evidence import seal as seals
from prp_pack.evidence.record import Check, Kind, Record, Status, Verdict
from prp_pack.gate.recording import Contract
from prp_pack.repository import UnreadableError
from prp_pack.shell_words import quoted
from prp_pack.values import replace


def seal(contract: Contract) -> Record:
    """Record the goalposts as they are; returns the seal that is there when nothing changed.

    Raises `UnreadableError` when goalposts were weakened since the last seal: a new one would hide
    that.
    """
    target = contract.target()
    now = worktree.read(contract.repository)
    key = seals.key_of(target.document.text, now.digest)
    old = target.neighbours.seal(target.proof.ledger)
    if old is not None:
        if old.record.key == key:
            return old.record
        if moved := goalposts.weakened(target):
            reason = f"goalposts were weakened since the seal, first: {moved[0]}"
            help_ = f"take it back, or a person accepts it: {_accepting(contract, moved[0].key)}"
            raise UnreadableError(contract.path, reason, help=help_)
    commit = seals.snapshot(contract.repository, ledger.folder_of(target.document), now)
    said = f"{len(target.proof.items)} items, {len(now.entries)} files, commit {commit[:12]}"
    draft = contract.draft(target, Kind.SEAL, "seal", key, contract.path)
    record = replace(
        draft,
        verdict=Verdict.PASS,
        checks=(Check("seal", Status.PASS, said),),
        data={"document": target.document.text, "commit": commit},
    )
    return contract.write(target, record)


def accept(contract: Contract, key: str, by: str, reason: str) -> Record:
    """Record a person's reason for a weakened goalpost, or for sealed files that are gone.

    Raises `UnreadableError` for a key that names neither.
    """
    target = contract.target()
    found = _acceptable(target, key)
    if not found:
        help_ = f"prp gate status {quoted(contract.path)} lists them with their keys"
        raise UnreadableError(contract.path, f"no weakened goalpost has the key {key}", help=help_)
    if not by.strip() or not reason.strip():
        raise UnreadableError(contract.path, "a word needs a name and a text")
    draft = contract.draft(target, Kind.ACCEPTANCE, "seal", key, found)
    record = replace(
        draft,
        verdict=Verdict.PASS,
        checks=(Check("word", Status.PASS, f"{by}: {reason}"),),
        by=by.strip(),
        note=contract.redacted(reason.strip()),
        data=contract.through,
    )
    return contract.write(target, record)


def _acceptable(target: Target, key: str) -> str:
    """Return in words what a key names; nothing when it names nothing."""
    old = target.neighbours.seal(target.proof.ledger)
    if old is not None and key == old.loss and old.is_lost:
        return f"the sealed files of commit {old.commit[:12]} are gone"
    return next((str(each) for each in goalposts.weakened(target) if each.key == key), "")


def release(contract: Contract, target: Target, said: str) -> Record:
    """Record that an agent was let go with items unproven."""
    draft = contract.draft(target, Kind.RELEASE, "", "", contract.path)
    check = Check("end", Status.FAIL, said)
    return contract.write(target, replace(draft, verdict=Verdict.FAIL, checks=(check,), note=said))


def _accepting(contract: Contract, key: str) -> str:
    return f"prp gate accept {quoted(contract.path)} {key} --by NAME --reason TEXT"
