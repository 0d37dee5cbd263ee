"""The YAML under “Previous Phase Integration”: what earlier phases left, each with its source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prp_pack.model import CompletionSummary, Endpoint, Metric
from prp_pack.render.scalar import comment, scalar

# What the template asks a phase to compare itself with, when nothing was measured yet.
USUAL_METRICS = (("response_time", "ms"), ("throughput", "req/s"), ("memory_usage", "MB"))
_READY = ("database_schema", "event_system", "configuration")


def render(outputs: Sequence[CompletionSummary]) -> str:
    """Return the section's YAML; a metric that nobody measured has `current: null`."""
    return "\n".join(_lines(outputs)) + "\n"


def _lines(outputs: Sequence[CompletionSummary]) -> Iterator[str]:
    yield "previous_phase_outputs:" if outputs else "previous_phase_outputs: []"
    for output in outputs:
        yield f"  - phase: {scalar(output.number)}"
        yield f"    completion_summary: {scalar(output.path)}"
        numbered = list(enumerate(output.endpoints))
        http = [pair for pair in numbered if pair[1].kind != "websocket"]
        sockets = [pair for pair in numbered if pair[1].kind == "websocket"]
        yield from _endpoints("apis_available", http, ("usage", "example"), output)
        yield from _endpoints("websocket_available", sockets, ("message_format",), output)
    yield ""
    yield "performance_baselines:"
    yield from _baselines([metric for output in outputs for metric in output.metrics])
    yield ""
    ready = [(output, key) for output in outputs for key in _READY if output.provides.get(key)]
    yield "integration_points_ready:" if ready else "integration_points_ready: []"
    for output, key in ready:
        source = output.places.get(f"provides.{key}")
        yield f"  - {key}:{comment(source) if source else ''}"
        yield from (f"      - {scalar(item)}" for item in output.provides[key])


def _endpoints(
    key: str,
    endpoints: Sequence[tuple[int, Endpoint]],
    fields: Sequence[str],
    output: CompletionSummary,
) -> Iterator[str]:
    yield f"    {key}:" if endpoints else f"    {key}: []"
    for index, endpoint in endpoints:
        source = output.places.get(f"endpoints.{index}", output.path)
        name = scalar(f"{endpoint.method} {endpoint.path}".strip())
        yield f"      - endpoint: {name}{comment(source)}"
        for name in fields:
            yield f"        {name}: {scalar(getattr(endpoint, name) or None)}"


def _baselines(metrics: Sequence[Metric]) -> Iterator[str]:
    shown = metrics or [Metric(name, None, unit) for name, unit in USUAL_METRICS]
    for metric in shown:
        yield f"  - metric: {scalar(metric.name)}"
        run = comment(f"run {metric.run}") if metric.run else ""
        yield f"    current: {scalar(metric.value)}{run}"
        yield f"    unit: {scalar(metric.unit)}"
        # There is nothing to maintain before something was measured.
        yield f"    target: {'establish' if metric.value is None else 'maintain'}"
