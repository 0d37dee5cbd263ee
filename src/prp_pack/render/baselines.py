"""A phase's baselines as a file that programs read, and as a table."""

from __future__ import annotations

import json
from collections.abc import Sequence

from prp_pack.model import Baseline
from prp_pack.render.cells import cell, row

VERSION = 1
_FIELDS = (
    "name", "value", "unit", "better", "ci95", "n", "script", "run", "measured", "commit",
)  # fmt: skip
_SHORT = 12


def to_json(number: int, baselines: Sequence[Baseline]) -> str:
    """Return the file; the same baselines give the same text, whatever their order."""
    ordered = sorted(baselines, key=lambda one: one.name)
    metrics = [{name: getattr(one, name) for name in _FIELDS} for one in ordered]
    said = {"version": VERSION, "phase": number, "metrics": metrics}
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def to_table(number: int, baselines: Sequence[Baseline]) -> str:
    """Return the page with a row for each baseline."""
    lines = [
        f"# Phase {number}: baselines",
        "",
        f"<!-- Drawn from phase_{number}.json by document_performance_baselines. -->",
        "",
        row("metric", "value", "95 % interval", "n", "better", "run", "commit"),
        "|---|---|---|---|---|---|---|",
    ]
    for one in sorted(baselines, key=lambda each: each.name):
        interval = f"{one.ci95[0]} to {one.ci95[1]}" if one.ci95 else "–"
        size = "–" if one.n is None else str(one.n)
        lines.append(
            row(
                cell(one.name), cell(f"{one.value} {one.unit}".strip()), interval, size,
                cell(one.better) or "–", cell(one.run), f"`{one.commit[:_SHORT]}`",
            )
        )  # fmt: skip
    return "\n".join(lines) + "\n"
