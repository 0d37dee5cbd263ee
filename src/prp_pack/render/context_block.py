"""The context block: what the pack writes under “Project Context” and nobody else does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prp_pack.model import CONTEXT_SECTION, Document, Edit, PhaseContext, Place
from prp_pack.render.scalar import flow_list, scalar

HEADING = "## Project Context (Auto-populated by generate-prp)"
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
    # A path may hold a newline; what stands behind `#` must stay on its line.
    return f"{line}  # {str(place).encode('unicode_escape').decode()}" if place else line


def fill(document: Document, block: str) -> Edit | None:
    """Return the edit that puts `block` into the document; None when it stands there already."""
    fence = document.block.fence
    if fence is not None:
        if fence.content == block:
            return None
        closing = "" if fence.closed else "```\n"
        end = fence.end - 1 if fence.closed else fence.line + 1
        return Edit(fence.line + 1, end, block + closing)
    fenced = f"```yaml\n{block}```\n"
    for section in document.outline.sections:
        if section.path[-1] == CONTEXT_SECTION:
            return Edit(section.line + 1, section.line + 1, fenced)
    line = _insertion_line(document)
    return Edit(line, line, f"{HEADING}\n{fenced}\n")


def _insertion_line(document: Document) -> int:
    """Return the line before the goal; without one before the first section, or the end."""
    sections = [section for section in document.outline.sections if section.level > 1]
    goals = [section for section in sections if section.path[-1] == "goal"]
    first = next(iter(goals or sections), None)
    return first.line if first else document.text.count("\n") + 2
