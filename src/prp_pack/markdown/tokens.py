"""The reader that decides: markdown-it-py's tokens. The only importer of markdown-it-py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from prp_pack.markdown.parts import Heading, Parts, nested_openings
from prp_pack.model import Checkbox, Comment, Fence
from prp_pack.regex import regex

# Inline parsing is most of the cost of a parse, and no part of the outline needs it.
_MARKDOWN = MarkdownIt("commonmark").disable(["inline", "text_join"])

_CHECKBOX = regex(r"\[([ xX])\](?:[ \t]+|(?=\n)|$)")


def read(text: str) -> Parts:
    """Return the parts of a text without front matter."""
    tokens = _MARKDOWN.parse(text)
    return Parts(
        headings=tuple(_headings(tokens)),
        fences=tuple(_fences(tokens)),
        checkboxes=tuple(_checkboxes(tokens)),
        comments=tuple(_comments(tokens)),
    )


def _headings(tokens: Sequence[Token]) -> Iterable[Heading]:
    for opening, inline in pairwise(tokens):
        # A heading inside a quote or a list item is part of somebody's text, not of ours.
        if opening.type == "heading_open" and opening.map is not None and opening.level == 0:
            title = inline.content.replace("\n", " ").strip()
            yield int(opening.tag[1]), title, opening.map[0] + 1


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
            nested=tuple(nested_openings(token.content, token.markup, start + 2)),
        )


def _checkboxes(tokens: Sequence[Token]) -> Iterable[Checkbox]:
    for index, token in enumerate(tokens):
        if token.type != "inline" or token.map is None or index < 2:  # noqa: PLR2004
            continue
        if tokens[index - 2].type == "list_item_open" and (box := _CHECKBOX.match(token.content)):
            text = token.content[box.end() :].split("\n", 1)[0].rstrip()
            yield Checkbox(token.map[0] + 1, box[1] != " ", text)


def _comments(tokens: Iterable[Token]) -> Iterable[Comment]:
    for token in tokens:
        if token.type == "html_block" and token.map and token.content.lstrip().startswith("<!--"):
            yield Comment(token.map[0] + 1, token.map[1] + 1, token.content.strip())
