"""Trees as people draw them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.parse.desired_tree import MAX_DEPTH, parse
from prp_pack.render import tree

FILES = ("src/app.py", "src/parcels/label.py", "tests/test_label.py")
DRAWN = """\
├── src/
│   ├── app.py
│   └── parcels/
│       └── label.py
└── tests/
    └── test_label.py
"""
NO_BREAK = DRAWN.replace("│   ", "│\u00a0\u00a0 ")
ASCII = """\
|-- src
|   |-- app.py
|   `-- parcels
|       `-- label.py
`-- tests
    `-- test_label.py
"""
INDENTED = """\
src/
  app.py
  parcels/
    label.py
tests/
  test_label.py
"""
LISTED = "src/app.py\n- src/parcels/label.py\n`tests/test_label.py`\n"
COUNTED = DRAWN + "\n3 directories, 3 files\n"


@pytest.mark.parametrize("text", [DRAWN, NO_BREAK, ASCII, INDENTED, LISTED, COUNTED])
def test_every_way_of_drawing_gives_the_same_files(text: str) -> None:
    assert tuple(e.path for e in parse(text, 1) if not e.folder) == FILES


def test_a_rendered_tree_is_read_back() -> None:
    assert {e.path for e in parse(tree.render(FILES), 1) if not e.folder} == set(FILES)


# What stands behind a name: responsibility and marker.
REMARKS = [
    ("label.py  # the label", "the label", ""),
    ("label.py — the label", "the label", ""),
    ("label.py - the label", "the label", ""),
    ("label.py // the label", "the label", ""),
    ("label.py <- the label", "the label", ""),
    ("label.py: the label", "the label", ""),
    ("label.py (the label)", "the label", ""),
    ("label.py  # NEW: the label", "the label", "NEW"),
    ("label.py  # [NEW] the label", "the label", "NEW"),
    ("label.py  # MODIFY - the label", "the label", "MODIFY"),
    ("label.py  # NEW", "", "NEW"),
    ("label.py [NEW]", "", "NEW"),
    ("label.py  #", "", ""),
    ("label.py  # new label of a parcel", "label of a parcel", "NEW"),
    ("label.py  # renewed label", "renewed label", ""),
    ("label.py", "", ""),
]


@pytest.mark.parametrize(("line", "responsibility", "marker"), REMARKS)
def test_a_remark_is_parted_from_the_name(line: str, responsibility: str, marker: str) -> None:
    (entry,) = parse(f"├── {line}", 7)
    assert (entry.path, entry.line, entry.column) == ("label.py", 7, 5)
    assert (entry.responsibility, entry.marker) == (responsibility, marker)


def test_a_comment_below_a_name_goes_on_with_its_responsibility() -> None:
    entries = parse("src/\n├── a.py  # one\n│            # and two\n└── b.py\n", 1)
    assert [e.responsibility for e in entries] == ["", "one and two", ""]


def test_a_comment_at_the_margin_begins_another_list() -> None:
    entries = parse("src/\n└── a.py\n\n# Files to modify\nREADME.md  # the route\n", 1)
    assert [e.path for e in entries] == ["src", "src/a.py", "README.md"]


def test_folded_folders_and_what_is_left_out_are_no_files() -> None:
    entries = parse("├── src/ (12 files)\n├── ...\n└── … 3 more\n", 1)
    assert [(e.path, e.folder, e.folded) for e in entries] == [("src", True, True)]


def test_the_root_that_everything_hangs_below_is_known() -> None:
    entries = parse("parcels/\n├── src/\n│   └── app.py\n", 1)
    assert [e.below_root for e in entries] == ["", "src", "src/app.py"]
    assert parse(".\n├── src/\n", 1)[1].path == "src"
    assert {e.drawn_root for e in parse(DRAWN, 1)} == {""}


def test_sentences_are_no_entries() -> None:
    assert parse("These files are added:\n\nNothing else\n", 1) == ()


@given(st.text())
def test_no_text_raises(text: str) -> None:
    last = text.count("\n") + 1
    assert all(1 <= entry.line <= last for entry in parse(text, 1))
    parse(f"├── {text}\n│   └── {text}", 1)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(" " * n + "a/" for n in range(2000)),
        "├" * 200_000,
        " " * 200_000 + "a",
        "a" + " " * 200_000 + "#",
        "|-" * 100_000,
        "a/" * 100_000,
    ],
)
def test_absurd_trees_take_no_time(text: str) -> None:
    assert all(entry.path.count("/") <= 2 * MAX_DEPTH for entry in parse(text, 1) if len(text) < 10)
    parse(text, 1)
