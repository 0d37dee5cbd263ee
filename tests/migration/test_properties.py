"""Whatever a document says: nothing of it is lost, and migrating twice changes nothing."""

from __future__ import annotations

import re
from itertools import cycle

from hypothesis import example, given, settings
from hypothesis import strategies as st

from prp_pack.check.engine import Checker
from prp_pack.migration.subject import Destination
from prp_pack.schema.matrix import shipped
from prp_pack.schema.template import shipped_text
from tests.migration.conftest import assert_nothing_lost, migrated, rules_of

PATHS = st.sampled_from([
    "PRPs/search.md", "PRPs/phase2.md", "PRPs/PROJECT_PHASE_PLAN.md",
    "PRPs/PHASE2_COMPLETION_SUMMARY.md", "PRPs/PHASE2_REQUIREMENTS.md", "PRPs/INITIAL.md",
])  # fmt: skip
DESTINATIONS = st.sampled_from(
    [None, Destination(), Destination(1), Destination(2), Destination(3)]
)

HEADERS = st.sampled_from([
    "", "\n", 'name: "Parcels"\ndescription: |\n\n', "name: Parcels\ndescription: |\n  all\n   of them\n",
    "name: it's: odd\n", "---\ntemplate: prp_base\nname: Parcels\n---\n",
    "---\ntemplate: prp_base\nowner: depot\nrequirement: x\n---\n", "---\nname: [a]\n---\n", "---\nname: A\ndescription: B\n---\n",
    "---\ntemplate: prp-base\nname: a: b\n---\n", "template: prp_base\nname: x\n",
    "---\nname: never closed\n\n", "---\nphases: 3\nstatus: complete\n---\n", "# Parcels (live)\n",
])  # fmt: skip
OLDER = ["Goal", "Why", "What", "All Needed Context", "Implementation Blueprint", "Validation Loop",
         "Final Validation Checklist", "Anti-Patterns to Avoid"]  # fmt: skip
TITLES = st.one_of(
    st.sampled_from([*OLDER, *(spec.title for spec in shipped().sections)]),
    st.sampled_from([alias for spec in shipped().sections for alias in spec.aliases]),
    st.sampled_from([
        "Level 1: Syntax & Style", "Level 2: Unit Tests", "Level 3: Integration Test (slow)",
        "Level 5: Build", "Task 1: `index`", "Task 1 pseudocode", "**1. Notes**", "Success Metrics",
        "Confidence 9/10", "Phase 2: Live", "", "Goall", "Kept from the older document", "[x]: y",
    ]),
)  # fmt: skip
MARKS = st.sampled_from(["# ", "## ", "## ", "### ", "### ", "### ", "#### ", "###### ", "  ## "])
BODIES = st.sampled_from([
    "", "Text.\n", "\nText\n\nmore  \n", "- one\n- two\n", "1. one\n\n   ```bash\n   ls\n   ```\n",
    "```bash\n# not a heading\nruff check src/\n```\n", "~~~\n```\n~~~\n", "````\n```\n````\n",
    "- [ ] `pytest tests/`\n- [x] done\n", "    indented = code\n", "\n---\n", "***\n",
    "Set\n===\n", "Two\nlines\n---\n", "<!-- prp: ignore PRP304 because -->\n", "<div>\n## in html\n</div>\n",
    "> ## quoted\n> ```\n> x\n> ```\n", "| a | b |\n|---|---|\n", "[x]: http://example.org\n", "Text",
    "Phase 1: Core\n├── a: b\n├── Phase Type: backend\n└── Complexity: high\n", "\u00a0\u200b\n", "a\tb\n",
    "<details>\n\n", "\\\n", "- **Phase Number**: 2\n",
])  # fmt: skip
OPEN = st.sampled_from(["", "", "", "```\nopen\n", "<!-- open\n", "<pre>\n", "~~~python\nx"])
# Each of them is migrated as a whole, which takes a while.
FEWER = settings(max_examples=50)

SECTIONS = st.lists(st.tuples(MARKS, TITLES, BODIES), max_size=12)
NEWLINES = st.sampled_from([["\n"], ["\r\n"], ["\r"], ["\n", "\r"], ["\r\n", "\n"]])


@st.composite
def documents(draw: st.DrawFn) -> str:
    drawn = draw(SECTIONS)
    if draw(st.booleans()):
        # Enough of the older template to be known by it.
        drawn = [("## ", title, draw(BODIES)) for title in OLDER] + drawn
        drawn = draw(st.permutations(drawn))
    text = "".join(f"{mark}{title}\n{body}" for mark, title, body in drawn)
    text = draw(HEADERS) + draw(BODIES) + text + draw(OPEN)
    mark = draw(st.sampled_from(["", "\ufeff"]))
    newlines = cycle(draw(NEWLINES))
    return mark + re.sub(r"\n", lambda _: next(newlines), text)


@FEWER
@given(documents(), PATHS, DESTINATIONS)
@example("template: prp_base\nname: x\n  ## Goal\n", "PRPs/search.md", None)
def test_nothing_is_lost(checker: Checker, text: str, path: str, to: Destination | None) -> None:
    assert_nothing_lost(migrated(checker, text, path, to))


@FEWER
@given(documents(), PATHS, DESTINATIONS)
def test_migrating_twice_changes_nothing(
    checker: Checker, text: str, path: str, to: Destination | None
) -> None:
    once = migrated(checker, text, path, to)
    twice = migrated(checker, once.raw, path, to)
    assert twice.raw == once.raw


@FEWER
@given(documents(), DESTINATIONS)
def test_what_can_be_mended_is_mended(checker: Checker, text: str, to: Destination | None) -> None:
    made = migrated(checker, text, "PRPs/search.md", to)
    if not made.problems:
        assert not {"PRP103", "PRP106", "PRP108", "PRP109"} & rules_of(checker, made).keys()


LINES = shipped_text().split("\n")


@given(st.lists(st.tuples(st.integers(0, len(LINES)), st.integers(1, 40)), max_size=8))
def test_pieces_of_the_template_in_any_order_lose_nothing(
    checker: Checker, pieces: list[tuple[int, int]]
) -> None:
    text = "\n".join(line for start, count in pieces for line in LINES[start : start + count])
    made = migrated(checker, text)
    assert_nothing_lost(made)
    assert not migrated(checker, made.raw).changes


@given(st.text(max_size=300), PATHS)
def test_any_text_is_read(checker: Checker, text: str, path: str) -> None:
    made = migrated(checker, text.replace("\0", "").encode("utf-8", "replace").decode(), path)
    assert_nothing_lost(made)
