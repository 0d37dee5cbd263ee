"""How far the phases of a plan are, as the completion summaries beside the plan say."""

from __future__ import annotations

from pathlib import PurePosixPath

from prp_pack.model import CompletionSummary, Plan
from prp_pack.parse import summary
from prp_pack.repository import Repository


def summaries_of(repository: Repository, plan: Plan) -> dict[int, CompletionSummary]:
    """Return the summary of each phase that has one, by its number.

    Raises `UnreadableError` for one that can't be read.
    """
    found = {}
    for phase in plan.phases:
        name = f"PHASE{phase.number}_COMPLETION_SUMMARY.md"
        path = PurePosixPath(plan.path).with_name(name).as_posix()
        if source := repository.read_if_there(path):
            found[phase.number] = summary.parse(source.text, path)
    return found


def statuses_of(repository: Repository, plan: Plan) -> dict[int, str]:
    """Return the status of each phase that has a summary; raises `UnreadableError`."""
    return {number: read.status for number, read in summaries_of(repository, plan).items()}
