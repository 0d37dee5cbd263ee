"""Sections in the order that the template has them in, each with all that stands below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from prp_pack.migration.rewriting import Part, Rewrite
from prp_pack.migration.subject import Subject
from prp_pack.model import Document, Lineage, Problem, Section
from prp_pack.schema.sections import How


def is_mixed_up(subject: Subject) -> bool:
    return subject.is_prp(Lineage.V3) and _mixed_up(subject) is not None


def sort(subject: Subject) -> Rewrite | Problem:
    """Put the sections below the first parent where they are mixed up in order.

    What the template doesn't know stays behind the section that it stands behind.
    """
    document = subject.document
    siblings = _mixed_up(subject)
    if subject.obstacle or siblings is None:
        return subject.obstacle or Rewrite((range(1, len(document.lines) + 1),))
    ranks = _ranks(subject)
    groups: list[tuple[int, list[Section]]] = []
    for section in siblings:
        if section.line in ranks or not groups:
            groups.append((ranks.get(section.line, -1), [section]))
        else:
            groups[-1][1].append(section)
    groups.sort(key=lambda group: group[0])
    blocks = [_block(document, section) for _, group in groups for section in group]
    last = _block(document, siblings[-1]).stop
    return Rewrite((
        range(1, siblings[0].line), *_joined(blocks), range(last, len(document.lines) + 1)
    ))  # fmt: skip


def _joined(blocks: Sequence[range]) -> Iterator[Part]:
    for index, block in enumerate(blocks):
        yield "\n" if index else ""
        yield block


def _block(document: Document, section: Section) -> range:
    """Return a section's lines with all below it, without the blank ones at its end."""
    end = min(section.end, len(document.lines) + 1)
    while not document.lines[end - 2].strip():
        end -= 1
    return range(section.line, end)


def _mixed_up(subject: Subject) -> list[Section] | None:
    """Return the sections that stand directly below one other, where two are in wrong order."""
    ranks = _ranks(subject)
    children: dict[int, list[Section]] = {}
    around: list[Section] = []
    for section in subject.document.outline.sections:
        while around and around[-1].level >= section.level:
            around.pop()
        children.setdefault(around[-1].line if around else 0, []).append(section)
        around.append(section)
    for siblings in children.values():
        known = [ranks[section.line] for section in siblings if section.line in ranks]
        if any(one > other for one, other in pairwise(known)):
            return siblings
    return None


def _ranks(subject: Subject) -> Mapping[int, int]:
    """Return the place in the template of the sections that have its own titles, by their line."""
    target = subject.target
    order = target.matrix.order
    found = (m for m in target.located.matches if m.how is How.TITLE)
    return {match.section.line: order[match.spec.id] for match in found}
