"""Each kind of older form, before and after."""

from __future__ import annotations

import pytest

from prp_pack.check.engine import Checker
from prp_pack.migration.rewriting import KEPT
from prp_pack.migration.steps import STEPS
from prp_pack.migration.subject import Destination
from prp_pack.model import Severity
from prp_pack.parse import document, plan, summary
from prp_pack.repository import Repository, decode
from prp_pack.schema.template import shipped_text
from tests.migration.conftest import after, assert_nothing_lost, migrated, rules_of

SIMPLE = Destination()

HEADER = """name: "Parcel tracking: live"
description: |
  People can see
  where their parcel is.

"""
V3 = """## Goal
Parcels can be tracked.

### For Complex Multi-Phase Projects:
- 100 scans in 1 s

## Validation Loop

### Level 1: Component Validation (Always Required)
```bash
ruff check src/
```

### Level 2: Integration Validation (Complex Multi-Phase Projects)
```bash
pytest tests/integration/
```

### Level 3: Performance Validation (Complex Multi-Phase Projects)
```bash
python scripts/load_test.py --target-rps=10
```

### Level 2: Unit Tests each new feature/file/function use existing test patterns
```bash
pytest tests/unit/
```

### Level 3: Integration Test (needs a depot)
```bash
curl --fail-with-body http://localhost:8000/parcels
```

## Final Validation Checklist

### Component Level (Always Required)
- [ ] `pytest tests/unit/`
"""


def headings(text: str) -> list[str]:
    return [
        f"{'#' * s.level} {s.title}" for s in document.parse(text, "PRPs/x.md").outline.sections
    ]


def names(made: object) -> list[str]:
    return [step.name for step in made.steps]  # type: ignore[attr-defined]


def test_the_shipped_template_is_left_as_it_is(checker: Checker) -> None:
    made = migrated(checker, shipped_text())
    assert not made.changes
    assert made.problems == ()


def test_a_bare_header_becomes_front_matter(checker: Checker) -> None:
    made = migrated(checker, HEADER + V3)
    assert after(made).startswith(
        '---\ntemplate: prp_base\nname: "Parcel tracking: live"\n'
        'description: "People can see where their parcel is."\n---\n\n## Goal\n'
    )
    assert "PRP108" not in rules_of(checker, made)
    assert_nothing_lost(made)


def test_levels_that_stood_twice_get_names_of_their_own(checker: Checker) -> None:
    made = migrated(checker, HEADER + V3)
    assert [title for title in headings(after(made)) if "Level " in title] == [
        "### Level 1: Component Validation (Always Required)",
        "### Level 1a: Unit tests for each new feature",
        "### Level 1b: Service smoke test",
        "### Level 2: Integration Validation (Complex Multi-Phase Projects)",
        "### Level 3: Performance Validation (Complex Multi-Phase Projects)",
        "### Component Level (Always Required)",
    ]
    # What the older title said beside its name stays.
    assert "**Level 3: Integration Test (needs a depot)**" in after(made)
    assert names(made) == ["header", "titles", "order"]
    assert_nothing_lost(made)


def test_the_gates_are_what_they_were(checker: Checker) -> None:
    before = checker.target(V3, "PRPs/search.md").gates.gates
    new = checker.target(after(migrated(checker, V3)), "PRPs/search.md").gates.gates
    assert sorted((gate.id, gate.command) for gate in before) == sorted(
        (gate.id, gate.command) for gate in new
    )


def test_a_section_that_stands_twice_becomes_one(checker: Checker) -> None:
    text = V3 + "\n## Goal\nThe second one.\n\n### Beyond\nMore.\n"
    made = migrated(checker, text)
    assert headings(after(made)).count("## Goal") == 1
    new = after(made)
    assert new.index("Parcels can") < new.index("**Goal**") < new.index("The second one.")
    assert new.index("The second one.") < new.index("### Beyond") < new.index("## Validation Loop")
    assert "PRP103" not in rules_of(checker, made)
    assert_nothing_lost(made)


def test_a_slip_in_a_title_is_mended_only_where_it_can_mean_nothing_else(checker: Checker) -> None:
    text = V3 + "\n## Anti-Paterns to Avoid\n- Haste\n\n## Implementation Blueprnt\nFirst this.\n"
    made = migrated(checker, text)
    assert "## Anti-Patterns to Avoid" in headings(after(made))
    assert "## Implementation Blueprint" in headings(after(made))
    assert "PRP106" not in rules_of(checker, made)
    other = V3.replace("Level 1: Component Validation", "Level 7: Component Validation")
    assert "### Level 7: Component Validation (Always Required)" in headings(
        after(migrated(checker, other))
    )


FRONT = [
    ("template: prp_base\nname: Parcels\n---\n", "---\ntemplate: prp_base\nname: Parcels\n---\n"),
    ("template: prp_base\nname: Parcels\n\n", "---\ntemplate: prp_base\nname: Parcels\n---\n"),
    ("---\ntemplate: prp_base\nname: Parcels\n\n", "---\ntemplate: prp_base\nname: Parcels\n---\n"),
    ("---\ntemplate: prp-base\nname: Parcels\n---\n", "---\ntemplate: prp_base\nname: Parcels\n---\n"),
    ("---\ntemplate: prp_base\nname: parcels: all\n---\n", '---\ntemplate: prp_base\nname: "parcels: all"\n---\n'),
    ("---\ntemplate: prp_base\nname: [all parcels]\n---\n", '---\ntemplate: prp_base\nname: "[all parcels]"\n---\n'),
    ("---\ntemplate: prp_base\nname: 2026\n---\n", '---\ntemplate: prp_base\nname: "2026"\n---\n'),
    ("---\ntemplate: prp_base\nrequirement: PRPs/I.md\n---\n", "---\ntemplate: prp_base\nrequirements: PRPs/I.md\n---\n"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), FRONT)
def test_front_matter_that_is_not_read_as_it_was_meant_is_mended(
    checker: Checker, old: str, new: str
) -> None:
    made = migrated(checker, f"{old}\n## Goal\nParcels can be tracked.\n")
    assert after(made).startswith(new)
    assert after(made).endswith("## Goal\nParcels can be tracked.\n")
    assert "PRP109" not in rules_of(checker, made)
    assert_nothing_lost(made)
    assert not migrated(checker, made.raw).changes


def test_a_key_that_means_nothing_is_kept_at_the_end(checker: Checker) -> None:
    text = "---\ntemplate: prp_base\nowner: depot\nlinks:\n  - '```'\nname: x\n---\n\n## Goal\nG.\n"
    made = migrated(checker, text)
    assert after(made).startswith("---\ntemplate: prp_base\nname: x\n---\n\n## Goal\nG.\n")
    assert f"## {KEPT}\n" in after(made)
    assert after(made).endswith("\n````text\nowner: depot\nlinks:\n  - '```'\n````\n")
    assert [one.title for one in made.unplaced] == ["owner: depot", "links:"]
    assert "PRP109" not in rules_of(checker, made)
    assert not migrated(checker, made.raw).changes


def test_front_matter_that_nobody_can_guess_is_left(checker: Checker) -> None:
    made = migrated(checker, "---\ntemplate: prp_base\nname: x\n\t- y\n---\n\n## Goal\nG.\n")
    assert not made.changes
    assert made.is_left
    assert "doesn't parse" in made.problems[0].message


# --- Plans and summaries ---------------------------------------------------------------------

TREE = """# Parcels: phases
- **Project Name**: Parcel tracker

```
Phase 1: Tracking core - Template: prp_base.md
├── GET /parcels/{code}
├── Phase Type: foundation
├── Complexity: high
└── Dependencies: None (first)

Phase 2: Live: "updates"
├── a socket
├── Phase Type: frontend
└── Dependencies: Phase 1
```
"""


def test_a_drawn_plan_gets_front_matter_that_says_the_same(checker: Checker) -> None:
    path = "PRPs/PROJECT_PHASE_PLAN.md"
    made = migrated(checker, TREE, path)
    assert after(made).endswith(TREE)
    old, new = plan.parse(TREE, path), plan.parse(after(made), path)
    assert new.project == "Parcel tracker"
    assert [(p.number, p.name, p.type, p.complexity, p.depends_on, p.delivers) for p in old.phases] == [
        (p.number, p.name, p.type, p.complexity, p.depends_on, p.delivers) for p in new.phases
    ]  # fmt: skip
    # What the tree doesn't say is not made up, and an alias is written as what it means.
    assert [p.message for p in new.problems] == [
        "phase 2: complexity must be low, medium or high, and is missing"
    ]
    assert "PRP109" not in rules_of(checker, made)
    assert_nothing_lost(made)
    assert not migrated(checker, made.raw, path).changes


def test_a_summary_claims_nothing_that_is_not_proven(checker: Checker) -> None:
    text = "# Done\n- **Phase Number**: 2\n- **Phase Name**: Live updates\n- Status: Complete\n"
    path = "PRPs/PHASE2_COMPLETION_SUMMARY.md"
    made = migrated(checker, text, path)
    new = summary.parse(after(made), path)
    assert (new.number, new.name, new.status, new.problems) == (2, "Live updates", "unverified", ())
    assert after(made).endswith(text)
    assert "PRP109" not in rules_of(checker, made)
    assert not migrated(checker, made.raw, path).changes


def test_the_front_matter_of_another_kind_is_kept_but_not_believed(checker: Checker) -> None:
    text = "---\nstatus: complete\nphase: 2\n---\n# Done\nAll of it.\n"
    made = migrated(checker, text, "PRPs/PHASE2_COMPLETION_SUMMARY.md")
    new = summary.parse(after(made), made.path)
    assert (new.number, new.status) == (2, "unverified")
    assert "```text\nstatus: complete\nphase: 2\n```" in after(made)
    assert_nothing_lost(made)


# --- The older template ----------------------------------------------------------------------

OLDER = """name: "Search"
description: |

# Search PRP

## Overview
What it is about.

### Success Metrics
Half the time.

## Goal
People find parcels.

### How it looks
A box.

## Why
- They ask us.

## What
A page.

### Success Criteria
- [ ] `pytest tests/unit/test_search.py`

## All Needed Context

### Documentation & References
- file: src/app.py

### Files to be added
src/search.py

## Implementation Blueprint

### Task 1: the index
Build it.

#### Where
In src.

### Task 1 pseudocode
for each parcel

## Validation Loop

### Level 1: Syntax & Style
```bash
ruff check src/
```

### Level 2: Type check
```bash
mypy src/
```

### Level 3: Unit Tests (fast)
```bash
pytest tests/unit/
```

### Level 4: End-to-end
```bash
pytest tests/e2e/
```

## Final Validation Checklist
- [ ] `ruff check src/`

### Documents
- [ ] README

## Confidence: 9/10
Sure.
"""


def test_each_part_of_an_older_prp_goes_where_it_belongs(checker: Checker) -> None:
    made = migrated(checker, OLDER, to=SIMPLE)
    new = after(made)
    target = checker.target(new, made.path)

    def said(id_: str) -> str:
        section = target.located.by_id[id_][0].section
        return "\n".join(target.lines[section.line : section.end - 1])

    assert "### How it looks\nA box." in said("goal")
    assert "pytest tests/unit/test_search.py" in said("what.success-criteria")
    context, blueprint = "all-needed-context", "implementation-blueprint"
    assert "src/app.py" in said(f"{context}.documentation-references")
    assert "src/search.py" in said(
        f"{context}.desired-codebase-tree-with-files-to-be-added-and-responsibility-of-file"
    )
    tasks = said(
        f"{blueprint}.list-of-tasks-to-be-completed-to-fullfill-the-prp-in-the-order-they-should-be-completed"
    )
    assert "**Task 1: the index**\n\nBuild it." in tasks
    assert "#### Where\nIn src." in tasks
    assert "for each parcel" in said(
        f"{blueprint}.per-task-pseudocode-as-needed-added-to-each-task"
    )
    gates = {gate.command: gate.level for gate in target.gates.gates if gate.level != "C"}
    assert gates == {
        "ruff check src/": "1", "mypy src/": "1", "pytest tests/unit/": "1a",
        "pytest tests/e2e/": "1b",
    }  # fmt: skip
    assert "**Level 3: Unit Tests (fast)**" in said(
        "validation-loop.level-1a-unit-tests-for-each-new-feature"
    )
    assert "`ruff check src/`" in said("final-validation-checklist.component-level")
    assert "### Documents" in said("final-validation-checklist")
    assert [one.title for one in made.unplaced] == ["Overview", "Confidence: 9/10"]
    assert new.rstrip().endswith("### Confidence: 9/10\nSure.")
    assert f"## {KEPT}\n" in new
    assert_nothing_lost(made)
    assert not migrated(checker, made.raw).changes


STRUCTURE = {"PRP101", "PRP102", "PRP103", "PRP105", "PRP106", "PRP107", "PRP108", "PRP109"}


@pytest.mark.parametrize("to", [SIMPLE, *(Destination(number) for number in (1, 2, 3))])
def test_an_older_prp_has_every_section_that_it_needs(checker: Checker, to: Destination) -> None:
    path = f"PRPs/phase{to.phase}.md" if to.phase else "PRPs/search.md"
    made = migrated(checker, OLDER, path, to)
    found = rules_of(checker, made)
    assert not STRUCTURE & found.keys(), found
    assert not {rule for rule in found if rule.startswith("PRP2")}, found
    context = document.parse(after(made), path).block.context
    assert context is not None
    assert (context.phase.number if context.phase else None) == to.phase
    assert_nothing_lost(made)
    assert not migrated(checker, made.raw, path, to).changes


def test_which_phase_it_is_comes_from_its_name_and_the_plan(checker: Checker) -> None:
    made = migrated(checker, OLDER, "PRPs/phase2_search.md")
    context = document.parse(after(made), made.path).block.context
    assert context is not None
    assert context.phase is not None
    assert context.phase.number == 2


def test_a_phase_that_no_plan_has_is_left_until_somebody_says_what_it_is(checker: Checker) -> None:
    made = migrated(checker, OLDER, "PRPs/phase9_search.md")
    assert not made.changes
    assert made.is_left
    assert "phase 9 is not in PRPs/PROJECT_PHASE_PLAN.md" in made.problems[0].message
    assert migrated(checker, OLDER, "PRPs/phase9_search.md", SIMPLE).changes


def test_the_older_front_matter_is_kept(checker: Checker) -> None:
    text = OLDER.replace(
        'name: "Search"\ndescription: |\n', "---\nname: Search\nowner: [me]\n---\n"
    )
    made = migrated(checker, text, to=SIMPLE)
    assert after(made).startswith("---\ntemplate: prp_base\nname: Search\n")
    assert "```text\nname: Search\nowner: [me]\n```" in after(made)
    assert_nothing_lost(made)


def test_what_the_author_wrote_as_project_context_stays_below_the_block(checker: Checker) -> None:
    made = migrated(checker, OLDER + "\n## Project Context\nWe track parcels.\n", to=SIMPLE)
    new = after(made)
    assert new.index("PHASE_INFO: null") < new.index("We track parcels.") < new.index("## Goal")


def test_nothing_is_moved_where_a_fence_is_not_closed(checker: Checker) -> None:
    made = migrated(checker, OLDER + "\n```bash\nls\n", to=SIMPLE)
    assert not made.changes
    assert made.problems[0].message.startswith("nothing can be moved: ")
    comment = migrated(checker, OLDER + "\n<!-- not yet\n", to=SIMPLE)
    assert not comment.changes
    assert comment.is_left


def test_a_free_form_document_is_left_with_a_note(checker: Checker) -> None:
    made = migrated(checker, "# Notes\nAsk the depot.\n")
    assert not made.changes
    assert not made.is_left
    assert [problem.severity for problem in made.problems] == [Severity.NOTE]


def test_the_front_matter_of_a_free_form_document_is_its_own(checker: Checker) -> None:
    text = "---\nname: a: b\nowner: me\n---\n\n# Notes\nAsk the depot.\n"
    assert not migrated(checker, text).changes


def test_titles_that_a_project_has_named_itself_are_left(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = tmp_path_factory.mktemp("own")
    (root / "PRPs").mkdir()
    (root / "PRPs/prp.toml").write_text('[check.aliases]\ngoal = ["Ziel"]\n', encoding="utf-8")
    made = migrated(Checker(Repository(root)), V3.replace("## Goal", "## Ziel"))
    assert "## Ziel" in headings(after(made))


def test_newlines_and_byte_order_mark_stay(checker: Checker) -> None:
    text = "\ufeff" + (HEADER + V3).replace("\n", "\r\n")
    made = migrated(checker, text)
    assert made.raw.startswith("\ufeff---\r\n")
    assert "\n" not in made.raw.replace("\r\n", "")


def test_a_section_that_moves_gets_the_title_that_it_then_has(checker: Checker) -> None:
    text = "---\ntemplate: prp_base\n---\n### Implementation Blueprint\n## goals\n## blueprint\n"
    made = migrated(checker, text)
    assert [step.name for step in made.steps] == ["titles", "order"]
    assert not migrated(checker, made.raw).changes
    assert_nothing_lost(made)


@pytest.mark.parametrize("newlines", [["\r"], ["\r", "\n"], ["\n", "\r"], ["\r\n", "\r", "\n"]])
def test_documents_of_any_newlines_become_the_same(checker: Checker, newlines: list[str]) -> None:
    text = HEADER + V3 + "\n## Goal\nAgain.\n\n## Why\n- So.\n"
    lines = text.split("\n")
    mixed = "".join(f"{line}{newlines[i % len(newlines)]}" for i, line in enumerate(lines[:-1]))
    assert decode(mixed.encode(), "x.md").text.count("\n") <= text.count("\n")
    made = migrated(checker, mixed)
    assert_nothing_lost(made)
    assert not made.is_left
    if len(newlines) == 1:
        assert after(made) == after(migrated(checker, text))
        assert "\n" not in made.raw


def test_each_step_says_what_it_does() -> None:
    assert len({step.name for step in STEPS}) == len(STEPS)
    assert all(step.summary for step in STEPS)
