"""What a running `/execute-prp` still owes, in the words that the agent gets."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from prp_pack.check import goalposts
from prp_pack.check.items import Item, Proof
from prp_pack.check.registry import Target
from prp_pack.evidence.standing import State
from prp_pack.repository import UnreadableError
from prp_pack.shell_words import quoted

# More than this many are not named one by one: the agent has a command for all of them.
SHOWN = 12


def open_points(target: Target) -> list[str]:
    """Return a line for each thing that keeps the PRP from being done."""
    proof = target.proof
    points = [f"the ledger: {problem.place}: {problem.message}" for problem in proof.broken]
    try:
        points += [f"weakened since the seal: {each}" for each in goalposts.weakened(target)]
    except UnreadableError as error:
        points.append(f"the seal: {error.reason}")
    points += _forged(proof)
    return points + [_line(item, proof) for item in proof.open]


def _forged(proof: Proof) -> Iterator[str]:
    for item in proof.items:
        if item.box and item.box.ticked and not proof.standings[item.id].is_settled:
            yield f"line {item.line} ticks {item.id}, and nothing proves it: take the tick back"


def _line(item: Item, proof: Proof) -> str:
    standing = proof.standings[item.id]
    if not item.is_runnable:
        return f"{item.id} needs a person's word: {item.subject}"
    why = f" ({standing.why})" if standing.why and standing.state is not State.UNRUN else ""
    return f"{item.id} {standing.state}: {item.subject}{why}"


def asked_of_a_person(path: str, proof: Proof, points: Collection[str]) -> str:
    """Return what a person is asked to say when nothing else keeps the PRP from being done."""
    words = [item for item in proof.open if not item.is_runnable]
    if not words or len(words) != len(points):
        return ""
    settled = len(proof.items) - len(words)
    calls = [f"\n- {item.subject}: prp attest {quoted(path)} {item.id} --by NAME --note TEXT"
             for item in words[:SHOWN]]  # fmt: skip
    rest = len(words) - SHOWN
    calls += [f"\n- and {rest} more: prp gate status {quoted(path)}"] if rest > 0 else []
    said = f"{path}: {settled} of {len(proof.items)} items are settled; the rest needs your word"
    return said + "".join(calls)


def told(path: str, proof: Proof) -> str:
    """Return the state of the items in one line, with the command that goes on from there."""
    settled = len(proof.items) - len(proof.open)
    levels = dict.fromkeys(item.level for item in proof.open if item.is_runnable)
    following = f" The next open level is {next(iter(levels))}." if levels else ""
    return (
        f"{settled} of {len(proof.items)} items are settled.{following} "
        f"`prp gate run {quoted(path)}` runs what is open, level by level, and ticks what it "
        f"proves; `prp gate status {quoted(path)}` shows all."
    )


def shortened(points: list[str]) -> str:
    """Return the points as a list, the first of them in full."""
    rest = len(points) - SHOWN
    lines = [f"- {point}" for point in points[:SHOWN]]
    return "\n".join([*lines, f"- and {rest} more"] if rest > 0 else lines)
