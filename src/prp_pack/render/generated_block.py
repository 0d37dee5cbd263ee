"""A part of a document that a program draws: what stands between two comments.

    <!-- prp:begin graph 0a1b2c3d4e5f -->
    …
    <!-- prp:end -->

The digest is that of what was drawn; when it isn't that of what stands there, somebody has
edited it since. White space at the ends of lines and around the whole doesn't count.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from prp_pack.model import Document

_MARKER = re.compile(r"<!-- prp:(?:begin (\S+)(?: (\S+))?|end) -->")
_PLACEHOLDER = re.compile(r"(?:\[[^\[\]]*\])?")


@dataclass(frozen=True, slots=True)
class GeneratedBlock:
    """A block as it stands in a document, on the lines `[line, end)`, markers included.

    `digest` is empty while nothing was drawn into it. One that isn't closed has no content.
    """

    name: str
    digest: str
    line: int
    end: int
    content: str
    closed: bool = True

    @property
    def is_edited(self) -> bool:
        """Whether what stands there isn't what was drawn there."""
        if self.digest:
            return self.digest != digest(self.content)
        return not is_placeholder(self.content)


def render(name: str, content: str) -> str:
    """Return the block with its markers; the text ends in a newline, as its content does."""
    return f"<!-- prp:begin {name} {digest(content)} -->\n{content}<!-- prp:end -->\n"


def find(document: Document) -> Iterator[GeneratedBlock]:
    """Yield the blocks of a document in order. What stands in a fence or a comment is none."""
    lines = document.lines
    comments = document.outline.comments
    markers = [(c.line, m) for c in comments if (m := _MARKER.fullmatch(c.text.strip()))]
    for index, (line, marker) in enumerate(markers):
        if marker[1]:
            after, following = markers[index + 1] if index + 1 < len(markers) else (0, None)
            closed = following is not None and not following[1]
            end = after + 1 if closed else line + 1
            content = "".join(f"{inside}\n" for inside in lines[line : end - 2])
            yield GeneratedBlock(marker[1], marker[2] or "", line, end, content, closed)


def digest(content: str) -> str:
    """Return twelve hexadecimal digits for a content."""
    return hashlib.sha256(plain(content).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def plain(content: str) -> str:
    """Return what of a content is compared."""
    return "\n".join(line.rstrip() for line in content.split("\n")).strip()


def is_placeholder(content: str) -> bool:
    """Tell whether nobody has written anything there: it is empty, or a template's `[…]`."""
    return _PLACEHOLDER.fullmatch(content.strip()) is not None
