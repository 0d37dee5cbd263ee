"""What holds for every text: no rule raises, and a fix changes what it says and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prp_pack.check import fix
from prp_pack.check.engine import Checker
from prp_pack.repository import Repository, Source, decode
from prp_pack.schema import template

PLAN = """\
---
template: phase_plan
phases:
  - {number: 1, name: store, type: foundation, complexity: low, depends_on: []}
  - {number: 2, name: tracking, type: integration, complexity: high, depends_on: [1]}
---
"""
PATHS = ("PRPs/phase2.md", "PRPs/PROJECT_PHASE_PLAN.md", "PRPs/PHASE2_REQUIREMENTS.md")
FEW = settings(deadline=None, max_examples=150)
FEWER = settings(deadline=None, max_examples=60)

_TEMPLATE = template.shipped_text().split("\n")
_SECTIONS = [
    "\n".join(_TEMPLATE[section.line - 1 : section.body_end - 1])
    for section in template.read(template.shipped_text(), Checker(Repository(Path())).matrix)
    .outline.sections
]  # fmt: skip
_ODDITIES = [
    "---", "...", "```", "```yaml", "~~~yaml", "````python", "> ```yaml", "- ```yaml", "  - x",
    "Project Context\n====", "Goal\n---", "# [X]", "name: x", "description: |", "phases:",
    "  - {number: 2, type: frontend}", "phase: 2", "template: prp_base", "- [X]ms", "[N-1]: x",
    "requirements: PRPs/PHASE2_REQUIREMENTS.md", "PHASE_INFO:", "  number: [N]", "  number: 9",
    "PROJECT_TYPE: simple_feature", "  phase_type: frontend", "# facts: 0123456789ab", "<!--",
    "-->", "<!-- [N] -->", "N/A: none", "Task N:", "a: &a [*a]", "? [a]", "!!python/x y", "\t- x",
    "2024-13-45", "0x_", "'", "{", "├── Type: frontend", "Phase 1: x", "\u2028", "\x0b", "\x85",
]  # fmt: skip

assembled = st.lists(
    st.one_of(
        st.sampled_from(_SECTIONS),
        st.sampled_from(_TEMPLATE),
        st.sampled_from(_ODDITIES),
        st.text(max_size=20),
    ),
    max_size=30,
).map("\n".join)
texts = st.one_of(st.text(), assembled, st.just(template.shipped_text()))


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checker]:
    folder = tmp_path_factory.mktemp("project")
    (folder / "PRPs").mkdir()
    (folder / "PRPs/PROJECT_PHASE_PLAN.md").write_text(PLAN, encoding="utf-8")
    (folder / "PRPs/PHASE2_REQUIREMENTS.md").write_text("phase 2\n", encoding="utf-8")
    yield Checker(Repository(folder), strict=True)


def with_newlines(text: str, newline: str, mark: str) -> str:
    """Return the text as a file may hold it."""
    return mark + re.sub(r"\r\n|\r|\n", newline, text)


newlines = st.sampled_from(["\n", "\r\n"])
marks = st.sampled_from(["", "\ufeff"])


@FEW
@given(text=texts, path=st.sampled_from(PATHS), strict=st.booleans())
def test_no_rule_raises_on_any_text(checker: Checker, text: str, path: str, strict: bool) -> None:
    lines = re.sub(r"\r\n|\r", "\n", text)
    bound = checker if strict else Checker(checker.repository)
    for finding in bound.check_text(lines, path):
        assert 1 <= finding.line <= lines.count("\n") + 2, finding
        assert finding.column >= 1
        assert "\n" not in finding.message


@FEWER
@given(text=texts, newline=newlines, mark=marks)
@example("## Project Context\n- ```yaml\n  a: 1", "\r\n", "\ufeff")
@example("````", "\n", "")
@example("<!--", "\n", "")
@example("## Project Context\n~~~yaml\nPROJECT_TYPE: []", "\n", "")
def test_fixing_twice_gives_what_fixing_once_gave(
    checker: Checker, text: str, newline: str, mark: str
) -> None:
    path = checker.repository.root / PATHS[0]
    path.write_bytes(with_newlines(text, newline, mark).replace("\0", "").encode())
    _, once, _ = checker.fix(PATHS[0])
    path.write_bytes(once.encode())
    _, twice, _ = checker.fix(PATHS[0])
    assert twice == once


@FEW
@given(text=texts, newline=newlines, mark=marks)
def test_a_fix_leaves_every_other_line_as_it_was(
    checker: Checker, text: str, newline: str, mark: str
) -> None:
    raw = with_newlines(text, newline, mark).replace("\0", "")
    source = decode(raw.encode(), PATHS[0])
    findings = checker.check_text(source.text, PATHS[0])
    edited = {line for f in findings if f.fix is not None for line in range(f.fix.line, f.fix.end)}
    fixed = fix.apply(source, findings)
    after = iter(Source(PATHS[0], "", fixed.removeprefix(mark)).raw_lines)
    lines = Source(PATHS[0], "", raw.removeprefix(mark)).raw_lines
    for number, line in enumerate(lines, start=1):
        wanted = {line, line + source.newline} if number == len(lines) else {line}
        if number not in edited:
            assert any(found in wanted for found in after), line
    assert fixed.startswith(mark)
    assert "\r\n" not in raw or "\n" not in fixed.replace("\r\n", "")
