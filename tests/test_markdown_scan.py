"""The fast reader of Markdown against the one that decides: nothing may be faster and different."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.markdown import front_matter_end, scan, tokens

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared/corpus"
OURS = sorted(
    path
    for folder in ("PRPs", "examples/parcel-tracker", "docs", "commands", "src")
    for path in (ROOT / folder).rglob("*.md")
)

LINES = st.sampled_from(
    [
        "", " ", "text", "text  ", "# One", "## Two ##", "##", "## ", "#no", "####### no", "### a #b",
        " ## indented", "    # code", "## C#", "## x \\#", "---", "- - -", "***", "===", "--", " ---",
        "- item", "* item", "1. item", "  - nested", "   - deeper", "    - code or nested", "-", "+",
        "- [ ] open", "- [x] done", "* [X] done", "- [ ]", "-  [ ] two spaces", "-     [ ] code",
        "  - [ ] nested", "1. [ ] numbered", "- - [ ] twice", "- [ ]no space", "- [ ] a\xa0b", "- ```", "1. ~~~", "- # in a list", "* <!-- c -->", "  x", "1) > q", "> - [ ] q",
        "```", "```python", "````", "~~~", "~~~ yaml", "``` a`b", "  ```", "    ```", "```  ", "``",
        "> quote", "> # quoted", "> ```", "<!-- one line -->", "<!-- opens", "closes -->", "<!---->",
        "<!-->", "<!--->", "text <!-- c -->", "<!-- a --> b", " <!-- c -->", "<div>", "</div>", "<b>x</b>", "<?php",
        "[a]: http://x", "[a]:", "\ttab", "- \ttab", "a\tb", "\\# x", "&nbsp;", "# ä\u2028b", "#\xa0x",
        "# \xa0x", "a\x0bb", "- [ ] x\x0c", "```\x0b", "### \x85",
    ]
)  # fmt: skip
TEXTS = st.lists(LINES, max_size=14)


def agrees(lines: list[str]) -> bool:
    """Assert that both readers agree; returns False when the fast one declined."""
    fast = scan.read(lines)
    if fast is None:
        return False
    assert fast == tokens.read("\n".join(lines))
    return True


@settings(deadline=None, max_examples=1500)
@given(TEXTS)
def test_both_readers_agree_on_generated_lines(lines: list[str]) -> None:
    agrees(lines)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=60))
def test_both_readers_agree_on_any_text(text: str) -> None:
    agrees(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def body(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8", errors="replace").removeprefix("\ufeff")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end = front_matter_end(lines)
    return lines if end is None else [""] * (end + 1) + lines[end + 1 :]


def test_both_readers_agree_on_our_documents_and_few_are_declined() -> None:
    read = [agrees(body(path)) for path in OURS]
    assert len(read) > 40
    assert sum(read) >= 0.9 * len(read)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of others' documents is not shipped")
def test_both_readers_agree_on_real_documents_and_few_are_declined() -> None:
    read = [agrees(body(path)) for path in sorted(CORPUS.rglob("*.md"))]
    assert len(read) > 150
    assert sum(read) >= 0.9 * len(read)
