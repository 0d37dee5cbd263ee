"""What the commands see of this shell: its programs and its processors."""

from __future__ import annotations

import os

from prp_pack.check.engine import Checker
from prp_pack.check.settings import Settings
from prp_pack.project import CheckedOut
from prp_pack.repository import Repository


def checker_of(repository: Repository, settings: Settings | None = None) -> Checker:
    """Return the rules for a project, as this shell sees it."""
    project = CheckedOut(repository, os.environ.get("PATH", os.defpath))
    return Checker(repository, project=project, settings=settings)


def processors() -> int:
    """Return how many processors this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
