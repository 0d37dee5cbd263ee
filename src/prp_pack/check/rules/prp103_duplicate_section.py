from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Section, Severity
from prp_pack.schema.sections import How


@rule(
    "PRP103",
    name="duplicate-section",
    summary="A section stands twice.",
    v2=Severity.WARNING,
)
def duplicate_section(target: Target) -> Iterator[Finding]:
    first: dict[tuple[str, ...], Section] = {}
    reached = 0
    for match in target.located.matches:
        section = match.section
        if match.how is How.ELSEWHERE:
            continue
        # Under another parent it is another section, and so it is by another title.
        earlier = first.setdefault(section.path, section)
        # A parent that stands twice brings its subsections twice.
        if earlier is section or section.line < reached:
            continue
        reached = section.end
        message = f"section “{match.spec.title}” stands twice, first on line {earlier.line}"
        hint = "merge the two, or give one of them a title of its own"
        yield Finding(section.line, message, help=hint)
