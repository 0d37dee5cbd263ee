"""What a document may do to whoever looks at a report of it: nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from prp_pack.report.visible import cells, is_hidden, visible, visible_lines, width

SHOWN = [
    ("as it is: “quotes”, ümlaut, 漢字, 🚚", "as it is: “quotes”, ümlaut, 漢字, 🚚"),
    ("combining: e\u0301", "combining: e\u0301"),
    ("a\tb", "a    b"),
    ("\x1b[2J", "\\u{1b}[2J"),
    ("\x9b2J", "\\u{9b}2J"),
    ("one\rtwo", "one\\u{d}two"),
    ("one\ntwo", "one\\u{a}two"),
    ("right\u202etfel", "right\\u{202e}tfel"),
    ("zero\u200bwidth", "zero\\u{200b}width"),
    ("tag\U000e0041", "tag\\u{e0041}"),
    ("filler\u3164", "filler\\u{3164}"),
    ("paragraph\u2029", "paragraph\\u{2029}"),
    ("half\udc80", "half\\u{dc80}"),
    ("no character\uffff", "no character\\u{ffff}"),
    ("##[error]x", "#\\u{23}[error]x"),
    ("##vso[task.setvariable]x", "#\\u{23}vso[task.setvariable]x"),
    ("## Heading", "## Heading"),
]


@pytest.mark.parametrize(("text", "shown"), SHOWN)
def test_what_hides_or_commands_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters()))
@example("\x1b]8;;https://example.invalid\x07link")
def test_shown_text_hides_nothing_and_stays_on_its_line(text: str) -> None:
    shown = visible(text)
    assert not any(map(is_hidden, shown))
    assert len(shown.splitlines()) <= 1
    assert visible(shown) == shown


@given(st.text(st.characters()))
def test_each_character_has_its_place_in_what_is_shown(text: str) -> None:
    assert len(cells(text)) == len(text)
    assert "".join(cells(text)) == visible(text)


WIDTHS = [("abc", 3), ("漢字", 4), ("🚚", 2), ("e\u0301", 1), ("", 0), ("ｗ", 2)]


@pytest.mark.parametrize(("text", "columns"), WIDTHS, ids=[unicodedata.normalize("NFC", t) for t, _ in WIDTHS])  # fmt: skip
def test_width_is_that_of_a_terminal(text: str, columns: int) -> None:
    assert width(text) == columns


def test_lines_stay_and_each_is_visible() -> None:
    assert visible_lines("a\x1b[2J\n\u202eb\tc\n") == "a\\u{1b}[2J\n\\u{202e}b    c\n"
