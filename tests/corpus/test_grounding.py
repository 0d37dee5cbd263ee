"""Names in real documents, against the list of their repository's files."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from prp_pack.check.engine import Checker
from prp_pack.check.paths import How, Paths
from prp_pack.model import Finding, Lineage
from prp_pack.parse.tasks import CREATES, MODIFIES
from prp_pack.project import Listed
from prp_pack.repository import Repository, decode

CORPUS = Path(__file__).parents[3] / "shared/corpus"

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of other people's documents is not shipped"
)


@dataclass(frozen=True)
class Read:
    lineage: Lineage
    paths: Paths
    findings: list[Finding]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[Read]:
    empty = Repository(tmp_path_factory.mktemp("empty"))
    found = []
    with (CORPUS / "manifest.tsv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows, delimiter="\t"):
            folder = CORPUS / row["repo"].replace("/", "+")
            files = (folder / "tree.txt").read_text(encoding="utf-8").split("\n")
            checker = Checker(empty, project=Listed(frozenset(files) - {""}))
            text = decode((folder / "docs" / row["path"]).read_bytes(), row["path"]).text
            target = checker.target(text, row["path"])
            findings = checker.check_text(text, row["path"])
            found.append(Read(target.lineage, target.paths, findings))
    return found


def test_no_file_that_a_prp_creates_is_missed(documents: list[Read]) -> None:
    created = [
        document.paths.resolve(target.path).how
        for document in documents
        for target in document.paths.tasks
        if target.verb in CREATES
    ]
    assert len(created) > 100
    assert set(created) <= {How.THERE, How.CREATED}
    rules = {f.rule for d in documents for f in d.findings}
    assert not rules & {"PRP402", "PRP403", "PRP404"}


def test_nearly_every_file_that_a_prp_modifies_is_there(documents: list[Read]) -> None:
    found = [
        document.paths.resolve(target.path).how is How.THERE
        for document in documents
        for target in document.paths.tasks
        if target.verb in MODIFIES
    ]
    assert len(found) > 40
    assert sum(found) >= 0.95 * len(found)


def test_the_shares_of_references_are_those_that_were_measured(documents: list[Read]) -> None:
    found = Counter(
        document.paths.resolve(reference.name).how
        for document in documents
        for reference in document.paths.references
        if reference.is_file
    )
    total = found.total()
    assert total > 300
    assert 0.65 <= found[How.THERE] / total <= 0.85
    assert 0.10 <= found[How.SUFFIX] / total <= 0.20
    # Each of these was judged by hand: none of them is there, and none is created.
    assert 0.04 <= found[How.MISSING] / total <= 0.12
    assert found[How.OUTSIDE] == 0


def test_free_form_documents_are_left_alone(documents: list[Read]) -> None:
    rules = {f.rule for d in documents if d.lineage is Lineage.OTHER for f in d.findings}
    assert not {rule for rule in rules if rule.startswith("PRP4")}
