"""Where a PRP's items stand: for a terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from prp_pack.check.goalposts import Moved
from prp_pack.check.items import Item, Proof
from prp_pack.check.registry import Target
from prp_pack.evidence.standing import SETTLED, State
from prp_pack.report.visible import visible
from prp_pack.shell_words import quoted

VERSION = 1
_COLOURS = {
    State.PROVEN: "32", State.ATTESTED: "32", State.WAIVED: "33", State.STALE: "33",
    State.FAILED: "31;1", State.INCONCLUSIVE: "33", State.UNRUN: "0",
}  # fmt: skip
_WIDTH = 72
# A level is as good as its worst item, in this order.
_WORST = (
    State.FAILED, State.INCONCLUSIVE, State.STALE, State.UNRUN, State.WAIVED, State.ATTESTED,
    State.PROVEN,
)  # fmt: skip


def levels(proof: Proof) -> dict[str, State]:
    """Return the state of each level, which is the worst of its required items'."""
    return proof.levels


def to_json(target: Target, weakened: Sequence[Moved]) -> str:
    """Return the status as a document of a stable shape."""
    proof = target.proof
    items = [_item(item, proof) for item in proof.items]
    said = {
        "version": VERSION,
        "prp": target.document.path,
        "tree": target.project.tree(()),
        "items": items,
        "levels": {level: state.value for level, state in levels(proof).items() if level},
        "ledger": [str(problem.place) + ": " + problem.message for problem in proof.broken],
        "weakened": [{"key": each.key, "message": str(each)} for each in weakened],
        "ready": is_ready(proof) and not weakened,
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def is_ready(proof: Proof) -> bool:
    """Tell whether everything that is required is settled, and the ledger is whole."""
    return bool(proof.items) and not proof.open and not proof.broken


def _item(item: Item, proof: Proof) -> Mapping[str, object]:
    standing = proof.standings[item.id]
    return {
        "id": item.id,
        "level": item.level,
        "line": item.line,
        "command" if item.is_runnable else "text": item.subject,
        "required": item.required,
        "state": standing.state.value,
        "run": standing.run,
        "why": standing.why,
    }


def text(path: str, proof: Proof, weakened: Sequence[Moved] = (), *, colour: bool = False) -> str:
    """Return a line for each item under a summary of one line."""
    lines = [summary(path, proof), *_lines(proof, colour=colour)]
    lines += [visible(f"ledger: {problem.place}: {problem.message}") for problem in proof.broken]
    lines += [visible(f"weakened ({each.key}): {each}") for each in weakened]
    return "".join(f"{line}\n" for line in lines)


def summary(path: str, proof: Proof) -> str:
    """Return how many items are settled, and how."""
    states = [proof.standings[item.id].state for item in proof.items]
    counted = [
        f"{states.count(state)} {state.value}" for state in reversed(_WORST) if state in states
    ]
    settled = sum(state in SETTLED for state in states)
    return f"{path}: {settled} of {len(states)} items settled ({', '.join(counted) or 'none'})"


def following(path: str, proof: Proof) -> str:
    """Return what is left for a person to say; empty when nothing is."""
    asked = [item.id for item in proof.open if not item.is_runnable]
    if not asked:
        return ""
    named = asked[0] if len(asked) == 1 else f"{asked[0]} and {len(asked) - 1} more"
    verb = "needs" if len(asked) == 1 else "need"
    return (
        f"{named} {verb} a person's word: prp attest {quoted(path)} {asked[0]} --by NAME "
        "--note TEXT, or prp waive\n"
    )


def _lines(proof: Proof, *, colour: bool) -> Iterator[str]:
    widths = max((len(item.id) for item in proof.items), default=0)
    for item in proof.items:
        standing = proof.standings[item.id]
        state = f"{standing.state.value:<12}"
        shown = f"\x1b[{_COLOURS[standing.state]}m{state}\x1b[0m" if colour else state
        subject = visible(" ".join(item.subject.split()))
        subject = subject if len(subject) <= _WIDTH else f"{subject[: _WIDTH - 1]}…"
        yield f"{item.id:<{widths}}  {shown}  {subject}"
        if standing.why and standing.state is not State.UNRUN:
            yield f"{'':<{widths}}  {'':<12}  {visible(standing.why)}"


def listing(proof: Proof) -> str:
    """Return a line for each item, with what decides it."""
    widths = max((len(item.id) for item in proof.items), default=0)
    lines = []
    for item in proof.items:
        said = " ".join(item.subject.split())
        how = "" if item.is_runnable else "  (a person's word)"
        if item.gate and item.gate.background:
            how = f"  (in the background{', ready=' + item.gate.ready if item.gate.ready else ''})"
        lines.append(f"{item.id:<{widths}}  {visible(said)}{how}\n")
    return "".join(lines)
