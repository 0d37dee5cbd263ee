"""PHASE_DEPENDENCY_MAP.md: what the plan's phases give for its three drawn sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prp_pack.model import Plan, PlannedPhase
from prp_pack.regex import regex

# Mermaid reads these as syntax inside a quoted label, HTML included.
_SYNTAX = regex(r'["#&<>`\\;]')
_SPACES = regex(r"\s+")


def render(plan: Plan) -> Mapping[str, str]:
    """Return the text under each heading, by its title; every text ends in a newline."""
    phases = _in_order(plan)
    return {
        "Graph": "\n".join(_graph(phases)) + "\n",
        "Matrix": "\n".join(_matrix(phases)) + "\n",
        "Critical path": _path(phases) + "\n",
    }


def critical_path(plan: Plan) -> tuple[int, ...]:
    """Return the longest chain of phases that wait for each other; of several, the first.

    A dependency on the phase itself, on a later one or on none is no part of any chain.
    """
    chains: dict[int, tuple[int, ...]] = {}
    for phase in _in_order(plan):
        before = [chains[other] for other in phase.depends_on if other in chains]
        longest = max(before, key=len, default=())
        chains[phase.number] = (*longest, phase.number)
    return max(chains.values(), key=len, default=())


def _in_order(plan: Plan) -> list[PlannedPhase]:
    """Return the phases by number; of two with one number the first."""
    by_number: dict[int, PlannedPhase] = {}
    for phase in plan.phases:
        by_number.setdefault(phase.number, phase)
    return [by_number[number] for number in sorted(by_number)]


def _graph(phases: list[PlannedPhase]) -> Iterator[str]:
    yield "```mermaid"
    yield "graph LR"
    for phase in phases:
        yield f'  P{phase.number}["Phase {phase.number}: {_label(phase.name)}"]'
    known = {phase.number for phase in phases}
    for phase in phases:
        yield from (f"  P{n} --> P{phase.number}" for n in phase.depends_on if n in known)
    yield "```"


def _label(name: str) -> str:
    escaped = _SYNTAX.sub(lambda match: f"#{ord(match[0])};", name)
    return _SPACES.sub(" ", escaped)


def _matrix(phases: list[PlannedPhase]) -> Iterator[str]:
    yield "| Phase | Type | Complexity | Needs | Needed by |"
    yield "|---|---|---|---|---|"
    for phase in phases:
        needed_by = [other.number for other in phases if phase.number in other.depends_on]
        name = _SPACES.sub(" ", phase.name).replace("\\", "\\\\").replace("|", "\\|")
        row = (f"{phase.number}: {name}", phase.type or "–", phase.complexity or "–",
               _numbers(phase.depends_on), _numbers(needed_by))  # fmt: skip
        yield f"| {' | '.join(row)} |"


def _numbers(numbers: tuple[int, ...] | list[int]) -> str:
    return ", ".join(str(number) for number in numbers) or "–"


def _path(phases: list[PlannedPhase]) -> str:
    chain = critical_path(Plan("", phases=tuple(phases)))
    arrows = " → ".join(str(number) for number in chain) or "–"
    return f"{arrows} ({len(chain)} of {len(phases)} phases)"
