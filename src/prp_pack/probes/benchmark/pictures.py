"""What a comparison looks like: ratios beside their controls, and the single launches."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from prp_pack.evidence.record import Findings
from prp_pack.probes.benchmark import files
from prp_pack.probes.benchmark.files import Times
from prp_pack.probes.benchmark.launches import BASELINE, CONTROL, TARGET, Series
from prp_pack.report.html.run_view import (
    Axis,
    Fact,
    Forest,
    Form,
    Layer,
    Level,
    Picture,
    Plot,
    Row,
    Shown,
    Table,
)

# Of how many paths there are pictures, and of how many launches there is a table.
_PATHS, _ROWS = 40, 200
_FORMS = {BASELINE: (Form.DOTS, 1), CONTROL: (Form.DOTS, 3), TARGET: (Form.SQUARES, 2)}


def kept(
    series: Mapping[str, Series], names: Sequence[str], asked: Mapping[str, str]
) -> dict[str, object]:
    """Return what pictures need, as JSON has it; `names` are those of the older and newer version.

    A launch is its round, its role and its milliseconds, in the order in which they were started.
    """
    return {
        "names": list(names),
        "asked": dict(asked),
        "paths": [
            {
                "label": label,
                "launches": [
                    [number, role, _milliseconds(getattr(found, role))]
                    for number, (found, order) in enumerate(
                        zip(one.rounds, one.orders, strict=True), start=1
                    )
                    for role in order
                ],
            }
            for label, one in series.items()
        ],
    }


def kept_of_files(
    labels: Sequence[str], before: Sequence[Times], after: Sequence[Times], asked: Mapping[str, str]
) -> dict[str, object]:
    """Return the same of times that other programs measured, each in milliseconds."""
    return {
        "names": ["baseline", "target"],
        "asked": dict(asked),
        "paths": [
            {
                "label": label,
                "launches": [
                    [number, role, _milliseconds(log + math.log(1000))]
                    for number, pair in enumerate(
                        zip(*(files.launches([each[label] for each in side])
                              for side in (before, after)), strict=False), start=1)
                    for role, log in zip((BASELINE, TARGET), pair, strict=True)
                ],
            }
            for label in labels
        ],
    }  # fmt: skip


def shown(found: Findings, samples: Mapping[str, Any]) -> Shown:
    """Return what was asked, and the pictures."""
    asked = tuple(Fact(name, said) for name, said in samples["asked"].items())
    return Shown(asked, tuple(_pictures(found, samples)))


def _pictures(found: Findings, samples: Mapping[str, Any]) -> Iterator[Picture]:
    values = {each.name: each for each in found.metrics}
    paths = [each for each in samples["paths"] if f"{each['label']} ratio" in values]
    if not paths:
        return
    limits = dict.fromkeys(each.limit for each in found.thresholds)
    rows = [
        Row(f"{path['label']} {kind}", values[name].value, values[name].ci95, kind == "control")
        for path in paths[:_PATHS]
        for kind in ("ratio", "control")
        if (name := f"{path['label']} {kind}") in values
    ]
    yield _forest(rows, list(limits), samples["names"], len(paths))
    for path in paths[:_PATHS]:
        if path["launches"]:
            yield _launches(path, samples["names"])


def _forest(rows: Sequence[Row], limits: Sequence[float], names: Sequence[str], of: int) -> Picture:
    before, after = names
    said = (
        f"Times of {after} against those of {before}, with 95 % intervals; right of 1 is slower. "
        f"A control is {before} against itself in the same rounds: as far as it reaches, a "
        "difference says nothing. Only an interval that lies beyond the limit as a whole fails."
    )
    if of > _PATHS:
        said += f" Of {of} paths the first {_PATHS} are drawn."
    return Picture(
        "Ratios and controls",
        said,
        forest=Forest(
            "times as long, on a logarithmic scale",
            tuple(rows),
            (
                Level(1.0, "no difference"),
                *(Level(limit, f"limit {limit:g} ×", is_limit=True) for limit in limits),
            ),
        ),
        table=Table(
            ("What", "Value", "Interval"),
            tuple(
                (row.label, "not measured" if row.value is None else f"{row.value:g} ×",
                 f"{row.ends[0]:g} to {row.ends[1]:g}" if row.ends else "none")
                for row in rows
            ),
        ),
    )  # fmt: skip


def _launches(path: Mapping[str, Any], names: Sequence[str]) -> Picture:
    before, after = names
    launches = path["launches"]
    called = {BASELINE: before, CONTROL: f"{before} again, the control", TARGET: after}
    layers = tuple(
        Layer(called[role], form,
              tuple((float(at), ms) for at, (_, is_, ms) in enumerate(launches, start=1)
                    if is_ == role), tone)
        for role, (form, tone) in _FORMS.items()
        if any(is_ == role for _, is_, _ in launches)
    )  # fmt: skip
    times = [ms for *_, ms in launches]
    said = (
        f"The typical time of each launch, in the order in which they were taken. Launches of "
        f"{before} that lie as far apart as those of {after} are noise; a drift of all is the "
        "machine. The axis need not begin at 0."
    )
    table = [(str(at), str(number), called[role], f"{ms:.4g}")
             for at, (number, role, ms) in enumerate(launches, start=1)]  # fmt: skip
    return Picture(
        f"{path['label']}: single launches",
        said,
        Plot(
            Axis("launches, in their order", 0.0, float(len(launches) + 1)),
            Axis("milliseconds", min(times), max(times)),
            layers,
        ),
        table=Table(("Launch", "Round", "Version", "Milliseconds"), tuple(table[:_ROWS])),
    )


def _milliseconds(log: float) -> float:
    return float(f"{math.exp(log):.6g}")
