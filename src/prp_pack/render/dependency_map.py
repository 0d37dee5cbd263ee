"""PHASE_DEPENDENCY_MAP.md: what the plan's phases give for its three drawn sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prp_pack.model import Plan, PlannedPhase
from prp_pack.phase_graph import critical_path, in_order
from prp_pack.regex import regex
from prp_pack.render.cells import named, numbers, on_one_line, row

# Mermaid reads these as syntax inside a quoted label, HTML, comments and directives included.
_SYNTAX = regex(r'["#&<>`\\;%{}]')


def render(plan: Plan) -> Mapping[str, str]:
    """Return the text under each heading, by its title; every text ends in a newline."""
    phases = in_order(plan)
    return {
        "Graph": "\n".join(_graph(phases)) + "\n",
        "Matrix": "\n".join(_matrix(phases)) + "\n",
        "Critical path": _path(plan, phases) + "\n",
    }


def _graph(phases: Sequence[PlannedPhase]) -> Iterator[str]:
    yield "```mermaid"
    yield "graph LR"
    for phase in phases:
        yield f'  P{phase.number}["Phase {phase.number}: {_label(phase.name)}"]'
    known = {phase.number for phase in phases}
    for phase in phases:
        yield from (f"  P{n} --> P{phase.number}" for n in phase.depends_on if n in known)
    yield "```"


def _label(name: str) -> str:
    return _SYNTAX.sub(lambda match: f"#{ord(match[0])};", on_one_line(name))


def _matrix(phases: Sequence[PlannedPhase]) -> Iterator[str]:
    yield row("Phase", "Type", "Complexity", "Needs", "Needed by")
    yield "|---|---|---|---|---|"
    for phase in phases:
        needed_by = [other.number for other in phases if phase.number in other.depends_on]
        yield row(
            named(phase),
            phase.type or "–",
            phase.complexity or "–",
            numbers(phase.depends_on),
            numbers(needed_by),
        )


def _path(plan: Plan, phases: Sequence[PlannedPhase]) -> str:
    chain = critical_path(plan)
    arrows = " → ".join(str(number) for number in chain) or "–"
    return f"{arrows} ({len(chain)} of {len(phases)} phases)"
