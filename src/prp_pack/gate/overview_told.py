"""An overview told: rows for a terminal, a document of JSON, a badge."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from prp_pack.evidence.standing import State
from prp_pack.gate.orphans import FOLDER
from prp_pack.gate.overview import Overview, Standing
from prp_pack.report.visible import visible, width

VERSION = 1
_NAME_WIDTH = 32
# More orphans than this are counted, not named.
_SHOWN = 5


def text(found: Overview) -> str:
    """Return the overview for a terminal: a row a phase, a row a feature, what comes next."""
    lines: list[str] = []
    for title, standings in ((_title(found), found.phases), ("features", found.features)):
        if standings:
            lines += [*([""] if lines else []), title, *_table(standings)]
    if not lines:
        lines.append(
            "no phase plan and no PRP; write PRPs/INITIAL.md for /generate-prp or `prp new`"
        )
    if found.orphans:
        lines += ["", _orphans(found.orphans)]
    if found.following:
        lines += ["", f"next: {found.following}"]
    return "".join(f"{visible(line).rstrip()}\n" for line in lines)


def _orphans(paths: Sequence[str]) -> str:
    shown = ", ".join(path.removeprefix(FOLDER) for path in paths[:_SHOWN])
    more = f", and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return f"{FOLDER}: no document names {shown}{more}"


def _title(found: Overview) -> str:
    return f"{found.plan}: {found.project}" if found.project else found.plan


def _table(standings: Sequence[Standing]) -> Iterator[str]:
    rows = [_row(standing) for standing in standings]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for standing, row in zip(standings, rows, strict=True):
        cells = (cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=True))
        yield "  ".join(("", *cells))
        yield from (f"      deferred: {each}" for each in standing.deferred)
        yield from (f"      {each}" for each in standing.remarks)


def _row(standing: Standing) -> tuple[str, ...]:
    name = visible(standing.name)
    name = name if len(name) <= _NAME_WIDTH else f"{name[: _NAME_WIDTH - 1]}…"
    counted = ", ".join(f"{count} {state}" for state, count in standing.items.items())
    settled = f"{standing.settled}/{standing.total}" if standing.total else "–"
    number = "" if standing.number is None else str(standing.number)
    return number, name, standing.type, standing.state, settled, counted, visible(standing.prp)


def to_json(found: Overview) -> str:
    """Return the overview as a document of a stable shape."""
    said = {
        "version": VERSION,
        "plan": found.plan or None,
        "project": found.project,
        "phases": [_plain(each) for each in found.phases],
        "features": [_plain(each) for each in found.features],
        "orphans": list(found.orphans),
        "next": found.following or None,
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def badge(found: Overview) -> str:
    """Return how many items are proven, as the endpoint of a badge at shields.io wants it.

    What a person said, attested or waived, is settled but not proven: it makes a badge yellow.
    """
    everything = (*found.phases, *found.features)
    total = sum(each.total for each in everything)
    settled = sum(each.settled for each in everything)
    proven = sum(each.items.get(State.PROVEN, 0) for each in everything)
    colour = "lightgrey" if not total else "red" if settled < total else "yellow"
    if total and proven == total:
        colour = "green"
    said = {
        "schemaVersion": 1,
        "label": "prp",
        "message": f"{proven}/{total} proven" if total else "no PRP",
        "color": colour,
    }
    return json.dumps(said) + "\n"


def _plain(standing: Standing) -> dict[str, object]:
    return {
        "number": standing.number,
        "name": standing.name,
        "type": standing.type or None,
        "state": standing.state,
        "prp": standing.prp or None,
        "summary": standing.summary or None,
        "items": dict(standing.items),
        "settled": standing.settled,
        "total": standing.total,
        "levels": dict(standing.levels),
        "deferred": list(standing.deferred),
        "remarks": list(standing.remarks),
        "next": standing.following or None,
    }
