"""Requirements: what a file says about its phase, and where its parts disagree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.model import Complexity, PhaseType, Requirements, Severity
from prp_pack.parse.requirements import parse

FRONT = """\
---
phase: 2
name: Live updates
type: integration
complexity: high
depends_on: [1]
plan: PRPs/other/PLAN.md
---
# Phase 2: Live updates
"""

LIST = """\
# Requirements

- **Phase Number**: 2
- **Phase Name**:  Live   updates
- **Phase Type**: integration
- **Complexity Level**: High
- **Dependencies**: Phase 1
"""


def read(text: str, path: str = "PRPs/PHASE2_REQUIREMENTS.md") -> Requirements:
    return parse(text, path)


def messages(requirements: Requirements) -> list[str]:
    return [f"{problem.place.line}: {problem.message}" for problem in requirements.problems]


@pytest.mark.parametrize("text", [FRONT, LIST], ids=["front matter", "list"])
def test_both_forms_say_the_same(text: str) -> None:
    found = read(text)
    assert (found.number, found.name, found.depends_on) == (2, "Live updates", (1,))
    assert (found.type, found.complexity) == (PhaseType.INTEGRATION, Complexity.HIGH)
    assert found.problems == ()


def test_each_value_has_its_place() -> None:
    assert str(read(FRONT).places["depends_on"]) == "PRPs/PHASE2_REQUIREMENTS.md:6"
    assert read(LIST).places["type"].line == 5
    assert read(FRONT).plan == "PRPs/other/PLAN.md"


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("# Phase 3: Live", 3),
        ("## Requirements of phase 3", 3),
        ("# Live", None),
        ("### Phase 3", None),
    ],
)
def test_a_title_may_name_the_phase(title: str, number: int | None) -> None:
    found = read(f"text\n{title}\n", "PRPs/live.md")
    assert (found.number, found.problems) == (number, ())


def test_only_the_first_heading_is_the_title() -> None:
    found = read("# Requirements\n\n## Builds on phase 1\n")
    assert (found.number, found.problems) == (2, ())


def test_a_file_that_says_nothing_has_the_number_of_its_name() -> None:
    found = read("")
    assert found == Requirements(found.path, number=2, places=found.places)
    assert str(found.places["phase"]) == "PRPs/PHASE2_REQUIREMENTS.md"


def test_a_file_without_number_anywhere_has_none() -> None:
    assert read("# Feature", "PRPs/INITIAL.md").number is None


def test_null_says_nothing() -> None:
    found = read("---\nphase:\nname:\ntype: ~\ncomplexity: null\ndepends_on:\n---\n")
    assert found == Requirements(found.path, number=2, places=found.places)


@pytest.mark.parametrize("stated", ["3 of 4", "3 / 4", "3"])
def test_a_listed_number_may_name_the_total(stated: str) -> None:
    found = read(f"- **Phase Number**: {stated}\n", "PRPs/x.md")
    assert (found.number, found.problems) == (3, ())


DISAGREEMENTS = {
    "front matter and file name": (
        "---\nphase: 3\n---\n",
        "2: phase number is 3 here but 2 in the file name PRPs/PHASE2_REQUIREMENTS.md",
    ),
    "list and file name": (
        "- Phase Number: 3\n",
        "1: phase number is 3 here but 2 in the file name PRPs/PHASE2_REQUIREMENTS.md",
    ),
    "title and file name": (
        "# Phase 3\n",
        "1: phase number is 3 here but 2 in the file name PRPs/PHASE2_REQUIREMENTS.md",
    ),
    "front matter and list": (
        "---\nphase: 2\n---\n- Phase Number: 3\n",
        "2: phase is “2” in the front matter but “3” at PRPs/PHASE2_REQUIREMENTS.md:4",
    ),
    "front matter and title": (
        "---\nphase: 2\n---\n# Phase 3\n",
        "2: phase is “2” here but “3” at PRPs/PHASE2_REQUIREMENTS.md:4",
    ),
    "list and title": (
        "# Phase 3\n- Phase Number: 2\n",
        "2: phase is “2” here but “3” at PRPs/PHASE2_REQUIREMENTS.md:1",
    ),
    "types": (
        "---\ntype: foundation\n---\n- Phase Type: integration\n",
        "2: type is “foundation” in the front matter but “integration” at PRPs/PHASE2_REQUIREMENTS.md:4",
    ),
    "complexities": (
        "---\ncomplexity: low\n---\n\n- Complexity: high\n",
        "2: complexity is “low” in the front matter but “high” at PRPs/PHASE2_REQUIREMENTS.md:5",
    ),
}


@pytest.mark.parametrize(("text", "message"), DISAGREEMENTS.values(), ids=DISAGREEMENTS)
def test_a_disagreement_names_both_places(text: str, message: str) -> None:
    assert messages(read(text)) == [message]


def test_the_same_word_in_another_case_agrees() -> None:
    assert read("---\ntype: integration\n---\n- Phase Type: Integration\n").problems == ()


WRONG = {
    "phase: x": "2: phase number must be a whole number from 1, not “x”",
    "phase: 0": "2: phase number must be a whole number from 1, not “0”",
    "phase: [2]": "2: phase number must be a whole number from 1, not “[2]”",
    "type: x": "2: type must be foundation, integration or optimization, not “x”",
    "type: [integration]": "2: type must be foundation, integration or optimization, not “['integration']”",
    "complexity: 3": "2: complexity must be low, medium or high, not “3”",
    "depends_on: [x]": "2: depends_on must list phase numbers",
    "depends_on: true": "2: depends_on must list phase numbers",
    "- x": "2: front matter must be keys and values",
}


@pytest.mark.parametrize(("stated", "message"), WRONG.items())
def test_a_wrong_value_is_a_problem_at_its_line(stated: str, message: str) -> None:
    found = read(f"---\n{stated}\n---\n")
    assert messages(found) == [message]
    assert found.number == 2


def test_an_alias_is_a_note() -> None:
    found = read("- Phase Type: Frontend\n")
    assert found.type is PhaseType.INTEGRATION
    assert [(p.message, p.severity) for p in found.problems] == [
        ("type “frontend” is read as “integration”", Severity.NOTE)
    ]


@pytest.mark.parametrize(
    ("stated", "numbers"),
    [("[]", ()), ("[2, 1]", (1, 2)), ("1", (1,)), ('"1, 3"', (1, 3)), ("Phases 1-2", (1, 2)),
     ("none", ()), ('["1"]', (1,))],
)  # fmt: skip
def test_dependencies_are_numbers_or_words(stated: str, numbers: tuple[int, ...]) -> None:
    assert read(f"---\ndepends_on: {stated}\n---\n").depends_on == numbers


def test_further_down_a_file_speaks_of_other_phases() -> None:
    assert read("\n" * 40 + "- Phase Number: 3\n").number == 2


@pytest.mark.parametrize(
    "line", ["-" + " " * 100_000 + "x", "- Phase Name: a" + " " * 300_000 + "b", "# " + " " * 300_000 + "x",
             "- " + "*" * 100_000]
)  # fmt: skip
def test_a_hostile_line_comes_to_an_end(line: str) -> None:
    assert read(line).number == 2


@settings(deadline=None)
@given(st.text(), st.text(max_size=40))
def test_no_text_makes_it_raise(front: str, below: str) -> None:
    for text in (f"---\nphase: {front}\n---\n{below}", f"- Phase Number: {front}\n{below}", front):
        found = read(text)
        assert all(0 <= p.place.line <= text.count("\n") + 1 for p in found.problems)
