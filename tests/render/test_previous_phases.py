"""What earlier phases left, as YAML that parses whatever they were called."""

from __future__ import annotations

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.model import CompletionSummary, Endpoint, Metric, Place
from prp_pack.parse.summary import parse
from prp_pack.render.previous_phases import render
from prp_pack.schema.shapes import SHAPES, mismatches

SHAPE = SHAPES["all-needed-context.previous-phase-integration"]


def test_without_earlier_phases_nothing_is_measured() -> None:
    assert yaml.safe_load(render([])) == {
        "previous_phase_outputs": [],
        "performance_baselines": [
            {"metric": "response_time", "current": None, "unit": "ms", "target": "establish"},
            {"metric": "throughput", "current": None, "unit": "req/s", "target": "establish"},
            {"metric": "memory_usage", "current": None, "unit": "MB", "target": "establish"},
        ],
        "integration_points_ready": [],
    }


SUMMARY = """\
---
phase: 1
status: partial
endpoints:
  - {method: GET, path: /x, usage: reads}
  - {kind: websocket, path: /ws, message_format: '{"a": 1}'}
metrics:
  - {metric: latency, value: 12.5, unit: ms, run: "7"}
provides:
  event_system: ["scan: stored"]
  other: [x]
deferred:
  - "pages: phase 3"
---
"""


def test_every_line_names_its_source() -> None:
    text = render([parse(SUMMARY, "PRPs/PHASE1_COMPLETION_SUMMARY.md")])
    assert text == (
        "previous_phase_outputs:\n"
        "  - phase: 1\n"
        "    completion_summary: PRPs/PHASE1_COMPLETION_SUMMARY.md\n"
        "    status: partial  # PRPs/PHASE1_COMPLETION_SUMMARY.md:3\n"
        "    apis_available:\n"
        '      - endpoint: "GET /x"  # PRPs/PHASE1_COMPLETION_SUMMARY.md:5\n'
        "        usage: reads\n"
        "        example: null\n"
        "    websocket_available:\n"
        "      - endpoint: /ws  # PRPs/PHASE1_COMPLETION_SUMMARY.md:6\n"
        '        message_format: "{\\"a\\": 1}"\n'
        "    deferred:  # PRPs/PHASE1_COMPLETION_SUMMARY.md:12\n"
        '      - "pages: phase 3"  # PRPs/PHASE1_COMPLETION_SUMMARY.md:13\n'
        "\n"
        "performance_baselines:\n"
        "  - metric: latency\n"
        "    current: 12.5  # PRPs/PHASE1_COMPLETION_SUMMARY.md:8, run 7\n"
        "    unit: ms\n"
        "    target: maintain\n"
        "\n"
        "integration_points_ready:\n"
        "  - event_system:  # PRPs/PHASE1_COMPLETION_SUMMARY.md:10\n"
        '      - "scan: stored"  # PRPs/PHASE1_COMPLETION_SUMMARY.md:10\n'
    )
    assert list(mismatches(yaml.safe_load(text), SHAPE)) == []


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
endpoints = st.builds(
    Endpoint, st.sampled_from(["http", "websocket", "x"]), words, words, words, words, words
)
metrics = st.builds(Metric, words, st.one_of(st.none(), st.floats(), st.integers()), words, words)
texts = st.lists(words, max_size=2).map(tuple)
summaries = st.builds(
    CompletionSummary,
    path=words,
    number=st.one_of(st.none(), st.integers(1, 9)),
    endpoints=st.lists(endpoints, max_size=3).map(tuple),
    metrics=st.lists(metrics, max_size=3).map(tuple),
    deferred=texts,
    provides=st.dictionaries(st.sampled_from(["database_schema", "configuration", "x"]), texts),
    places=st.dictionaries(
        st.sampled_from(["endpoints.0", "metrics.0", "deferred.0", "provides.configuration"]),
        st.builds(Place, words),
    ),
)


@settings(deadline=None)
@given(st.lists(summaries, max_size=3))
def test_it_is_yaml_for_any_summary(outputs: list[CompletionSummary]) -> None:
    read = yaml.safe_load(render(outputs))
    assert [o["phase"] for o in read["previous_phase_outputs"]] == [o.number for o in outputs]
    named = [
        endpoint["endpoint"]
        for output in read["previous_phase_outputs"]
        for endpoint in (*output["apis_available"], *output["websocket_available"])
    ]
    assert len(named) == sum(len(output.endpoints) for output in outputs)
    measured = [metric for output in outputs for metric in output.metrics]
    assert len(read["performance_baselines"]) == (len(measured) or 3)
