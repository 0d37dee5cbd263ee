"""Probes: what the validation scripts do, one module a script, over one shared runner.

A module of this package that bears a script's name has three things: `OPTIONS`, the flags beside
the common ones; `plan(run)`, which yields what it would do, a line each; and `run(run)`, which does
it and returns an `evidence.result.Result`. It imports no extra at its top, so that its help can be
read without one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A script as the catalogue has it. `extra` is what it needs installed, by `modules`."""

    name: str
    summary: str
    extra: str = ""
    modules: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    example: str = ""


CATALOGUE = (
    Entry(
        "performance_benchmark",
        "Tell whether the service of a phase is slower than that of an earlier one.",
        example="--baseline=phase_1 --target-phase=2",
    ),
    Entry(
        "response_time_test",
        "Measure critical paths; the interval of a percentile decides, not its value.",
        example="--target=200ms --critical-paths",
    ),
)
"""In the order of the template's levels."""


def entry(name: str) -> Entry | None:
    """Return the script that a name or an alias means."""
    return next((each for each in CATALOGUE if name in (each.name, *each.aliases)), None)
