"""The context block: what the pack writes under “Project Context” and nobody else does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prp_pack.model import CONTEXT_SECTION, Document, Edit, Fence, PhaseContext, Place
from prp_pack.regex import regex
from prp_pack.render.scalar import comment, flow_list, scalar

HEADING = "## Project Context (Auto-populated by generate-prp)"
_OPENING = regex(r"([^`~]*)(`{3,}|~{3,})")
_BULLET = regex(r"[^>\s]")
_ATX = regex(r" {0,3}#{1,6}(?:[ \t]|$)")
_UNDERLINE = regex(r" {0,3}(?:=+|-+)[ \t]*$")
_NOTICE = "# Filled by prp from the places named behind the values; change those, not this block."


def render(context: PhaseContext, sources: Mapping[str, Place], facts: str) -> str:
    """Return the YAML of the block, each value with its source behind it. Deterministic."""
    return "\n".join(_lines(context, sources, facts)) + "\n"


def _lines(context: PhaseContext, sources: Mapping[str, Place], facts: str) -> Iterator[str]:
    yield _NOTICE
    yield f"# facts: {facts}"
    yield _sourced(f"PROJECT_TYPE: {context.project_type}", sources.get("project_type"))
    phase = context.phase
    if phase is None:
        yield "PHASE_INFO: null"
        return
    yield "PHASE_INFO:"
    values = {
        "number": str(phase.number),
        "total_phases": str(phase.total),
        "phase_type": str(phase.type),
        "previous_phases": flow_list(phase.previous),
        "template_source": scalar(phase.template_source),
        "complexity_level": str(phase.complexity),
    }
    for key, value in values.items():
        yield _sourced(f"  {key}: {value}", sources.get(f"phase_info.{key}"))


def _sourced(line: str, place: Place | None) -> str:
    return f"{line}{comment(place)}" if place else line


def fill(document: Document, block: str) -> Edit | None:
    """Return the edit that puts `block` into the document; None when it stands there already."""
    fence = document.block.fence
    if fence is not None:
        return None if fence.content == block else _refill(document, fence, block)
    fenced = f"```yaml\n{block}```\n"
    for section in document.outline.sections:
        if section.path[-1] == CONTEXT_SECTION:
            line = _line_below_heading(document.lines, section.line)
            return Edit(line, line, fenced)
    line = _insertion_line(document)
    # Behind a line of a raw HTML block a heading would be part of it.
    lead = "" if line == 1 or not document.lines[line - 2].strip() else "\n"
    return Edit(line, line, f"{lead}{HEADING}\n{fenced}\n")


def _refill(document: Document, fence: Fence, block: str) -> Edit:
    """Return the edit of a fence's content, which stays in the list or quote it stands in."""
    opening = _OPENING.match(document.lines[fence.line - 1])
    before, marker = (opening[1], opening[2]) if opening else ("", "```")
    prefix = _BULLET.sub(" ", before)
    content = "".join(f"{prefix}{line}\n" for line in block.splitlines())
    if fence.closed:
        return Edit(fence.line + 1, fence.end - 1, content)
    return Edit(fence.line + 1, fence.line + 1, f"{content}{prefix}{marker}\n")


def _line_below_heading(lines: Sequence[str], line: int) -> int:
    """Return the line behind a heading, which may be underlined."""
    if _ATX.match(lines[line - 1]):
        return line + 1
    while not _UNDERLINE.match(lines[line]):
        line += 1
    return line + 2


def _insertion_line(document: Document) -> int:
    """Return the line before the goal; without one before the first section, or the end.

    What is never closed goes on to the end, so that the block must stand before it.
    """
    sections = [section for section in document.outline.sections if section.level > 1]
    goals = [section for section in sections if section.path[-1] == "goal"]
    first = next(iter(goals or sections), None)
    if first:
        return first.line
    open_fences = (f.line for f in document.outline.fences if not f.closed)
    open_comments = (c.line for c in document.outline.comments if "-->" not in c.text)
    return min((*open_fences, *open_comments), default=document.last_line + 1)
