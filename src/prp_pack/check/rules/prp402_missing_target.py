from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.paths import How, Resolution
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Severity
from prp_pack.parse.references import ADD_TO, SEE
from prp_pack.parse.tasks import CREATES


@rule(
    "PRP402",
    name="missing-target",
    summary="A task changes or follows a file that is neither there nor created before.",
)
def missing_target(target: Target) -> Iterator[Finding]:
    # What was carried out is history; later work may have moved its targets.
    if target.paths.executed:
        return
    for verb, name, line, column in _needed(target):
        found = target.paths.resolve(name)
        if target.paths.created_before(name, line):
            continue
        if found.how is How.CREATED:
            if verb not in (SEE, ADD_TO):
                message = f"“{name}” ({verb}) is created by no earlier task"
                yield Finding(line, message, column, "CREATE it in a task above this one")
        elif not found.is_fine and found.how is not How.OUTSIDE:
            note = Severity.NOTE if found.how is How.SUFFIX else None
            yield Finding(line, _message(verb, name, found), column, _help(found), note)


def _needed(target: Target) -> Iterator[tuple[str, str, int, int]]:
    """Yield verb, path, line and column of what must be there when its task begins."""
    for task in target.paths.tasks:
        if task.verb not in CREATES:
            yield task.verb, task.path, task.line, task.column
        for line, named in task.mirrors:
            yield "MIRROR", named.name, line, named.column
    for reference in target.paths.references:
        if reference.kind in (SEE, ADD_TO):
            yield reference.kind, reference.name, reference.line, reference.column


def _message(verb: str, name: str, found: Resolution) -> str:
    if found.how is How.SUFFIX:
        return f"“{name}” ({verb}) is “{found.path}” from the project's root"
    if found.how is How.RENAMED:
        return f"“{name}” ({verb}) was renamed to “{found.path}”"
    return f"“{name}” ({verb}) isn't there, and no task creates it"


def _help(found: Resolution) -> str:
    if found.path:
        asked = found.how is How.MISSING
        return f"did you mean “{found.path}”?" if asked else f"write “{found.path}”"
    return "name a file that exists, or CREATE it in an earlier task"
