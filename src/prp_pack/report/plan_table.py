"""A plan's phases as a table and as JSON, and its critical path as both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from prp_pack.model import CompletionSummary, Plan, PlannedPhase
from prp_pack.phase_graph import (
    along_critical_path,
    in_order,
    is_sound,
    startable,
    waits_for,
    weight,
)
from prp_pack.report.visible import visible, width

# Columns of a terminal that a phase's name takes at most.
_NAME_WIDTH = 40
_HEAD = ("#", "phase", "type", "complexity", "depends on", "status")
NO_STATUS = "none"

Summaries = Mapping[int, CompletionSummary]


def render(plan: Plan, summaries: Summaries) -> str:
    """Return the plan for a terminal: a row a phase, and below it which can start next."""
    rows = [_HEAD, *(_row(phase, summaries) for phase in in_order(plan))]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = [visible(f"{plan.path}: {plan.project}" if plan.project else plan.path), ""]
    for row in rows:
        padded = (cell + " " * (w - width(cell)) for cell, w in zip(row, widths, strict=True))
        lines.append("  ".join(padded).rstrip())
    if is_sound(plan):
        lines += ["", _next(plan, summaries)]
    return "\n".join(lines) + "\n"


def _row(phase: PlannedPhase, summaries: Summaries) -> tuple[str, ...]:
    return (
        str(phase.number),
        _short(phase.name),
        phase.type or "?",
        phase.complexity or "?",
        _numbers(phase.depends_on) or "–",
        _statuses(summaries).get(phase.number, NO_STATUS),
    )


def _next(plan: Plan, summaries: Summaries) -> str:
    """Return which phases can start; when none can, why."""
    statuses = _statuses(summaries)
    ready = startable(plan, statuses)
    if ready:
        also = f"; phase {_numbers(p.number for p in ready[1:])} can start, too" * (len(ready) > 1)
        return f"next: phase {ready[0].number}, “{_short(ready[0].name)}”{also}"
    open_ = [phase for phase in in_order(plan) if phase.number not in statuses]
    if not open_:
        return "next: nothing; every phase has a completion summary"
    waiting = open_[0]
    return (
        f"next: nothing; phase {waiting.number} waits for {_numbers(waits_for(waiting, statuses))}"
    )


def to_json(plan: Plan, summaries: Summaries) -> str:
    """Return the document that `prp plan show --json` prints."""
    statuses = _statuses(summaries)
    ready = startable(plan, statuses) if is_sound(plan) else ()
    fields = {
        "version": 1,
        "plan": plan.path,
        "project": plan.project,
        "phases": [
            {"number": phase.number, "name": phase.name, "type": phase.type,
             "complexity": phase.complexity, "depends_on": list(phase.depends_on),
             "status": statuses.get(phase.number, NO_STATUS),
             "summary": summaries[phase.number].path if phase.number in summaries else None,
             "line": phase.place.line}
            for phase in in_order(plan)
        ],
        "next": ready[0].number if ready else None,
        "problems": _problems(plan),
    }  # fmt: skip
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"


def critical_path(plan: Plan, summaries: Summaries) -> str:
    """Return the critical path for a terminal: a row a phase, and below it what is left."""
    statuses = _statuses(summaries)
    path = along_critical_path(plan, statuses)
    arrows = " → ".join(str(phase.number) for phase in path.phases)
    return "\n".join(
        [
            f"{arrows} (weight {weight(path.phases)} of {weight(in_order(plan))} in the plan)",
            "",
            *_steps(path.phases, statuses),
            "",
            f"complete: {_weighed(path.done)}",
            f"claimed, without evidence: {_weighed(path.claimed)}",
            f"left: {_weighed(path.left)}",
            "",
        ]
    )


def _steps(phases: Iterable[PlannedPhase], statuses: Mapping[int, str]) -> Iterator[str]:
    for phase in phases:
        status = statuses.get(phase.number, NO_STATUS)
        counted = f"{phase.complexity}, weight {weight([phase])}"
        yield f"{phase.number}  {_short(phase.name)} ({counted}): {status}"


def _weighed(phases: tuple[PlannedPhase, ...]) -> str:
    if not phases:
        return "nothing"
    return f"{_numbers(phase.number for phase in phases)} (weight {weight(phases)})"


def critical_path_json(plan: Plan, summaries: Summaries) -> str:
    """Return the document that `prp plan critical-path --json` prints.

    The path of a plan that isn't sound is empty, and `problems` say why.
    """
    statuses = _statuses(summaries) if is_sound(plan) else {}
    path = along_critical_path(plan if is_sound(plan) else Plan(plan.path), statuses)
    fields = {
        "version": 1,
        "plan": plan.path,
        "path": [phase.number for phase in path.phases],
        "weight": weight(path.phases),
        "weights": {str(phase.number): weight([phase]) for phase in path.phases},
        "done": [phase.number for phase in path.done],
        "claimed": [phase.number for phase in path.claimed],
        "left": [phase.number for phase in path.left],
        "weight_left": weight(path.left),
        "problems": _problems(plan),
    }
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"


def _statuses(summaries: Summaries) -> dict[int, str]:
    return {number: summary.status for number, summary in summaries.items()}


def _problems(plan: Plan) -> list[dict[str, object]]:
    return [
        {"path": problem.place.path, "line": problem.place.line, "severity": problem.severity,
         "message": problem.message, "help": problem.help}
        for problem in plan.problems
    ]  # fmt: skip


def _numbers(values: Iterable[int]) -> str:
    return ", ".join(str(value) for value in values)


def _short(name: str) -> str:
    shown = visible(name)
    return shown if len(shown) <= _NAME_WIDTH else f"{shown[: _NAME_WIDTH - 1]}…"
