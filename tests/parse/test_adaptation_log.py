"""The adaptation log: which phases an entry is about."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.parse import adaptation_log

LOG = "PRPs/PHASE_ADAPTATION_LOG.md"
TEMPLATE = Path(__file__).parents[2] / "PRPs/templates/phase_adaptation_log.md"


def phases(text: str) -> list[tuple[int, ...]]:
    return [entry.phases for entry in adaptation_log.parse(text, LOG)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("- **Phase**: 2", (2,)),
        ("- **Phase:** 2", (2,)),
        ("* Phase: Phase 2 (tracking)", (2,)),
        ("Phases: 2 and 3", (2, 3)),
        ("- **Phase**: 1\n- **Affects**: phases 2-4", (1, 2, 3, 4)),
        ("- **Phase**: [2]", (2,)),
        ("- **Phase**: [N]", ()),
        ("- **Affects**: none", ()),
        ("- **Planned**: phase 2 has no cache", ()),
        ("- **Phase**:", ()),
        ("nothing", ()),
    ],
)
def test_an_entry_is_about_the_phases_it_names(said: str, expected: tuple[int, ...]) -> None:
    assert phases(f"# Log\n\n## 2026-03-01: x\n{said}\n") == [expected]


def test_entries_keep_their_order_and_places() -> None:
    text = "---\ntemplate: adaptation_log\n---\n# Log\n## one\n- Phase: 2\n## two\n- Phase: 3\n"
    entries = adaptation_log.parse(text, LOG)
    assert [(entry.title, str(entry.place)) for entry in entries] == [
        ("one", f"{LOG}:5"),
        ("two", f"{LOG}:7"),
    ]


def test_the_template_names_no_phase() -> None:
    assert phases(TEMPLATE.read_text(encoding="utf-8")) == [()]


@given(st.text() | st.lists(st.sampled_from(["## x", "- **Phase**: 1, 2", "---", "9" * 50]))
       .map("\n".join))  # fmt: skip
def test_no_text_is_refused(text: str) -> None:
    for entry in adaptation_log.parse(text, LOG):
        assert 1 <= entry.place.line <= text.count("\n") + 1
