"""YAML with lines: what stands where, and that no content makes it raise."""

from __future__ import annotations

import datetime as dt

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prp_pack.parse.yaml_block import MAX_DEPTH, MAX_DIGITS, YamlBlock, as_mapping, as_texts, load


def load_at_one(text: str) -> YamlBlock:
    return load(text, 1, "x.md")


def said(text: str) -> list[tuple[int, str]]:
    return [(problem.place.line, problem.message) for problem in load_at_one(text).problems]


def test_every_key_and_item_knows_its_line() -> None:
    block = load("a: 1\nb:\n  - c: 2\n    d:\n      e\n  - f\n", 10, "PRPs/x.md")
    assert block.value == {"a": 1, "b": [{"c": 2, "d": "e"}, "f"]}
    assert block.lines == {
        "": 10, "a": 10, "b": 11, "b.0": 12, "b.0.c": 12, "b.0.d": 13, "b.1": 15,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# comment", None),
        ("~", None),
        ("text", "text"),
        ("[1, 2.5]", [1, 2.5]),
        ("a: yes", {"a": True}),
        ("a: 2024-01-31", {"a": dt.date(2024, 1, 31)}),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x {b: 1}\nc: {<<: *x, d: 2}", {"a": {"b": 1}, "c": {"b": 1, "d": 2}}),
        ("a: !!str 1", {"a": "1"}),
        ("a: 1:30", {"a": 90}),
        ("a: [&x 1, *x]", {"a": [1, 1]}),
        ("a: !!set {b, c}", {"a": {"b", "c"}}),
        ("a: !!omap [b: 1]", {"a": [("b", 1)]}),
        ("{1: a, 1.5: b, ~: c, yes: d}", {1: "d", 1.5: "b", None: "c"}),
        ("a: {=: 1}", {"a": {"=": 1}}),
    ],
)
def test_values_are_those_of_yaml(text: str, value: object) -> None:
    block = load_at_one(text)
    assert (block.value, block.problems) == (value, ())


MALFORMED = {
    "a: 1\nb: [": (2, "did not find expected node content"),
    "a: 1\nb: 2: 3": (2, "mapping values are not allowed in this context"),
    "a: '": (1, "found unexpected end of stream"),
    "a: *x": (1, "found undefined alias"),
    "a: 1\n---\nb: 2": (2, "but found another document"),
    "a:\n  b: 2024-13-45": (2, "“2024-13-45” is no date"),
    "a: 1\nb: 2024-01-01T00:00:00+99:00": (2, "“2024-01-01T00:00:00+99:00” is no date"),
    "a: 1\n? 2024-02-31\n: x": (2, "“2024-02-31” is no date"),
    'a: !!int ""': (1, "“” is no whole number"),
    'a: !!float ""': (1, "“” is no number"),
    "a: !!bool maybe": (1, "“maybe” is no boolean"),
    "a: !!timestamp x": (1, "“x” is no date"),
    "a: !!int [1]": (1, "expected a scalar node, but found sequence"),
    "a: 1\nb: !x y": (2, "could not determine a constructor for the tag '!x'"),
    "a: !!python/object:os.system x": (1, "could not determine a constructor"),
    "a: 1\n? [b]\n: c": (2, "a key must be a single value"),
    "a: 1\n? {b: c}\n: d": (2, "a key must be a single value"),
    "a: 1\nb: \x07": (2, "has a character that YAML forbids"),
    "é: ü\nb: \x00": (2, "has a character that YAML forbids"),
    "a: 1\nb: \ud800": (2, "has half of a character"),
    f"a: 1\nb: {'9' * (MAX_DIGITS + 1)}": (2, f"has a number of more than {MAX_DIGITS} digits"),
    f"a: 1\n{'9' * (MAX_DIGITS + 1)}: b": (2, f"has a number of more than {MAX_DIGITS} digits"),
    "a:\n  b: &x [*x]": (2, "aliases repeat more than"),
    "a: &x {b: *x}": (1, "aliases repeat more than"),
}


@pytest.mark.parametrize(("text", "expected"), MALFORMED.items(), ids=map(repr, MALFORMED))
def test_what_does_not_parse_is_one_problem_with_its_line(
    text: str, expected: tuple[int, str]
) -> None:
    block = load_at_one(text)
    assert (block.value, block.mapping, block.lines) == (None, {}, {})
    [(line, message)] = said(text)
    assert (line, message.startswith("YAML doesn't parse: ")) == (expected[0], True)
    assert expected[1] in message


DEEP = {
    "brackets": "[" * 100_000,
    "closed brackets": "[" * 5_000 + "]" * 5_000,
    "braces": "{" * 100_000,
    "lists on one line": "- " * 100_000,
    "keys on one line": "? " * 100_000,
    "indented keys": "\n".join(" " * depth + "a:" for depth in range(500)),
    "lines that only YAML ends": "\x85".join(" " * depth + "a:" for depth in range(2_000)),
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_nests_too_deeply_is_refused_and_not_tried(text: str) -> None:
    assert said(text) == [(1, f"YAML doesn't parse: nests more than {MAX_DEPTH} levels")]


def test_brackets_that_are_text_do_not_nest() -> None:
    assert load_at_one('a: "' + "[" * 500 + '"').problems == ()


@pytest.mark.parametrize("link", ["[{}]", "{{<<: [{}]}}"], ids=["lists", "merges"])
def test_a_billion_laughs_are_refused(link: str) -> None:
    lines = ["a0: &a0 {x: 1}"]
    for number in range(1, 12):
        repeated = ", ".join([f"*a{number - 1}"] * 9)
        lines.append(f"a{number}: &a{number} " + link.format(repeated))
    [(_, message)] = said("\n".join(lines))
    assert "aliases repeat more than" in message


def test_a_key_that_stands_twice_is_a_problem_at_the_second() -> None:
    block = load("a: 1\nb:\n  c: 1\n  c: 2\na: 3", 5, "x.md")
    found = sorted((p.place.line, p.message) for p in block.problems)
    assert found == [(8, "key “c” stands twice"), (9, "key “a” stands twice")]
    assert block.mapping == {"a": 3, "b": {"c": 2}}


def test_an_alias_does_not_repeat_the_problems_of_its_anchor() -> None:
    assert len(said("a: &x {b: 1, b: 2}\nc: *x")) == 1


def test_keys_of_a_mapping_are_made_texts() -> None:
    assert as_mapping({1: "a", None: "b"}) == {"1": "a", "None": "b"}
    assert as_mapping(["a"]) == {}


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (None, ()),
        (" a ", ("a",)),
        (["a", 1, 2.5, None, ["b"]], ("a", "1", "2.5")),
        # `- pages: phase 3` without quotes.
        ([{"pages": "phase 3"}], ("pages: phase 3",)),
    ],
)
def test_texts_are_read_leniently(value: object, texts: tuple[str, ...]) -> None:
    assert as_texts(value) == texts


pieces = st.sampled_from(
    ["a: ", "- ", "? ", ": ", "&x ", "*x", "<<: ", "!!int ", "!!set ", "!!omap ", "!!pairs ", "!y ",
     "!!binary ", "!!timestamp ", "!!bool ", "{", "}", "[", "]", "'", '"', "|\n", ">\n", "\n", "  ",
     "---\n", "...\n", "%YAML 1.1\n", "2024-01-01", "0x", "1e9", "1:2", "=", "~", "\t", "\x85"]
)  # fmt: skip


@settings(deadline=None, max_examples=500)
@given(st.one_of(st.text(), st.lists(pieces, max_size=15).map("".join)))
@example("a: !!pairs [[b]: c]")
@example("? !!pairs [x: !!int '']\n: b")
def test_no_text_makes_it_raise(text: str) -> None:
    block = load_at_one(text)
    last = len(text.splitlines()) + 1
    assert all(1 <= line <= last for line in block.lines.values())
    assert all(1 <= problem.place.line <= last for problem in block.problems)


@settings(deadline=None, max_examples=500)
@given(st.lists(st.one_of(pieces, st.sampled_from("bc1")), max_size=15).map("".join))
@example("a: &x {b: 1}\nc: [*x, *x]")
@example("a: &x [*x]")
def test_a_sound_text_has_the_value_that_pyyaml_gives(text: str) -> None:
    block = load_at_one(text)
    if not block.problems:
        assert repr(block.value) == repr(
            yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        )
