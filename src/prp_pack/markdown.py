"""Text to outline: sections, fences, checkboxes, comments. The only importer of markdown-it-py."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from prp_pack.model import Checkbox, Comment, Fence, Outline, Section

# Inline parsing is most of the cost of a parse, and no part of the outline needs it.
_MARKDOWN = MarkdownIt("commonmark").disable(["inline", "text_join"])

# The look-behind keeps a long run of spaces from being tried at each of them.
_PARENTHETICAL = re.compile(r"(?<!\s)\s*\([^()]*\)")
_NUMBERING = re.compile(r"^\s*(?:\d+[.)]\s*)+(?:\d+\s+)?")
_EMPHASIS = re.compile(r"[*_`~]+")
_NOT_WORD = re.compile(r"[^\w]+")
_CHECKBOX = re.compile(r"\[([ xX])\](?:[ \t]+|$)")
_FENCE_OPENING = re.compile(r"^[ ]{0,3}(`{3,}|~{3,})[ \t]*([\w+#.-]+)?")
_FRONT_MATTER_FENCE = re.compile(r"^---[ \t]*$")


def normalise(title: str) -> str:
    """Return the title as sections are compared by: `1. **Goal** (draft)` gives `goal`.

    Case, emphasis, emoji, numbering, parentheticals and punctuation don't count.
    """
    bare = _PARENTHETICAL.sub("", title)
    bare = _NUMBERING.sub("", _EMPHASIS.sub("", bare))
    bare = unicodedata.normalize("NFKC", bare).lower().replace("_", " ")
    return _NOT_WORD.sub("-", bare).strip("-")


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
    tokens = _MARKDOWN.parse(text)
    return Outline(
        sections=tuple(_sections(tokens, len(lines) + 1)),
        fences=tuple(_fences(tokens)),
        checkboxes=tuple(_checkboxes(tokens)),
        comments=tuple(_comments(tokens)),
    )


def _sections(tokens: Sequence[Token], end: int) -> Iterable[Section]:
    headings: list[tuple[int, str, int]] = []
    for opening, inline in pairwise(tokens):
        # A heading inside a quote or a list item is part of somebody's text, not of ours.
        if opening.type == "heading_open" and opening.map is not None and opening.level == 0:
            title = inline.content.replace("\n", " ").strip()
            headings.append((int(opening.tag[1]), title, opening.map[0] + 1))
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


def _section_ends(headings: Sequence[tuple[int, str, int]], end: int) -> list[int]:
    """Return for each heading the line of the next one of its level or above, else `end`."""
    ends = [end] * len(headings)
    open_: list[int] = []
    for index, (level, _, line) in enumerate(headings):
        while open_ and headings[open_[-1]][0] >= level:
            ends[open_.pop()] = line
        open_.append(index)
    return ends


def _fences(tokens: Iterable[Token]) -> Iterable[Fence]:
    for token in tokens:
        if token.type != "fence" or token.map is None:
            continue
        start, end = token.map
        content = token.content.count("\n") + (token.content[-1:] not in ("", "\n"))
        yield Fence(
            info=token.info.strip(),
            content=token.content,
            line=start + 1,
            end=end + 1,
            # Only a closing marker is neither the opening line nor content.
            closed=end - start == content + 2,
            nested=tuple(_nested_openings(token.content, token.markup, start + 2)),
        )


def _nested_openings(content: str, marker: str, first_line: int) -> Iterable[int]:
    for offset, line in enumerate(content.split("\n")):
        opening = _FENCE_OPENING.match(line)
        if opening and opening[2] and opening[1][0] == marker[0] and len(opening[1]) >= len(marker):
            yield first_line + offset


def _checkboxes(tokens: Sequence[Token]) -> Iterable[Checkbox]:
    for index, token in enumerate(tokens):
        if token.type != "inline" or token.map is None or index < 2:  # noqa: PLR2004
            continue
        if tokens[index - 2].type == "list_item_open" and (box := _CHECKBOX.match(token.content)):
            text = token.content[box.end() :].split("\n", 1)[0]
            yield Checkbox(token.map[0] + 1, box[1] != " ", text)


def _comments(tokens: Iterable[Token]) -> Iterable[Comment]:
    for token in tokens:
        if token.type == "html_block" and token.map and token.content.lstrip().startswith("<!--"):
            yield Comment(token.map[0] + 1, token.map[1] + 1, token.content.strip())
