"""Real documents of older templates, brought to today's form."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from prp_pack.check.engine import Checker
from prp_pack.migration.steps import Migration, migrate
from prp_pack.migration.subject import Destination
from prp_pack.model import Lineage
from prp_pack.project import Listed
from prp_pack.repository import Repository, decode
from tests.migration.conftest import PLAN, after, assert_nothing_lost, rules_of

SHARED = Path(__file__).parents[3] / "shared"
CORPUS, SEED = SHARED / "corpus", SHARED / "seed/prp_template_v3.md"

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of other people's documents is not shipped"
)

# What a migration can mend, and what it must not bring about.
STRUCTURE = {"PRP101", "PRP102", "PRP103", "PRP105", "PRP106", "PRP107", "PRP108", "PRP109",
             "PRP201", "PRP202", "PRP203"}  # fmt: skip


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Checker:
    root = tmp_path_factory.mktemp("project")
    (root / "PRPs").mkdir()
    (root / "PRPs/PROJECT_PHASE_PLAN.md").write_text(PLAN, encoding="utf-8")
    return Checker(Repository(root), project=Listed(frozenset()))


@pytest.fixture(scope="module")
def features(checker: Checker) -> list[tuple[str, Migration]]:
    """Return what becomes of each document as a simple feature under its own name."""
    return migrations(checker, Destination())


def migrations(checker: Checker, to: Destination, name: str = "") -> list[tuple[str, Migration]]:
    """Return each document's family and what becomes of it, under its own path or as a phase."""
    found = []
    with (CORPUS / "manifest.tsv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows, delimiter="\t"):
            file = CORPUS / row["repo"].replace("/", "+") / "docs" / row["path"]
            older = row["lineage"] in ("v2-base", "v2-partial", "wirasm-v3")
            path = name if name and older else row["path"]
            found.append((row["lineage"], migrate(checker, decode(file.read_bytes(), path), to)))
    return found


@pytest.mark.parametrize(
    ("to", "name"),
    [(Destination(), "PRPs/search.md"), (Destination(2), "PRPs/phase2.md")],
    ids=["a simple feature", "a phase"],
)
def test_real_documents_lose_nothing_and_get_a_sound_structure(
    checker: Checker, to: Destination, name: str
) -> None:
    steps: Counter[str] = Counter()
    for _, made in migrations(checker, to, name):
        assert_nothing_lost(made)
        assert not migrate(checker, decode(made.raw.encode(), made.path), to).changes, made.path
        steps.update(step.name for step in made.steps)
        named = checker.target(after(made), made.path)
        if "older-template" in (step.name for step in made.steps):
            assert named.lineage is Lineage.V3
            assert not STRUCTURE & rules_of(checker, made).keys(), made.path
    assert steps["older-template"] >= 55
    assert steps["summary"] >= 20
    assert steps["plan"] >= 1


def test_only_what_nobody_can_read_for_certain_is_left(
    features: list[tuple[str, Migration]],
) -> None:
    left = [made for _, made in features if made.is_left]
    assert len(left) <= 3
    assert {problem.message.split(":")[0] for made in left for problem in made.problems} <= {
        "nothing can be moved"
    }


def test_free_form_documents_are_not_touched(features: list[tuple[str, Migration]]) -> None:
    for family, made in features:
        if family in ("prp-freeform", "other") and made.changes:
            assert {step.name for step in made.steps} <= {"summary", "plan"}, made.path


def test_the_seed_template_has_no_structural_finding_left(checker: Checker) -> None:
    made = migrate(checker, decode(SEED.read_bytes(), "PRPs/seed.md"))
    assert [step.name for step in made.steps] == ["header", "titles", "order"]
    assert_nothing_lost(made)
    assert not {"PRP102", "PRP103", "PRP106", "PRP108", "PRP109"} & rules_of(checker, made).keys()
    assert not migrate(checker, decode(made.raw.encode(), made.path)).changes
