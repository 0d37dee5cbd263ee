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
        yield f"    status: {scalar(output.status)}{_source(output, 'status')}"
        numbered = list(enumerate(output.endpoints))
        http = [pair for pair in numbered if pair[1].kind != "websocket"]
        sockets = [pair for pair in numbered if pair[1].kind == "websocket"]
        yield from _endpoints("apis_available", http, ("usage", "example"), output)
        yield from _endpoints("websocket_available", sockets, ("message_format",), output)
        yield from _deferred(output)
    yield ""
    yield "performance_baselines:"
    yield from _baselines(outputs)
    yield ""
    ready = [(output, key) for output in outputs for key in _READY if output.provides.get(key)]
    yield "integration_points_ready:" if ready else "integration_points_ready: []"
    for output, key in ready:
        yield f"  - {key}:{_source(output, f'provides.{key}')}"
        for index, item in enumerate(output.provides[key]):
            yield f"      - {scalar(item)}{_source(output, f'provides.{key}.{index}')}"


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


def _deferred(output: CompletionSummary) -> Iterator[str]:
    """Yield what the phase left open; a phase that left nothing has no such list."""
    if output.deferred:
        yield f"    deferred:{_source(output, 'deferred')}"
        for index, text in enumerate(output.deferred):
            yield f"      - {scalar(text)}{_source(output, f'deferred.{index}')}"


def _baselines(outputs: Sequence[CompletionSummary]) -> Iterator[str]:
    measured = [
        (metric, _source(output, f"metrics.{index}", f", run {metric.run}" if metric.run else ""))
        for output in outputs
        for index, metric in enumerate(output.metrics)
    ]
    for metric, source in measured or [(Metric(n, None, unit), "") for n, unit in USUAL_METRICS]:
        yield f"  - metric: {scalar(metric.name)}"
        yield f"    current: {scalar(metric.value)}{source}"
        yield f"    unit: {scalar(metric.unit)}"
        # There is nothing to maintain before something was measured.
        yield f"    target: {'establish' if metric.value is None else 'maintain'}"


def _source(output: CompletionSummary, key: str, more: str = "") -> str:
    """Return where the summary says it, as a remark; empty for what it doesn't say."""
    place = output.places.get(key)
    return comment(f"{place}{more}") if place else comment(more.lstrip(", ")) if more else ""
