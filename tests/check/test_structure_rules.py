"""What the pages of PRP100 to PRP109 can't show: edges, and whole templates."""

from __future__ import annotations

from pathlib import Path

import pytest

from prp_pack.check import fix
from prp_pack.check.engine import Checker
from prp_pack.check.rules import RULES
from prp_pack.check.rules.prp105_unexpected_section import REASONS
from prp_pack.markdown import outline
from prp_pack.model import Finding, Severity
from prp_pack.parse import front_matter
from prp_pack.repository import Repository, decode
from prp_pack.schema.conditions import CONDITIONS
from prp_pack.schema.template import shipped_text

SEED = Path(__file__).parents[3] / "shared/seed/prp_template_v3.md"
STRUCTURE = tuple(rule for rule in RULES if rule.id.startswith("PRP10"))

PHASES = {
    "simple": "PROJECT_TYPE: simple_feature",
    "first": "PROJECT_TYPE: complex_multi_phase\n"
    "PHASE_INFO: {number: 1, total_phases: 3, phase_type: foundation}",
    "middle": "PROJECT_TYPE: complex_multi_phase\n"
    "PHASE_INFO: {number: 2, total_phases: 3, phase_type: integration}",
    "last": "PROJECT_TYPE: complex_multi_phase\n"
    "PHASE_INFO: {number: 3, total_phases: 3, phase_type: optimization}",
}


def check(
    text: str, folder: Path, *ids: str, strict: bool = True, path: str = "PRPs/x.md"
) -> list[Finding]:
    rules = tuple(rule for rule in STRUCTURE if not ids or rule.id in ids)
    return Checker(Repository(folder), rules=rules, strict=strict).check_text(text, path)


def fixed(text: str, folder: Path, *ids: str) -> str:
    for _ in range(5):
        text = fix.apply(decode(text.encode(), "PRPs/x.md"), check(text, folder, *ids))
    return text


def template_for(phase: str) -> str:
    """Return the shipped template with nothing filled in but its context block."""
    before, _, rest = shipped_text().partition("PROJECT_TYPE:")
    return f"{before}{PHASES[phase]}\n```{rest.partition('```')[2]}"


def headings(text: str) -> set[str]:
    return {section.title for section in outline(text).sections}


@pytest.mark.skipif(not SEED.exists(), reason="the seed template is not part of the project")
def test_no_comment_inside_a_fence_of_the_seed_is_taken_for_a_heading(tmp_path: Path) -> None:
    text = SEED.read_text(encoding="utf-8")
    inside = {line for f in outline(text).fences for line in range(f.line + 1, f.end - 1)}
    assert inside
    assert not inside & {finding.line for finding in check(text, tmp_path)}


@pytest.mark.skipif(not SEED.exists(), reason="the seed template is not part of the project")
def test_the_seed_is_in_order_whole_and_without_duplicates(tmp_path: Path) -> None:
    text = SEED.read_text(encoding="utf-8")
    assert not check(text, tmp_path, "PRP102", "PRP103", "PRP105", "PRP106", "PRP107", "PRP109")


def test_the_shipped_template_has_no_fault_of_structure(tmp_path: Path) -> None:
    assert check(shipped_text(), tmp_path) == []


@pytest.mark.parametrize("phase", PHASES)
def test_the_fix_leaves_of_the_template_what_the_phase_needs(phase: str, tmp_path: Path) -> None:
    text = template_for(phase)
    result = fixed(text, tmp_path, "PRP105")
    assert check(result, tmp_path, "PRP105", "PRP102", "PRP103", "PRP107") == []
    gone = headings(text) - headings(result)
    assert any("Forward Compatibility" in title for title in gone) == (phase in ("simple", "last"))
    assert any("Production Readiness" in title for title in gone) == (phase != "last")
    assert {section.title for section in outline(text).sections if section.level == 2} <= headings(
        result
    )
    patterns = [key for key in ("FOUNDATION", "INTEGRATION", "OPTIMIZATION") if key in result]
    assert len(patterns) == (phase != "simple")
    assert result.count("\n---\n") == text.count("\n---\n"), "a ruler went along"
    assert "\n\n\n" not in result


def test_every_condition_has_words_for_a_section_that_breaks_it() -> None:
    assert REASONS.keys() == CONDITIONS.keys()


def test_nothing_is_unexpected_when_nobody_says_which_phase_it_is(tmp_path: Path) -> None:
    assert (
        check("## Goal\n\n### For Complex Multi-Phase Projects:\n- a\n", tmp_path, "PRP105") == []
    )


def test_an_unexpected_section_weighs_more_while_it_holds_template_text(tmp_path: Path) -> None:
    head = f"## Project Context\n```yaml\n{PHASES['simple']}\n```\n\n## Validation Loop\n\n"
    level = "### Level 2: Integration Validation\n```bash\n{}\n```\n"
    [written] = check(head + level.format("pytest tests/seam/"), tmp_path, "PRP105")
    [mixed] = check(head + level.format("pytest tests/phase_[N]/ -k seam"), tmp_path, "PRP105")
    assert (written.severity, written.fix) == (Severity.WARNING, None)
    assert (mixed.severity, mixed.fix) == (Severity.ERROR, None)


def test_a_section_of_the_authors_own_with_a_known_title_is_not_unexpected(tmp_path: Path) -> None:
    head = f"## Project Context\n```yaml\n{PHASES['simple']}\n```\n\n"
    own = "## System Architecture\nOne process.\n"
    assert check(head + own, tmp_path, "PRP102", "PRP105") == []


def test_subsections_that_moved_with_their_parent_are_not_named(tmp_path: Path) -> None:
    text = "## Goal\na\n\n### What\nb\n\n#### Success Criteria\n- [ ] c\n"
    assert [hit.line for hit in check(text, tmp_path, "PRP102")] == [4]


def test_below_a_renamed_parent_only_the_parent_is_named(tmp_path: Path) -> None:
    text = "## Validaton Loop\n\n### Level 1: Component Validation\na\n"
    hits = check(text, tmp_path, "PRP102", "PRP104", "PRP106")
    assert [(hit.rule, hit.line) for hit in hits] == [("PRP106", 1)]


def test_the_one_section_that_moved_is_named(tmp_path: Path) -> None:
    text = "## Why\na\n\n## What\nb\n\n## All Needed Context\n\n## Goal\nc\n"
    [hit] = check(text, tmp_path, "PRP102")
    assert (hit.line, hit.message) == (9, "section “Goal” stands after “Why” on line 1")


def test_an_older_title_keeps_its_older_place(tmp_path: Path) -> None:
    assert check("## Why\na\n\n## Objective\nb\n", tmp_path, "PRP102") == []


def test_a_parent_that_stands_twice_is_named_once(tmp_path: Path) -> None:
    part = "## What\na\n\n### Success Criteria\n- [ ] b\n\n"
    assert [hit.line for hit in check(part * 2, tmp_path, "PRP103")] == [7]


@pytest.mark.parametrize(
    "content",
    [
        "Parcels.",
        "- [ ] `pytest` passes",
        "[The end state in two or three sentences: what exists, who uses it, where it runs]",
        "#### Parts\nThe page.",
        "| a | b |\n|---|---|",
        "N/A values in the export are dropped.",
    ],
)
def test_what_counts_as_content(content: str, tmp_path: Path) -> None:
    assert check(f"## Goal\n{content}\n", tmp_path, "PRP104") == []


@pytest.mark.parametrize(
    "content", ["", "\n\n---\n", "<!-- later -->", "```\n```", "- \n- ", "#### Parts", "..."]
)
def test_what_does_not_count_as_content(content: str, tmp_path: Path) -> None:
    [hit] = check(f"## Goal\n{content}\n", tmp_path, "PRP104")
    assert hit.message == "section “Goal” is empty"


@pytest.mark.parametrize(
    ("line", "sound"),
    [
        ("N/A: it stores nothing", True),
        ("**N/A**: it stores nothing", True),
        ("- n/a: it stores nothing", True),
        ("N/A: it stores nothing\nand never will", True),
        ("N/A", False),
        ("N/A:", False),
        ("N/A: [reason]", False),
        ("N/A - it stores nothing", False),
    ],
)
def test_a_waiver_needs_its_reason_behind_a_colon(line: str, sound: bool, tmp_path: Path) -> None:
    text = f"## Implementation Blueprint\n\n### Data models and structure\n{line}\n"
    assert (check(text, tmp_path, "PRP104") == []) is sound


def test_text_that_every_prp_carries_is_no_residue(tmp_path: Path) -> None:
    purpose = shipped_text().partition("## Purpose")[2].partition("## Project Context")[0]
    assert check(f"## Purpose{purpose}", tmp_path, "PRP104") == []


def test_a_stray_marker_that_swallows_nothing_is_not_reported(tmp_path: Path) -> None:
    assert check("## Goal\nParcels.\n```\n", tmp_path, "PRP107") == []


def test_fences_that_go_astray_in_a_row_have_one_cause(tmp_path: Path) -> None:
    shown = "```markdown\na\n```bash\nb\n```\nc\n```\n\n"
    bare = shown.replace("```markdown", "```")
    hits = check(shown + bare + bare, tmp_path, "PRP107")
    assert [hit.line for hit in hits] == [1]


def test_a_marker_of_another_kind_ends_no_fence(tmp_path: Path) -> None:
    text = "~~~markdown\n```bash\na\n```\n~~~\n\n## Goal\nb\n"
    assert check(text, tmp_path, "PRP107") == []


def test_a_heading_with_an_underline_is_renamed_whole(tmp_path: Path) -> None:
    text = "Validaton Loop\n--------------\nRun the tests.\n"
    title = "## Validation Loop (Phase-Aware Multi-Level Testing)\n"
    assert fixed(text, tmp_path, "PRP106") == f"{title}Run the tests.\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["## Goal\na\n", "", "Text.\n"])
def test_a_legacy_header_becomes_front_matter_and_nothing_else_changes(
    newline: str, end: str, tmp_path: Path
) -> None:
    head = 'name: "A: b"\ndescription: |\n  one\n  two\n\n'
    source = decode((head + end).replace("\n", newline).encode(), "PRPs/x.md")
    raw = fix.apply(source, check(source.text, tmp_path, "PRP108"))
    text = raw.replace("\r\n", "\n")
    front = front_matter.parse(text, "")
    assert (front.text("template"), front.text("name")) == ("prp_base", "A: b")
    assert front.text("description") == "one two"
    assert text.endswith(f"---\n\n{end}")
    assert check(text, tmp_path, "PRP108", "PRP109") == []


def test_a_legacy_header_alone_is_replaced_whole(tmp_path: Path) -> None:
    assert fixed("name: a", tmp_path, "PRP108") == "---\ntemplate: prp_base\nname: a\n---\n\n"


def test_outside_our_lineage_front_matter_that_fails_is_no_error(tmp_path: Path) -> None:
    text = "---\nname: a: b\n---\n\nNotes.\n"
    [hit] = check(text, tmp_path, "PRP109", strict=False)
    assert hit.severity is Severity.WARNING


@pytest.mark.parametrize(
    "name", ["completion_summary", "initial", "phase_requirements", "project_phase_plan"]
)
def test_the_front_matter_of_every_template_is_known(name: str, tmp_path: Path) -> None:
    path = Path(__file__).parents[2] / f"PRPs/templates/{name}.md"
    text = path.read_text(encoding="utf-8")
    assert check(text, tmp_path, "PRP109", path=f"PRPs/{name}.md") == []


@pytest.mark.parametrize(
    "text",
    ["", "\n", "---", "---\n---", "```", "# ", "## Goal", "name:", "## \n```\n## Goal", "N/A\n==="],
)
def test_no_rule_of_structure_raises(text: str, tmp_path: Path) -> None:
    check(text, tmp_path)
    fixed(text, tmp_path)
