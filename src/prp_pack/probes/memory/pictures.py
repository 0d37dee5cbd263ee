"""What the memory of a service looked like while it answered: its looks, its trend, its steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Any

from prp_pack.evidence.record import Findings
from prp_pack.probes.memory.growth import Sample, trend
from prp_pack.probes.memory.sampling import Pace, Taken
from prp_pack.report.html.run_view import (
    Axis,
    Fact,
    Form,
    Layer,
    Picture,
    Plot,
    Shown,
    Span,
    Table,
)

_KIB, _MIB = 1024, 1024**2
# A limit is drawn where it doesn't make what was measured a flat line.
_NEAR = 3.0
_REQUESTS = "requests sent"


def kept(taken: Taken, pace: Pace, limit: float, url: str) -> dict[str, object]:
    """Return what pictures need, as JSON has it. `limit` is in per cent."""
    return {
        "url": url,
        "rate": pace.rate,
        "requests": pace.requests,
        "warm_up": pace.warm_up,
        "limit": limit,
        "kind": taken.kind,
        "sent": taken.sent,
        "seconds": round(taken.seconds, 3),
        "warming": [[each.requests, each.bytes] for each in taken.warming],
        "samples": [[each.requests, each.bytes] for each in taken.samples],
    }


def shown(found: Findings, samples: Mapping[str, Any]) -> Shown:
    """Return what was asked, and the pictures; of a run that went wrong there is no trend."""
    warming = [Sample(*each) for each in samples["warming"]]
    warm = [Sample(*each) for each in samples["samples"]]
    asked = (
        Fact("Target", samples["url"]),
        Fact("Rate", f"{samples['rate']:g} requests a second, {samples['requests']} in all"),
        Fact("Sent", f"{samples['sent']} in {samples['seconds']:g} s"),
        Fact("Warm-up", f"{samples['warm_up']} requests, not counted"),
        Fact("Looked at", samples["kind"]),
    )
    if len(warm) < 2:  # noqa: PLR2004 - no line, no step
        return Shown(asked)
    is_judged = bool(found.thresholds)
    return Shown(
        asked,
        (
            _looks(warming, warm, samples["limit"], is_judged=is_judged),
            _steps([*warming, *warm], samples["warm_up"]),
        ),
    )


def _looks(
    warming: Sequence[Sample], warm: Sequence[Sample], limit: float, *, is_judged: bool
) -> Picture:
    start = warm[0].bytes

    def place(sample: Sample) -> tuple[float, float]:
        return float(sample.requests), (sample.bytes - start) / _KIB

    places = [place(each) for each in (*warming, *warm)]
    layers = []
    said = (
        f"Memory above the {start / _MIB:.2f} MiB that there were after the warm-up. A leak is a "
        "line that rises with the requests; a buffer that grew is a step."
    )
    if is_judged:
        lines, more = _trend(warm, start, limit)
        layers += lines
        said += more
    layers.append(Layer("a look", Form.DOTS, tuple(place(each) for each in warm)))
    if warming:
        before = tuple(place(each) for each in warming)
        layers.append(Layer("while it warmed", Form.SQUARES, before, 3))
    ys = [y for layer in layers for *_, y in layer.points]
    ys += [y for layer in layers if layer.form is Form.AREA for _, y, _ in layer.points]
    return Picture(
        "Memory against requests sent",
        said,
        Plot(
            Axis(_REQUESTS, 0.0, float(warm[-1].requests)),
            Axis("KiB above the first look after the warm-up", min(ys), max(ys)),
            tuple(layers),
            spans=tuple(_cut_off(warm[0].requests)),
        ),
        table=Table(
            ("Requests sent", "KiB above", "Bytes", "Counts"),
            tuple(
                (f"{x:g}", f"{y:,.1f}", str(sample.bytes), "yes" if at >= len(warming) else "no")
                for at, ((x, y), sample) in enumerate(
                    zip(places, (*warming, *warm), strict=True)
                )
            ),
        ),
    )  # fmt: skip


def _trend(warm: Sequence[Sample], start: int, limit: float) -> tuple[list[Layer], str]:
    """Return the slope, what it may be, and the limit, through the middle of the samples."""
    found = trend(warm)
    x_of, y_of = (median(each.requests for each in warm), median(each.bytes for each in warm))
    ends = (float(warm[0].requests), float(warm[-1].requests))

    def at(x: float, slope: float) -> float:
        return (y_of + slope * (x - x_of) - start) / _KIB

    area = tuple(
        (x, min(at(x, found.low), at(x, found.high)), max(at(x, found.low), at(x, found.high)))
        for x in (ends[0], float(x_of), ends[1])
    )
    layers = [
        Layer("slope, 95 % interval", Form.AREA, area, 2),
        Layer("slope", Form.LINE, tuple((x, at(x, found.slope)) for x in ends), 2),
    ]
    said = (
        f" The slope is {found.slope:.1f} B a request ({found.low:.1f} to {found.high:.1f}), "
        f"{found.growth(found.slope):.2f} % over the run; allowed were {limit:g} %."
    )
    allowed = (found.start * limit / 100 + found.start - start) / _KIB
    reach = max(abs(each.bytes - start) for each in warm) / _KIB
    if allowed <= _NEAR * reach:
        line = ((ends[0], (found.start - start) / _KIB), (ends[1], allowed))
        layers.append(Layer("limit", Form.DASHED, line, 4))
    else:
        said += " That limit lies above what is drawn."
    return layers, said


def _cut_off(requests: int) -> Iterator[Span]:
    if requests:
        yield Span(0.0, float(requests), "warm-up, not counted")


def _steps(samples: Sequence[Sample], warm_up: int) -> Picture:
    gains = [(after.requests, sooner.requests, (after.bytes - sooner.bytes) / _KIB)
             for sooner, after in pairwise(samples)]  # fmt: skip
    most = max(gains, key=lambda each: (abs(each[2]), -each[0]))
    return Picture(
        "Memory from one look to the next",
        f"The greatest change is {most[2]:+,.1f} KiB, between {most[1]} and {most[0]} requests. "
        "Steady growth is many bars of one height; steps are single ones.",
        Plot(
            Axis(_REQUESTS, 0.0, float(samples[-1].requests)),
            Axis("KiB more than at the look before", min(0.0, *(y for *_, y in gains)),
                 max(0.0, *(y for *_, y in gains))),
            (Layer("change", Form.BOXES,
                   tuple((float(x), float(end), *sorted((0.0, y))) for end, x, y in gains)),),
            spans=tuple(_cut_off(warm_up)),
        ),
        table=Table(
            ("Requests sent", "KiB more"),
            tuple((f"{x} to {end}", f"{y:+,.1f}") for end, x, y in gains),
        ),
    )  # fmt: skip
