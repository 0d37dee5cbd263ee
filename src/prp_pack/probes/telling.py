"""What a script prints: its result as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from prp_pack.evidence.record import Measurement, Status, Threshold, Verdict
from prp_pack.evidence.result import Result, to_plain
from prp_pack.gate.recording import EXITS
from prp_pack.probes.machine import is_busy
from prp_pack.report.visible import visible

_VERDICTS = {
    Verdict.PASS: ("passed", "32"),
    Verdict.FAIL: ("FAILED", "31;1"),
    Verdict.ERROR: ("could not run", "31;1"),
    Verdict.INCONCLUSIVE: ("inconclusive", "33"),
    Verdict.SKIPPED: ("not applicable", "33"),
}
_MARKS = {
    Status.PASS: "ok",
    Status.FAIL: "FAIL",
    Status.WARN: "warn",
    Status.SKIP: "skip",
    Status.ERROR: "ERROR",
}
_OPERATORS = {"<=": "≤", ">=": "≥", "<": "<", ">": ">", "==": "="}


def text(result: Result, spent: float, record: str, *, colour: bool) -> str:
    """Return the result for a terminal; `spent` in seconds, `record` the path of its record."""
    word, code = _VERDICTS[result.verdict]
    painted = f"\x1b[{code}m{word}\x1b[0m" if colour else word
    lines = [f"{result.script} {painted} in {spent:.1f} s"]
    lines += [f"  {_MARKS[c.status]:<5} {visible(f'{c.id}: {c.message}')}" for c in result.checks]
    lines += [f"  {line}" for line in _numbers(result)]
    if result.verdict is Verdict.INCONCLUSIVE and is_busy(dict(result.machine)):
        lines.append(f"  the machine was only {result.machine['idle_percent']} % idle")
    lines += [f"  left: {one.path}" for one in result.found.artefacts]
    if record:
        lines.append(f"record: {record}")
    return "\n".join(lines) + "\n"


def _numbers(result: Result) -> Iterator[str]:
    limits: dict[str, list[Threshold]] = {}
    for threshold in result.found.thresholds:
        limits.setdefault(threshold.metric, []).append(threshold)
    for metric in result.found.metrics:
        held = limits.get(metric.name, [])
        mark = _mark(held)
        limit = ", ".join(f"{_OPERATORS[each.op]} {each.limit:g} {metric.unit}" for each in held)
        yield visible(f"{mark:<5} {metric.name}: {_value(metric)}{f' {limit}' if limit else ''}")


def _mark(held: list[Threshold]) -> str:
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


def to_json(result: Result, spent: float, record: str) -> str:
    """Return the result as one JSON document."""
    said = {
        "verdict": result.verdict.value,
        "exit_code": EXITS[result.verdict],
        "seconds": round(spent, 3),
        "record": record or None,
    }
    return json.dumps({**to_plain(result), **said}, indent=2, ensure_ascii=False) + "\n"
