from __future__ import annotations

import re
from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.check.template_text import CONTENT, Reader, Text
from prp_pack.model import Finding
from prp_pack.regex import regex
from prp_pack.schema.conditions import applies
from prp_pack.schema.sections import Match

_NOT_APPLICABLE = regex(r"[\s>*_#/`+-]*N/A[*_`]*\s*(:|$|[-–—(,.;]|because\b)(.*)", re.IGNORECASE)
_BRACKETED = regex(r"\[[^\[\]]*\]")


@rule(
    "PRP104",
    name="empty-section",
    summary="A section is blank, or holds nothing but the template's own text.",
)
def empty_section(target: Target) -> Iterator[Finding]:
    reader = Reader(target)
    containers = {spec.parent for spec in target.matrix.sections}
    for match in target.sections:
        spec = match.spec
        # A section that must not be there is for PRP105.
        unwanted = target.knows_context and not applies(spec.when, target.context)
        container = spec.id in containers and not reader.samples.get(spec.id)
        if spec.carried or unwanted or container:
            continue
        own = False
        for number, text in reader.of_section(match):
            if text in CONTENT:
                # One line of content tells; only those that say N/A must be read to their end.
                yield from _not_applicable(target, reader, match, number)
                break
            own = own or text in (Text.GUIDANCE, Text.SKELETON)
        else:
            said = "holds nothing but the template's own text" if own else "is empty"
            hint = "fill it in"
            if spec.waivable:
                hint += ", or write `N/A:` and the reason why nothing belongs here"
            yield Finding(match.section.line, f"section “{spec.title}” {said}", help=hint)


def _not_applicable(target: Target, reader: Reader, match: Match, first: int) -> Iterator[Finding]:
    """Yield what is wrong with a section that says N/A on its first line and nothing else."""
    said = _NOT_APPLICABLE.match(target.lines[first - 1])
    if not said:
        return
    content = [number for number, text in reader.of_section(match) if text in CONTENT]
    if content != list(range(first, first + len(content))):
        return
    name = f"section “{match.spec.title}”"
    if not match.spec.waivable:
        hint = "fill it in; this section applies to every PRP that has it"
        yield Finding(first, f"{name} can't be “N/A”", help=hint)
    elif said[1] != ":" or not re.search(r"\w", _BRACKETED.sub("", said[2])):
        hint = "write `N/A:` and the reason on one line"
        yield Finding(first, f"{name} is “N/A” without a reason", help=hint)
