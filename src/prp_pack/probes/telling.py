"""What a script prints: its result as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from prp_pack.evidence.record import Findings, Measurement, Status, Threshold, Verdict
from prp_pack.evidence.result import Result, to_plain
from prp_pack.gate.recording import EXITS
from prp_pack.probes.machine import is_busy
from prp_pack.report.visible import visible

VERDICTS = {
    Verdict.PASS: ("passed", "32"),
    Verdict.FAIL: ("FAILED", "31;1"),
    Verdict.ERROR: ("could not run", "31;1"),
    Verdict.INCONCLUSIVE: ("inconclusive", "33"),
    Verdict.SKIPPED: ("not applicable", "33"),
}
MARKS = {
    Status.PASS: "ok",
    Status.FAIL: "FAIL",
    Status.WARN: "warn",
    Status.SKIP: "skip",
    Status.ERROR: "ERROR",
}
OPERATORS = {"<=": "≤", ">=": "≥", "<": "<", ">": ">", "==": "="}


def text(result: Result, spent: float, record: str, *, colour: bool) -> str:
    """Return the result for a terminal; `spent` in seconds, `record` the path of its record."""
    word, code = VERDICTS[result.verdict]
    painted = f"\x1b[{code}m{word}\x1b[0m" if colour else word
    lines = [f"{result.script} {painted} in {spent:.1f} s"]
    lines += [f"  {MARKS[c.status]:<5} {visible(f'{c.id}: {c.message}')}" for c in result.checks]
    lines += [f"  {line}" for line in _numbers(result)]
    if result.verdict is Verdict.INCONCLUSIVE and is_busy(dict(result.machine)):
        lines.append(f"  {busy(result)}")
    lines += [f"  left: {one.path}" for one in result.found.artefacts]
    if record:
        lines.append(f"record: {record}")
    return "\n".join(lines) + "\n"


def busy(result: Result) -> str:
    """Return how busy the machine was, in words."""
    return f"the machine was only {result.machine['idle_percent']} % idle"


def _numbers(result: Result) -> Iterator[str]:
    for metric, held in held_to(result.found):
        said = limits(metric, held)
        mark = outcome(held)
        yield visible(f"{mark:<5} {metric.name}: {_value(metric)}{f' {said}' if said else ''}")


def held_to(found: Findings) -> Iterator[tuple[Measurement, list[Threshold]]]:
    """Yield each measurement with the limits that it is held to."""
    by_metric: dict[str, list[Threshold]] = {}
    for threshold in found.thresholds:
        by_metric.setdefault(threshold.metric, []).append(threshold)
    for metric in found.metrics:
        yield metric, by_metric.get(metric.name, [])


def limits(metric: Measurement, held: list[Threshold]) -> str:
    """Return the limits of a measurement, in its unit."""
    return ", ".join(f"{OPERATORS[each.op]} {each.limit:g} {metric.unit}" for each in held)


def outcome(held: list[Threshold]) -> str:
    """Return the word for what became of some limits; empty for none."""
    outcomes = {each.ok for each in held}
    if False in outcomes:
        return "FAIL"
    return "open" if None in outcomes else "ok" if held else ""


def _value(metric: Measurement) -> str:
    if metric.value is None:
        return "not measured"
    sized = f", n {metric.n}" if metric.n else ""
    interval = f" ({metric.ci95[0]:g} to {metric.ci95[1]:g}{sized})" if metric.ci95 else ""
    return f"{metric.value:g} {metric.unit}{interval}"


def to_json(result: Result, spent: float, record: str, page: str = "") -> str:
    """Return the result as one JSON document; `page` is where it is drawn, if it is."""
    said = {
        "verdict": result.verdict.value,
        "exit_code": EXITS[result.verdict],
        "seconds": round(spent, 3),
        "record": record or None,
        **({"page": page} if page else {}),
    }
    return json.dumps({**to_plain(result), **said}, indent=2, ensure_ascii=False) + "\n"
