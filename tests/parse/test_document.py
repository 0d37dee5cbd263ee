"""What kind of document a Markdown file is, and its parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.model import Kind, PhaseContext
from prp_pack.parse import document
from prp_pack.parse.python_source import MAX_BRACKETS, MAX_CHARACTERS, unparsable

KINDS = [
    ("PRPs/phase2.md", Kind.PRP),
    ("PRPs/x.md", Kind.PRP),
    ("PRPs/PROJECT_PHASE_PLAN.md", Kind.PLAN),
    ("PRPs/ext/EXTENSION_PHASE_PLAN.md", Kind.PLAN),
    ("PRPs/PHASE2_REQUIREMENTS.md", Kind.REQUIREMENTS),
    ("PRPs/phase2_requirement.md", Kind.REQUIREMENTS),
    ("PRPs/PHASE2_COMPLETION_SUMMARY.md", Kind.SUMMARY),
    ("PRPs/PHASE2_COMPLETION_REPORT.md", Kind.SUMMARY),
    ("PRPs/EXT_PHASE1_COMPLETION.md", Kind.SUMMARY),
    ("INITIAL.md", Kind.INITIAL),
    ("PRPs/INITIAL_labels.md", Kind.INITIAL),
    ("PRPs/INITIAL/x.md", Kind.PRP),
    ("PRPs/NOT_INITIAL.md", Kind.PRP),
    ("PRPs/PHASE_DEPENDENCY_MAP.md", Kind.OTHER),
    ("PRPs/PHASE_ADAPTATION_LOG.md", Kind.OTHER),
    ("PRPs/README.md", Kind.OTHER),
    ("PRPs/CHANGELOG.md", Kind.OTHER),
]


@pytest.mark.parametrize(("path", "kind"), KINDS)
def test_the_file_name_tells_the_kind(path: str, kind: Kind) -> None:
    assert document.parse("# Title\n", path).kind is kind


@pytest.mark.parametrize(("template", "kind"), document.TEMPLATES.items())
def test_front_matter_tells_it_before_the_name(template: str, kind: Kind) -> None:
    for text in (f"---\ntemplate: {template}\n---\n", f"---\ntemplate: {template} v3\n---\n"):
        assert document.parse(text, "PRPs/PROJECT_PHASE_PLAN.md").kind is kind


@pytest.mark.parametrize("template", ["other", "''", "1", "[prp_base]"])
def test_a_template_that_nobody_knows_leaves_it_to_the_name(template: str) -> None:
    text = f"---\ntemplate: {template}\n---\n"
    assert document.parse(text, "PRPs/PROJECT_PHASE_PLAN.md").kind is Kind.PLAN


def test_only_a_prp_has_a_context_block() -> None:
    text = "## Project Context\n```yaml\nPROJECT_TYPE: simple_feature\n```\n"
    assert document.parse(text, "PRPs/x.md").block.context == PhaseContext()
    assert document.parse(text, "PRPs/README.md").block.fence is None


@pytest.mark.parametrize(
    ("text", "last"), [("", 1), ("a", 1), ("a\n", 1), ("a\nb", 2), ("\n\n", 2)]
)
def test_a_final_newline_begins_no_line(text: str, last: int) -> None:
    assert document.parse(text, "PRPs/x.md").last_line == last


@given(st.text(), st.sampled_from([path for path, _ in KINDS]))
def test_no_text_makes_it_raise(text: str, path: str) -> None:
    assert document.parse(text, path).text == text


SOURCES: dict[str, tuple[str, list[tuple[int, str]]]] = {
    "good": ("x = 1\n", []),
    "indented": ("    x = 1\n    y = 2\n", []),
    "an odd escape": (r"x = '\d'", []),
    "nothing": ("", []),
    "an open bracket": ("x = 1\ny = (\n", [(11, "'(' was never closed")]),
    "a NUL": ("x = 1\n\0", [(10, "has a character that Python forbids")]),
    "half a character": ("x = '\ud800'", [(10, "has a character that Python forbids")]),
    "too long": ("x" * (MAX_CHARACTERS + 1), [(10, f"has more than {MAX_CHARACTERS} characters")]),
    "too deep": ("(" * 100_000, [(10, f"nests more than {MAX_BRACKETS} brackets")]),
    "operators": ("-" * 100_000 + "x", [(10, "nests too deeply")]),
    "closed again": ("()" * 1_000, []),
    "closed too often": (")(" * 10, [(10, "unmatched ')'")]),
}


@pytest.mark.parametrize(("text", "expected"), SOURCES.values(), ids=SOURCES)
def test_python_that_does_not_parse_has_line_and_reason(
    text: str, expected: list[tuple[int, str]]
) -> None:
    found = list(unparsable(text, 10))
    if text.startswith("x = 1\n\0"):
        # Later versions of Python say it as a syntax error.
        assert len(found) == 1
    else:
        assert found == expected
