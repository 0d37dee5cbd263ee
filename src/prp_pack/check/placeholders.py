"""Where a document still has what its template wanted filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prp_pack.check.registry import Target
from prp_pack.regex import regex
from prp_pack.schema.template import bracket_tokens, fingerprint, is_short
from prp_pack.values import dataclass

_NOT_PROGRAMS = frozenset({"", "yaml", "yml", "bash", "sh", "shell", "console", "text", "md",
                           "markdown"})  # fmt: skip
# What says “fill me in” in any template.
_MARKER = regex(
    r"\[(?:(?:TODO|TBD|FIXME)\b|(?:INSERT|YOUR|FILL)[ _-]\w)[^\[\]\n]*\]", re.IGNORECASE
)
_WORDS = regex(r"\bphase_N\b|\bTask N:|<Xms\b|\.\.\.\(\.\.\.\)")
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


def left_over(target: Target, start: int = 1, end: int | None = None) -> Iterator[Placeholder]:
    """Yield the placeholders on the lines `[start, end)`, in order."""
    guidance = {
        line
        for comment in target.document.outline.comments
        for line in range(comment.line, comment.end)
        if line <= len(target.lines)
        and fingerprint(target.lines[line - 1]) in target.template.guidance
    }
    stop = len(target.lines) + 1 if end is None else min(end, len(target.lines) + 1)
    for number in range(start, stop):
        line = target.lines[number - 1]
        if number not in guidance and ("[" in line or _WORDS.search(line)):
            yield from sorted(_on_line(target, number, line), key=lambda found: found.column)


def _on_line(target: Target, number: int, line: str) -> Iterator[Placeholder]:
    fence = target.fence_lines.get(number)
    language = fence.language if fence else None
    covered: list[tuple[int, int]] = []
    for match in bracket_tokens(line):
        token, before, after = match[0], line[: match.start()], line[match.end() :]
        of_phase = _PHASE_BEFORE.search(before) is not None
        known = fingerprint(token) in target.template.tokens or _MARKER.fullmatch(token)
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
