"""What the commands see of this shell: its programs and its processors."""

from __future__ import annotations

import os

from prp_pack.project import CheckedOut
from prp_pack.repository import Repository


def project_here(repository: Repository) -> CheckedOut:
    """Return what names are checked against: the files, and the programs of this shell."""
    return CheckedOut(repository, os.environ.get("PATH", os.defpath))


def processors() -> int:
    """Return how many processors this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
