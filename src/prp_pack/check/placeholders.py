"""Where a document still has what its template wanted filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prp_pack.model import Document
from prp_pack.regex import regex
from prp_pack.schema.template import Template, bracket_tokens, fingerprint, is_short
from prp_pack.values import dataclass

_NOT_PROGRAMS = frozenset({"", "yaml", "yml", "bash", "sh", "shell", "console", "text", "md",
                           "markdown"})  # fmt: skip
# What says “fill me in” in any template.
_MARKER = regex(
    r"\[(?:(?:TODO|TBD|FIXME)\b|(?:INSERT|YOUR|FILL)[ _-]\w)[^\[\]\n]*\]", re.IGNORECASE
)
_WORDS = regex(r"\bphase_N\b|\bTask N:|<Xms\b|\.\.\.\(\.\.\.\)")
# Each of them has one of these in it; hardly any document does.
_IN_WORDS = ("phase_N", "Task N:", "<Xms", "...(...)")
_OF_PHASE_N = regex(r"\[N\b[^\[\]\n]*\]")
_PHASE_BEFORE = regex(r"phase_?$", re.IGNORECASE)
_SUBSCRIPTED = regex(r"[\w\])]$")
_COMMENT_BEFORE = regex(r"(?:^|\s)(?:#|//|--\s)|^\s*(?:/?\*|<!--)")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One that was left; `certain` when nothing but a template says such a thing."""

    line: int
    column: int
    text: str
    certain: bool


def by_line(document: Document, template: Template) -> dict[int, tuple[Placeholder, ...]]:
    """Return the placeholders of a document, by the lines that have one, in order."""
    lines = document.lines
    guidance = {
        line
        for comment in document.outline.comments
        for line in range(comment.line, comment.end)
        if line <= len(lines) and fingerprint(lines[line - 1]) in template.guidance
    }
    worded = any(word in document.text for word in _IN_WORDS)
    found: dict[int, tuple[Placeholder, ...]] = {}
    for number, line in enumerate(lines, start=1):
        if ("[" in line or (worded and _WORDS.search(line))) and number not in guidance:
            fence = document.fence_lines.get(number)
            here = _on_line(template, number, line, fence.language if fence else None)
            if ordered := tuple(sorted(here, key=lambda one: one.column)):
                found[number] = ordered
    return found


def _on_line(
    template: Template, number: int, line: str, language: str | None
) -> Iterator[Placeholder]:
    """Yield the placeholders of a line; `language` is that of the fence around it, if any."""
    covered: list[tuple[int, int]] = []
    for match in bracket_tokens(line):
        token, before, after = match[0], line[: match.start()], line[match.end() :]
        of_phase = _PHASE_BEFORE.search(before) is not None
        known = fingerprint(token) in template.tokens or _MARKER.fullmatch(token)
        if not known and not (of_phase and _OF_PHASE_N.fullmatch(token)):
            continue
        if language is None and _is_link(before, after):
            continue
        short = is_short(token)
        if short and not of_phase and _is_code(before, language):
            continue
        covered.append(match.span())
        yield Placeholder(number, match.start() + 1, token, certain=not short)
    for match in _WORDS.finditer(line):
        if not any(start <= match.start() < end for start, end in covered):
            yield Placeholder(number, match.start() + 1, match[0], certain=False)


def _is_link(before: str, after: str) -> bool:
    return after.startswith(("(", "[")) or (after.startswith(":") and not before.strip())


def _is_code(before: str, language: str | None) -> bool:
    """Tell whether a word in brackets is a subscript, or a list in a program."""
    if _SUBSCRIPTED.search(before):
        return True
    program = language is not None and language not in _NOT_PROGRAMS
    return program and not _COMMENT_BEFORE.search(before)
