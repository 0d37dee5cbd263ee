"""Titles that older templates, or a slip, gave to sections; and sections that stand twice."""

from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target
from prp_pack.check.rules.prp106_renamed_section import renamed_section
from prp_pack.markdown import display_title
from prp_pack.migration.rewriting import (
    Part,
    Renamed,
    Rewrite,
    body,
    bold,
    edited,
    heading_end,
)
from prp_pack.migration.subject import Subject
from prp_pack.model import Edit, Lineage, Problem, Section
from prp_pack.regex import regex
from prp_pack.schema.matrix import shipped
from prp_pack.schema.sections import How, Match

_WORD = regex(r"\w+")
_PARENTHETICAL = regex(r"\([^()]*\)")


def has_older(subject: Subject) -> bool:
    return subject.is_prp(Lineage.V3) and any(_renamings(subject.target))


def rename(subject: Subject) -> Rewrite | Problem:
    """Give sections the template's own titles."""
    document, edits, renamed = subject.document, [], []
    for section, title in _renamings(subject.target):
        more = bold(section.title) if says_more(section.title, title) else ""
        text = f"{'#' * section.level} {title}\n{more}"
        edits.append(Edit(section.line, heading_end(document, section), text))
        renamed.append(Renamed(section.title, title))
    return Rewrite(edited(document, edits), tuple(renamed))


def _renamings(target: Target) -> Iterator[tuple[Section, str]]:
    titles = titles_of(target)
    for match in target.located.matches:
        if match.spec.id in titles and _is_alias(match) and not _stands_beside(target, match):
            yield match.section, titles[match.spec.id]
    sections = {section.line: section for section in target.document.outline.sections}
    for finding in renamed_section.check(target):
        # Without a fix the title may mean another section: that is for the author to say.
        if finding.fix:
            yield sections[finding.line], finding.fix.text.lstrip("#").strip()


def titles_of(target: Target) -> dict[str, str]:
    """Return the template's whole title of each section, by id."""
    return {
        found.id: own.title
        for own in target.template.outline.sections
        if (found := target.matrix.at(own.path))
    }


def _is_alias(match: Match) -> bool:
    # A title that a project has named itself, perhaps in its own language, is not older.
    known = shipped().by_id.get(match.spec.id)
    titles = known.aliases if known else ()
    return match.how is How.ALIAS and match.section.path[-1] in titles


def _stands_beside(target: Target, match: Match) -> bool:
    """Tell whether another section of the same id would then have the same title."""
    beside = target.located.by_id[match.spec.id]
    return any(m.how is not How.ELSEWHERE and m.section.path != match.section.path for m in beside)


def says_more(old: str, new: str) -> bool:
    """Tell whether a title has an aside in parentheses that the other one lacks."""
    aside = " ".join(_PARENTHETICAL.findall(old)).lower()
    return not set(_WORD.findall(aside)) <= set(_WORD.findall(new.lower()))


# --- Sections that stand twice ---------------------------------------------------------------


def has_duplicate(subject: Subject) -> bool:
    return subject.is_prp(Lineage.V3) and _duplicate(subject.target) is not None


def merge(subject: Subject) -> Rewrite | Problem:
    """Put the text of the first section that stands twice below that of its namesake."""
    document = subject.document
    found = _duplicate(subject.target)
    if subject.obstacle or found is None:
        return subject.obstacle or Rewrite((range(1, len(document.lines) + 1),))
    first, second = found
    own = body(document, heading_end(document, second), second.body_end)
    below: tuple[Part, ...] = ("\n", bold(second.title), own, "\n") if own else ()
    parts: tuple[Part, ...] = (
        range(1, first.body_end),
        *below,
        range(first.body_end, first.end),
        range(second.body_end, second.end),
        range(first.end, second.line),
        range(second.end, len(document.lines) + 1),
    )
    title = display_title(first.title)
    return Rewrite(parts, () if own else (Renamed(second.title, title),))


def _duplicate(target: Target) -> tuple[Section, Section] | None:
    """Return the first two sections of one path."""
    first: dict[tuple[str, ...], Section] = {}
    for match in target.located.matches:
        if match.how is not How.ELSEWHERE:
            earlier = first.setdefault(match.section.path, match.section)
            if earlier is not match.section:
                return earlier, match.section
    return None
