"""Paths in commands that are shown to be pasted: a shell reads each as one word."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.shell_words import quoted


@pytest.mark.parametrize("path", ["PRPs/phase1.md", "PRPs/Bücher.md", "PRPs/mobile/a-b_c.1.md"])
def test_a_path_that_is_a_word_stays_as_it_is(path: str) -> None:
    assert quoted(path) == path


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("PRPs/a b.md", "'PRPs/a b.md'"),
        ("PRPs/it's.md", "'PRPs/it'\\''s.md'"),
        ("PRPs/$(id).md", "'PRPs/$(id).md'"),
        ("", "''"),
    ],
)
def test_a_path_that_is_more_is_quoted(path: str, said: str) -> None:
    assert quoted(path) == said


_NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(_NAMES, min_size=1, max_size=6))
def test_a_real_shell_reads_back_the_very_paths(paths: list[str]) -> None:
    words = " ".join(map(quoted, paths))
    done = subprocess.run(
        ["sh", "-c", f"printf '%s\\0' {words}"], capture_output=True, check=True, timeout=60
    )
    assert done.stdout == b"".join(path.encode() + b"\0" for path in paths)
