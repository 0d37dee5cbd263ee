from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import Edit, Finding, Problem, Severity
from prp_pack.parse import phase_number
from prp_pack.regex import regex

_STATED = regex(r"^(.*\bphase_type[\"']?\s*:\s*[\"']?)([^\"'#\s]+)(.*)$")


@rule(
    "PRP203",
    name="unknown-value",
    summary="A value of the context block is not one of the words that may stand there.",
    fixable=True,
)
def unknown_value(target: Target) -> Iterator[Finding]:
    for problem in target.document.block.unknown:
        line = problem.place.line
        if problem.severity is Severity.ERROR:
            hint = problem.help or "use one of the words named"
            yield Finding(line, problem.message, help=hint, fix=target.refill)
        else:
            hint = problem.help or "write the word that is meant"
            fix = _canonical(target, problem)
            yield Finding(line, problem.message, help=hint, severity=problem.severity, fix=fix)


def _canonical(target: Target, problem: Problem) -> Edit | None:
    """Return the edit that writes the word itself in place of its alias."""
    line = problem.place.line
    stated = _STATED.match(target.lines[line - 1])
    meant, alias = phase_number.phase_type(stated[2]) if stated else (None, "")
    if stated is None or meant is None or not alias:
        return None
    return Edit(line, line + 1, f"{stated[1]}{meant}{stated[3]}\n")
