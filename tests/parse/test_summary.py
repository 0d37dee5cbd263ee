"""Completion summaries: what a phase left behind, and what is wrong with how it says so."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.model import CompletionSummary, Endpoint, Metric
from prp_pack.parse.summary import STATUSES, parse

GOOD = """\
---
phase: 1
name: Store
status: partial
endpoints:
  - {kind: http, method: POST, path: /parcels, usage: creates, example: null}
  - kind: websocket
    path: /ws
    message_format: '{"a": 1}'
metrics:
  - {metric: response_time, value: 12.5, unit: ms, run: "0007"}
  - {metric: throughput, value: null}
provides:
  database_schema: ["parcels(code)"]
  event_system: one text
deferred:
  - pages: phase 3
  - an index
---
"""


def read(text: str, path: str = "PRPs/PHASE1_COMPLETION_SUMMARY.md") -> CompletionSummary:
    return parse(text, path)


def messages(summary: CompletionSummary) -> list[str]:
    return [f"{problem.place.line}: {problem.message}" for problem in summary.problems]


def test_a_good_summary_gives_everything_it_says() -> None:
    summary = read(GOOD)
    assert summary.problems == ()
    assert (summary.number, summary.name, summary.status) == (1, "Store", "partial")
    assert summary.endpoints == (
        Endpoint("http", "/parcels", "POST", "creates"),
        Endpoint("websocket", "/ws", message_format='{"a": 1}'),
    )
    assert summary.metrics == (
        Metric("response_time", 12.5, "ms", "0007"),
        Metric("throughput", None),
    )
    assert summary.provides == {
        "database_schema": ("parcels(code)",),
        "event_system": ("one text",),
    }
    assert summary.deferred == ("pages: phase 3", "an index")
    assert str(summary.places["endpoints.1"]) == "PRPs/PHASE1_COMPLETION_SUMMARY.md:7"


@pytest.mark.parametrize("status", STATUSES)
def test_these_are_the_statuses(status: str) -> None:
    assert read(f"---\nstatus: {status}\n---").status == status


NUMBERS = [
    ("", "PRPs/PHASE1_COMPLETION_SUMMARY.md", 1),
    ("", "PRPs/summary.md", None),
    ("- **Phase Number**: 2\n", "PRPs/summary.md", 2),
    ("---\nphase: 2\n---\n- Phase Number: 3\n", "PRPs/summary.md", 2),
    ("\n" * 60 + "- Phase Number: 3\n", "PRPs/summary.md", None),
]


@pytest.mark.parametrize(("text", "path", "number"), NUMBERS)
def test_the_number_stands_in_front_matter_text_or_name(
    text: str, path: str, number: int | None
) -> None:
    summary = read(text, path)
    assert (summary.number, summary.problems) == (number, ())


STATUS = "status must be one of complete, partial, blocked, unverified, not “done”"
NAME = "in the file name PRPs/PHASE1_COMPLETION_SUMMARY.md"
WRONG = {
    "status: done": f"2: {STATUS}",
    "phase: x": "2: phase must be a whole number from 1",
    "phase: 0": "2: phase must be a whole number from 1",
    "phase: 2": f"2: phase number is 2 here but 1 {NAME}",
    "endpoints: /x": "2: `endpoints` must be a list",
    "endpoints: [/x]": "2: an entry of `endpoints` must be keys and values",
    "endpoints:\n  - method: GET": "3: an endpoint needs a `path`",
    "endpoints:\n  - path:": "3: an endpoint needs a `path`",
    "metrics: 5": "2: `metrics` must be a list",
    "metrics:\n  - fast": "3: an entry of `metrics` must be keys and values",
    "metrics:\n  - value: 1": "3: a metric needs its name under `metric`",
    "metrics:\n  - {metric: x, value: 5 ms}": "3: a metric's `value` must be a number, or null",
    "metrics:\n  - {metric: x, value: true}": "3: a metric's `value` must be a number, or null",
    "- x": "2: front matter must be keys and values",
}


@pytest.mark.parametrize(("stated", "message"), WRONG.items())
def test_a_wrong_value_is_a_problem_at_its_line(stated: str, message: str) -> None:
    summary = read(f"---\n{stated}\n---\n")
    assert messages(summary) == [message]
    assert (summary.endpoints, summary.metrics, summary.status) == ((), (), "unverified")


def test_a_number_in_the_text_must_agree_with_the_name() -> None:
    assert messages(read("- Phase Number: 2\n")) == [f"1: phase number is 2 here but 1 {NAME}"]


@settings(deadline=None)
@given(st.sampled_from(["endpoints", "metrics", "provides", "deferred", "phase"]), st.text())
def test_no_text_makes_it_raise(key: str, text: str) -> None:
    for content in (f"---\n{key}: {text}\n---\n", f"---\n{key}:\n  - {text}\n---\n", text):
        assert all(p.place.line <= content.count("\n") + 1 for p in read(content).problems)
