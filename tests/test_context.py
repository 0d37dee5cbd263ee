"""The facts for one PRP, read from real documents on disk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from prp_pack.context import ResolvedContext, feature_in_words, resolve
from prp_pack.model import Complexity, Phase, PhaseContext, PhaseType, Severity
from prp_pack.render import context_block
from prp_pack.repository import Repository, UnreadableError

PLAN = """\
---
project: Parcels
phases:
  - number: 1
    name: Store
    type: foundation
    complexity: low
    depends_on: []
    scope: Keep parcels.
  - number: 2
    name: Live
    type: integration
    complexity: high
    depends_on: [1]
    scope: Tell listeners.
    delivers: [ws]
---
"""
REQUIREMENTS = "---\nphase: 2\ntype: integration\ncomplexity: high\ndepends_on: [1]\n---\n# Live\n"
SUMMARY = """\
---
phase: 1
status: complete
endpoints:
  - {path: /parcels}
metrics:
  - {metric: latency, value: 5, unit: ms}
---
"""
PATH = "PRPs/PHASE2_REQUIREMENTS.md"
FILES = {
    "PRPs/PROJECT_PHASE_PLAN.md": PLAN,
    PATH: REQUIREMENTS,
    "PRPs/PHASE1_COMPLETION_SUMMARY.md": SUMMARY,
    "PRPs/INITIAL.md": "---\ntemplate: initial\nname: Labels\n---\n",
}


def project(root: Path, **changes: str | None) -> Repository:
    """Return a project of FILES; a change names a file by its stem, None leaves it out."""
    named = {Path(path).stem: path for path in FILES}
    files: dict[str, str | None] = {**FILES}
    files |= {named.get(stem, f"PRPs/{stem}.md"): text for stem, text in changes.items()}
    (root / "PRPs").mkdir(exist_ok=True)
    for path, text in files.items():
        if text is not None:
            (root / path).write_text(text, encoding="utf-8")
    return Repository(root)


def said(resolved: ResolvedContext) -> list[str]:
    return [f"{problem.place}: {problem.message}" for problem in resolved.problems]


def test_a_phase_is_what_plan_requirements_and_summaries_say(tmp_path: Path) -> None:
    resolved = resolve(project(tmp_path), PATH)
    plan = "PRPs/PROJECT_PHASE_PLAN.md"
    phase = Phase(2, 2, PhaseType.INTEGRATION, (1,), plan, Complexity.HIGH)
    assert (resolved.context, said(resolved)) == (PhaseContext(phase), [])
    assert resolved.is_sound
    assert (resolved.name, resolved.scope, resolved.delivers) == (
        "Live",
        "Tell listeners.",
        ("ws",),
    )
    assert (resolved.requirements, resolved.plan) == (PATH, plan)
    assert [output.path for output in resolved.outputs] == ["PRPs/PHASE1_COMPLETION_SUMMARY.md"]
    assert [metric.value for metric in resolved.baselines] == [5]
    assert {key: str(place) for key, place in resolved.sources.items()} == {
        "project_type": f"{plan}:10",
        "phase_info.number": f"{PATH}:2",
        "phase_info.total_phases": f"{plan}:10",
        "phase_info.phase_type": f"{plan}:12",
        "phase_info.previous_phases": f"{plan}:14",
        "phase_info.template_source": plan,
        "phase_info.complexity_level": f"{plan}:13",
    }


def test_a_number_alone_finds_its_requirements(tmp_path: Path) -> None:
    repository = project(tmp_path)
    assert resolve(repository, number=2) == resolve(repository, PATH)
    first = resolve(repository, number=1)
    assert (first.requirements, first.outputs, first.is_sound) == ("", (), True)


SIMPLE = {
    "INITIAL with a plan": ("PRPs/INITIAL.md", {}, []),
    "INITIAL without plan": ("PRPs/INITIAL.md", {"PROJECT_PHASE_PLAN": None}, []),
    "a file without number": (
        "PRPs/feature.md",
        {"feature": "# Labels\n"},
        ["PRPs/feature.md: names no phase of PRPs/PROJECT_PHASE_PLAN.md; it is read as a simple feature"],
    ),
    "a file without number or plan": (
        "PRPs/feature.md",
        {"feature": "# Labels\n", "PROJECT_PHASE_PLAN": None},
        [],
    ),
    "nothing at all": ("", {"PROJECT_PHASE_PLAN": None}, []),
}  # fmt: skip


@pytest.mark.parametrize(("path", "changes", "notes"), SIMPLE.values(), ids=SIMPLE)
def test_a_simple_feature_has_no_phase(
    tmp_path: Path, path: str, changes: dict[str, str | None], notes: list[str]
) -> None:
    resolved = resolve(project(tmp_path, **changes), path)
    assert (resolved.context, said(resolved), resolved.is_sound) == (PhaseContext(), notes, True)
    assert str(resolved.sources["project_type"]) == (path or "PRPs")


UNKNOWN = {
    "no plan": (
        PATH,
        None,
        {"PROJECT_PHASE_PLAN": None},
        f"{PATH}:2: phase 2 is asked for but there is no phase plan",
    ),
    "no plan and no requirements": (
        "",
        4,
        {"PROJECT_PHASE_PLAN": None},
        "PRPs: phase 4 is asked for but there is no phase plan",
    ),
    "a number that the plan lacks": (
        "PRPs/PHASE7_REQUIREMENTS.md",
        None,
        {"PHASE7_REQUIREMENTS": ""},
        "PRPs/PHASE7_REQUIREMENTS.md: phase 7 is not in PRPs/PROJECT_PHASE_PLAN.md, which has 1, 2",
    ),
    "a number that was asked for and the plan lacks": (
        "",
        7,
        {},
        "PRPs/PROJECT_PHASE_PLAN.md: phase 7 is not in PRPs/PROJECT_PHASE_PLAN.md, which has 1, 2",
    ),
    "an empty plan": (
        PATH,
        None,
        {"PROJECT_PHASE_PLAN": ""},
        "PRPs/PROJECT_PHASE_PLAN.md:1: the plan names no phase",
    ),
    "several phases and none meant": (
        "",
        None,
        {},
        "PRPs/PROJECT_PHASE_PLAN.md: the plan has several phases (1, 2) and nothing says which one is meant",
    ),
    "an empty plan and none meant": (
        "",
        None,
        {"PROJECT_PHASE_PLAN": "---\nphases: []\n---\n"},
        "PRPs/PROJECT_PHASE_PLAN.md: the plan has several phases (none) and nothing says which one is meant",
    ),
    "a named plan that is missing": (
        PATH,
        None,
        {"PHASE2_REQUIREMENTS": "---\nphase: 2\nplan: PRPs/other/PLAN.md\n---\n"},
        f"{PATH}:3: the plan PRPs/other/PLAN.md that is named here does not exist",
    ),
    "a type that means nothing": (
        PATH,
        None,
        {"PROJECT_PHASE_PLAN": PLAN.replace("type: integration", "type: x")},
        "PRPs/PROJECT_PHASE_PLAN.md:12: phase 2: type must be foundation, integration or optimization, not “x”",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("path", "number", "changes", "message"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_cannot_be_known_says_why(
    tmp_path: Path, path: str, number: int | None, changes: dict[str, str | None], message: str
) -> None:
    resolved = resolve(project(tmp_path, **changes), path, number)
    assert resolved.context is None
    assert not resolved.is_sound
    assert message in said(resolved)
    assert len(resolved.digest) == 12


CONFLICTS = {
    "type": (
        {"PHASE2_REQUIREMENTS": REQUIREMENTS.replace("integration", "foundation")},
        f"{PATH}:3: phase type is “foundation” here but “integration” at PRPs/PROJECT_PHASE_PLAN.md:12",
    ),
    "complexity": (
        {"PHASE2_REQUIREMENTS": REQUIREMENTS.replace("high", "low")},
        f"{PATH}:4: complexity is “low” here but “high” at PRPs/PROJECT_PHASE_PLAN.md:13",
    ),
    "dependencies": (
        {"PHASE2_REQUIREMENTS": REQUIREMENTS.replace("[1]", "[]")},
        f"{PATH}:5: dependencies is “none” here but “1” at PRPs/PROJECT_PHASE_PLAN.md:14",
    ),
    "name of the file": (
        {"PHASE2_REQUIREMENTS": REQUIREMENTS.replace("phase: 2", "phase: 1")},
        f"{PATH}:2: phase number is 1 here but 2 in the file name {PATH}",
    ),
    "summary": (
        {"PHASE1_COMPLETION_SUMMARY": SUMMARY.replace("phase: 1", "phase: 3")},
        "PRPs/PHASE1_COMPLETION_SUMMARY.md:2: phase number is 3 here but 1 in the file name PRPs/PHASE1_COMPLETION_SUMMARY.md",
    ),
    "cycle": (
        {"PROJECT_PHASE_PLAN": PLAN.replace("depends_on: []", "depends_on: [2]")},
        "PRPs/PROJECT_PHASE_PLAN.md:8: phases depend on each other in a cycle: 1 → 2 → 1",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), CONFLICTS.values(), ids=CONFLICTS)
def test_a_conflict_names_both_places_and_nothing_is_sound(
    tmp_path: Path, changes: dict[str, str | None], message: str
) -> None:
    resolved = resolve(project(tmp_path, **changes), PATH)
    assert message in said(resolved)
    assert not resolved.is_sound


def test_a_file_of_another_phase_than_asked_for_is_a_conflict(tmp_path: Path) -> None:
    resolved = resolve(project(tmp_path), PATH, 1)
    assert f"{PATH}:2: phase 2 stands here but phase 1 was asked for" in said(resolved)
    assert resolved.errors


def test_an_alias_is_a_note_and_stays_sound(tmp_path: Path) -> None:
    plan = PLAN.replace("type: integration", "type: frontend")
    resolved = resolve(project(tmp_path, PROJECT_PHASE_PLAN=plan), PATH)
    assert said(resolved) == [
        "PRPs/PROJECT_PHASE_PLAN.md:12: phase 2: type “frontend” is read as “integration”"
    ]
    assert resolved.is_sound


def test_a_missing_summary_is_a_note(tmp_path: Path) -> None:
    resolved = resolve(project(tmp_path, PHASE1_COMPLETION_SUMMARY=None), PATH)
    [problem] = resolved.problems
    assert problem.message == "phase 1 has no completion summary PHASE1_COMPLETION_SUMMARY.md"
    assert (problem.severity, resolved.is_sound, resolved.outputs) == (Severity.NOTE, True, ())


def test_an_unreadable_summary_is_a_problem(tmp_path: Path) -> None:
    repository = project(tmp_path)
    (tmp_path / "PRPs/PHASE1_COMPLETION_SUMMARY.md").write_bytes(b"a\n\xff")
    resolved = resolve(repository, PATH)
    assert said(resolved) == [
        "PRPs/PHASE1_COMPLETION_SUMMARY.md:2: is not UTF-8: byte 0xff at offset 2"
    ]
    assert not resolved.is_sound


def test_a_requirements_file_that_is_missing_raises(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match=r"PRPs/x\.md: does not exist"):
        resolve(project(tmp_path), "PRPs/x.md")


PLANS = ["PRPs/named/PLAN.md", "PRPs/a/b/PROJECT_PHASE_PLAN.md", "PRPs/a/PROJECT_PHASE_PLAN.md",
         "PRPs/PROJECT_PHASE_PLAN.md", "PROJECT_PHASE_PLAN.md"]  # fmt: skip


@pytest.mark.parametrize("present", range(len(PLANS)))
def test_the_named_plan_comes_first_then_the_nearest(tmp_path: Path, present: int) -> None:
    for path in PLANS[present:]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(PLAN, encoding="utf-8")
    asked = "PRPs/a/b/PHASE2_REQUIREMENTS.md"
    named = f"plan: {PLANS[0]}\n" if present == 0 else ""
    (tmp_path / asked).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / asked).write_text(f"---\nphase: 2\n{named}---\n", encoding="utf-8")
    assert resolve(Repository(tmp_path), asked).plan == PLANS[present]


def test_a_file_elsewhere_belongs_to_the_projects_own_plan(tmp_path: Path) -> None:
    repository = project(tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/PHASE2_REQUIREMENTS.md").write_text(REQUIREMENTS, encoding="utf-8")
    resolved = resolve(repository, "docs/PHASE2_REQUIREMENTS.md")
    assert resolved.plan == "PRPs/PROJECT_PHASE_PLAN.md"
    assert len(resolved.outputs) == 1


SAME = {
    "nothing": {},
    "a line more in the plan": {"PROJECT_PHASE_PLAN": PLAN.replace("phases:", "# x\nphases:")},
    "other prose": {"PROJECT_PHASE_PLAN": PLAN + "\nWords.\n"},
    "a line more in the summary": {"PHASE1_COMPLETION_SUMMARY": SUMMARY.replace("status", "\nstatus")},
    "another phase": {"PROJECT_PHASE_PLAN": PLAN.replace("name: Store", "name: Keep")},
}  # fmt: skip
CHANGED = {
    "name": {"PROJECT_PHASE_PLAN": PLAN.replace("name: Live", "name: Quick")},
    "scope": {"PROJECT_PHASE_PLAN": PLAN.replace("Tell listeners.", "Tell all.")},
    "delivers": {"PROJECT_PHASE_PLAN": PLAN.replace("[ws]", "[ws, sse]")},
    "complexity": {"PROJECT_PHASE_PLAN": PLAN.replace("complexity: high", "complexity: medium")},
    "endpoint": {"PHASE1_COMPLETION_SUMMARY": SUMMARY.replace("/parcels", "/parcel")},
    "measured value": {"PHASE1_COMPLETION_SUMMARY": SUMMARY.replace("value: 5", "value: 6")},
    "status": {"PHASE1_COMPLETION_SUMMARY": SUMMARY.replace("complete", "partial")},
    "no summary": {"PHASE1_COMPLETION_SUMMARY": None},
}


def digests(root: Path, changes: dict[str, str | None]) -> tuple[str, str]:
    found = []
    for name, changed in (("before", {}), ("after", changes)):
        (root / name).mkdir()
        found.append(resolve(project(root / name, **changed), PATH).digest)
    return found[0], found[1]


@pytest.mark.parametrize("changes", SAME.values(), ids=SAME)
def test_the_digest_stays_when_no_fact_changes(
    tmp_path: Path, changes: dict[str, str | None]
) -> None:
    before, after = digests(tmp_path, changes)
    assert before == after
    assert re.fullmatch("[0-9a-f]{12}", before)


@pytest.mark.parametrize("changes", CHANGED.values(), ids=CHANGED)
def test_the_digest_changes_with_a_fact(tmp_path: Path, changes: dict[str, str | None]) -> None:
    before, after = digests(tmp_path, changes)
    assert before != after


def test_the_same_project_gives_the_same_bytes_twice(tmp_path: Path) -> None:
    def rendered() -> str:
        resolved = resolve(project(tmp_path), PATH)
        assert resolved.context is not None
        return context_block.render(resolved.context, resolved.sources, resolved.digest)

    assert rendered() == rendered()


def test_a_feature_in_words_is_simple_and_has_no_file() -> None:
    resolved = feature_in_words()
    assert (resolved.context, resolved.is_sound) == (PhaseContext(), True)
    assert str(resolved.sources["project_type"]) == "the user's words"
