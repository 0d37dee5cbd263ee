from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.paths import How, Resolution
from prp_pack.check.registry import Target, rule
from prp_pack.model import Edit, Finding, Severity
from prp_pack.parse.references import Reference


@rule(
    "PRP401",
    name="missing-reference",
    summary="A file that the PRP sends its reader to isn't there.",
    v2=Severity.WARNING,
    fixable=True,
)
def missing_reference(target: Target) -> Iterator[Finding]:
    for reference in target.paths.references:
        if not reference.is_file:
            continue
        found = target.paths.resolve(reference.name)
        if found.is_fine or found.how is How.OUTSIDE:
            continue
        # A PRP that was carried out is history: what it read may be gone since.
        note = found.how is How.SUFFIX or target.paths.executed
        yield Finding(
            reference.line,
            _message(reference, found),
            column=reference.column,
            help=_help(found),
            severity=Severity.NOTE if note else None,
            fix=_replaced(target, reference, found.path) if found.certain else None,
        )


def _message(reference: Reference, found: Resolution) -> str:
    if found.how is How.SUFFIX:
        return f"“{reference.name}” is “{found.path}” from the project's root"
    if found.how is How.RENAMED:
        return f"“{reference.name}” was renamed to “{found.path}”"
    return f"{reference.kind} “{reference.name}” isn't there"


def _help(found: Resolution) -> str:
    if found.how is not How.MISSING:
        return f"write “{found.path}”"
    if found.path:
        return f"did you mean “{found.path}”?"
    return "name a file that exists or that a task creates, or remove the entry"


def _replaced(target: Target, reference: Reference, path: str) -> Edit:
    """Return the edit that puts the path in the name's place, and leaves the line as it is."""
    line = target.lines[reference.line - 1]
    start = reference.column - 1
    changed = line[:start] + path + line[start + len(reference.name) :]
    newline = "\n" if reference.line < len(target.lines) else ""
    return Edit(reference.line, reference.line + 1, changed + newline)
