"""A template's fingerprints: what must not stay in a document made from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.markdown import outline
from prp_pack.schema import matrix, template

TEXT = template.shipped_text()
MATRIX = matrix.shipped()
OURS = template.read(TEXT, MATRIX)


def guidance(text: str) -> list[str]:
    return list(template.guidance(text, outline(text), matrix.derive(text, matrix.overrides())))


def test_the_only_guidance_of_ours_is_comments() -> None:
    assert guidance(TEXT)
    assert all(line.startswith("<!--") for line in guidance(TEXT))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("a [path] and [N-1]", ["[path]", "[N-1]"]),
        ("- [ ] [Criterion]", ["[Criterion]"]),
        ("- [x] done", []),
        ("1. [X] done", []),
        ("> - [X] quoted", []),
        ("target: [X]ms", ["[X]"]),
        ("a [x] b", []),
        ("[[nested]]", ["[nested]"]),
        ("[]", []),
        ("[open", []),
        ("[a](link)", ["[a]"]),
    ],
)
def test_what_stands_in_brackets_is_a_placeholder_but_no_box(line: str, found: list[str]) -> None:
    assert [match[0] for match in template.bracket_tokens(line)] == found
    assert list(template.placeholders(line)) == found


def test_every_placeholder_of_ours_is_fingerprinted() -> None:
    assert {template.fingerprint(token) for token in template.placeholders(TEXT)} <= OURS.tokens
    assert template.fingerprint("[N]") in OURS.tokens
    assert template.fingerprint("[nobody wrote this]") not in OURS.tokens


@pytest.mark.parametrize(
    ("token", "short"), [("[N]", True), ("[N-1]", True), ("[a b]", False), ("[a.b]", False)]
)
def test_one_word_is_short(token: str, short: bool) -> None:
    assert template.is_short(token) is short


def test_spaces_do_not_change_a_fingerprint() -> None:
    assert template.fingerprint("  a\t b ") == template.fingerprint("a b")


def test_the_seeds_fingerprints_come_with_every_template() -> None:
    own = template.read("## Goal\n", matrix.matrix_for("## Goal\n"))
    tokens, lines = template.seed()
    assert (own.tokens, own.guidance) == (tokens, lines)


def test_the_committed_fingerprints_are_those_that_the_text_gives() -> None:
    # Another matrix of the same sections: nothing is taken from the generated file.
    derived = template.read(TEXT, matrix.derive(TEXT, matrix.overrides()))
    assert (OURS.tokens, OURS.guidance) == (derived.tokens, derived.guidance)
    assert len(OURS.tokens) > 50


OWN = """\
---
name: a name with many words in it
---
## Goal
Say in two sentences what will exist.
Too short.
A line with a [placeholder] in it is found by that.
- [ ] A box is meant to stay here
<!-- Short. -->
---

## Purpose
What every document says of itself stays.

## Known Gotchas
```python
# CRITICAL: name what surprises
x = 1
```

```yaml
# say what the next phase needs
short: "word"
long: "two words"
```

```bash
a command is meant to stay here
```

```
without a language nothing is known
```

## Implementation Blueprint
### Task list
```yaml
Task 1:
MODIFY src/existing.py:
  - word
```
"""


def test_guidance_of_an_own_template_is_found_by_where_it_stands() -> None:
    assert guidance(OWN) == [
        "Say in two sentences what will exist.",
        "<!-- Short. -->",
        "# CRITICAL: name what surprises",
        "# say what the next phase needs",
        'long: "two words"',
        "MODIFY src/existing.py:",
        "- word",
    ]


def test_a_section_gives_its_own_text_without_rule_and_subsections() -> None:
    text = "## A\nx\n\n---\n\n## B\ny\n### C\nz"
    own = template.read(text, matrix.matrix_for(text))
    assert [own.own_text(section) for section in own.outline.sections] == [
        "## A\nx\n",
        "## B\ny\n",
        "### C\nz\n",
    ]


@given(st.text())
def test_no_text_makes_it_raise(text: str) -> None:
    read = template.read(text, MATRIX)
    assert len(read.tokens) <= len(template.seed()[0]) + text.count("[")
