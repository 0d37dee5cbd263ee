"""Text to outline: sections, fences, checkboxes, comments."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from prp_pack.markdown import scan
from prp_pack.markdown.parts import Heading
from prp_pack.model import Outline, Section
from prp_pack.regex import regex

# The look-behind keeps a long run of spaces from being tried at each of them.
_PARENTHETICAL = regex(r"(?<!\s)\s*\([^()]*\)")
# A comment behind a heading, or the identifier that some renderers read there.
_ASIDE = regex(r"<!--[^<>]*-->|\{#[\w-]+\}")
_NUMBERING = regex(r"^\s*(?:\d+[.)]\s*)+(?:\d+\s+)?")
_EMPHASIS = regex(r"[*_`~]+")
_NOT_WORD = regex(r"[^\w]+")
_FRONT_MATTER_FENCE = regex(r"^---[ \t]*$")


def normalise(title: str) -> str:
    """Return the title as sections are compared by: `1. **Goal** (draft)` gives `goal`.

    Case, emphasis, emoji, numbering, parentheticals, comments and punctuation don't count.
    """
    return _remembered(title) if len(title) <= _REMEMBERED else _normalised(title)


def _normalised(title: str) -> str:
    bare = _PARENTHETICAL.sub("", _ASIDE.sub("", title) if "<" in title or "{" in title else title)
    if "&" in bare:
        bare = bare.replace("&amp;", "&")
    bare = _NUMBERING.sub("", _EMPHASIS.sub("", bare))
    bare = unicodedata.normalize("NFKC", bare).lower().replace("_", " ")
    return _NOT_WORD.sub("-", bare).strip("-")


# Documents of one template have the same titles; longer ones are rare.
_REMEMBERED = 200
_remembered = lru_cache(maxsize=512)(_normalised)


def display_title(title: str) -> str:
    """Return the title as messages name it, without parentheticals and the trailing colon."""
    return _PARENTHETICAL.sub("", title).rstrip(" :").strip()


def front_matter_end(lines: Sequence[str]) -> int | None:
    """Return the index of the closing `---` of the front matter, None when there is none."""
    if not lines or not _FRONT_MATTER_FENCE.match(lines[0]):
        return None
    for index in range(1, len(lines)):
        if _FRONT_MATTER_FENCE.match(lines[index]):
            return index
    return None


def outline(text: str) -> Outline:
    """Return the outline of `text`. Front matter is not Markdown: no heading comes from it."""
    lines = text.split("\n")
    end = front_matter_end(lines)
    if end is not None:
        lines[: end + 1] = [""] * (end + 1)
        text = "\n".join(lines)
    parts = scan.read(lines)
    if parts is None:
        # Only documents that need it pay for the import.
        from prp_pack.markdown import tokens  # noqa: PLC0415

        parts = tokens.read(text)
    sections = tuple(_sections(parts.headings, len(lines) + 1))
    return Outline(sections, parts.fences, parts.checkboxes, parts.comments)


def _sections(headings: Sequence[Heading], end: int) -> Iterable[Section]:
    # A single H1 is the document's title, not a section around everything.
    h1_lines = [line for level, _, line in headings if level == 1]
    ends = _section_ends(headings, end)
    ancestors: list[tuple[int, str]] = []
    for index, (level, title, line) in enumerate(headings):
        while ancestors and ancestors[-1][0] >= level:
            ancestors.pop()
        if not (level == 1 and h1_lines == [line]):
            ancestors.append((level, normalise(title)))
        path = tuple(name for _, name in ancestors) or (normalise(title),)
        following = headings[index + 1][2] if index + 1 < len(headings) else end
        titled = level > 1 and ancestors[0][0] == 1
        yield Section(title, level, line, ends[index], path, following, titled)


def _section_ends(headings: Sequence[Heading], end: int) -> list[int]:
    """Return for each heading the line of the next one of its level or above, else `end`."""
    ends = [end] * len(headings)
    open_: list[int] = []
    for index, (level, _, line) in enumerate(headings):
        while open_ and headings[open_[-1]][0] >= level:
            ends[open_.pop()] = line
        open_.append(index)
    return ends
