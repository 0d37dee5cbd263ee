"""Which section of the matrix each heading of a document is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from prp_pack.model import Lineage, Outline, Section
from prp_pack.schema.matrix import Matrix, SectionSpec
from prp_pack.values import dataclass


class How(StrEnum):
    """How a heading was recognised."""

    TITLE = "title"
    ALIAS = "alias"
    ELSEWHERE = "elsewhere"
    """By its title alone, under another parent than the template's."""


@dataclass(frozen=True, slots=True)
class Match:
    section: Section
    spec: SectionSpec
    how: How


@dataclass(frozen=True, slots=True)
class Located:
    """The headings of a document against the matrix, in the document's order."""

    matches: tuple[Match, ...]
    unknown: tuple[Section, ...]
    by_id: Mapping[str, tuple[Match, ...]]

    def section(self, id_: str) -> Section | None:
        """Return the first section of this id."""
        found = self.by_id.get(id_)
        return found[0].section if found else None


def locate(outline: Outline, matrix: Matrix) -> Located:
    """Return what each heading of `outline` is; a near miss is unknown, never a silent match."""
    matches, unknown = [], []
    by_id: dict[str, tuple[Match, ...]] = {}
    for section in outline.sections:
        match = _match(section, matrix)
        if match is None:
            unknown.append(section)
        else:
            matches.append(match)
            by_id[match.spec.id] = (*by_id.get(match.spec.id, ()), match)
    return Located(tuple(matches), tuple(unknown), by_id)


def _match(section: Section, matrix: Matrix) -> Match | None:
    # A document with several H1 has the name of one in every path.
    for path in (section.path, section.path[1:] if section.titled else ()):
        spec = matrix.at(path) if path else None
        if spec is not None:
            how = How.TITLE if path[-1] == spec.name else How.ALIAS
            return Match(section, spec, how)
    spec = matrix.named(section.path[-1])
    return Match(section, spec, How.ELSEWHERE) if spec else None


# Fewer signature headings than this are a coincidence; so are aliases alone, which are words that
# any document may use (“Validation”, “Context”). Both numbers part the real documents measured.
SIGNATURE = 4
SIGNATURE_TITLES = 2


def lineage_of(located: Located, matrix: Matrix, template: str) -> Lineage:
    """Return the document's family; `template` is what its front matter names.

    Ours says so in its front matter, or has four headings that no older template has.
    """
    if template == "prp_base":
        return Lineage.V3
    found = located.by_id.keys()
    if len(found & set(matrix.lineages.v3_signature)) >= SIGNATURE:
        return Lineage.V3
    older = found & set(matrix.lineages.v2_signature)
    titles = sum(located.by_id[id_][0].how is How.TITLE for id_ in older)
    if len(older) >= SIGNATURE and titles >= SIGNATURE_TITLES:
        return Lineage.V2
    return Lineage.OTHER
