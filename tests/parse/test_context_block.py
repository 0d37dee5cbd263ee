"""The context block: well formed, and each way in which it isn't."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.markdown import outline
from prp_pack.model import Complexity, ContextBlock, Phase, PhaseContext, PhaseType, Severity
from prp_pack.parse.context_block import parse

HEAD = "## Project Context\n```yaml\n"
GOOD = {
    "number": "2",
    "total_phases": "3",
    "phase_type": "integration",
    "previous_phases": "[1]",
    "template_source": "PRPs/PROJECT_PHASE_PLAN.md",
    "complexity_level": "high",
}
PHASE = Phase(
    2, 3, PhaseType.INTEGRATION, (1,), "PRPs/PROJECT_PHASE_PLAN.md", Complexity.HIGH
)  # fmt: skip


def read(text: str) -> ContextBlock:
    return parse(outline(text), "PRPs/x.md")


def block(**changes: str | None) -> ContextBlock:
    """Read a block whose PHASE_INFO is GOOD with changes; None leaves a key out."""
    fields = {**GOOD, **changes}
    info = "".join(f"  {key}: {value}\n" for key, value in fields.items() if value is not None)
    return read(f"{HEAD}PROJECT_TYPE: complex_multi_phase\nPHASE_INFO:\n{info}```\n")


def said(found: ContextBlock) -> list[str]:
    return [
        f"{problem.place.line}: {problem.message}" for problem in (*found.problems, *found.unknown)
    ]


def test_a_good_block_is_the_context() -> None:
    found = block()
    assert (found.context, said(found)) == (PhaseContext(PHASE), [])
    assert found.values["PHASE_INFO.number"] == 2
    assert found.lines["PHASE_INFO.number"] == 5


def test_a_simple_feature_has_no_phase() -> None:
    for info in ("", "PHASE_INFO: null\n", "PHASE_INFO:\n"):
        found = read(f"{HEAD}PROJECT_TYPE: simple_feature\n{info}```")
        assert (found.context, said(found)) == (PhaseContext(), [])


def test_a_simple_feature_with_a_phase_is_a_problem() -> None:
    found = read(f"{HEAD}PROJECT_TYPE: simple_feature\nPHASE_INFO: {{number: 1}}\n```")
    assert said(found) == ["4: a simple feature has no phase: “PHASE_INFO” must be null"]
    assert found.context == PhaseContext()


MALFORMED: dict[tuple[str, str | None], list[str]] = {
    ("number", None): ["4: “number” is missing"],
    ("number", "null"): ["5: “number” must be a whole number from 1, not “null”"],
    ("number", "0"): ["5: “number” must be a whole number from 1, not “0”"],
    ("number", "-1"): ["5: “number” must be a whole number from 1, not “-1”"],
    ("number", "true"): ["5: “number” must be a whole number from 1, not “True”"],
    ("number", "'2'"): ["5: “number” must be a whole number from 1, not “2”"],
    ("number", "[N]"): ["5: “number” must be a whole number from 1, not a list"],
    ("number", "{N: 1}"): ["5: “number” must be a whole number from 1, not keys and values"],
    ("total_phases", "2.5"): ["6: “total_phases” must be a whole number from 1, not “2.5”"],
    ("total_phases", None): ["4: “total_phases” is missing"],
    ("phase_type", "[foundation | integration]"): ["7: “phase_type” must be one word, not a list"],
    ("phase_type", "3"): ["7: “phase_type” must be one word, not “3”"],
    ("phase_type", None): ["4: “phase_type” is missing"],
    ("phase_type", "other"): [
        "7: “phase_type” must be one of foundation, integration, optimization, not “other”"
    ],
}


@pytest.mark.parametrize(("change", "expected"), MALFORMED.items(), ids=map(str, MALFORMED))
def test_without_number_total_and_type_the_phase_is_unknown(
    change: tuple[str, str | None], expected: list[str]
) -> None:
    found = block(**{change[0]: change[1]})
    assert (said(found), found.context) == (expected, None)


TOLERATED: dict[tuple[str, str | None], list[str]] = {
    ("number", "4"): ["5: “number” is 4 of only 3 phases"],
    ("phase_type", "frontend"): ["7: “phase_type” “frontend” is read as “integration”"],
    ("previous_phases", None): ["4: “previous_phases” is missing"],
    ("previous_phases", "1"): ["8: “previous_phases” must be a list of phase numbers, not “1”"],
    ("previous_phases", "{a: 1}"): [
        "8: “previous_phases” must be a list of phase numbers, not keys and values"
    ],
    ("previous_phases", "[1, x]"): [
        "8: “previous_phases” must be a list of phase numbers, not a list of something else"
    ],
    ("previous_phases", "[0, true]"): [
        "8: “previous_phases” must be a list of phase numbers, not a list of something else"
    ],
    ("template_source", "[path]"): ["9: “template_source” must be a path, not a list"],
    ("template_source", "null"): ["9: “template_source” must be a path, not “null”"],
    ("complexity_level", "[low]"): ["10: “complexity_level” must be one word, not a list"],
    ("complexity_level", "huge"): [
        "10: “complexity_level” must be one of low, medium, high, not “huge”"
    ],
    ("complexity_level", None): ["4: “complexity_level” is missing"],
}


@pytest.mark.parametrize(("change", "expected"), TOLERATED.items(), ids=map(str, TOLERATED))
def test_other_values_leave_the_phase_known(
    change: tuple[str, str | None], expected: list[str]
) -> None:
    found = block(**{change[0]: change[1]})
    assert said(found) == expected
    assert found.context is not None
    assert found.context.phase is not None


def test_an_alias_is_a_note_apart_from_the_problems() -> None:
    found = block(phase_type="frontend")
    assert ([p.severity for p in found.unknown], found.problems) == ([Severity.NOTE], ())


WHOLE = {
    "PROJECT_TYPE: x\nPHASE_INFO: {}": [
        "3: “PROJECT_TYPE” must be one of simple_feature, complex_multi_phase, not “x”"
    ],
    "PROJECT_TYPE: [simple_feature | complex_multi_phase]": [
        "3: “PROJECT_TYPE” must be one word, not a list"
    ],
    "PHASE_INFO: {}": ["3: “PROJECT_TYPE” is missing"],
    "PROJECT_TYPE: complex_multi_phase": ["3: “PHASE_INFO” is missing"],
    "PROJECT_TYPE: complex_multi_phase\nPHASE_INFO:": [
        "4: “PHASE_INFO” must be keys and values, not “None”"
    ],
    "- x": ["3: “PROJECT_TYPE” is missing"],
    "": ["2: “PROJECT_TYPE” is missing"],
    "a: [": ["4: YAML doesn't parse: did not find expected node content"],
}


@pytest.mark.parametrize(("content", "expected"), WHOLE.items(), ids=map(repr, WHOLE))
def test_a_block_that_says_too_little_gives_no_context(content: str, expected: list[str]) -> None:
    found = read(f"{HEAD}{content}\n```")
    assert found.context is None
    assert expected[0] in said(found)
    assert found.fence is not None


def test_a_key_that_stands_twice_is_a_problem() -> None:
    found = read(f"{HEAD}PROJECT_TYPE: simple_feature\nPROJECT_TYPE: simple_feature\n```")
    assert (said(found), found.context) == (["4: key “PROJECT_TYPE” stands twice"], PhaseContext())


@pytest.mark.parametrize(
    "text",
    ["", "## Goal\n```yaml\na: 1\n```", "## Project Context\ntext", "## Project Context\n```bash\n```",
     "## Project Context\n### More\n```yaml\na: 1\n```"],
)  # fmt: skip
def test_elsewhere_there_is_no_block(text: str) -> None:
    assert read(text) == ContextBlock()


@pytest.mark.parametrize("opening", ["```yaml", "```", "~~~yml", "   ````YAML title"])
def test_any_yaml_fence_of_the_section_is_the_block(opening: str) -> None:
    found = read(
        f"# T\n\n## 1. Project Context (x)\n\n```python\n```\n{opening}\nPROJECT_TYPE: simple_feature"
    )
    assert found.context == PhaseContext()
    assert found.fence is not None
    assert not found.fence.closed


def test_the_facts_are_a_comment_of_twelve_digits() -> None:
    for comment, facts in [
        ("# facts: 0123456789ab", "0123456789ab"),
        ("# facts: 012", ""),
        ("", ""),
    ]:
        assert read(f"{HEAD}{comment}\nPROJECT_TYPE: simple_feature\n```").facts == facts


@settings(deadline=None)
@given(st.text(), st.text(max_size=20))
def test_no_text_makes_it_raise(content: str, value: str) -> None:
    info = f"  number: {value}\n  phase_type: {content}\n  previous_phases: [{value}]"
    phased = f"PROJECT_TYPE: complex_multi_phase\nPHASE_INFO:\n{info}"
    for text in (content, f"PROJECT_TYPE: {content}", phased):
        found = read(f"{HEAD}{text}\n```")
        assert (
            found.context is None or found.context.phase is None or found.context.phase.number > 0
        )
