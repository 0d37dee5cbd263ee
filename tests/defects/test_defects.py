"""Seeded defects: each makes a clean document of the example wrong, and its rule must say so."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from prp_pack.check.engine import Checker
from prp_pack.check.rules import RULES
from prp_pack.model import Finding
from prp_pack.repository import Repository
from tests.defects.edits import Edit
from tests.defects.table import MUTATIONS, Mutation, unchanged

# Ignore comments have tests of their own; PRP100 is about documents that aren't PRPs of ours.
# The last three are about a ledger; tests/gate and tests/e2e seed them.
NOT_SEEDED = {"PRP001", "PRP002", "PRP100", "PRP506", "PRP507", "PRP509"}
DOCUMENTS = sorted({mutation.document for mutation in MUTATIONS})


def text_of(folder: Path, document: str) -> str:
    path = folder / document
    return path.read_text(encoding="utf-8") if path.exists() else ""


def changed(folder: Path, around: Mapping[str, str | Edit | None], document: str) -> None:
    """Change other files of a copy; `COPY` stands for the document's own text."""
    for name, change in around.items():
        path = folder / name
        if change is None:
            path.unlink()
            continue
        text = change if isinstance(change, str) else change(path.read_text(encoding="utf-8"))
        assert not path.exists() or text != path.read_text(encoding="utf-8"), name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(folder, document) if text == "COPY" else text, encoding="utf-8")


def found(mutation: Mutation, example: Path, checker: Checker, copy: Path) -> list[Finding]:
    """Return the findings on the mutated text, which is written nowhere."""
    before = text_of(example, mutation.document)
    after = mutation.edit(before)
    assert (after == before) == (mutation.edit is unchanged), "the mutation changes nothing"
    if mutation.around:
        shutil.copytree(example, copy)
        changed(copy, mutation.around, mutation.document)
        checker = Checker(Repository(copy))
    return checker.check_text(after, mutation.document)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_documents_are_clean(document: str, example: Path, checker: Checker) -> None:
    if text := text_of(example, document):
        assert checker.check_text(text, document) == []


def test_every_defect_is_found_by_its_rule(example: Path, checker: Checker, tmp_path: Path) -> None:
    seeded = Counter(mutation.kind for mutation in MUTATIONS)
    caught: Counter[str] = Counter()
    missed = []
    for number, mutation in enumerate(MUTATIONS):
        rules = {f.rule for f in found(mutation, example, checker, tmp_path / str(number))}
        if mutation.expected in rules:
            caught[mutation.kind] += 1
        else:
            missed.append(f"{number}: {mutation.kind} in {mutation.document}: {mutation.expected} "
                          f"expected, found {sorted(rules)}")  # fmt: skip
    counts = [f"{caught[kind]:>4} of {count:<4} {kind}" for kind, count in seeded.items()]
    assert not missed, "\n".join(["", *counts, *missed])


def test_the_table_is_wide_enough() -> None:
    assert len(MUTATIONS) >= 150
    assert len({mutation.kind for mutation in MUTATIONS}) >= 30


def test_every_rule_is_seeded() -> None:
    expected = {mutation.expected for mutation in MUTATIONS}
    assert {rule.id for rule in RULES} - NOT_SEEDED - expected == set()
