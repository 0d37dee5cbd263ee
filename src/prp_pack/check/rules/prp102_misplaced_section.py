from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Section, Severity
from prp_pack.schema.conditions import applies
from prp_pack.schema.sections import How, Match


@rule(
    "PRP102",
    name="misplaced-section",
    summary="A section stands under another parent, or out of the template's order.",
    severity=Severity.WARNING,
)
def misplaced_section(target: Target) -> Iterator[Finding]:
    above = _parents(target.document.outline.sections)
    matched = {match.section.line: match.spec.id for match in target.located.matches}
    for match in target.sections:
        parent = above[match.section.line]
        # It moved along with its parent, or its parent is the one that is missing.
        stays = parent is not None and matched.get(parent.line) == match.spec.parent
        orphaned = match.spec.parent and match.spec.parent not in target.located.by_id
        unwanted = target.knows_context and not applies(match.spec.when, target.context)
        if match.how is How.ELSEWHERE and not (stays or orphaned or unwanted):
            yield _elsewhere(target, match, parent)
    in_order = {m.spec.id: m for m in reversed(target.sections) if m.how is How.TITLE}.values()
    for _, siblings in groupby(sorted(in_order, key=_parent_then_line), lambda m: m.spec.parent):
        yield from _out_of_order(target, tuple(siblings))


def _parents(sections: Sequence[Section]) -> dict[int, Section | None]:
    """Return the section around each section, by the line of its heading."""
    found: dict[int, Section | None] = {}
    open_: list[Section] = []
    for section in sections:
        while open_ and open_[-1].level >= section.level:
            open_.pop()
        found[section.line] = open_[-1] if open_ and len(section.path) > 1 else None
        open_.append(section)
    return found


def _elsewhere(target: Target, match: Match, parent: Section | None) -> Finding:
    here = f"under “{parent.title}”" if parent else "at the top level"
    wanted = target.located.section(match.spec.parent)
    there = f"under “{target.matrix.by_id[match.spec.parent].title}”" if wanted else "at the top"
    message = f"section “{match.spec.title}” stands {here}, the template has it {there}"
    at = f" that begins on line {wanted.line}" if wanted else ""
    hint = f"write it as “{'#' * match.spec.level} {match.spec.title}” {there}{at}"
    return Finding(match.section.line, message, help=hint)


def _parent_then_line(match: Match) -> tuple[str, int]:
    return match.spec.parent, match.section.line


def _out_of_order(target: Target, siblings: Sequence[Match]) -> Iterator[Finding]:
    order = target.matrix.order
    kept = _longest_in_order([order[match.spec.id] for match in siblings])
    for index, match in enumerate(siblings):
        if index in kept:
            continue
        rank = order[match.spec.id]
        before = [siblings[i] for i in kept if i < index and order[siblings[i].spec.id] > rank]
        after = [siblings[i] for i in kept if i > index and order[siblings[i].spec.id] < rank]
        other, here, there = (
            (before[0], "after", "before") if before else (after[-1], "before", "after")
        )
        where = f"“{other.spec.title}” on line {other.section.line}"
        message = f"section “{match.spec.title}” stands {here} {where}"
        hint = f"move it {there} “{other.spec.title}”, where the template has it"
        yield Finding(match.section.line, message, help=hint)


def _longest_in_order(ranks: Sequence[int]) -> list[int]:
    """Return the indices of a longest run of rising ranks; whatever is not in it has moved."""
    best: list[list[int]] = []
    for index, rank in enumerate(ranks):
        ending = [run for run in best if ranks[run[-1]] < rank]
        best.append([*max(ending, key=len, default=[]), index])
    return max(best, key=len, default=[])
