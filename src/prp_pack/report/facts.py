"""The context as an agent is told it: the block, the phase's task, what earlier phases offer."""

from __future__ import annotations

from collections.abc import Iterator

from prp_pack.context import ResolvedContext
from prp_pack.model import CompletionSummary, Metric, Phase, Severity
from prp_pack.render import context_block
from prp_pack.report import json_report
from prp_pack.report.visible import visible, visible_lines

# The client shows a preview of 2 kB in place of a hook's context that is longer than 10,000
# characters; the budget for injected context is smaller than that.
MAX_CHARACTERS = 5_800


def shortened(text: str, hint: str, limit: int = MAX_CHARACTERS) -> str:
    """Return the text, cut at a line and with `hint` for where the rest is, when it is too long."""
    if len(text) <= limit:
        return text
    room = limit - len(hint) - 40
    kept = text[:room].rpartition("\n")[0]
    left = text.count("\n") - kept.count("\n")
    closing = "\n```" if kept.count("```") % 2 else ""
    return f"{kept}{closing}\n… {left} more lines: {hint}\n"


def markdown(resolved: ResolvedContext) -> str:
    """Return the facts as Markdown; the caller cuts it to what fits."""
    return visible_lines("\n".join(_lines(resolved)) + "\n")


def block(resolved: ResolvedContext) -> str:
    """Return the YAML of the context block; empty when the context isn't known."""
    if resolved.context is None:
        return ""
    return context_block.render(resolved.context, resolved.sources, resolved.digest)


def _lines(resolved: ResolvedContext) -> Iterator[str]:
    yield "```yaml"
    yield from block(resolved).rstrip("\n").split("\n")
    yield "```"
    phase = resolved.context.phase if resolved.context else None
    if phase:
        said = f"Phase {phase.number} of {phase.total}: “{resolved.name}”. {resolved.scope}"
        yield said.rstrip()
    elif resolved.name:
        yield f"Simple feature: “{resolved.name}”."
    if resolved.delivers:
        yield "It delivers:"
        yield from (f"- {item}" for item in resolved.delivers)
    for output in resolved.outputs:
        yield from _output_lines(output)
    notes = [problem for problem in resolved.problems if problem.severity is not Severity.ERROR]
    if notes:
        yield "Notes:"
        yield from (visible(f"- {problem.place}: {problem.message}") for problem in notes)


def _output_lines(output: CompletionSummary) -> Iterator[str]:
    yield f"Phase {output.number} “{output.name}” ({output.status}), from {visible(output.path)}:"
    for endpoint in output.endpoints:
        what = f"{endpoint.method} {endpoint.path}".strip()
        yield f"- {what}: {endpoint.usage or endpoint.message_format or 'no word on its use'}"
    for key, items in output.provides.items():
        yield from (f"- {key}: {item}" for item in items)
    for index, item in enumerate(output.deferred):
        yield f"- deferred: {item} ({output.places.get(f'deferred.{index}', output.path)})"
    if output.open:
        yield f"- open, never proven: {', '.join(output.open)} of {output.path}"
    yield from (f"- measured: {_measured(metric)}" for metric in output.metrics)


def _measured(metric: Metric) -> str:
    value = "unmeasured" if metric.value is None else f"{metric.value} {metric.unit}".strip()
    return f"{metric.name} {value}"


def to_json(resolved: ResolvedContext) -> str:
    """Return the document that `prp context --format json` prints."""
    context = resolved.context
    fields = {
        "version": 1,
        "project_type": context.project_type if context else None,
        "phase_info": _phase_info(context.phase) if context else None,
        "sources": {key: str(place) for key, place in resolved.sources.items()},
        "previous_phase_outputs": [_output(output) for output in resolved.outputs],
        "performance_baselines": [
            {"metric": metric.name, "current": metric.value, "unit": metric.unit,
             "run": metric.run or None,
             "source": str(output.places.get(f"metrics.{index}", output.path))}
            for output in resolved.outputs
            for index, metric in enumerate(output.metrics)
        ],
        "problems": [
            {"path": problem.place.path, "line": problem.place.line,
             "severity": problem.severity, "message": problem.message, "help": problem.help}
            for problem in resolved.problems
        ],
    }  # fmt: skip
    return json_report.dump(fields)


def _phase_info(phase: Phase | None) -> dict[str, object] | None:
    if phase is None:
        return None
    return {
        "number": phase.number,
        "total_phases": phase.total,
        "phase_type": phase.type,
        "previous_phases": list(phase.previous),
        "template_source": phase.template_source,
        "complexity_level": phase.complexity,
    }


def _output(output: CompletionSummary) -> dict[str, object]:
    http = [e for e in output.endpoints if e.kind != "websocket"]
    sockets = [e for e in output.endpoints if e.kind == "websocket"]
    return {
        "phase": output.number,
        "name": output.name,
        "status": output.status,
        "completion_summary": output.path,
        "apis_available": [
            {"endpoint": f"{e.method} {e.path}".strip(), "usage": e.usage, "example": e.example}
            for e in http
        ],
        "websocket_available": [
            {"endpoint": e.path, "message_format": e.message_format} for e in sockets
        ],
        "integration_points_ready": {key: list(items) for key, items in output.provides.items()},
        "deferred": list(output.deferred),
        "open": list(output.open),
        "sources": {
            key: str(place)
            for key, place in output.places.items()
            if key.partition(".")[0] in ("status", "endpoints", "metrics", "provides", "deferred")
        },
    }
