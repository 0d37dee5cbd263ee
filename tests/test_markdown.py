"""Text to outline: what counts as a heading, a fence, a checkbox, a comment, and what doesn't."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.markdown import display_title, front_matter_end, normalise, outline
from prp_pack.model import Fence, Section

ALIKE = [
    ("Goal", "goal"),
    ("GOAL", "goal"),
    ("**Goal**", "goal"),
    ("_Goal_", "goal"),
    ("`Goal`", "goal"),
    ("~~Goal~~", "goal"),
    ("🎯 Goal", "goal"),
    ("Goal:", "goal"),
    ("1. Goal", "goal"),
    ("1) Goal", "goal"),
    ("1.2. Goal", "goal"),
    ("1.2 Goal", "goal"),
    ("1. **Goal** (draft)", "goal"),
    ("Goal (a) (b)", "goal"),
    ("Level 2: Integration", "level-2-integration"),
    ("Documentation & References", "documentation-references"),
    ("snake_case title", "snakecase-title"),
    ("Über  uns", "über-uns"),
    ("Ｇｏａｌ", "goal"),
    ("Goal (unclosed", "goal-unclosed"),
    ("2024 plan", "2024-plan"),
    ("Goal <!-- what is built -->", "goal"),
    ("Goal {#goal}", "goal"),
    ("Documentation &amp; References", "documentation-references"),
    ("", ""),
    ("🎯", ""),
    ("(only)", ""),
]


@pytest.mark.parametrize(("title", "name"), ALIKE)
def test_titles_are_compared_without_decoration(title: str, name: str) -> None:
    assert normalise(title) == name


@pytest.mark.parametrize(
    ("title", "shown"),
    [("Goal (draft):", "Goal"), ("Level 1: Syntax", "Level 1: Syntax"), ("A (b) c", "A c")],
)
def test_messages_name_a_title_without_its_parenthetical(title: str, shown: str) -> None:
    assert display_title(title) == shown


NO_HEADING = {
    "in a fence": "```\n# no\n```",
    "in a tilde fence": "~~~\n# no\n~~~",
    "in an unclosed fence": "```\n# no\n## no",
    "in a fence of four with one of three inside": "````\n```\n# no\n```\n````",
    "in a quote": "> # no",
    "in a list": "- # no\n\n  # no",
    "in a comment": "<!--\n# no\n-->",
    "in an unclosed comment": "<!--\n\n# no",
    "in a raw element": "<pre>\n# no\n</pre>",
    "indented as code": "    # no",
    "without a space": "#no",
    "seven hashes": "####### no",
    "escaped": "\\# no",
    "a setext underline in front matter": "---\nname: x\n---\n",
    "a heading in front matter": "---\n# comment\nname: x\n---\n",
}


@pytest.mark.parametrize("text", NO_HEADING.values(), ids=NO_HEADING)
def test_this_is_no_heading(text: str) -> None:
    assert outline(text).sections == ()


HEADINGS = {
    "# one": (1, "one"),
    "###### six": (6, "six"),
    "   ## indented": (2, "indented"),
    "## closed ##": (2, "closed"),
    "## closed  ####  ": (2, "closed"),
    "## Learn C#": (2, "Learn C#"),
    "Learn C #\n---": (2, "Learn C #"),
    "setext\n===": (1, "setext"),
    "of two\nlines\n---": (2, "of two lines"),
    "##": (2, ""),
    "## `code` & **bold**": (2, "`code` & **bold**"),
    "## x <!-- y -->": (2, "x <!-- y -->"),
}


@pytest.mark.parametrize(("text", "expected"), HEADINGS.items(), ids=map(repr, HEADINGS))
def test_this_is_a_heading(text: str, expected: tuple[int, str]) -> None:
    [section] = outline(text).sections
    assert (section.level, section.title, section.line) == (*expected, 1)


def ids(text: str) -> list[str]:
    return [section.id for section in outline(text).sections]


def test_a_single_h1_is_the_title_of_the_document() -> None:
    assert ids("# Title\n## Goal\n### More\n## Why") == ["title", "goal", "goal.more", "why"]


def test_several_h1_are_sections() -> None:
    assert ids("# One\n## Goal\n# Two\n## Goal") == ["one", "one.goal", "two", "two.goal"]


def test_a_level_may_be_skipped() -> None:
    assert ids("## Goal\n#### Deep\n### Less\n# Title") == [
        "goal",
        "goal.deep",
        "goal.less",
        "title",
    ]


def test_a_section_ends_where_the_next_of_its_level_begins() -> None:
    sections = outline("## A\n\n### B\ntext\n### C\n## D\nlast").sections
    assert [(s.title, s.line, s.body_end, s.end) for s in sections] == [
        ("A", 1, 3, 6), ("B", 3, 5, 5), ("C", 5, 6, 6), ("D", 6, 8, 8),
    ]  # fmt: skip


FENCES: dict[str, list[tuple[int, int, bool, str]]] = {
    "```\nx\n```": [(1, 4, True, "x\n")],
    "```\n```": [(1, 3, True, "")],
    "```": [(1, 2, False, "")],
    "```\nx": [(1, 3, False, "x")],
    "```\nx\n": [(1, 3, False, "x\n")],
    "```\n\n\n": [(1, 4, False, "\n\n")],
    "~~~\nx\n```\n~~~": [(1, 5, True, "x\n```\n")],
    "````\n```\n````": [(1, 4, True, "```\n")],
    "```\nx\n`````": [(1, 4, True, "x\n")],
    # Four spaces make the last marker content.
    "```\nx\n    ```": [(1, 4, False, "x\n    ```")],
    "```\nx\n``` y": [(1, 4, False, "x\n``` y")],
    "> ```\n> x\n> ```\ny": [(1, 4, True, "x\n")],
    "> ```\n> x\ny": [(1, 3, False, "x\n")],
    "- ```\n  x\n  ```\ny": [(1, 4, True, "x\n")],
    "- ```\n  x\ny": [(1, 3, False, "x\n")],
    "  ```\n  x\n  ```": [(1, 4, True, "x\n")],
    "    ```\n    x\n    ```": [],
}


@pytest.mark.parametrize(("text", "expected"), FENCES.items(), ids=map(repr, FENCES))
def test_fences_know_their_lines_and_whether_they_are_closed(
    text: str, expected: list[tuple[int, int, bool, str]]
) -> None:
    found = outline(text).fences
    assert [(f.line, f.end, f.closed, f.content) for f in found] == expected


def test_a_fence_of_three_is_closed_by_the_one_nested_in_it() -> None:
    first, second = outline("```md\n```python\nx\n```\nrest\n```").fences
    assert (first.nested, first.line, first.end) == ((2,), 1, 5)
    assert (second.line, second.closed) == (6, False)


@pytest.mark.parametrize(
    ("text", "nested"),
    [
        ("~~~md\n~~~python\n~~~", (2,)),
        ("~~~md\n```python\n~~~", ()),
        ("````md\n```python\n```\n````", ()),
        ("```md\n````python\n```", (2,)),
    ],
)
def test_only_a_marker_that_could_close_is_a_nested_opening(
    text: str, nested: tuple[int, ...]
) -> None:
    assert outline(text).fences[0].nested == nested


@pytest.mark.parametrize(
    ("info", "language"),
    [("", ""), ("yaml", "yaml"), (" YAML title=x", "yaml"), ("{.python}", "{.python}")],
)
def test_the_first_word_of_the_info_is_the_language(info: str, language: str) -> None:
    assert outline(f"```{info}\n```").fences[0].language == language


def test_a_sections_fences_are_those_above_its_subsections() -> None:
    found = outline("## A\n```one\n```\n### B\n```two\n```")
    assert [f.info for f in found.fences_of(found.sections[0])] == ["one"]


BOXES = {
    "- [ ] open": [(1, False, "open")],
    "- [x] done": [(1, True, "done")],
    "- [X] done": [(1, True, "done")],
    "* [ ] star\n+ [x] plus": [(1, False, "star"), (2, True, "plus")],
    "1. [x] numbered": [(1, True, "numbered")],
    "- a\n  - [x] nested\n    - [ ] deeper": [(2, True, "nested"), (3, False, "deeper")],
    "> - [ ] quoted": [(1, False, "quoted")],
    "- [ ]\ttab": [(1, False, "tab")],
    "- [x] of two\n  lines": [(1, True, "of two")],
    "- [ ]": [(1, False, "")],
    "- [x]tight": [],
    "- [y] other": [],
    "- []": [],
    "- text [x] later": [],
    "[x] no item": [],
    "```\n- [x] fenced\n```": [],
    "<!--\n- [x] comment\n-->": [],
    "- a\n\n  [x] second paragraph": [],
}


@pytest.mark.parametrize(("text", "expected"), BOXES.items(), ids=map(repr, BOXES))
def test_checkboxes_are_the_beginnings_of_items(
    text: str, expected: list[tuple[int, bool, str]]
) -> None:
    assert [(b.line, b.ticked, b.text) for b in outline(text).checkboxes] == expected


def test_comments_are_blocks_of_their_own() -> None:
    found = outline(
        "<!-- one -->\n\ntext <!-- inline -->\n\n<!--\ntwo\n-->\n<div>\n</div>"
    ).comments
    assert [(c.line, c.end, c.text) for c in found] == [
        (1, 2, "<!-- one -->"),
        (5, 8, "<!--\ntwo\n-->"),
    ]


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("---\na: 1\n---\n", 2),
        ("--- \na: 1\n---\t\n", 2),
        ("---\n---", 1),
        ("---\na: 1\n", None),
        (" ---\na: 1\n---", None),
        ("a\n---\nb\n---", None),
        ("----\na: 1\n----", None),
        ("", None),
    ],
)
def test_front_matter_is_between_two_lines_of_three_dashes(text: str, end: int | None) -> None:
    assert front_matter_end(text.split("\n")) == end


def test_no_lines_have_no_front_matter() -> None:
    assert front_matter_end([]) is None


def test_lines_count_from_the_top_of_the_file_also_below_front_matter() -> None:
    [section] = outline("---\nname: x\n---\n\n## Goal").sections
    assert section.line == 5


HUGE = {
    "a line of 1 MB": "x" * 1_000_000,
    "spaces inside a heading": "# a" + " " * 1_000_000 + "b",
    "spaces before a parenthesis that never closes": "# a" + " " * 500_000 + "(" * 100_000,
    "hashes behind a heading": "# a" + " #" * 300_000,
    "backticks": "`" * 1_000_000,
    "quotes in quotes": ">" * 300_000,
    "lists in lists": "- " * 100_000,
    "brackets": "[" * 300_000,
    "many list levels": "".join("  " * depth + "- a\n" for depth in range(500)),
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_a_hostile_text_comes_to_an_end(text: str) -> None:
    found = outline(text)
    assert all(normalise(section.title) == section.path[-1] for section in found.sections)


def test_ten_thousand_headings_are_ten_thousand_sections() -> None:
    assert len(outline("# a\n## b\n" * 5_000).sections) == 10_000


lines = st.one_of(
    st.sampled_from(
        ["# a", "## b", "### c ##", "a\n===", "b\n---", "---", "```", "```yaml", "~~~", "````", "> #",
         "- [ ] x", "  - [x] y", "<!--", "-->", "<pre>", "    code", "", "1. x", "\t# a", "[a]: b"]
    ),
    st.text(max_size=12).map(lambda text: text.replace("\r", "")),
)  # fmt: skip


def check_ranges(sections: tuple[Section, ...], fences: tuple[Fence, ...], last: int) -> None:
    open_: list[Section] = []
    for before, section in zip((None, *sections), sections, strict=False):
        assert before is None or before.line < section.line
        assert 1 <= section.line < section.body_end <= section.end <= last + 1
        while open_ and open_[-1].end <= section.line:
            open_.pop()
        for outer in open_:
            assert outer.level < section.level
            assert section.end <= outer.end
        open_.append(section)
    for fence in fences:
        assert 1 <= fence.line < fence.end <= last + 1
        assert all(fence.line < line < fence.end for line in fence.nested)


@settings(deadline=None, max_examples=300)
@given(st.lists(lines, max_size=25).map("\n".join))
def test_of_any_text_the_outline_is_ordered_nested_and_inside(text: str) -> None:
    found = outline(text)
    last = text.count("\n") + 1
    check_ranges(found.sections, found.fences, last)
    assert all(1 <= box.line <= last for box in found.checkboxes)
    assert all(1 <= comment.line < comment.end <= last + 1 for comment in found.comments)
