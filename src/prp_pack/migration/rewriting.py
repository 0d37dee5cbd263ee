"""A document written anew from its own lines and new text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prp_pack.check.fix import BYTE_ORDER_MARK
from prp_pack.model import Document, Edit, Section
from prp_pack.regex import regex
from prp_pack.repository import Source
from prp_pack.values import dataclass, replace

Part = str | range
"""New text, or lines of the document as they stand, counted from 1."""

_ATX = regex(r" {0,3}#{1,6}(?=[ \t]|$)")
_UNDERLINE = regex(r" {0,3}(?:=+|-+)[ \t]*")
_MARKER = regex(r"`{3,}")
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Renamed:
    """A title, or a key of the front matter, whose words gave way to others."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Unplaced:
    """What the template has no section for; it is kept at the end. `lines` counts its lines."""

    title: str
    lines: int


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The whole document as a step leaves it, and what its author should know of that."""

    parts: tuple[Part, ...]
    renamed: tuple[Renamed, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()


def edited(document: Document, edits: Iterable[Edit]) -> tuple[Part, ...]:
    """Return the document with edits that don't overlap."""
    parts: list[Part] = []
    reached = 1
    for edit in sorted(edits, key=lambda edit: (edit.line, edit.end)):
        parts += [range(reached, edit.line), edit.text]
        reached = edit.end
    return (*parts, range(reached, len(document.lines) + 1))


def written(source: Source, parts: Iterable[Part]) -> str:
    """Return the raw text of the parts; lines that are kept are byte for byte what they were."""
    mark = BYTE_ORDER_MARK if source.raw.startswith(BYTE_ORDER_MARK) else ""
    lines = replace(source, raw=source.raw.removeprefix(mark)).raw_lines
    newline = source.newline
    said: list[str] = []
    for part in parts:
        text = part.replace("\n", newline) if isinstance(part, str) else ""
        new = [text] if text else []
        if isinstance(part, range):
            new = lines[part.start - 1 : max(part.start, part.stop) - 1]
        if new and said and not said[-1].endswith(("\n", "\r")):
            said.append(newline)
        if new and said and said[-1].endswith("\r") and new[0].startswith("\n"):
            # The two would be one newline.
            new[0] = f"\r{new[0][1:]}"
        said += new
    return mark + "".join(said)


# --- Headings -------------------------------------------------------------------------------


def heading_end(document: Document, section: Section) -> int:
    """Return the line behind a section's heading, which may be underlined."""
    lines = document.lines
    if _ATX.match(lines[section.line - 1]):
        return section.line + 1
    number = section.line + 1
    while not _UNDERLINE.fullmatch(lines[number - 1]):
        number += 1
    return number + 1


def heading(document: Document, section: Section, level: int) -> str:
    """Return a section's heading at another level; too deep for a heading it is bold."""
    if level > _DEEPEST:
        return bold(section.title)
    line = document.lines[section.line - 1]
    if at := _ATX.match(line):
        return f"{'#' * level}{line[at.end() :]}\n"
    return f"{'#' * level} {section.title}\n"


def bold(title: str) -> str:
    """Return a title as a line of its own that is no heading, with the blank line below it."""
    words = title.replace("*", "").strip()
    return f"**{words}**\n\n" if words else ""


def body(document: Document, start: int, end: int) -> range:
    """Return the lines `[start, end)` without blank ones, or a ruler, around them."""
    lines = document.lines
    end = min(end, len(lines) + 1)
    while start < end and not lines[start - 1].strip():
        start += 1
    while start < end and (not lines[end - 2].strip() or lines[end - 2].rstrip() == "---"):
        end -= 1
    return range(start, end)


# --- What has no place ----------------------------------------------------------------------

KEPT = "Kept from the older document"
_INTRODUCTION = "The template has no section for what follows: move it, or delete it."


def kept_section(document: Document) -> Section | None:
    """Return the section that holds what had no place, when an earlier run has made one."""
    return next((s for s in document.outline.sections if s.title == KEPT), None)


def kept(document: Document, parts: Iterable[Part]) -> Iterator[Part]:
    """Yield what goes to the end of a document that ends with what had no place."""
    if kept_section(document) is None:
        yield f"\n## {KEPT}\n{_INTRODUCTION}\n"
    yield "\n"
    yield from parts


def fenced(lines: Iterable[str]) -> str:
    """Return lines in a fence that none of them closes."""
    content = "\n".join(lines)
    longest = max((len(mark) for mark in _MARKER.findall(content)), default=2)
    marker = "`" * max(3, longest + 1)
    return f"{marker}text\n{content}\n{marker}\n"
