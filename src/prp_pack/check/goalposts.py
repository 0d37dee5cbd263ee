"""What was changed of a PRP's goalposts since they were sealed."""

from __future__ import annotations

from collections.abc import Iterable

from prp_pack.check import ticks
from prp_pack.check.gates import gates_of
from prp_pack.check.registry import Target
from prp_pack.evidence import seal as seals
from prp_pack.schema.sections import locate
from prp_pack.typed import TYPE_CHECKING
from prp_pack.values import dataclass

if TYPE_CHECKING:
    from prp_pack.evidence.weakening import Change


@dataclass(frozen=True, slots=True)
class Moved:
    """A goalpost that was moved; `key` names the change for whoever accepts it."""

    change: Change
    key: str

    def __str__(self) -> str:
        place = f"{self.change.path}:{self.change.line}" if self.change.line else self.change.path
        return f"{place}: {self.change.message}"


def weakened(target: Target) -> tuple[Moved, ...]:
    """Return what asks for less than when it was sealed, and that no person has accepted.

    Nothing without a seal. Raises `UnreadableError` where the sealed files can't be read.
    """
    return (*in_document(target), *in_files(target))


def in_document(target: Target) -> tuple[Moved, ...]:
    """Return what is weakened in the PRP itself: criteria, thresholds, gates, boxes.

    After completion too: what was asked for is what was completed.
    """
    seal = target.neighbours.seal(target.proof.ledger)
    if seal is None or ticks.are_all(seal.text.split("\n"), target.document):
        return ()
    # Most PRPs have no seal, or are as they were, and those are not to pay for this import.
    from prp_pack.evidence.weakening import compare_goalposts  # noqa: PLC0415

    before = seal.document
    old = gates_of(before, locate(before.outline, target.matrix)).gates
    new = target.gates.gates
    return _open(target, compare_goalposts(before, target.document, old, new))


def in_files(target: Target) -> tuple[Moved, ...]:
    """Return what is weakened in tests and the tools' settings; nothing after completion.

    Then the files are a later phase's, whose own seal has them.
    """
    seal = target.neighbours.seal(target.proof.ledger)
    if seal is None or not seal.commit or target.proof.closed:
        return ()
    now = target.neighbours.worktree
    if seal.loss in seals.accepted(target.proof.ledger) and seal.is_lost:
        return ()
    paths = seal.changed(now)
    if not paths:
        return ()
    from prp_pack.evidence.weakening import compare_trees  # noqa: PLC0415

    return _open(target, compare_trees(*seal.texts(paths)))


def _open(target: Target, changes: Iterable[Change]) -> tuple[Moved, ...]:
    accepted = seals.accepted(target.proof.ledger)
    found = (Moved(each, seals.key_of(each.path, each.kind, each.message)) for each in changes
             if each.effect == "weakened")  # fmt: skip
    return tuple(each for each in found if each.key not in accepted)
