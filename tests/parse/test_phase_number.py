"""Phase numbers, types and complexities in the words of people."""

from __future__ import annotations

import pytest

from prp_pack.model import Complexity, PhaseType
from prp_pack.parse import phase_number

NAMES = [
    ("PRPs/PHASE2_REQUIREMENTS.md", 2),
    ("PHASE12_COMPLETION_SUMMARY.md", 12),
    ("phase3.md", 3),
    ("phase-4-live.md", 4),
    ("Phase 5.md", 5),
    ("phase_06_x.md", 6),
    ("EXT_PHASE1_Name_COMPLETION.md", 1),
    ("PRPs/phase2/INITIAL.md", None),
    ("PROJECT_PHASE_PLAN.md", None),
    ("phase20240131.md", None),
    ("x.md", None),
]


@pytest.mark.parametrize(("path", "number"), NAMES)
def test_the_file_name_carries_the_number(path: str, number: int | None) -> None:
    assert phase_number.number_in_name(path) == number


TEXTS = [
    ("", ()),
    ("None", ()),
    ("None (foundation)", ()),
    ("Phase 1", (1,)),
    ("phase 1 and phase 2", (1, 2)),
    ("Phases 1, 2 and 4", (1, 2, 4)),
    ("Phases 1-3", (1, 2, 3)),
    ("Phases 1 to 3", (1, 2, 3)),
    ("Phases 2 & 1", (1, 2)),
    ("Phase 1 (API), Phases 3–4", (1, 3, 4)),
    ("Phase_2, PHASE-3", (2, 3)),
    ("after phase 1; 20 users", (1,)),
    ("Python 3", ()),
    ("Phases 1-2024", (1, 2024)),
    ("Phases 3-1", (1, 3)),
    # Nothing but numbers, as `depends_on: 1, 2` gives it.
    ("2", (2,)),
    ("1, 2", (1, 2)),
    ("1 and 3", (1, 3)),
    (" 1-3 ", (1, 2, 3)),
    ("1, 2, v3", ()),
]


@pytest.mark.parametrize(("text", "numbers"), TEXTS)
def test_a_text_names_phases(text: str, numbers: tuple[int, ...]) -> None:
    assert phase_number.numbers_in_text(text) == numbers


TYPES = [
    ("foundation", PhaseType.FOUNDATION, ""),
    (" Integration ", PhaseType.INTEGRATION, ""),
    ("OPTIMIZATION", PhaseType.OPTIMIZATION, ""),
    ("frontend", PhaseType.INTEGRATION, "frontend"),
    ("Backend", PhaseType.FOUNDATION, "backend"),
    ("finalization", PhaseType.OPTIMIZATION, "finalization"),
    ("Finalisation", PhaseType.OPTIMIZATION, "finalisation"),
    ("optimisation", PhaseType.OPTIMIZATION, "optimisation"),
    ("found", None, "found"),
    ("", None, ""),
    (["foundation"], None, ""),
    (None, None, ""),
]


@pytest.mark.parametrize(("word", "type_", "alias"), TYPES)
def test_a_type_is_a_word_or_its_alias(word: object, type_: PhaseType | None, alias: str) -> None:
    assert phase_number.phase_type(word) == (type_, alias)


@pytest.mark.parametrize(
    ("word", "level"),
    [("low", Complexity.LOW), (" High ", Complexity.HIGH), ("huge", None), (3, None), (None, None)],
)
def test_a_complexity_is_one_of_three_words(word: object, level: Complexity | None) -> None:
    assert phase_number.complexity(word) == level


NUMBERS = [
    (0, 0), (1, 1), (9999, 9999), ("7", 7), (" 7 ", 7), (True, None), (False, None), (-1, None),
    (10_000, None), (2.0, None), ("2.0", None), ("", None), ("x", None), (None, None), ([1], None),
    ("٣", None), (float("nan"), None),
]  # fmt: skip


@pytest.mark.parametrize(("value", "number"), NUMBERS)
def test_a_phase_number_is_a_small_whole_number(value: object, number: int | None) -> None:
    assert phase_number.as_number(value) == number


@pytest.mark.parametrize(
    ("text", "phases"),
    [
        ("Phase 1, Phase 2", (1, 2)),
        ("None (foundation phase)", ()),
        ("none", ()),
        ("N/A", ()),
        ("-", ()),
        ("", ()),
        ("the first one", None),
        ("nonesuch", None),
    ],
)
def test_dependencies_in_words_are_phases_or_nothing_or_unclear(
    text: str, phases: tuple[int, ...] | None
) -> None:
    assert phase_number.dependencies_in_text(text) == phases
