"""The words of a heading, the conditions they state, and when those hold."""

from __future__ import annotations

import pytest

from prp_pack.model import Phase, PhaseContext, PhaseType
from prp_pack.schema.conditions import CONDITIONS, applies, conditions_of

HEADINGS = [
    ("Goal", ()),
    ("Level 1: Component Validation (Always Required)", ()),
    ("For Complex Multi-Phase Projects:", ("complex",)),
    ("Previous Phase Integration (for complex multi-phase projects)", ("complex",)),
    ("Level 2: Integration Validation (Complex Multi-Phase Projects)", ("complex",)),
    (
        "Level 5: Forward Compatibility (Complex Multi-Phase Projects - Non-Final Phases)",
        ("complex", "not-final"),
    ),
    (
        "Production Readiness (Final Phase / Optimization Phase)",
        ("complex", "final-or-optimization"),
    ),
]


@pytest.mark.parametrize(("heading", "when"), HEADINGS)
def test_a_heading_states_its_conditions(heading: str, when: tuple[str, ...]) -> None:
    assert conditions_of(heading) == when
    assert conditions_of(heading.upper()) == when


SIMPLE = PhaseContext()
FIRST = PhaseContext(Phase(1, 3, PhaseType.FOUNDATION))
MIDDLE = PhaseContext(Phase(2, 3, PhaseType.OPTIMIZATION))
LAST = PhaseContext(Phase(3, 3, PhaseType.INTEGRATION))
HOLDS = [
    ("complex", [False, True, True, True]),
    ("not-final", [True, True, True, False]),
    ("final-or-optimization", [False, False, True, True]),
]


@pytest.mark.parametrize(("name", "expected"), HOLDS)
def test_a_condition_holds_for_these_contexts(name: str, expected: list[bool]) -> None:
    assert [CONDITIONS[name](context) for context in (SIMPLE, FIRST, MIDDLE, LAST)] == expected


def test_every_condition_is_in_the_table() -> None:
    assert [name for name, _ in HOLDS] == list(CONDITIONS)


def test_all_conditions_must_hold_and_none_means_always() -> None:
    assert applies((), SIMPLE)
    assert applies(("complex", "not-final"), FIRST)
    assert not applies(("complex", "not-final"), LAST)
    assert not applies(("complex", "not-final"), SIMPLE)
