"""Rows and cells of a Markdown table that is drawn from a plan."""

from __future__ import annotations

import re
from collections.abc import Iterable

from prp_pack.model import PlannedPhase

_SPACES = re.compile(r"\s+")
# What would end a cell, or hide what comes after it.
_SYNTAX = re.compile(r"[\\|<]")


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def named(phase: PlannedPhase) -> str:
    """Return number and name of a phase, which can't leave its cell."""
    name = _SYNTAX.sub(r"\\\g<0>", _SPACES.sub(" ", phase.name))
    return f"{phase.number}: {name}"


def numbers(values: Iterable[int]) -> str:
    """Return the numbers with commas, a dash for none."""
    return ", ".join(str(value) for value in values) or "–"
