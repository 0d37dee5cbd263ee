"""The grammar of the task list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.parse.tasks import TaskLine, parse

LINES = [
    ("Task 1:", ("task", "1", "")),
    ("Task 2a: Add a route", ("task", "2a", "Add a route")),
    ("  task 3 - Indented", ("task", "3", "Indented")),
    ("Task 4.", ("task", "4", "")),
    ("MODIFY src/app.py:", ("target", "MODIFY", "src/app.py")),
    ("CREATE src/my app.py", ("target", "CREATE", "src/my app.py")),
    ("CREATE src/a.py : ", ("target", "CREATE", "src/a.py")),
    ("RUN pytest tests/ -v", ("target", "RUN", "pytest tests/ -v")),
    ('  - FIND pattern: "x"', ("step", "FIND", 'FIND pattern: "x"')),
    ('  - INJECT after line containing "x"', ("step", "INJECT", 'INJECT after line containing "x"')),
    ("  * PRESERVE: the order", ("step", "PRESERVE", "PRESERVE: the order")),
    ("- MODIFY what differs", ("step", "MODIFY", "MODIFY what differs")),
    ("  - something else", ("step", "", "something else")),
    ("    goes on", ("text", "", "goes on")),
    ("  MODIFY indented", ("text", "", "MODIFY indented")),
    ("MODIFY", ("unreadable", "", "MODIFY")),
    ("MODIFY :", ("unreadable", "", "MODIFY :")),
    ("Task N:", ("unreadable", "", "Task N:")),
    ("words", ("unreadable", "", "words")),
    ("...", ("unreadable", "", "...")),
    ("...(...)", ("unreadable", "", "...(...)")),
    ("  - …", ("unreadable", "", "- …")),
    ("  - and so on...", ("step", "", "and so on...")),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_a_line_is_of_one_kind(line: str, expected: tuple[str, str, str]) -> None:
    assert list(parse(line, 5)) == [TaskLine(expected[0], 5, expected[1], expected[2])]


@pytest.mark.parametrize("line", ["", "   ", "# comment", "  # - FIND x"])
def test_blanks_and_comments_say_nothing(line: str) -> None:
    assert list(parse(line, 1)) == []


def test_lines_are_those_of_the_document() -> None:
    assert [task.line for task in parse("\nTask 1:\n\nMODIFY x:\n  - KEEP y\n", 11)] == [12, 14, 15]


@pytest.mark.parametrize(
    "line",
    [
        "MODIFY a" + " " * 200_000 + "b",
        "." * 200_000 + "b",
        "- " + " " * 200_000,
        "Task 1" * 50_000,
    ],
)
def test_a_hostile_line_comes_to_an_end(line: str) -> None:
    assert len(list(parse(line, 1))) == 1


@given(st.text())
def test_no_text_makes_it_raise(text: str) -> None:
    assert all(1 <= task.line <= text.count("\n") + 1 for task in parse(text, 1))
