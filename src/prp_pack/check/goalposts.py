"""What was changed of a PRP's goalposts since they were sealed."""

from __future__ import annotations

from dataclasses import dataclass

from prp_pack.check.gates import gates_of
from prp_pack.check.registry import Target
from prp_pack.evidence import seal as seals
from prp_pack.evidence.weakening import Change, Effect, compare_goalposts, compare_trees
from prp_pack.schema.sections import locate


@dataclass(frozen=True, slots=True)
class Moved:
    """A goalpost that was moved; `key` names the change for whoever accepts it."""

    change: Change
    key: str

    def __str__(self) -> str:
        place = f"{self.change.path}:{self.change.line}" if self.change.line else self.change.path
        return f"{place}: {self.change.message}"


def moved(target: Target, *, files: bool = True) -> tuple[Moved, ...]:
    """Return every classified change since the seal; none without a seal, or after completion.

    Without `files`, those of the PRP alone. Raises `UnreadableError` where the sealed files can't be read.
    """
    proof = target.proof
    seal = target.neighbours.seal(proof.ledger)
    if seal is None or proof.closed is not None:
        return ()
    before = seal.document
    old = gates_of(before, locate(before.outline, target.matrix)).gates
    new = gates_of(target.document, target.located).gates
    changes = list(compare_goalposts(before, target.document, old, new))
    if files:
        paths = seal.changed(target.neighbours.worktree)
        changes += compare_trees(*seal.texts(paths))
    return tuple(Moved(each, seals.key_of(each.path, each.kind, each.message)) for each in changes)


def weakened(target: Target, *, files: bool = True) -> tuple[Moved, ...]:
    """Return the changes since the seal that ask for less, and that no person has accepted."""
    accepted = seals.accepted(target.proof.ledger)
    return tuple(
        each
        for each in moved(target, files=files)
        if each.change.effect is Effect.WEAKENED and each.key not in accepted
    )
