"""Where a finding begins and ends, and what exactly its fix replaces.

Positions count from 1, columns in characters (code points); an end is exclusive.
"""

from __future__ import annotations

from prp_pack.model import Edit, Finding
from prp_pack.regex import regex
from prp_pack.repository import Source
from prp_pack.values import dataclass

# What opens a token that may hold spaces, and what closes it.
_PAIRS = {"[": "]", "<": ">", "{": "}", "(": ")", "`": "`", '"': '"', "“": "”"}
_WORD = regex(r"\S+")


@dataclass(frozen=True, slots=True)
class Span:
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Replacement:
    """A stretch of a text and what comes in its place, with the file's own newlines."""

    span: Span
    text: str


def lines_of(source: Source) -> list[str]:
    """Return the lines as findings number them; a final newline begins an empty one."""
    return source.text.split("\n")


def of_finding(finding: Finding, lines: list[str]) -> Span:
    """Return the token at the finding's column, or its line when it begins there."""
    line = lines[finding.line - 1] if finding.line <= len(lines) else ""
    start = finding.column - 1
    end = max(start, len(line.rstrip()) if start == 0 else _token_end(line, start))
    return Span(finding.line, finding.column, finding.line, end + 1)


def _token_end(line: str, start: int) -> int:
    closing = _PAIRS.get(line[start : start + 1])
    closed = line.find(closing, start + 1) if closing else -1
    if closed >= 0:
        return closed + 1
    word = _WORD.match(line, start)
    return word.end() if word else start


def of_edit(edit: Edit, source: Source) -> Replacement:
    """Return what an edit of whole lines replaces; beyond the last line it is the text's end."""
    lines = lines_of(source)
    last = len(lines)
    text = edit.text.replace("\n", source.newline)
    if edit.line > last:
        # A last line without newline must not run into what is put behind it.
        end = Span(last, len(lines[-1]) + 1, last, len(lines[-1]) + 1)
        return Replacement(end, source.newline + text if lines[-1] and text else text)
    if edit.end > last:
        return Replacement(Span(edit.line, 1, last, len(lines[-1]) + 1), text)
    return Replacement(Span(edit.line, 1, edit.end, 1), text)
