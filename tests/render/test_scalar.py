"""Values on one line: what is written is what is read."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from prp_pack.render.scalar import comment, flow_list, scalar

WRITTEN: list[tuple[str | float | None, str]] = [
    ("word", "word"),
    ("PRPs/x-1.md", "PRPs/x-1.md"),
    (".github/x.yml", ".github/x.yml"),
    ("./x", "./x"),
    ("two words", '"two words"'),
    ("", '""'),
    ("null", '"null"'),
    ("Yes", '"Yes"'),
    ("y", '"y"'),
    ("1e5", '"1e5"'),
    ("nan", '"nan"'),
    (".inf", '".inf"'),
    (".NaN", '".NaN"'),
    ("...", '"..."'),
    ("a: b", '"a: b"'),
    ("über", '"über"'),
    ('say "x"', r'"say \"x\""'),
    ("a\nb", r'"a\nb"'),
    ("a\x7f\u2028", r'"a\u007f\u2028"'),
    ("😀\n", r'"😀\n"'),
    ("\U000e0041", r'"\U000e0041"'),
    ("\udc80", '"\ufffd"'),
    (None, "null"),
    (True, "true"),
    (3, "3"),
    (1.5, "1.5"),
    (1e22, "1.0e+22"),
    (1.5e-7, "1.5e-07"),
    (math.inf, ".inf"),
    (-math.inf, "-.inf"),
    (math.nan, ".nan"),
]


@pytest.mark.parametrize(("value", "written"), WRITTEN, ids=repr)
def test_a_plain_word_stays_plain_and_the_rest_is_quoted(
    value: str | float | None, written: str
) -> None:
    assert scalar(value) == written


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("a\n😀")
@example(".nan")
@example("=")
@example("<<")
@example("0o7")
@example("12:30")
@example("2024-01-01")
def test_yaml_reads_any_text_back(text: str) -> None:
    assert yaml.safe_load(scalar(text)) == text
    assert yaml.safe_load(f"a: {scalar(text)}  # x") == {"a": text}
    assert yaml.safe_load(f"[{scalar(text)}]") == [text]
    assert len(scalar(text).splitlines()) == 1


@given(st.one_of(st.integers(), st.floats(allow_nan=False), st.booleans(), st.none()))
def test_yaml_reads_any_number_back(value: float | None) -> None:
    read = yaml.safe_load(scalar(value))
    assert (read, type(read)) == (value, type(value))


@given(st.lists(st.one_of(st.integers(), st.text(st.characters(exclude_categories=["Cs"])))))
def test_yaml_reads_a_list_back(values: list[str | float]) -> None:
    assert yaml.safe_load(flow_list(values)) == values


@given(st.text())
def test_a_comment_stays_on_its_line(text: str) -> None:
    assert yaml.safe_load(f"a: 1{comment(text)}\nb: 2") == {"a": 1, "b": 2}


def test_a_comment_is_readable() -> None:
    assert comment("PRPs/über.md:3") == "  # PRPs/über.md:3"
