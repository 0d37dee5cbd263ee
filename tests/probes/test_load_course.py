"""How times are kept by when requests were due, for few of them and for many."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.probes.load import course as courses
from prp_pack.probes.load.course import FEW, Course, Following
from prp_pack.probes.load.plan import Asked, Plan

PLAN = Plan("http://127.0.0.1", (Asked("/a"),), rate=100, duration=10, users=300)
MANY = replace(PLAN, rate=2000)
MOMENTS = st.lists(
    st.tuples(st.sampled_from("ab"), st.floats(0, 700), st.floats(0.01, 1e5), st.booleans()),
    max_size=40,
)


def followed(plan: Plan, seen: list[tuple[str, float, float, bool]]) -> Course:
    following = Following(plan)
    for title, due, milliseconds, is_right in seen:
        following.ended(due + milliseconds / 1000)
        following.time(title, due, milliseconds) if is_right else following.fail(title, due)
    return following.course()


def test_of_few_requests_each_keeps_its_moment() -> None:
    assert PLAN.arrivals <= FEW < MANY.arrivals
    seen = [("a", 1.2341, 12.345, True), ("a", 1.2399, 12.345, True), ("a", 1.3, 1.0, False)]
    few = followed(PLAN, seen)
    assert few.times == {"a": {1.234: {12.3: 1}, 1.24: {12.3: 1}}}
    assert few.flawed == {"a": {1.3: 1}}
    many = followed(MANY, seen)
    assert many.times == {"a": {1.2: {12.0: 2}}}
    assert many.ended == {1.2: 2, 1.3: 1}


@pytest.mark.parametrize(
    ("duration", "width"),
    [(1, 0.1), (30, 0.1), (60, 0.2), (61, 0.5), (300, 1), (600, 2), (601, 3)],
)
def test_there_are_at_most_three_hundred_slots(duration: float, width: float) -> None:
    assert courses.width(duration) == width
    assert duration / width <= 300


@given(st.floats(0, 5000), st.sampled_from([0.1, 0.2, 0.5, 1.0, 7.0]))
def test_a_moment_lies_in_its_slot_and_a_slot_in_itself(seconds: float, width: float) -> None:
    begin = courses.slot(seconds, width)
    assert begin - 1e-5 <= seconds < begin + width + 1e-3
    assert courses.slot(begin, width) == begin


@given(MOMENTS, MOMENTS, st.sampled_from([PLAN, MANY]))
def test_several_courses_survive_the_way_and_add_up(
    one: list[tuple[str, float, float, bool]], two: list[tuple[str, float, float, bool]], plan: Plan
) -> None:
    sent = [
        courses.from_plain(json.loads(json.dumps(courses.to_plain(followed(plan, each)))))
        for each in (one, two)
    ]
    assert sent == [followed(plan, one), followed(plan, two)]
    assert courses.together(sent) == followed(plan, [*one, *two])
