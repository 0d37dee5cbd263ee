"""Rows and cells of a Markdown table that is drawn from a plan."""

from __future__ import annotations

import re
from collections.abc import Iterable

from prp_pack.model import PlannedPhase

# What would end a cell, or hide what comes after it.
_SYNTAX = re.compile(r"[\\|<]")


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def named(phase: PlannedPhase) -> str:
    """Return number and name of a phase, which can't leave its cell."""
    return f"{phase.number}: {cell(phase.name)}"


def cell(text: str) -> str:
    """Return a text that can't leave its cell."""
    return _SYNTAX.sub(r"\\\g<0>", on_one_line(text))


def on_one_line(name: str) -> str:
    """Return a name without line breaks and without characters that nobody sees."""
    return "".join(character for character in " ".join(name.split()) if character.isprintable())


def numbers(values: Iterable[int]) -> str:
    """Return the numbers with commas, a dash for none."""
    return ", ".join(str(value) for value in values) or "–"
