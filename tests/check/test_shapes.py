"""What the table of shapes takes and refuses."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from prp_pack.model import CompletionSummary, Endpoint, Metric
from prp_pack.render import previous_phases
from prp_pack.schema.matrix import shipped
from prp_pack.schema.shapes import SHAPES, ListOf, Measured, PhaseNumber, Text, mismatches

PREVIOUS = SHAPES["all-needed-context.previous-phase-integration"]
REFERENCES = SHAPES["all-needed-context.documentation-references"]
POINTS = SHAPES["implementation-blueprint.integration-points"]


@pytest.mark.parametrize(
    "value",
    [None, 12, 1.5, "12 ms", "12ms", "< 50 ms", "1,200 req/s", "unmeasured", "N/A: no load yet"],
)
def test_a_measured_value_is_a_number_or_says_that_there_is_none(value: object) -> None:
    assert list(mismatches(value, Measured())) == []


@pytest.mark.parametrize("value", ["fast", "", "ms 12", True, [12], {"ms": 12}, "N/A"])
def test_anything_else_is_no_measured_value(value: object) -> None:
    assert len(list(mismatches(value, Measured()))) == 1


@pytest.mark.parametrize("value", [0, -1, True, 1.0, "1", None])
def test_a_phase_number_is_a_whole_number_from_1(value: object) -> None:
    assert len(list(mismatches(value, PhaseNumber()))) == 1


@pytest.mark.parametrize("value", ["words", 5, 0.5, date(2024, 1, 2)])
def test_text_is_any_single_value(value: object) -> None:
    assert list(mismatches(value, Text())) == []


def test_the_path_leads_to_the_value() -> None:
    found = list(mismatches(["a", ["b"]], ListOf(Text())))
    assert [(m.path, m.expected, m.found) for m in found] == [("1", "text", "not a list")]


def test_null_counts_as_left_out_where_a_key_may_be_left_out() -> None:
    assert list(mismatches({"previous_phase_outputs": None}, PREVIOUS)) == []
    entry = {"url": "https://example.org/", "file": None, "why": None}
    assert list(mismatches([entry], REFERENCES)) == []


@pytest.mark.parametrize("entry", [{}, {"why": "x"}, {"url": "a", "doc": "b"}])
def test_a_reference_names_exactly_one_thing(entry: dict[str, str]) -> None:
    (found,) = mismatches([entry], REFERENCES)
    assert found.expected.startswith("keys with exactly one of url, file")


@pytest.mark.parametrize("value", [[], {}, [{"events": "a"}, {"tables": ["b"]}], {"events": []}])
def test_integration_points_ready_are_names_with_values(value: object) -> None:
    assert list(mismatches({"integration_points_ready": value}, PREVIOUS)) == []


def test_names_of_integration_points_are_in_capitals() -> None:
    assert list(mismatches({"DATABASE": [{"index": "a"}, "b"], "MESSAGE_QUEUE": []}, POINTS)) == []
    (found,) = mismatches({"Database": []}, POINTS)
    assert found.found == "not “Database”"


def test_a_value_that_holds_itself_is_no_trouble() -> None:
    value = yaml.safe_load("&a [*a]")
    assert [m.path for m in mismatches(value, REFERENCES)] == ["0"]


def test_every_shape_belongs_to_a_section_of_the_template() -> None:
    assert set(SHAPES) <= set(shipped().by_id)


def test_what_we_render_has_the_shape_we_ask_for() -> None:
    outputs = [
        CompletionSummary(
            "PRPs/PHASE1_COMPLETION_SUMMARY.md",
            number=1,
            endpoints=(
                Endpoint("http", "/parcels", "GET"),
                Endpoint("websocket", "/moves", message_format="JSON"),
            ),
            metrics=(Metric("response_time", 12.5, "ms"), Metric("throughput", None)),
            provides={"database_schema": ("parcels",), "configuration": ("DEPOT", "SIZE")},
        )
    ]
    for each in (outputs, []):
        value = yaml.safe_load(previous_phases.render(each))
        assert list(mismatches(value, PREVIOUS)) == []
