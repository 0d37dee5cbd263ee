"""What follows from the phases of a plan."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack import phase_graph
from prp_pack.model import Complexity, PhaseType, Place, Plan, PlannedPhase

LOW, MEDIUM, HIGH = Complexity.LOW, Complexity.MEDIUM, Complexity.HIGH
HERE = Place("PRPs/PROJECT_PHASE_PLAN.md")


def planned(number: int, *depends_on: int, level: Complexity | None = LOW) -> PlannedPhase:
    return PlannedPhase(number, f"n{number}", PhaseType.INTEGRATION, level, depends_on, HERE)


def plan(*phases: PlannedPhase) -> Plan:
    return Plan(HERE.path, phases=phases)


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        ((), ()),
        ((planned(1),), (1,)),
        ((planned(1), planned(2)), (1,)),
        ((planned(1), planned(2, 1), planned(3, 1, 2)), (1, 2, 3)),
        ((planned(1), planned(2, 1), planned(3, 1), planned(4, 3)), (1, 3, 4)),
        ((planned(2, 1), planned(1)), (1, 2)),
        # Two phases of low complexity weigh less than one of high complexity.
        ((planned(1), planned(2, 1), planned(3, 2), planned(4, 1, level=HIGH)), (1, 4)),
        ((planned(1), planned(2, 1, level=MEDIUM), planned(3, 1), planned(4, 2, 3)), (1, 2, 4)),
        # Of one weight, the one with the lower numbers.
        ((planned(1), planned(2, 1), planned(3, 2), planned(4, 1, level=MEDIUM)), (1, 2, 3)),
        ((planned(1), planned(2, level=LOW), planned(3, 2), planned(4, 1)), (1, 4)),
        # What isn't sound gives a shorter chain, and ends.
        ((planned(1, 2), planned(2, 1)), (1, 2)),
        ((planned(1, 1), planned(2, 9)), (1,)),
        ((planned(1, level=None), planned(2, 1, level=None)), (1, 2)),
    ],
)
def test_the_critical_path_is_the_heaviest_chain(
    phases: tuple[PlannedPhase, ...], expected: tuple[int, ...]
) -> None:
    assert phase_graph.critical_path(plan(*phases)) == expected


@st.composite
def sound_plans(draw: st.DrawFn) -> Plan:
    count = draw(st.integers(min_value=1, max_value=6))
    return plan(
        *(
            planned(
                number,
                *sorted(draw(st.sets(st.integers(1, number - 1)))) if number > 1 else (),
                level=draw(st.sampled_from(Complexity)),
            )
            for number in range(1, count + 1)
        )
    )


def chains(drawn: Plan) -> list[tuple[int, ...]]:
    """Return every chain of the plan, by brute force."""
    found: list[tuple[int, ...]] = []
    for phase in drawn.phases:
        before = [chain for chain in found if chain[-1] in phase.depends_on]
        found += [(phase.number,), *((*chain, phase.number) for chain in before)]
    return found


@settings(deadline=None)
@given(sound_plans())
def test_no_chain_is_heavier_and_each_step_waits_for_the_one_before(drawn: Plan) -> None:
    by_number = {phase.number: phase for phase in drawn.phases}

    def weight(chain: tuple[int, ...]) -> int:
        return phase_graph.weight(by_number[number] for number in chain)

    path = phase_graph.critical_path(drawn)
    heaviest = max(map(weight, chains(drawn)))
    assert path == min(chain for chain in chains(drawn) if weight(chain) == heaviest)
    assert all(one in by_number[other].depends_on for one, other in pairwise(path))


THREE = plan(planned(1), planned(2, 1), planned(3, 1, 2), planned(4, 1))


@pytest.mark.parametrize(
    ("statuses", "ready"),
    [
        ({}, [1]),
        ({1: "complete"}, [2, 4]),
        ({1: "unverified"}, [2, 4]),
        ({1: "partial", 4: "complete"}, [2]),
        ({1: "blocked"}, []),
        ({1: "complete", 2: "blocked", 4: "complete"}, []),
        ({1: "complete", 2: "complete", 3: "complete", 4: "complete"}, []),
    ],
)
def test_a_phase_can_start_when_what_it_needs_has_ended(
    statuses: dict[int, str], ready: list[int]
) -> None:
    assert [phase.number for phase in phase_graph.startable(THREE, statuses)] == ready


def test_what_nothing_proves_is_claimed_and_not_done() -> None:
    path = phase_graph.along_critical_path(THREE, {1: "complete", 2: "unverified"})
    parts = [[p.number for p in part] for part in (path.phases, path.done, path.claimed, path.left)]
    assert parts == [[1, 2, 3], [1], [2], [3]]
    path = phase_graph.along_critical_path(THREE, {1: "partial", 2: "blocked"})
    assert [p.number for p in path.left] == [1, 2, 3]
