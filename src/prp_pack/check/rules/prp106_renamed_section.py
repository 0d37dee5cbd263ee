from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import Edit, Finding, Section, Severity
from prp_pack.regex import regex
from prp_pack.schema.matrix import SectionSpec

_UNDERLINE = regex(r"[ ]{0,3}(?:=+|-+)[ \t]*")
_NUMBER = regex(r"\d+\w?")


@rule(
    "PRP106",
    name="renamed-section",
    summary="A heading is nearly the title of a required section.",
    severity=Severity.WARNING,
    fixable=True,
)
def renamed_section(target: Target) -> Iterator[Finding]:
    required = {spec.id for spec in target.required}
    taken: set[str] = set()
    for section, spec in target.near_misses:
        if spec.id not in required or spec.id in taken:
            continue
        taken.add(spec.id)
        message = f"heading “{section.title}” is nearly “{spec.title}”"
        hint = f"did you mean “{spec.title}”? else give it a title that is plainly another"
        # Another number may mean another section: that is for the author to say.
        same = _NUMBER.findall(section.title) == _NUMBER.findall(spec.title)
        fix = _rename(target, section, spec) if same else None
        yield Finding(section.line, message, help=hint, fix=fix)


def _rename(target: Target, section: Section, spec: SectionSpec) -> Edit:
    """Return the edit that gives the heading the template's whole title, at its own level."""
    titles = {
        found.id: own.title
        for own in target.template.outline.sections
        if (found := target.matrix.at(own.path))
    }
    line = f"{'#' * section.level} {titles.get(spec.id, spec.title)}\n"
    return Edit(section.line, _heading_end(target, section), line)


def _heading_end(target: Target, section: Section) -> int:
    if target.lines[section.line - 1].lstrip().startswith("#"):
        return section.line + 1
    # A heading without hashes ends with the line of `=` or `-` under it.
    number = section.line + 1
    while not _UNDERLINE.fullmatch(target.lines[number - 1]):
        number += 1
    return number + 1
