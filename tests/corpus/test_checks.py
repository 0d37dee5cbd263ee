"""The rules over real documents of others: no crash, few errors, none on free form."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from prp_pack.check import secrets
from prp_pack.check.engine import Checker
from prp_pack.model import Finding, Lineage, Severity
from prp_pack.repository import Repository

CORPUS = Path(__file__).parents[3] / "shared/corpus"

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of other people's documents is not shipped"
)

# Of the documents of older templates, at most one in so many may have an error.
ONE_IN = 8

Checked = dict[str, tuple[Lineage, list[Finding]]]


@pytest.fixture(scope="module")
def by_family() -> dict[str, Checked]:
    """Return each document's recognised lineage and findings, by the family it was filed under."""
    found: dict[str, Checked] = defaultdict(dict)
    with (CORPUS / "manifest.tsv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows, delimiter="\t"):
            file = CORPUS / row["repo"].replace("/", "+") / "docs" / row["path"]
            repository = Repository.containing(file.parent)
            checker = Checker(repository)
            path = repository.relative(file)
            text = repository.read(path).text
            lineage = checker.target(text, path).lineage
            found[row["lineage"]][str(file)] = lineage, checker.check_text(text, path)
    return found


def with_errors(checked: Checked) -> list[str]:
    return [
        path
        for path, (_, findings) in checked.items()
        if any(finding.severity is Severity.ERROR for finding in findings)
    ]


@pytest.mark.parametrize("family", ["prp-freeform", "origin-phase-docs", "other"])
def test_free_form_documents_have_no_error(by_family: dict[str, Checked], family: str) -> None:
    assert by_family[family]
    assert with_errors(by_family[family]) == []


def test_what_is_recognised_as_free_form_has_one_note_on_its_lineage(
    by_family: dict[str, Checked],
) -> None:
    notes = [
        sum(finding.rule == "PRP100" for finding in findings)
        for checked in by_family.values()
        for lineage, findings in checked.values()
        if lineage is Lineage.OTHER
    ]
    assert notes
    assert max(notes) == 1


def test_few_documents_of_older_templates_have_an_error(by_family: dict[str, Checked]) -> None:
    family = by_family["v2-base"]
    assert len(with_errors(family)) * ONE_IN <= len(family)
    recognised = {
        path: checked
        for documents in by_family.values()
        for path, checked in documents.items()
        if checked[0] is Lineage.V2
    }
    assert len(with_errors(recognised)) * ONE_IN <= len(recognised)


def test_documents_for_which_the_extra_is_not_imported_hold_nothing_that_it_finds() -> None:
    pytest.importorskip("detect_secrets", reason="the extra `secrets` is not installed")
    texts = [file.read_text("utf-8", "replace") for file in CORPUS.glob("*/docs/**/*.md")]
    passed_over = [text for text in texts if not secrets.may_hold_more(text)]
    assert len(passed_over) > len(texts) * 0.9
    assert [secret for text in passed_over for secret in secrets._found_by_more(text)] == []
