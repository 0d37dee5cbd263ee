from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.context_values import differences
from prp_pack.check.hand_over import unfounded
from prp_pack.check.registry import Target, rule
from prp_pack.context import ResolvedContext
from prp_pack.model import Document, Finding, Kind, Problem
from prp_pack.parse import phase_number
from prp_pack.render.scalar import flow_list


@rule(
    "PRP201",
    name="context-mismatch",
    summary="The project context differs from the plan, the requirements or the summaries.",
    kinds=(Kind.PRP, Kind.REQUIREMENTS),
    requires=("PRP202",),
    fixable=True,
)
def context_mismatch(target: Target) -> Iterator[Finding]:
    document, expected = target.document, target.expected
    if expected is None:
        return
    for problem in dict.fromkeys(expected.errors):
        # What keeps the front matter from being read is PRP109's.
        if problem not in document.front_matter.problems:
            yield _of_sources(document, problem)
    if document.kind is not Kind.PRP or expected.context is None:
        return
    for key, here, there in differences(document, expected.context):
        line = document.block.lines.get(key, 1)
        name = key.rpartition(".")[2]
        message = f"“{name}” is {_said(here)} here but {_said(there)}{_at(expected, key)}"
        hint = "correct the source, or let prp fill the block: `prp check --fix`"
        yield Finding(line, message, help=hint, fix=target.refill)
    yield from _file_name(document)
    for claim in unfounded(target):
        yield Finding(claim.line, claim.message, help="take it from the summary, or correct that")


def _file_name(document: Document) -> Iterator[Finding]:
    """Yield when the file's name says another phase than its block."""
    stated = document.block.context
    named = phase_number.number_in_name(document.path)
    if stated and stated.phase and named is not None and named != stated.phase.number:
        line = document.block.lines.get("PHASE_INFO.number", 1)
        message = f"“number” is {stated.phase.number} here but {named} in the file name"
        yield Finding(line, f"{message} {document.path}", help="rename the file")


def _of_sources(document: Document, problem: Problem) -> Finding:
    """Return the finding on what keeps the sources from giving one answer."""
    hint = problem.help or "the sources must agree before a PRP can be held to them"
    if problem.place.path == document.path:
        return Finding(max(problem.place.line, 1), problem.message, help=hint)
    front, block = document.front_matter.lines, document.block.lines
    fence = document.block.fence.line if document.block.fence else 1
    own = front.get("phase") if document.kind is Kind.REQUIREMENTS else front.get("requirements")
    line = own or block.get("PHASE_INFO.number", fence)
    return Finding(line, f"at {problem.place}: {problem.message}", help=hint)


def _at(expected: ResolvedContext, key: str) -> str:
    place = expected.sources.get(key.lower())
    return f" at {place}" if place else ""


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return flow_list(value)
    return str(value) if isinstance(value, int) else f"“{value}”"
