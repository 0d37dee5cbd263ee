"""Headings against the matrix: titles, aliases, near misses, lineages."""

from __future__ import annotations

import pytest

from prp_pack.markdown import outline
from prp_pack.model import Lineage
from prp_pack.schema import matrix, template
from prp_pack.schema.near_miss import near_misses
from prp_pack.schema.sections import How, Located, lineage_of, locate

MATRIX = matrix.shipped()


def located(text: str) -> Located:
    return locate(outline(text), MATRIX)


FOUND = {
    "by its title": ("## Goal", "goal", How.TITLE),
    "decorated": ("## 1. 🎯 **Goal** (draft)", "goal", How.TITLE),
    "by an alias": ("## Objective", "goal", How.ALIAS),
    "below its parent": ("## What\n### Success Criteria", "what.success-criteria", How.TITLE),
    "below an alias of it": ("## What to build\n### Success Metrics", "what.success-criteria", How.ALIAS),
    "alone": ("## Success Criteria", "what.success-criteria", How.ELSEWHERE),
    "below another": ("## Goal\n### Success Criteria", "what.success-criteria", How.ELSEWHERE),
    "below a title": ("# PRP\n## Goal", "goal", How.TITLE),
    "below one of several titles": ("# One\n# Two\n## Goal", "goal", How.TITLE),
}  # fmt: skip


@pytest.mark.parametrize(("text", "id_", "how"), FOUND.values(), ids=FOUND)
def test_a_heading_is_found(text: str, id_: str, how: How) -> None:
    match = located(text).matches[-1]
    assert (match.spec.id, match.how) == (id_, how)


def test_every_heading_of_our_template_is_found_by_its_title() -> None:
    found = located(template.shipped_text())
    assert found.unknown == ()
    assert [match.spec.id for match in found.matches] == list(MATRIX.by_id)
    assert {match.how for match in found.matches} == {How.TITLE}


def test_what_is_not_known_is_kept_apart() -> None:
    found = located("## Goal\n## Something else\n## Goal")
    assert [section.title for section in found.unknown] == ["Something else"]
    assert [match.section.line for match in found.by_id["goal"]] == [1, 3]
    first = found.section("goal")
    assert first is not None
    assert first.line == 1
    assert found.section("why") is None


NEAR = [
    ("Goaal", "goal"),
    ("Implementation Blueprnt", "implementation-blueprint"),
    ("Anti-Pattern to Avoid", "anti-patterns-to-avoid"),
    ("Final Validation Check list", "final-validation-checklist"),
    ("Validaton Loop", "validation-loop"),
    ("Core Principals", "core-principles"),
    ("Level 7: System Integration", "validation-loop.level-4-system-integration"),
]
FAR = ["Level 2: Integration Tests", "Overview", "Goal of the team", "Risks", "Notes", "What if",
       "Context of use", "Level 6: Forward motion", "Database", "x", "🎯"]  # fmt: skip


@pytest.mark.parametrize(("title", "id_"), NEAR)
def test_a_slip_is_a_near_miss_and_no_match(title: str, id_: str) -> None:
    found = located(f"## {title}")
    assert found.matches == ()
    assert [spec.id for _, spec in near_misses(found, MATRIX)] == [id_]


@pytest.mark.parametrize("title", FAR)
def test_another_title_is_no_near_miss(title: str) -> None:
    assert near_misses(located(f"## {title}"), MATRIX) == []


def test_a_section_that_is_there_has_no_near_miss() -> None:
    assert near_misses(located("## Goal\n## Goaal"), MATRIX) == []


def headings(*ids: str) -> str:
    """Return a document with these sections, each below its parents."""
    wanted = dict.fromkeys(".".join(id_.split(".")[: end + 1]) for id_ in ids
                           for end in range(id_.count(".") + 1))  # fmt: skip
    specs = [spec for spec in MATRIX.sections if spec.id in wanted]
    return "\n".join(f"{'#' * spec.level} {spec.title}" for spec in specs)


V2 = ("goal", "why", "what", "validation-loop")
V3 = MATRIX.lineages.v3_signature[1:5]
LINEAGES = [
    ("", "prp_base", Lineage.V3),
    ("", "", Lineage.OTHER),
    (headings(*V2), "", Lineage.V2),
    (headings(*V2), "prp_base", Lineage.V3),
    (headings(*V2[:3]), "", Lineage.OTHER),
    (headings(*V2, *V3[:3]), "", Lineage.V2),
    (headings(*V3), "", Lineage.V3),
    ("# Readme\n## Installation\n## Usage\n## Goal\n## Why", "", Lineage.OTHER),
    (template.shipped_text(), "", Lineage.V3),
]


@pytest.mark.parametrize(("text", "named", "lineage"), LINEAGES)
def test_four_signature_headings_make_a_lineage(text: str, named: str, lineage: Lineage) -> None:
    assert lineage_of(located(text), MATRIX, named) is lineage


def test_a_slip_is_found_among_any_number_of_other_headings() -> None:
    others = "\n".join(f"## Heading {number}" for number in range(500))
    found = near_misses(located(f"{others}\n## Goaal\n"), MATRIX)
    assert [(section.title, spec.id) for section, spec in found] == [("Goaal", "goal")]
