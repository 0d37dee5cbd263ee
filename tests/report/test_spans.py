"""What a fix replaces, as other programs are told it, is what our own fixing does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.check import fix
from prp_pack.model import Edit, Finding
from prp_pack.report import spans
from prp_pack.repository import Source, decode


def replaced(source: Source, edit: Edit) -> str:
    """Apply a replacement as an editor does: by line and column, newlines untouched."""
    made = spans.of_edit(edit, source)
    body = source.raw.removeprefix("\ufeff")
    lines = [*Source(source.path, source.text, body).raw_lines, ""]
    if not body.endswith(("\n", "\r")) and body:
        lines.pop()
    start = sum(map(len, lines[: made.span.line - 1])) + made.span.column - 1
    end = sum(map(len, lines[: made.span.end_line - 1])) + made.span.end_column - 1
    return source.raw[: len(source.raw) - len(body)] + body[:start] + made.text + body[end:]


TEXTS = ["a\nb\nc\n", "a\rb\rc\r", "a\nb\nc", "a\r\nb\r\nc\r\n", "\ufeffa\nb\n", "a\n\n\n"]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    ("line", "end", "new"),
    [(1, 1, "x\n"), (2, 3, "x\n"), (1, 3, ""), (2, 2, "x\ny\n"), (3, 3, "x\n")],
)
def test_a_replacement_does_what_the_fix_does(text: str, line: int, end: int, new: str) -> None:
    source = decode(text.encode(), "PRPs/a.md")
    edit = Edit(line, end, new)
    assert replaced(source, edit) == fix.apply(source, [Finding(line, "", fix=edit)])


@given(
    st.lists(st.text("ab 漢🚚", max_size=4), max_size=5), st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(), st.integers(1, 8), st.integers(0, 4), st.lists(st.text("xy"), max_size=2),
)  # fmt: skip
def test_any_replacement_does_what_the_fix_does(  # noqa: PLR0917
    lines: list[str], newline: str, ends: bool, line: int, length: int, new: list[str]
) -> None:
    text = newline.join(lines) + (newline if ends and lines else "")
    source = decode(text.encode(), "PRPs/a.md")
    written = len(source.raw_lines)
    start = min(line, written + 1)
    edit = Edit(start, min(start + length, written + 1), "".join(f"{part}\n" for part in new))
    assert replaced(source, edit) == fix.apply(source, [Finding(line, "", fix=edit)])


@pytest.mark.parametrize("text", ["a\rb\r", "a\rb\nc\n", "a\r\nb\rc", "a\rb"])
@pytest.mark.parametrize("new", ["\nx\n", "x\n", "\n"])
@pytest.mark.parametrize("line", [1, 2, 3])
def test_a_fix_means_the_same_with_any_newlines(text: str, new: str, line: int) -> None:
    source = decode(text.encode(), "PRPs/a.md")
    edit = Edit(min(line, len(source.raw_lines) + 1), line, new)
    plain = decode(source.text.encode(), "PRPs/a.md")
    fixed = fix.apply(source, [Finding(line, "", fix=edit)])
    assert decode(fixed.encode(), "").text == fix.apply(plain, [Finding(line, "", fix=edit)])
