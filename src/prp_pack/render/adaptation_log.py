"""An entry of PHASE_ADAPTATION_LOG.md, as its parser and its template have it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Adaptation:
    """A change of plan; `date` is written as it is given, every text on one line."""

    date: str
    title: str
    phase: int
    planned: str
    now: str
    reason: str
    affects: tuple[int, ...] = ()


def render(adaptation: Adaptation) -> str:
    """Return the entry: a heading and its five points; it ends in a newline."""
    affects = ", ".join(str(number) for number in adaptation.affects) or "none"
    return "\n".join(
        [
            f"## {adaptation.date}: {_on_one_line(adaptation.title)}",
            f"- **Phase**: {adaptation.phase}",
            f"- **Planned**: {_on_one_line(adaptation.planned)}",
            f"- **Now**: {_on_one_line(adaptation.now)}",
            f"- **Reason**: {_on_one_line(adaptation.reason)}",
            f"- **Affects**: {affects}",
            "",
        ]
    )


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
