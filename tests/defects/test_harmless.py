"""What only looks different gives no finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from prp_pack.check.engine import Checker
from prp_pack.repository import decode
from tests.defects.harmless import HARMLESS
from tests.defects.table import LABELS, P1, P2, P3
from tests.defects.test_defects import text_of


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_edits_give_no_finding(name: str, example: Path, checker: Checker) -> None:
    changed = 0
    for document in (P1, P2, P3, LABELS):
        before = text_of(example, document)
        after = HARMLESS[name](before)
        changed += after != before
        text = decode(after.encode(), document).text
        found = [
            f"{document}:{f.line}: {f.rule} {f.message}" for f in checker.check_text(text, document)
        ]
        assert found == []
    assert changed, "the edit changes nothing"


def test_there_are_enough_of_them() -> None:
    assert len(HARMLESS) >= 50
