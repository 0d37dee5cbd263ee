"""The table of how far each phase is, as it stands in a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prp_pack.model import Plan
from prp_pack.phase_graph import in_order, waits_for
from prp_pack.render.cells import named, numbers, row


def render(plan: Plan, statuses: Mapping[int, str]) -> str:
    """Return the table as Markdown; it ends in a newline."""
    return "\n".join(_rows(plan, statuses)) + "\n"


def _rows(plan: Plan, statuses: Mapping[int, str]) -> Iterator[str]:
    yield "| Phase | Needs | Status |"
    yield "|---|---|---|"
    for phase in in_order(plan):
        waiting = waits_for(phase, statuses)
        open_ = f"waits for {numbers(waiting)}" if waiting else "can start"
        status = statuses.get(phase.number, open_)
        yield row(named(phase), numbers(phase.depends_on), status)
