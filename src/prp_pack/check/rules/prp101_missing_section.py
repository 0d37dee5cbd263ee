from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import Edit, Finding, Lineage, Severity
from prp_pack.schema.matrix import SectionSpec


@rule(
    "PRP101",
    name="missing-section",
    summary="A section that this PRP must have is absent.",
    v2=Severity.ERROR,
    # A fence that swallows the rest swallows its headings: one cause, one finding.
    requires=("PRP107",),
    fixable=True,
)
def missing_section(target: Target) -> Iterator[Finding]:
    near = {spec.id: section for section, spec in target.near_misses}
    for spec in target.required:
        if spec.id in target.located.by_id:
            continue
        message = f"missing section “{spec.title}”"
        if spec.id in near:
            renamed = near[spec.id]
            hint = f"“{renamed.title}” on line {renamed.line} looks like it; rename the heading"
            yield Finding(renamed.line, message, help=hint)
        elif spec.parent and spec.parent not in target.located.by_id:
            # The parent is missing too, and its text brings this section along.
            yield Finding(target.document.last_line, message, help=_help(target, spec))
        else:
            fix = _insertion(target, spec) if target.lineage is Lineage.V3 else None
            # Where it belongs is where a reader wants to be taken.
            line = min(_place(target, spec), target.document.last_line)
            yield Finding(line, message, help=_help(target, spec), fix=fix)


def _help(target: Target, spec: SectionSpec) -> str:
    parent = target.matrix.by_id.get(spec.parent)
    where = f" under “{parent.title}”" if parent else ""
    return f"add the heading “{'#' * spec.level} {spec.title}”{where} and fill it in"


def _insertion(target: Target, spec: SectionSpec) -> Edit | None:
    """Return the edit that puts the template's text where the template has it."""
    for section in target.template.outline.sections:
        found = target.matrix.at(section.path)
        if found and found.id == spec.id:
            line = _place(target, spec)
            if line > target.document.last_line and target.ends_open:
                return None
            above = target.lines[line - 2] if line > 1 else ""
            gap = "\n" if above.strip() else ""
            below = "\n" if line <= target.document.last_line else ""
            return Edit(line, line, f"{gap}{target.template.own_text(section)}{below}")
    return None


def _place(target: Target, spec: SectionSpec) -> int:
    """Return the line of the first section that follows in the template, within the parent."""
    order = target.matrix.order
    end = target.document.last_line + 1
    if spec.parent and (parent := target.located.section(spec.parent)):
        end = min(end, parent.end)
    for match in target.located.matches:
        follows = order[match.spec.id] > order[spec.id] and match.spec.parent == spec.parent
        if follows and match.section.line <= end:
            return match.section.line
    return end
