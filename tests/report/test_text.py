"""Findings as people read them: one line each, and under it what is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.model import Finding, Severity
from prp_pack.report import text
from prp_pack.report.checked import Checked
from prp_pack.report.visible import is_hidden, width
from prp_pack.repository import Source, decode

PATH = "PRPs/phase2.md"


def source(written: str) -> Source:
    return decode(written.encode(), PATH)


def finding(line: int, column: int = 1, message: str = "is wrong", **more: str) -> Finding:
    return Finding(
        line, message, column=column, path=PATH, rule="PRP301", name="leftover-placeholder",
        severity=Severity.ERROR, help=more.get("help", ""),
    )  # fmt: skip


def shown(written: str, *findings: Finding, colour: bool = False) -> list[str]:
    checked = Checked((PATH,), findings, {PATH: source(written)})
    return text.full(checked, colour=colour).splitlines()


UNDERLINED = [
    ("the line, when it begins there", "## Goal  ", 1,
     ["      1 | ## Goal", "        | ^^^^^^^"]),
    ("a token in brackets", "see [the name] here", 5,
     ["      1 | see [the name] here", "        |     ^^^^^^^^^^"]),
    ("a word", "see phase_N/x here", 5,
     ["      1 | see phase_N/x here", "        |     ^^^^^^^^^"]),
    ("an open bracket alone", "see [the name", 5,
     ["      1 | see [the name", "        |     ^^^^"]),
    ("wide characters before it", "漢字 [x]", 4,
     ["      1 | 漢字 [x]", "        |      ^^^"]),
    ("a tab before it", "\t[x]", 2,
     ["      1 |     [x]", "        |     ^^^"]),
    ("an escape sequence before it", "\x1b[0m [x]", 6,
     ["      1 | \\u{1b}[0m [x]", "        |           ^^^"]),
    ("what lies behind the end", "short", 40,
     ["      1 | short", "        |      ^"]),
    ("nothing on a blank line", "  ", 1, []),
]  # fmt: skip


@pytest.mark.parametrize(("written", "column", "lines"), [row[1:] for row in UNDERLINED],
                         ids=[row[0] for row in UNDERLINED])  # fmt: skip
def test_carets_stand_under(written: str, column: int, lines: list[str]) -> None:
    assert shown(written, finding(1, column)) == [
        f"{PATH}:1:{column}: error PRP301 is wrong", *lines
    ]  # fmt: skip


def test_a_long_line_is_cut_around_the_finding() -> None:
    lines = shown(f"{'word ' * 60}[x] {'word ' * 60}", finding(1, 301))
    assert lines[1].startswith("      1 | …")
    assert lines[1].endswith("…")
    assert len(lines[1]) <= 110
    start = lines[2].index("^")
    assert lines[1][start : start + 3] == "[x]"
    assert lines[2].count("^") == 3


def test_help_is_said_once_and_the_same_place_shown_once() -> None:
    findings = [finding(1, help="mend it"), finding(1, help="mend it"), finding(2, help="mend it")]
    assert shown("one\ntwo\n", *findings) == [
        f"{PATH}:1:1: error PRP301 is wrong", "    help: mend it",
        "      1 | one", "        | ^^^",
        f"{PATH}:1:1: error PRP301 is wrong",
        f"{PATH}:2:1: error PRP301 is wrong",
        "      2 | two", "        | ^^^",
    ]  # fmt: skip


def test_concise_is_text_without_the_source() -> None:
    findings = (finding(1, help="mend it"), finding(2, 5))
    checked = Checked((PATH,), findings, {PATH: source("one\ntwo three\n")})
    full = text.full(checked).splitlines(keepends=True)
    assert "".join(line for line in full if "|" not in line) == text.concise(checked)


def test_a_terminal_gets_colours_of_ours_and_none_of_the_documents() -> None:
    lines = shown("\x1b[31mred\x1b[0m", finding(1, message="\x1b[5mblink"), colour=True)
    said = "".join(lines)
    assert said.count("\x1b") == 4
    assert "\x1b[31;1merror\x1b[0m" in said
    assert "\x1b[31;1m^" in said


@pytest.mark.parametrize("path", ["::stop-commands::x/PRPs/a.md", "::error::/PRPs/a.md"])
def test_a_path_does_not_begin_a_command_of_a_runner(path: str) -> None:
    checked = Checked((path,), (Finding(1, "m", path=path, severity=Severity.NOTE),))
    assert text.concise(checked).startswith("./::")


@given(st.text(), st.text(), st.text(), st.integers(1, 5), st.integers(1, 400), st.booleans())
def test_no_text_passes_a_control_or_a_line_of_its_own(  # noqa: PLR0917
    written: str, message: str, path: str, line: int, column: int, long: bool
) -> None:
    found = Finding(line, message, column=column, path=path, severity=Severity.ERROR, help=message)
    content = source((written * 40 if long else written).replace("\0", ""))
    lines = text.full(Checked((path,), (found,), {path: content})).split("\n")
    assert lines.pop() == ""
    assert not any(is_hidden(character) for line in lines for character in line)
    assert len(lines) in (2, 4) if message else (1, 3)
    assert all(width(line) <= 130 for line in lines[2:])


@given(st.text())
def test_an_agent_is_told_nothing_that_hides(message: str) -> None:
    said = text.feedback(PATH, [finding(1, message=message, help=message)])
    assert len(said.split("\n")) == 2
    assert not any(is_hidden(character) for character in said.replace("\n", ""))
