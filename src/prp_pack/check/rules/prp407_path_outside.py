from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.paths import How
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Severity


@rule(
    "PRP407",
    name="path-outside",
    summary="A path leads out of the project.",
    v2=Severity.WARNING,
)
def path_outside(target: Target) -> Iterator[Finding]:
    said: set[tuple[int, int]] = set()
    for name, line, column in _named(target):
        if target.paths.resolve(name).how is How.OUTSIDE and (line, column) not in said:
            said.add((line, column))
            message = f"“{name}” {_why(target, name)}"
            hint = "write a path from the project's root, without a folder of your own machine"
            yield Finding(line, message, column, hint)


def _named(target: Target) -> Iterator[tuple[str, int, int]]:
    for reference in target.paths.references:
        if reference.kind not in ("url", "doc"):
            yield reference.name, reference.line, reference.column
    for task in target.paths.tasks:
        yield task.path, task.line, task.column
        if task.becomes:
            yield task.becomes, task.line, task.column
        for line, named in task.mirrors:
            yield named.name, line, named.column
    for entry in target.paths.desired:
        if entry.path.startswith(("..", "/")):
            yield entry.path, entry.line, entry.column


def _why(target: Target, name: str) -> str:
    if name in target.project.files:
        return "is a link that leads outside of the project"
    if name.startswith(".."):
        return "leads outside of the project"
    return "is absolute, and nothing in the project ends like it"
