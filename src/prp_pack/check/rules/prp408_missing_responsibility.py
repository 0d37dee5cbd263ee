from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.paths import How
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Severity

# Their names say what they are for.
_MARKERS = ("__init__.py", "py.typed", ".gitkeep", ".keep")


@rule(
    "PRP408",
    name="missing-responsibility",
    summary="A new file of which the desired tree doesn't say what it is for.",
    severity=Severity.WARNING,
)
def missing_responsibility(target: Target) -> Iterator[Finding]:
    for entry in target.paths.desired:
        if entry.folder or entry.responsibility or entry.path.endswith(_MARKERS):
            continue
        unfilled = entry.line in target.placeholders
        found = target.paths.resolve(entry.path).how
        if unfilled or found not in (How.CREATED, How.MISSING) or target.project.exists(entry.path):
            continue
        message = f"new file “{entry.path}” has no responsibility"
        hint = "say in a few words what it is for: `path  # its one responsibility`"
        yield Finding(entry.line, message, entry.column, hint)
