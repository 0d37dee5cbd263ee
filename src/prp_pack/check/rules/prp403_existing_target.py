from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Severity
from prp_pack.parse.path_names import has_suffix


@rule(
    "PRP403",
    name="existing-target",
    summary="A task creates a file that is there before anything was executed.",
    severity=Severity.WARNING,
)
def existing_target(target: Target) -> Iterator[Finding]:
    if target.paths.executed:
        return
    gone: set[str] = set()
    for task in target.paths.tasks:
        path = target.paths.relative(task.creates)
        if task.verb in ("DELETE", "REMOVE", "RENAME", "MOVE"):
            gone.add(target.paths.relative(task.path))
        # To create something in a folder that is there is no mistake; ADD is said of parts too.
        elif task.verb != "CREATE" or path in gone or path in target.project.folders:
            continue
        if path and has_suffix(path) and path not in gone and target.project.exists(path):
            message = f"“{path}” ({task.verb}) is there already"
            hint = "MODIFY it, or choose another name: an agent would overwrite it"
            yield Finding(task.line, message, task.column, hint)
