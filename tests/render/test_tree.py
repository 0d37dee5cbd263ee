"""Files as a tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.render.tree import render

DRAWN = {
    "nothing": ([], ""),
    "a file": (["a"], "└── a"),
    "folders first": (["z", "a/b", "c/d"], "├── a/\n│   └── b\n├── c/\n│   └── d\n└── z"),
    "nested": (
        ["a/b/c", "a/b/d", "a/e"],
        "└── a/\n    ├── b/\n    │   ├── c\n    │   └── d\n    └── e",
    ),
    "the same twice": (["a", "a"], "└── a"),
    "a newline": (["a\nb"], "└── a\\nb"),
    "quotes and spaces": (['it\'s "a" b'], '└── it\'s "a" b'),
    "a leading dash": (["-rf"], "└── -rf"),
    "not UTF-8": (["\udcff"], "└── \\udcff"),
    "direction marks": (["a\u202eb"], "└── a\\u202eb"),
    "umlauts": (["über"], "└── über"),
}


@pytest.mark.parametrize(("paths", "drawn"), DRAWN.values(), ids=DRAWN)
def test_files_are_drawn(paths: list[str], drawn: str) -> None:
    assert render(paths) == drawn


def test_the_deepest_folders_fold_first() -> None:
    paths = ["a/b/c", "a/b/d", "a/e/f", "g"]
    assert render(paths, 5) == "├── a/\n│   ├── b/ (2 files)\n│   └── e/ (1 file)\n└── g"
    assert render(paths, 3) == "├── a/ (3 files)\n└── g"


def test_what_does_not_fold_is_counted() -> None:
    assert render([f"f{n}" for n in range(9)], 4) == "├── f0\n├── f1\n├── f2\n└── … 6 more"


def test_a_path_of_two_thousand_folders_is_drawn() -> None:
    assert render(["/".join("a" * 2_000), "b"]).endswith("\n└── b")


paths = st.lists(st.lists(st.text(min_size=1, max_size=3).map(lambda s: s.replace("/", "-")), min_size=1, max_size=4)
                 .map("/".join), max_size=12)  # fmt: skip


@given(paths, st.integers(1, 12))
def test_the_order_of_the_files_does_not_matter(files: list[str], most: int) -> None:
    drawn = render(files, most)
    assert render(sorted(files, reverse=True), most) == drawn
    assert len(drawn.splitlines()) <= most
