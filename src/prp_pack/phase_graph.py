"""What follows from a plan's phases: their order, the critical path, what can start.

A status is what a completion summary says: complete, partial, blocked or unverified. A phase
without a summary has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prp_pack.model import Complexity, Plan, PlannedPhase, Severity
from prp_pack.values import dataclass

# What a phase of each complexity counts on the critical path.
WEIGHTS = {Complexity.LOW: 1, Complexity.MEDIUM: 2, Complexity.HIGH: 3}

# A phase that ended in one of these can be built on; what it left open stands in its summary.
_ENDED = frozenset({"complete", "partial", "unverified"})


def is_sound(plan: Plan) -> bool:
    """Tell whether the phases are a graph that can be worked through in order."""
    return bool(plan.phases) and not any(p.severity is Severity.ERROR for p in plan.problems)


def in_order(plan: Plan) -> list[PlannedPhase]:
    """Return the phases by number; of two with one number the first."""
    by_number: dict[int, PlannedPhase] = {}
    for phase in plan.phases:
        by_number.setdefault(phase.number, phase)
    return [by_number[number] for number in sorted(by_number)]


def weight(phases: Iterable[PlannedPhase]) -> int:
    """Return how much the phases weigh together; one of unknown complexity weighs 1."""
    return sum(WEIGHTS[phase.complexity] if phase.complexity else 1 for phase in phases)


def critical_path(plan: Plan) -> tuple[int, ...]:
    """Return the heaviest chain of phases that wait for each other.

    Of several with one weight, the one with the lower numbers first. A dependency on the phase
    itself, on a later one or on none is no part of any chain.
    """
    chains: dict[int, tuple[int, tuple[int, ...]]] = {}
    for phase in in_order(plan):
        before = [chains[other] for other in phase.depends_on if other in chains]
        heaviest, chain = min(before, key=_heaviest_first, default=(0, ()))
        chains[phase.number] = heaviest + weight([phase]), (*chain, phase.number)
    return min(chains.values(), key=_heaviest_first, default=(0, ()))[1]


def _heaviest_first(chain: tuple[int, tuple[int, ...]]) -> tuple[int, tuple[int, ...]]:
    return -chain[0], chain[1]


def waits_for(phase: PlannedPhase, statuses: Mapping[int, str]) -> tuple[int, ...]:
    """Return the phases that must end before this one can start."""
    return tuple(n for n in phase.depends_on if statuses.get(n) not in _ENDED)


def startable(plan: Plan, statuses: Mapping[int, str]) -> tuple[PlannedPhase, ...]:
    """Return the phases that have no summary yet and wait for nothing, in order."""
    return tuple(
        phase
        for phase in in_order(plan)
        if phase.number not in statuses and not waits_for(phase, statuses)
    )


@dataclass(frozen=True, slots=True)
class CriticalPath:
    """The critical path with what is behind and before: complete, only claimed, and left."""

    phases: tuple[PlannedPhase, ...]
    done: tuple[PlannedPhase, ...]
    claimed: tuple[PlannedPhase, ...]
    """Summed up without evidence: their status is `unverified`."""
    left: tuple[PlannedPhase, ...]


def along_critical_path(plan: Plan, statuses: Mapping[int, str]) -> CriticalPath:
    """Return the critical path of a plan, parted by how far its phases are."""
    by_number = {phase.number: phase for phase in in_order(plan)}
    phases = tuple(by_number[number] for number in critical_path(plan))
    done = tuple(p for p in phases if statuses.get(p.number) == "complete")
    claimed = tuple(p for p in phases if statuses.get(p.number) == "unverified")
    left = tuple(p for p in phases if p not in done and p not in claimed)
    return CriticalPath(phases, done, claimed, left)
