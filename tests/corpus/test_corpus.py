"""Real documents of others: every parser reads each of them, lineages are told apart."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from prp_pack.context import resolve
from prp_pack.model import Complexity, Lineage, PhaseContext, PhaseType, Severity
from prp_pack.parse import document, plan, requirements, summary, tasks
from prp_pack.repository import Repository, decode
from prp_pack.schema import matrix
from prp_pack.schema.near_miss import near_misses
from prp_pack.schema.sections import lineage_of, locate

CORPUS = Path(__file__).parents[3] / "shared/corpus"
MATRIX = matrix.shipped()
PHASED = "jkristofgh+TradeAssist"

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of other people's documents is not shipped"
)


@dataclass(frozen=True)
class Entry:
    file: Path
    path: str
    family: str


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    with (CORPUS / "manifest.tsv").open(encoding="utf-8", newline="") as rows:
        return [
            Entry(CORPUS / row["repo"].replace("/", "+") / "docs" / row["path"], row["path"], row["lineage"])
            for row in csv.DictReader(rows, delimiter="\t")
        ]  # fmt: skip


def test_every_parser_reads_every_document(entries: list[Entry]) -> None:
    assert len(entries) >= 180
    for entry in entries:
        text = decode(entry.file.read_bytes(), entry.path).text
        last = text.count("\n") + 1
        parsed = document.parse(text, entry.path)
        problems = [
            *parsed.front_matter.problems,
            *parsed.block.problems,
            *plan.parse(text, entry.path).problems,
            *requirements.parse(text, entry.path).problems,
            *summary.parse(text, entry.path).problems,
        ]
        assert all(0 <= problem.place.line <= last for problem in problems), entry.path
        assert all(section.line < section.end <= last + 1 for section in parsed.outline.sections)
        for fence in parsed.outline.fences:
            assert all(
                fence.line < task.line < fence.end
                for task in tasks.parse(fence.content, fence.line + 1)
            )
        near_misses(locate(parsed.outline, MATRIX), MATRIX)


# By family, how many of its documents at least are recognised as what.
SHARES = [
    ("v2-base", Lineage.V2, 0.95),
    ("v2-partial", Lineage.V2, 0.85),
    ("wirasm-v3", Lineage.V2, 0.95),
    ("prp-freeform", Lineage.OTHER, 0.95),
    ("origin-phase-docs", Lineage.OTHER, 1.0),
    ("other", Lineage.OTHER, 1.0),
]


def test_lineages_are_recognised(entries: list[Entry]) -> None:
    found: Counter[tuple[str, Lineage]] = Counter()
    for entry in entries:
        parsed = document.parse(decode(entry.file.read_bytes(), entry.path).text, entry.path)
        named = parsed.front_matter.text("template")
        found[entry.family, lineage_of(locate(parsed.outline, MATRIX), MATRIX, named)] += 1
    totals = Counter(entry.family for entry in entries)
    assert set(totals) == {family for family, _, _ in SHARES}
    for family, lineage, share in SHARES:
        assert found[family, lineage] >= share * totals[family], (family, found)
    assert sum(count for (_, lineage), count in found.items() if lineage is Lineage.V3) == 0


def test_the_phase_of_a_real_project_is_known() -> None:
    repository = Repository(CORPUS / PHASED / "docs")
    [path] = [
        p for p in repository.documents("PRP-PLANNING") if p.endswith("/PHASE3_REQUIREMENTS.md")
    ]
    resolved = resolve(repository, path)
    assert resolved.is_sound
    assert isinstance(resolved.context, PhaseContext)
    phase = resolved.context.phase
    assert phase is not None
    assert (phase.number, phase.total, phase.previous) == (3, 4, (1, 2))
    assert (phase.type, phase.complexity) == (PhaseType.INTEGRATION, Complexity.MEDIUM)
    assert all(place.path for place in resolved.sources.values())
    assert "phase_info.total_phases" in resolved.sources
    notes = [problem for problem in resolved.problems if problem.severity is Severity.NOTE]
    assert any("“frontend” is read as “integration”" in note.message for note in notes)
