from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import Edit, Finding, FrontMatter, Severity
from prp_pack.render.scalar import scalar


@rule(
    "PRP108",
    name="legacy-header",
    summary="The header stands without `---`, so that nothing reads it as front matter.",
    severity=Severity.WARNING,
    fixable=True,
)
def legacy_header(target: Target) -> Iterator[Finding]:
    front = target.document.front_matter
    if front.legacy:
        message = "“name” and “description” stand without `---` around them"
        hint = "put them between two lines `---`, together with `template: prp_base`"
        yield Finding(1, message, help=hint, fix=Edit(1, _end(front), _rewritten(front)))


def _end(front: FrontMatter) -> int:
    # The header is all there is, and no newline ends it.
    return front.end + (front.end in front.lines.values())


def _rewritten(front: FrontMatter) -> str:
    lines = ["---", "template: prp_base"]
    lines += [f"{key}: {scalar(front.text(key))}" for key in front.values if front.text(key)]
    return "\n".join([*lines, "---", "", ""])
