"""What is drawn into a document, and what of it somebody wrote."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.check import fix
from prp_pack.model import Finding, Plan
from prp_pack.parse import document, plan
from prp_pack.render import generated_block
from prp_pack.render.drawn_parts import Drift, drifts
from prp_pack.repository import decode

MAP = "PRPs/PHASE_DEPENDENCY_MAP.md"
HEAD = "---\ntemplate: dependency_map\n---\n"


def parsed(*phases: str) -> Plan:
    entries = "".join(f"  - {{{phase}}}\n" for phase in phases)
    text = f"---\ntemplate: phase_plan\nphases:\n{entries}---\n"
    return plan.parse(text, "PRPs/PROJECT_PHASE_PLAN.md")


ONE = "number: 1, name: store, type: foundation, complexity: low, depends_on: []"
TWO = "number: 2, name: live, type: integration, complexity: low, depends_on: [1]"
PLAN = parsed(ONE, TWO)


def found(text: str, of: Plan = PLAN) -> list[Drift]:
    return list(drifts(document.parse(text, MAP), of, {1: "complete"}))


def drawn(text: str, of: Plan = PLAN, *, force: bool = False) -> str:
    """Return the text with every edit made that may be, until there is none."""
    for _ in range(5):
        source = decode(text.encode("utf-8", "surrogatepass"), MAP)
        edits = [d.edit for d in found(source.text, of) if d.edit and (force or not d.by_hand)]
        text = fix.apply(source, [Finding(1, "", fix=edit) for edit in edits])
    return text


DRAWN = drawn(HEAD)


def test_an_empty_map_gets_its_three_sections_and_then_stays() -> None:
    assert [line for line in DRAWN.split("\n") if line.startswith("## ")] == [
        "## Graph", "## Matrix", "## Critical path",
    ]  # fmt: skip
    assert found(DRAWN) == []
    assert drawn(DRAWN) == DRAWN


def test_what_the_plan_changed_is_drawn_again() -> None:
    other = parsed(ONE, TWO.replace("live", "Live"))
    assert [drift.by_hand for drift in found(DRAWN, other)] == [False, False]
    assert drawn(DRAWN, other) == drawn(HEAD, other)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("around", ["", "Before.\n", "Before.\n\nAgain.\n"])
def test_what_stands_around_a_block_stays_to_the_byte(around: str, newline: str) -> None:
    text = f"{HEAD}# T\n\n{around}\n<!-- prp:begin status -->\n<!-- prp:end -->\n{around}"
    text = (
        f"{text}## Matrix\n{around}<!-- prp:begin matrix -->\n<!-- prp:end -->\n\ttail  ".replace(
            "\n", newline
        )
    )
    after = drawn(text)
    kept = text.split(f"<!-- prp:end -->{newline}")
    for part in kept[:-1]:
        before, _, _ = part.partition("<!-- prp:begin")
        assert before in after
    assert kept[-1] in after
    assert "\n" not in after.replace("\r\n", "") if newline == "\r\n" else "\r" not in after


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("| 2: live |", "| 2: dead |"),
        ("<!-- prp:begin matrix", "<!-- prp:begin matrix 000000000000 -->\nmine\n<!--"),
    ],
)
def test_what_was_edited_is_kept_until_somebody_insists(old: str, new: str) -> None:
    text = DRAWN.replace(old, new)
    if "mine" in new:
        text = text[: text.index("mine")] + "mine\n<!-- prp:end -->\n"
        text += DRAWN[DRAWN.index("## Critical path") :]
    (drift,) = found(text)
    assert (drift.by_hand, "was edited since it was drawn" in drift.message) == (True, True)
    assert drawn(text) == text
    assert found(drawn(text, force=True)) == []


@pytest.mark.parametrize("text", ["Phase 1 first.", "[a](b) and more", "[x] y"])
def test_a_section_in_somebodys_words_is_kept_until_somebody_insists(text: str) -> None:
    mine = f"{HEAD}# T\n\n## Graph\n{text}\n"
    after = drawn(mine)
    assert f"## Graph\n{text}\n" in after
    assert [(d.by_hand, d.line) for d in found(after)] == [(True, 6)]
    assert found(drawn(mine, force=True)) == []


@pytest.mark.parametrize("text", ["", "\n", "[Mermaid graph of the phases]\n", "\n[…]\n\n"])
def test_a_placeholder_is_nobodys_words(text: str) -> None:
    assert found(drawn(f"{HEAD}# T\n\n## Graph\n{text}## Notes\nOurs.\n")) == []


def test_white_space_that_a_formatter_moves_is_no_edit() -> None:
    spaced = DRAWN.replace(" -->\n", " -->\n\n").replace("<!-- prp:end -->", "\n<!-- prp:end -->")
    spaced = spaced.replace("graph LR\n", "graph LR  \n")
    assert found(spaced) == []
    assert [d.by_hand for d in found(spaced, parsed(ONE))] == [False] * 3


@pytest.mark.parametrize(
    "hidden",
    [
        "```text\n<!-- prp:begin status -->\n<!-- prp:end -->\n```\n",
        "<!--\n<!-- prp:begin status\n-->\n",
        "See `<!-- prp:begin status -->`.\n",
    ],
)
def test_a_marker_that_is_shown_or_hidden_is_none(hidden: str) -> None:
    assert drawn(f"{DRAWN}\n{hidden}") == f"{DRAWN}\n{hidden}"


def test_a_block_without_an_end_is_left_to_a_person() -> None:
    text = f"{DRAWN}\n<!-- prp:begin status -->\n\n<!-- prp:begin status -->\n<!-- prp:end -->\n"
    first, second = found(text)
    assert (first.edit, "has no `<!-- prp:end -->`" in first.message) == (None, True)
    assert second.edit is not None
    assert [drift.edit for drift in found(drawn(text))] == [None]


def test_the_status_table_says_what_waits_for_what() -> None:
    text = drawn(
        "<!-- prp:begin status -->\n<!-- prp:end -->\n", parsed(ONE, TWO, TWO.replace("2", "3"))
    )
    assert text.splitlines()[1:-1] == [
        "| Phase | Needs | Status |",
        "|---|---|---|",
        "| 1: store | – | complete |",
        "| 2: live | 1 | can start |",
        "| 3: live | 1 | can start |",
    ]
    waiting = drawn(
        "<!-- prp:begin status -->\n<!-- prp:end -->\n",
        parsed(ONE, TWO, TWO.replace("1", "2").replace("2", "3", 1)),
    )
    assert "| 3: live | 2 | waits for 2 |" in waiting


PIECES = ["## Graph", "# Matrix", "Critical path\n===", "<!-- prp:begin graph -->", "```", "<!--",
          "<!-- prp:begin status 0123456789ab -->", "<!-- prp:end -->", "§", "", "- [ ] y", "\t",
          "<!-- prp:begin nothing -->", "-->", HEAD.strip()]  # fmt: skip

# A word in brackets is a placeholder.
WORDS = st.text(st.characters(exclude_characters="[\0", exclude_categories=["Cs"]), max_size=5)


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES) | WORDS).map("\n".join), st.booleans())
def test_drawing_any_text_ends_and_keeps_every_word_that_is_not_in_a_block(
    text: str, ours: bool
) -> None:
    sample = decode(f"{HEAD if ours else ''}{text}".encode("utf-8", "surrogatepass"), MAP).text
    after = drawn(sample)
    assert drawn(after) == after
    assert [d for d in found(after) if d.edit and not d.by_hand] == []
    assert after.count("§") == sample.count("§")


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters="\r"), max_size=30))
def test_a_content_comes_back_from_its_block(content: str) -> None:
    text = generated_block.render("graph", "".join(f"    {s}\n" for s in content.split("\n")))
    blocks = list(generated_block.find(document.parse(text, MAP)))
    assert [(b.name, b.closed, b.is_edited) for b in blocks] == [("graph", True, False)]
