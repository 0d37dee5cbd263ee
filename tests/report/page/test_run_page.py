"""The pages of single runs: what they show, and that they show it whatever came of the run."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.evidence.record import Findings, Threshold
from prp_pack.probes.load import pictures as load
from prp_pack.probes.load import verdict
from prp_pack.probes.load.course import Course
from prp_pack.probes.load.plan import Asked, Plan
from prp_pack.probes.load.tally import Tally
from prp_pack.probes.memory import pictures as memory
from prp_pack.probes.memory.growth import Sample
from prp_pack.probes.memory.sampling import Pace, Taken
from prp_pack.report.html import plots
from prp_pack.report.html.run_view import (
    Axis,
    Forest,
    Form,
    Layer,
    Level,
    Picture,
    Plot,
    Row,
    Shown,
    Span,
)
from tests.report.page import runs
from tests.report.page.reading import Reading

NUMBERS = st.floats(0, 1e9)
PLACES = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=30)
COORDINATES = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]\d+)?")


def pictures_of(made: tuple[Findings, Shown]) -> dict[str, Picture]:
    return {each.title: each for each in made[1].pictures}


def plot_of(picture: Picture) -> Plot:
    assert picture.plot
    return picture.plot


# --- What is to be seen ---------------------------------------------------------------------


@pytest.mark.parametrize("rate", [40, 200])
def test_a_stall_is_a_ramp_over_the_time_of_arrival(rate: float) -> None:
    plan = runs.plan_of(rate, 45)
    made = pictures_of(runs.of_load(plan, runs.stalled(plan)))
    picture = plot_of(made["Response times over the time of arrival"])
    top = picture.layers[0]
    # Of few requests each is a dot; of many, the slots' boxes end where the slowest is.
    assert top.form is (Form.DOTS if rate == 40 else Form.BOXES)
    for at, *_, ms in top.points:
        if runs.STALL_AT <= at < runs.STALL_AT + runs.STALL - 0.2:
            waited = 1000 * (runs.STALL_AT + runs.STALL - at)
            assert ms >= 0.85 * waited
            assert at > runs.STALL_AT + 1 or ms >= 900
        elif at < runs.STALL_AT - 0.2:
            assert ms < 400
    assert [level.label for level in picture.across] == ["p95 limit 400 ms", "p99 limit 1500 ms"]


def test_answers_stop_in_a_stall_and_come_all_at_once_afterwards() -> None:
    plan = runs.plan_of()
    made = pictures_of(runs.of_load(plan, runs.stalled(plan)))
    rate = plot_of(made["Rate of answers against the rate of arrivals"])
    answered = {at: y for at, _, y in rate.layers[0].points}
    assert answered[runs.STALL_AT] < 5
    assert answered[runs.STALL_AT + runs.STALL] > 100
    assert rate.layers[1].points == ((0.0, 45.0, 40.0),)
    errors = plot_of(made["Errors over the time of arrival"])
    assert {at for at, *_ in errors.layers[0].points} <= {22.0, 23.0, 24.0, 25.0}


def test_each_request_has_pictures_of_its_own_and_the_distribution_has_all() -> None:
    plan = runs.plan_of()
    tally = runs.stalled(plan)
    made = pictures_of(runs.of_load(plan, tally))
    whole = plot_of(made["Distribution of response times"])
    assert sum(each[3] for each in whole.layers[0].points) == sum(tally.all_times.values())
    assert {each.label for each in whole.upright if each.is_limit} == {
        "p95 limit 400 ms", "p99 limit 1500 ms",
    }  # fmt: skip
    for name in runs.NAMES:
        assert f"{name}: over the time of arrival" in made
        own = plot_of(made[f"{name}: distribution"])
        assert sum(each[3] for each in own.layers[0].points) == sum(tally.times[name].values())
    alone = pictures_of(runs.of_load(plan, runs.stalled(plan, ("one",))))
    assert not any(title.startswith("one") for title in alone)


def test_without_errors_it_says_so_and_draws_nothing() -> None:
    plan = runs.plan_of(40, 10)
    picture = pictures_of(runs.of_load(plan, runs.stalled(plan)))["Errors over the time of arrival"]
    assert picture.plot is None
    assert "None of 400 requests failed" in picture.said


def test_a_test_without_one_answer_has_a_page() -> None:
    made = runs.of_load(runs.plan_of(), Tally())
    assert made[1].pictures == ()
    read = Reading(runs.page("load_test", made))
    assert "not one request" in read.said("verdict")


def test_a_leak_is_a_line_and_the_warm_up_is_cut_off() -> None:
    made = pictures_of(runs.of_memory())
    looks = plot_of(made["Memory against requests sent"])
    layers = {layer.name: layer for layer in looks.layers}
    assert looks.spans == (Span(0.0, 400.0, "warm-up, not counted"),)
    assert all(x < 400 for x, _ in layers["while it warmed"].points)
    assert all(x >= 400 for x, _ in layers["a look"].points)
    (x, low), (end, high) = layers["slope"].points
    assert (high - low) * 1024 / (end - x) == pytest.approx(900, rel=0.02)
    for _, least, most in layers["slope, 95 % interval"].points:
        assert least <= most
    assert "limit" in layers


def test_a_step_is_one_bar() -> None:
    made = pictures_of(runs.of_memory("step"))
    picture = made["Memory from one look to the next"]
    bars = plot_of(picture).layers[0].points
    assert [(x, end) for x, end, _, y in bars if y > 1000] == [(1100.0, 1120.0)]
    assert "between 1100 and 1120 requests" in picture.said


def test_memory_that_stays_is_not_squeezed_flat_by_its_limit() -> None:
    taken = Taken(samples=[Sample(n, 50_000_000 + n % 7) for n in range(100, 400)], sent=400)
    found = Findings(thresholds=(Threshold("memory growth", "<=", 20.0, True),))
    kept = runs.by_json(memory.kept(taken, Pace(50, 400, 0), 20.0, "http://h"))
    looks = memory.shown(found, kept).pictures[0]
    assert "limit" not in {layer.name for layer in plot_of(looks).layers}
    assert "lies above what is drawn" in looks.said
    assert plot_of(looks).y.high < 1


def test_a_run_that_could_not_be_judged_shows_its_looks() -> None:
    taken = Taken(samples=[Sample(n, 1000 * n) for n in range(5)], sent=5)
    kept = runs.by_json(memory.kept(taken, Pace(50, 400, 0), 20.0, "http://h"))
    (looks, _) = memory.shown(Findings(), kept).pictures
    assert "slope" not in {layer.name for layer in plot_of(looks).layers}
    none = runs.by_json(memory.kept(Taken(), Pace(50, 400, 0), 20.0, "http://h"))
    assert memory.shown(Findings(), none).pictures == ()


def test_launches_stand_in_the_order_in_which_they_were_taken() -> None:
    findings, shown = runs.of_benchmark()
    forest, first, second = shown.pictures
    assert forest.forest
    values = {each.name: each for each in findings.metrics}
    for row in forest.forest.rows:
        assert (row.value, row.ends) == (values[row.label].value, values[row.label].ci95)
        assert row.is_control == row.label.endswith("control")
    assert [(each.value, each.is_limit) for each in forest.forest.levels] == [
        (1.0, False), (1.05, True),
    ]  # fmt: skip
    for picture in (first, second):
        places = sorted(x for layer in plot_of(picture).layers for x, _ in layer.points)
        assert places == [float(n) for n in range(1, 49)]
        assert picture.table
        rounds = [row[1] for row in picture.table.rows]
        assert rounds == [str(n) for n in range(1, 17) for _ in range(3)]


# --- The page -------------------------------------------------------------------------------


@pytest.mark.parametrize("script", runs.PAGES)
def test_a_page_is_the_same_each_time_and_has_its_numbers_as_text(script: str) -> None:
    html = runs.PAGES[script]()
    assert html == runs.PAGES[script]()
    read = Reading(html)
    assert not {tag for tag, _ in read.elements} & {"script", "img", "link", "iframe"}
    assert not any("://" in value for value in read.values("href"))
    assert not any("style" in found for _, found in read.elements)
    drawings = [found for _, found in read.elements if found.get("role") == "img"]
    assert len(drawings) >= 2
    ids = read.values("id")
    assert len(ids) == len(set(ids))
    for drawing in drawings:
        assert set(drawing["aria-labelledby"].split()) <= set(ids)
    assert sum(tag == "details" for tag, _ in read.elements) == len(drawings)
    assert {"verdict", "numbers", "asked"} <= read.sections.keys()
    assert "NaN" not in html
    assert "inf" not in re.sub(r"[a-z]*inf[a-z]+", "", html)


def test_a_million_requests_have_a_page_below_a_megabyte() -> None:
    plan = runs.plan_of(1700, 600)
    names = [f"GET /path/{n}" for n in range(30)]
    digits = [float(f"{1.1**n:.2g}") for n in range(90)]
    seen = dict.fromkeys(digits, 1)
    course = Course(
        times={name: {2.0 * n: seen for n in range(300)} for name in names},
        flawed={name: {2.0 * n: 1 for n in range(300)} for name in names},
        ended={2.0 * n: 3400 for n in range(305)},
    )
    tally = Tally(
        ended=dict.fromkeys(names, 34_000),
        times={name: dict.fromkeys(digits, 380) for name in names},
        failures={name: {"answered 500": 300} for name in names},
        late={0.0: plan.arrivals},
        in_time=plan.arrivals,
        quickest=1.0,
        course=course,
    )
    made = runs.of_load(plan, tally)
    html = runs.page("load_test", made)
    assert plan.arrivals > 1_000_000
    assert len(html.encode()) < 1_000_000
    assert "the 10 most frequent of 30 requests" in html


HOSTILE = "</desc></svg><script>alert(1)</script>{{ 7 * 7 }}\u202e\x1b"


def test_hostile_names_are_shown_and_do_nothing() -> None:
    plan = runs.plan_of(40, 30)
    made = runs.of_load(plan, runs.stalled(plan, (HOSTILE, "b")))
    for html in (
        runs.page("load_test", made, HOSTILE),
        runs.page("performance_benchmark", runs.of_benchmark((HOSTILE, "b")), HOSTILE),
    ):
        read = Reading(html)
        assert "script" not in {tag for tag, _ in read.elements}
        assert "\u202e" not in html
        shown = HOSTILE.replace("\u202e", "\\u{202e}").replace("\x1b", "\\u{1b}")
        for section in ("numbers", "asked", "verdict"):
            assert shown in read.sections[section]
        assert read.text.count(shown) > 5


def test_no_secret_of_a_request_is_kept_for_pictures() -> None:
    asked = Asked("/", headers={"authorization": "hidden-1"}, body="hidden-2")
    plan = Plan("http://h", (asked,), 40, 3, 120, headers={"x-key": "hidden-3"})
    tally = runs.stalled(plan)
    assert "hidden" not in str(load.kept(plan, tally))


# --- Drawing --------------------------------------------------------------------------------


@given(PLACES, st.sampled_from([Form.DOTS, Form.LINE, Form.SQUARES, Form.DASHED]), st.booleans())
def test_whatever_is_drawn_lies_within_the_plot(
    places: list[tuple[float, float]], form: Form, is_log: bool
) -> None:
    high = max(y for _, y in places) or 1.0
    right = max(x for x, _ in places) or 1.0
    y_axis = Axis("y", min(0.5, high) if is_log else 0.0, high, is_log=is_log)
    drawn = plots.plot(
        Plot(Axis("x", 0.0, right), y_axis, (Layer("a", form, tuple(places)),),
             across=(Level(high, "limit", is_limit=True),), upright=(Level(right, "end"),))
    )  # fmt: skip
    for found in COORDINATES.findall(drawn.paths[0].d.replace("h0", "")):
        assert 0 <= float(found) <= plots.WIDE
    for tick in drawn.xs:
        assert 0 <= tick.at <= 100
    for at in (*(each.at for each in drawn.ys), *(each.at for each in drawn.across)):
        assert 0 <= at <= plots.HEIGHT
    assert all(0 < each.label_y <= plots.HEIGHT for each in drawn.across)


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=20), st.floats(0.5, 3))
def test_rows_of_a_forest_keep_their_order_on_the_axis(values: list[float], limit: float) -> None:
    rows = tuple(Row("a", value, (value / 2, value * 2)) for value in values)
    drawn = plots.forest(Forest("x", (*rows, Row("none", None)), (Level(limit, "limit", True),)))
    assert drawn.bars[-1].at is None
    for row, bar in zip(rows, drawn.bars, strict=False):
        assert row.value
        assert bar.low is not None
        assert bar.at is not None
        assert bar.high is not None
        assert 0 <= bar.low <= bar.at <= bar.high <= 100
        if not math.isclose(row.value, limit, rel_tol=0.02):
            assert (bar.at < drawn.levels[0].at) == (row.value < limit) or math.isclose(
                bar.at, drawn.levels[0].at, abs_tol=0.02
            )


@given(st.dictionaries(st.floats(0.001, 1e5), st.integers(1, 50), min_size=1, max_size=200))
def test_a_percentile_of_counts_is_that_of_the_verdict(counts: dict[float, int]) -> None:
    for share in (50, 95):
        assert load.percentile_of(counts, share) == verdict.percentile(counts, share).value
