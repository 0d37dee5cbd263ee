"""Run the gates again on a clean checkout, and compare with what the records say of it.

The judge of last resort: a record that no run can repeat is exposed, whoever wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from prp_pack import worktree
from prp_pack.check import goalposts
from prp_pack.evidence import ledger
from prp_pack.evidence.record import Kind, Verdict
from prp_pack.evidence.standing import reason
from prp_pack.gate import run as gates
from prp_pack.gate.recording import Contract
from prp_pack.gate.run import Ended, Event, Plan, Refused, Tell
from prp_pack.model import Kind as DocumentKind
from prp_pack.parse import document, front_matter
from prp_pack.report.visible import visible
from prp_pack.repository import UnreadableError
from prp_pack.values import dataclass, replace

VERSION = 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """One item: what its newest record says, and what a run says now. None: there is none."""

    id: str
    subject: str
    recorded: Verdict | None
    run: str
    now: Verdict | None
    why: str

    @property
    def holds(self) -> bool:
        """Whether the record is borne out; one that was never made claims nothing."""
        return self.recorded is not Verdict.PASS or self.now is Verdict.PASS


@dataclass(frozen=True, slots=True)
class Verified:
    path: str
    comparisons: tuple[Comparison, ...]
    problems: tuple[str, ...]
    """What is wrong with the ledger, the ticks and the goalposts."""

    @property
    def holds(self) -> bool:
        return not self.problems and all(each.holds for each in self.comparisons)


def prps_among(contracts: Sequence[Contract]) -> tuple[list[Contract], list[str]]:
    """Return the PRPs of several documents, and the paths of the others.

    A pattern such as `PRPs/*.md` names plan and requirements too. Where nothing is a PRP, all are
    returned, so that the first one is an error.
    """
    found: list[Contract] = []
    others: list[Contract] = []
    for contract in contracts:
        text = contract.repository.read(contract.path).text
        front = front_matter.parse(text, contract.path)
        is_prp = document.kind_of(contract.path, front) is DocumentKind.PRP
        (found if is_prp else others).append(contract)
    return (found, [other.path for other in others]) if found else (others, [])


def verify(contract: Contract, tell: Tell) -> Verified:
    """Run every gate, keep nothing, and compare; raises `UnreadableError` on files that changed."""
    tree = worktree.read(contract.repository)
    if tree.dirty:
        help_ = "verify in a clean checkout: git worktree add ../verify HEAD"
        raise UnreadableError(".", "files differ from the commit", help=help_)
    silent = replace(contract, keeps=False)
    target = silent.target()
    ended: dict[str, Ended] = {}
    refused: dict[str, str] = {}

    def note(event: Event) -> None:
        if isinstance(event, Ended):
            ended[event.item.key] = event
        elif isinstance(event, Refused):
            refused[event.item.key] = event.reason
        tell(event)

    gates.run(silent, Plan(again=True, keep_going=True), note)
    compared = []
    for item in target.proof.items:
        if not item.is_runnable:
            continue
        runs = target.proof.ledger.about(item.key, Kind.RUN)
        newest = runs[-1] if runs else None
        seen = ended.get(item.key)
        now = seen.record.verdict if seen else None
        why = reason(seen.record) if seen else refused.get(item.key, "was not run")
        compared.append(
            Comparison(item.id, item.subject, newest.verdict if newest else None,
                       newest.run_id if newest else "", now, why)
        )  # fmt: skip
    lost = ledger.losses(contract.repository, target.proof.ledger, history=True)
    problems = {str(p.place) + ": " + p.message: None for p in (*target.proof.broken, *lost)}
    problems |= {f"weakened since the seal: {each}": None for each in goalposts.weakened(target)}
    problems |= {
        f"{contract.path}:{item.line}: {item.id} is ticked, and nothing proves it": None
        for item in target.proof.items
        if item.box and item.box.ticked and not target.proof.standings[item.id].is_settled
    }
    return Verified(contract.path, tuple(compared), tuple(problems))


def text(result: Verified) -> str:
    """Return a line for each item whose record doesn't hold, and one that sums up."""
    claimed = [each for each in result.comparisons if each.recorded is Verdict.PASS]
    broken = [each for each in claimed if not each.holds]
    lines = [
        f"{each.id}: recorded as passed ({each.run}), but now: {each.now or 'no run'}, {each.why}"
        for each in broken
    ]
    lines += result.problems
    held = len(claimed) - len(broken)
    lines.append(f"{result.path}: {held} of {len(claimed)} passing records hold on this checkout")
    return "".join(f"{visible(line)}\n" for line in lines)


def to_json(results: Sequence[Verified]) -> str:
    said = {
        "version": VERSION,
        "prps": [
            {
                "prp": result.path,
                "holds": result.holds,
                "problems": list(result.problems),
                "items": [
                    {
                        "id": each.id,
                        "command": each.subject,
                        "recorded": each.recorded.value if each.recorded else None,
                        "run": each.run,
                        "now": each.now.value if each.now else None,
                        "holds": each.holds,
                        "why": each.why,
                    }
                    for each in result.comparisons
                ],
            }
            for result in results
        ],
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"
