from __future__ import annotations

import re
from collections.abc import Iterator

from prp_pack.check.gates import LOOP, Gates
from prp_pack.check.registry import Target, rule
from prp_pack.check.template_text import CONTENT, Reader
from prp_pack.model import Finding, Lineage, Severity
from prp_pack.regex import regex
from prp_pack.schema.sections import Match

_NOT_APPLICABLE = regex(r"^[\s>*_-]*N/A\b", re.IGNORECASE | re.MULTILINE)
_LEVEL = f"{LOOP}.level-"


@rule(
    "PRP501",
    name="level-without-command",
    summary="A level of the validation loop has no command that could decide it.",
    v2=Severity.ERROR,
    # A fence that swallows the rest swallows its commands.
    requires=("PRP107",),
)
def level_without_command(target: Target) -> Iterator[Finding]:
    gates = target.gates
    if target.lineage is Lineage.V2:
        yield from _nowhere(target, gates)
        return
    required = {spec.id for spec in target.required}
    for match in target.sections:
        wanted = match.spec.id.startswith(_LEVEL) and match.spec.id in required
        if wanted and not gates.within(match.section) and _says_something(target, match):
            hint = "add a command in a fence `bash`"
            if match.spec.waivable:
                hint += ", or write `N/A:` and the reason"
            message = f"“{match.spec.title}” has no command"
            yield Finding(match.section.line, message, help=hint)


def _says_something(target: Target, match: Match) -> bool:
    """Tell whether the section is more than empty, and is not waived: that is for PRP104."""
    lines = target.lines[match.section.line : match.section.end - 1]
    if _NOT_APPLICABLE.search("\n".join(lines)):
        return False
    return any(text in CONTENT for _, text in Reader(target).of_section(match))


def _nowhere(target: Target, gates: Gates) -> Iterator[Finding]:
    loops = [match for match in target.sections if match.spec.id == LOOP]
    if loops and not gates.steps:
        message = f"“{loops[0].spec.title}” has no command"
        hint = "add a command in a fence `bash`"
        yield Finding(loops[0].section.line, message, help=hint)
    if not target.document.outline.checkboxes:
        message = "the document has no checkbox, so nothing says when it is done"
        yield Finding(1, message, help="write the success criteria as `- [ ] `")
