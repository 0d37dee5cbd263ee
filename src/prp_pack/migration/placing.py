"""Which section of today's template each part of an older document belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prp_pack.check.registry import Target
from prp_pack.markdown import display_title
from prp_pack.migration import belongs
from prp_pack.migration.rewriting import body, bold, heading, heading_end
from prp_pack.migration.titles import says_more
from prp_pack.model import Document, PhaseContext, Section
from prp_pack.schema.conditions import applies
from prp_pack.schema.matrix import Matrix, SectionSpec
from prp_pack.values import dataclass, field

NOWHERE = ""
_TOP = 2
# A heading of level 1 in the middle of a document is no part around what follows.
_STRAY = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """A section's own lines, and what stands above them in place of its heading."""

    section: Section
    above: str
    lines: range


@dataclass(frozen=True, slots=True)
class Placed:
    """The pieces by the id of the section they go to, in the document's order.

    `title` is the heading that stays on top, if there is one. `headed` are the sections whose
    heading has become that of the id it is listed under.
    """

    pieces: Mapping[str, tuple[Piece, ...]]
    headed: Mapping[str, Section]
    title: Section | None = None


def place(target: Target, matrix: Matrix, context: PhaseContext) -> Placed:
    """Return where each section of the document goes in the template for a context."""
    sections = target.document.outline.sections
    title = sections[0] if sections and _is_title(sections[0], matrix) else None
    below = sections[1:] if title else sections
    ids = _ids(target, below, matrix, context)
    made = _Placing(target.document, matrix)
    for section in below:
        made.add(section, ids.get(section.line, NOWHERE))
    return Placed({id_: tuple(found) for id_, found in made.pieces.items()}, made.headed, title)


def _is_title(section: Section, matrix: Matrix) -> bool:
    return section.level == 1 and matrix.at(section.path[-1:]) is None


def _ids(
    target: Target, sections: tuple[Section, ...], matrix: Matrix, context: PhaseContext
) -> dict[int, str]:
    """Return the id that each section itself is, by its line; what isn't known is left out."""
    found: dict[int, str] = {}
    around: list[tuple[int, str | None]] = []
    for section in sections:
        level = _level(section, matrix)
        while around and around[-1][0] >= level:
            around.pop()
        parent = around[-1][1] if around else ""
        id_ = _where_it_stands(section, parent, matrix, context) if parent is not None else ""
        # What stands below a section that isn't known stays with it.
        around.append((level, id_ or None))
        if id_:
            found[section.line] = id_
    near = {section.line: spec for section, spec in target.near_misses}
    for section in sections:
        name = section.path[-1]
        spec = near.get(section.line) or matrix.named(name)
        if section.line in found or spec is None or not applies(spec.when, context):
            continue
        # At the top it is more of the same; within another section it is that section's own.
        at_top, taken = section.level <= _TOP, spec.id in found.values()
        if at_top or (spec.level > _TOP and not taken):
            found[section.line] = spec.id
    return found


def _where_it_stands(section: Section, parent: str, matrix: Matrix, context: PhaseContext) -> str:
    name = section.path[-1]
    spec = matrix.at((*parent.split("."), name) if parent else (name,))
    if spec is None:
        return belongs.by_title(parent, name, context)
    return spec.id if applies(spec.when, context) else belongs.instead_of(spec.id, name, context)


def _level(section: Section, matrix: Matrix) -> int:
    if section.level > 1:
        return section.level
    return _TOP if matrix.at(section.path[-1:]) else _STRAY


@dataclass(frozen=True)
class _Placing:
    """Gathers pieces; `_around` are the levels of the headings above, and where they went."""

    document: Document
    matrix: Matrix
    pieces: dict[str, list[Piece]] = field(default_factory=dict)
    headed: dict[str, Section] = field(default_factory=dict)
    _around: list[tuple[int, int, str]] = field(default_factory=list)
    """Its level in the document, its level in the new one, and the id it went to."""

    def add(self, section: Section, id_: str) -> None:
        level = _level(section, self.matrix)
        while self._around and self._around[-1][0] >= level:
            self._around.pop()
        spec = self.matrix.by_id.get(id_)
        if spec is not None:
            self._around.append((level, spec.level, id_))
            self._put(id_, section, self._in_place_of_heading(section, spec), own=True)
            return
        if self._around:
            old, new, id_ = self._around[-1]
            deeper = new + level - old
        else:
            id_, deeper = NOWHERE, _TOP + 1
        self._around.append((level, deeper, id_))
        self._put(id_, section, self._heading(section, deeper))

    def _put(self, id_: str, section: Section, above: str, *, own: bool = False) -> None:
        lines = body(self.document, heading_end(self.document, section), section.body_end)
        # The boxes of a flat list are those of its first part.
        if own and lines and id_ == belongs.CHECKLIST:
            id_ = belongs.COMPONENT_LEVEL if belongs.COMPONENT_LEVEL in self.matrix.by_id else id_
        self.pieces.setdefault(id_, []).append(Piece(section, above, lines))

    def _in_place_of_heading(self, section: Section, spec: SectionSpec) -> str:
        if spec.id in self.headed:
            return bold(section.title)
        self.headed[spec.id] = section
        name = section.path[-1]
        known = name in (*spec.names, *belongs.REPLACED)
        kept = not known or says_more(section.title, display_title(spec.title))
        return bold(section.title) if kept and name else ""

    def _heading(self, section: Section, level: int) -> str:
        name = section.path[-1]
        # By such a title it would be taken for another section, or for a level of its own.
        means_more = belongs.is_level(name) or self._is_a_title(name)
        if section.level == 1 or means_more:
            return bold(section.title)
        return heading(self.document, section, level)

    def _is_a_title(self, name: str) -> bool:
        return any(name in spec.names for spec in self.matrix.sections)


def unplaced(pieces: tuple[Piece, ...]) -> Iterator[tuple[str, int]]:
    """Yield the titles of what has no place, each with the count of lines, subsections included."""
    counts: dict[str, int] = {}
    top = ""
    for piece in pieces:
        if piece.section.level <= _TOP or not top:
            top = piece.section.title
        counts[top] = counts.get(top, 0) + len(piece.lines)
    yield from counts.items()
