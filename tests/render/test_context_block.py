"""The context block written and read again, and put into documents of every form."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.markdown import outline
from prp_pack.model import Complexity, Document, Edit, Phase, PhaseContext, PhaseType, Place
from prp_pack.parse import context_block as parser
from prp_pack.parse import document
from prp_pack.render.context_block import HEADING, fill, render

FACTS = "0123456789ab"
CONTEXT = PhaseContext(Phase(2, 3, PhaseType.INTEGRATION, (1,), "PRPs/PLAN.md", Complexity.HIGH))
SOURCES = {
    "project_type": Place("PRPs/PLAN.md", 4),
    "phase_info.number": Place("PRPs/a\nb.md", 2),
    "phase_info.template_source": Place("PRPs/PLAN.md"),
}
BLOCK = render(CONTEXT, SOURCES, FACTS)


def test_the_block_names_the_source_of_each_value() -> None:
    assert BLOCK == (
        "# Filled by prp from the places named behind the values; change those, not this block.\n"
        "# facts: 0123456789ab\n"
        "PROJECT_TYPE: complex_multi_phase  # PRPs/PLAN.md:4\n"
        "PHASE_INFO:\n"
        "  number: 2  # PRPs/a\\u000ab.md:2\n"
        "  total_phases: 3\n"
        "  phase_type: integration\n"
        "  previous_phases: [1]\n"
        "  template_source: PRPs/PLAN.md  # PRPs/PLAN.md\n"
        "  complexity_level: high\n"
    )


phases = st.integers(1, 99).flatmap(
    lambda number: st.builds(
        Phase,
        st.just(number),
        st.integers(number, 99),
        st.sampled_from(PhaseType),
        st.lists(st.integers(1, 99), max_size=4).map(tuple),
        st.text(st.characters(exclude_categories=["Cs"])),
        st.sampled_from(Complexity),
    )
)
contexts = st.builds(PhaseContext, st.one_of(st.none(), phases))
places = st.builds(Place, st.text(), st.integers(0, 9))
keys = st.sampled_from(["project_type", *(f"phase_info.{key}" for key in parser.KEYS)])


@settings(deadline=None)
@given(contexts, st.dictionaries(keys, places))
def test_what_is_rendered_is_parsed_again(context: PhaseContext, sources: dict[str, Place]) -> None:
    block = render(context, sources, FACTS)
    found = parser.parse(outline(f"{HEADING}\n```yaml\n{block}```\n"), "PRPs/x.md")
    assert (found.context, found.facts) == (context, FACTS)
    assert (found.problems, found.unknown) == ((), ())


def made(text: str, edit: Edit) -> str:
    """Return the text with an edit, as the engine makes it."""
    lines = text.splitlines(keepends=True) if text.isascii() else text.split("\n")
    if not text.isascii():
        lines = [*(f"{line}\n" for line in lines[:-1]), *lines[-1:]]
    before = lines[: edit.line - 1]
    if before and not before[-1].endswith("\n"):
        before[-1] += "\n"
    return "".join([*before, edit.text, *lines[edit.end - 1 :]])


def filled(text: str) -> tuple[str, Document]:
    """Return a text with the block filled in, after making sure that filling again is idle."""
    edit = fill(document.parse(text, "PRPs/x.md"), BLOCK)
    after = made(text, edit) if edit else text
    again = document.parse(after, "PRPs/x.md")
    assert fill(again, BLOCK) is None, after
    assert again.block.context == CONTEXT, after
    return after, again


FENCE = f"```yaml\n{BLOCK}```\n"
DOCUMENTS = {
    "nothing": ("", f"{HEADING}\n{FENCE}\n"),
    "text without newline": ("text", f"text\n\n{HEADING}\n{FENCE}\n"),
    "a title": ("# T\n\n", f"# T\n\n{HEADING}\n{FENCE}\n"),
    "a goal": ("# T\n\n## Why\n\n## Goal\nx\n", f"# T\n\n## Why\n\n{HEADING}\n{FENCE}\n## Goal\nx\n"),
    "no goal": ("# T\n\n## Why\nx\n", f"# T\n\n{HEADING}\n{FENCE}\n## Why\nx\n"),
    "a goal on line 1": ("## Goal\n", f"{HEADING}\n{FENCE}\n## Goal\n"),
    "text above the goal": ("x\n## Goal\n", f"x\n\n{HEADING}\n{FENCE}\n## Goal\n"),
    "front matter": ("---\nname: x\n---\n## Goal\n", f"---\nname: x\n---\n\n{HEADING}\n{FENCE}\n## Goal\n"),
    "a raw element at the end": ("<div>\nx", f"<div>\nx\n\n{HEADING}\n{FENCE}\n"),
    "an open fence at the end": ("x\n\n```\ny", f"x\n\n{HEADING}\n{FENCE}\n```\ny"),
    "an open comment at the end": ("x\n\n<!--\ny", f"x\n\n{HEADING}\n{FENCE}\n<!--\ny"),
    "a section without fence": ("## Project Context\nx\n", f"## Project Context\n{FENCE}x\n"),
    "a section at the end": ("## Project Context", f"## Project Context\n{FENCE}"),
    "a section with another fence": (
        "## Project Context\n```bash\nx\n```\n", f"## Project Context\n{FENCE}```bash\nx\n```\n",
    ),
    "an underlined section": (
        "Project\nContext\n---\nx\n", f"Project\nContext\n---\n{FENCE}x\n",
    ),
    "an underlined hash": ("#Project Context\n===\n", f"#Project Context\n===\n{FENCE}"),
    "an old block": (
        "## Project Context\n```yaml\nold: 1\n```\nx\n", f"## Project Context\n{FENCE}x\n",
    ),
    "an empty fence": ("## Project Context\n```yaml\n```\nx\n", f"## Project Context\n{FENCE}x\n"),
    "a fence of tildes": (
        "## Project Context\n~~~~\nold\n~~~~\n", f"## Project Context\n~~~~\n{BLOCK}~~~~\n",
    ),
    "an open fence": (
        "## Project Context\n```yaml\nold: 1\n", f"## Project Context\n{FENCE}old: 1\n",
    ),
    "an open fence on the last line": ("## Project Context\n```yaml", f"## Project Context\n{FENCE}"),
    "an open fence of tildes": (
        "## Project Context\n~~~~yaml\nold\n", f"## Project Context\n~~~~yaml\n{BLOCK}~~~~\nold\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_the_block_is_put_where_it_belongs(text: str, expected: str) -> None:
    assert filled(text)[0] == expected


INDENTED = {
    "indented": ("   ", "   "),
    "in a list": ("- ", "  "),
    "in a numbered list": ("1. ", "   "),
    "in a quote": ("> ", "> "),
    "in a list in a quote": ("> - ", ">   "),
}


@pytest.mark.parametrize(("first", "others"), INDENTED.values(), ids=INDENTED)
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "open"])
def test_a_block_that_is_indented_stays_so(first: str, others: str, *, closed: bool) -> None:
    closing = f"{others}```\n" if closed else ""
    text = f"## Project Context\n{first}```yaml\n{others}old: 1\n{closing}\n## Goal\n"
    after, again = filled(text)
    assert again.block.fence is not None
    assert after.count("## Goal") == 1
    assert "goal" in [section.id for section in again.outline.sections]


parts = st.sampled_from(
    ["# T", "## Goal", "Goal\n---", "## Project Context", "Project Context\n===", "## Why", "```yaml",
     "```", "~~~yaml", "PROJECT_TYPE: simple_feature", "a: 1", "- x", "> x", "", "text", "---",
     "name: x", "<!-- x -->", "- ```yaml", "  ```yaml", "> ```yaml"]
)  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(st.lists(parts, max_size=10).map("\n".join))
def test_filling_twice_changes_nothing(text: str) -> None:
    filled(text)
