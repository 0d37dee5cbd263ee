"""The scripts that there are."""

from __future__ import annotations

from pathlib import Path

from prp_pack.model import SCRIPT_ALIASES, SCRIPTS
from prp_pack.probes import CATALOGUE, entry

SEED = Path(__file__).parents[2] / "PRPs/templates/prp_base.md"


def test_the_catalogue_has_the_scripts_in_the_order_of_the_template() -> None:
    assert tuple(each.name for each in CATALOGUE) == SCRIPTS
    assert tuple(alias for each in CATALOGUE for alias in each.aliases) == SCRIPT_ALIASES


def test_the_template_calls_no_script_that_is_not_there() -> None:
    text = SEED.read_text(encoding="utf-8")
    called = {part.split(".py")[0] for part in text.split("python scripts/")[1:]}
    assert len(called) > 10
    assert {name for name in called if entry(name) is None} == set()
