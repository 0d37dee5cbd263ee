"""The metadata at the top: real, legacy, broken, none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.model import FrontMatter
from prp_pack.parse.front_matter import parse


def read(text: str) -> FrontMatter:
    return parse(text, "PRPs/x.md")


def test_front_matter_gives_values_lines_and_its_end() -> None:
    front = read("---\nname: x\nphase: 2\n---\n# Title")
    assert (dict(front.values), front.end) == ({"name": "x", "phase": 2}, 5)
    assert (front.lines["name"], front.lines["phase"]) == (2, 3)
    assert front.present
    assert not front.legacy


@pytest.mark.parametrize("text", ["", "# Title", "text\n---\nname: x\n---", "\n---\nname: x\n---"])
def test_without_front_matter_there_is_nothing(text: str) -> None:
    assert read(text) == FrontMatter()


def test_empty_front_matter_is_present_and_says_nothing() -> None:
    front = read("---\n---\n")
    assert (front.values, front.present, front.problems, front.end) == ({}, True, (), 3)


BROKEN = {
    "a list": ("---\n- a\n---", 2, "front matter must be keys and values"),
    "a word": ("---\na\n---", 2, "front matter must be keys and values"),
    "no YAML": ("---\na: 1\nb: [\n---", 3, "YAML doesn't parse: "),
    "a key twice": ("---\na: 1\na: 2\n---", 3, "key “a” stands twice"),
    "never closed": ("---\nname: x\n# Title", 1, "front matter is not closed by a line `---`"),
}


@pytest.mark.parametrize(("text", "line", "said"), BROKEN.values(), ids=BROKEN)
def test_broken_front_matter_is_a_problem_with_its_line(text: str, line: int, said: str) -> None:
    front = read(text)
    assert front.present
    [problem] = front.problems
    assert str(problem.place) == f"PRPs/x.md:{line}"
    assert problem.message.startswith(said)


def test_front_matter_that_does_not_parse_still_names_its_template() -> None:
    front = read("---\nname: [\ntemplate: prp_base\n---\n")
    assert (front.text("template"), front.lines["template"]) == ("prp_base", 3)
    assert front.problems


def test_a_rule_on_the_first_line_is_not_unclosed_front_matter() -> None:
    assert read("---\nSome text\n\n# Title") == FrontMatter()


LEGACY = {
    'name: "x"\ndescription: |\n  one\n  two\n\n## Goal': (
        {"name": "x", "description": "one two"},
        6,
    ),
    "name: 'x'\n# Title": ({"name": "x"}, 2),
    "name: x\ndescription: y": ({"name": "x", "description": "y"}, 2),
    "name: x\nSome text": ({"name": "x"}, 2),
    "name: x\nname: y\n": ({"name": "x"}, 2),
    "name:\n": ({"name": ""}, 2),
}


@pytest.mark.parametrize(("text", "expected"), LEGACY.items(), ids=map(repr, LEGACY))
def test_the_bare_header_of_older_templates_is_read(
    text: str, expected: tuple[dict[str, str], int]
) -> None:
    front = read(text)
    assert (dict(front.values), front.end) == expected
    assert (front.present, front.legacy, front.problems) == (True, True, ())


@pytest.mark.parametrize("text", ["description: x\nname: y", "names: x", "Name: x"])
def test_a_bare_header_begins_with_the_name(text: str) -> None:
    assert read(text) == FrontMatter()


def test_a_description_of_many_lines_comes_to_an_end() -> None:
    front = read("name: x\ndescription: |\n" + " word\n" * 300_000)
    assert len(front.text("description")) == 5 * 300_000 - 1


@pytest.mark.parametrize(("value", "text"), [("' a '", "a"), ("''", ""), ("1", ""), ("[a]", "")])
def test_a_text_is_a_value_that_is_one(value: str, text: str) -> None:
    assert read(f"---\nname: {value}\n---").text("name") == text


@given(st.text())
def test_no_text_makes_it_raise(text: str) -> None:
    for content in (text, f"---\n{text}\n---\n", f"name: {text}"):
        front = read(content)
        assert 1 <= front.end <= content.count("\n") + 2
