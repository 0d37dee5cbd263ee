from __future__ import annotations

import math
import statistics
from collections.abc import Collection, Iterator, Mapping, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.probes.benchmark.comparison import (
    PATIENCE,
    Round,
    _student,
    compared,
    interval,
    judged,
    middle,
    rules,
    typical,
)

RULES = rules(5.0, None, 8)
NUMBERS = st.lists(st.floats(-3, 3), min_size=3, max_size=24)
few = settings(max_examples=40, deadline=None)


@few
@given(NUMBERS, st.integers(0, 9))
def test_an_interval_holds_its_value_and_stays_among_the_numbers(
    numbers: list[float], seed: int
) -> None:
    found = interval(numbers, seed)
    assert min(numbers) - 1e-9 <= found.low <= found.value <= found.high <= max(numbers) + 1e-9
    assert found == interval(numbers, seed), "the same seed gives the same interval"


@few
@given(NUMBERS, st.floats(-2, 2))
def test_an_interval_moves_with_its_numbers(numbers: list[float], by: float) -> None:
    here, there = interval(numbers), interval([each + by for each in numbers])
    assert there.low == pytest.approx(here.low + by, abs=1e-9)
    assert there.high == pytest.approx(here.high + by, abs=1e-9)


@few
@given(st.lists(st.floats(-0.01, 0.01), min_size=8, max_size=8), st.floats(50, 1e6))
def test_one_wild_launch_moves_the_middle_little(calm: list[float], wild: float) -> None:
    assert abs(middle([*calm, wild])) <= 0.02


def test_too_few_numbers_give_no_bound_and_none_no_value() -> None:
    assert (interval([0.1]).low, interval([0.1]).high) == (-math.inf, math.inf)
    for nothing in (middle, typical, interval):
        with pytest.raises(ValueError, match="there is no"):
            nothing([])


@pytest.mark.parametrize(
    ("freedom", "quantile"), [(5, 2.571), (7, 2.365), (15, 2.131), (40, 2.021)]
)
def test_students_quantile_is_that_of_the_tables(freedom: int, quantile: float) -> None:
    assert _student(0.975, freedom) == pytest.approx(quantile, abs=0.01)


@pytest.mark.parametrize("size", [5, 8, 16])
def test_an_interval_holds_the_true_value_about_as_often_as_it_says(size: int) -> None:
    chance = Random(size)
    samples = [[chance.gauss(0, 1) for _ in range(size)] for _ in range(200)]
    held = sum(found.low <= 0 <= found.high for found in map(interval, samples))
    # The binomial deviation of 200 is 1.5 per cent.
    assert 0.90 <= held / 200 <= 1.0


def around(value: float, spread: float, size: int = 8) -> list[float]:
    normal = statistics.NormalDist(value, spread)
    return [normal.inv_cdf((at + 0.5) / size) for at in range(size)]


@pytest.mark.parametrize(
    ("effect", "noise", "improvement", "ok"),
    [
        (around(0.0, 0.01), around(0, 0.01), None, True),
        (around(0.2, 0.01), around(0, 0.01), None, False),
        (around(0.05, 0.02), around(0, 0.01), None, None),
        (around(0.2, 0.01), around(0, 0.4), None, None),
        (around(0.2, 0.01), around(0.15, 0.01), None, None),
        (around(0.0, 0.01), around(-0.2, 0.01), None, None),
        (around(0.0, 0.01), around(0, 0.2), None, None),
        (around(-0.9, 0.05), around(0, 0.2), None, True),
        (around(-0.4, 0.01), around(0, 0.01), 20.0, True),
        (around(-0.1, 0.01), around(0, 0.01), 20.0, False),
        (around(0.1, 0.01), around(0, 0.01), 20.0, False),
        (around(-0.22, 0.02), around(0, 0.01), 20.0, None),
        (around(-0.4, 0.01), around(0, 0.5), 20.0, None),
    ],
)
def test_a_limit_is_decided_only_beside_its_interval_and_above_the_noise(
    effect: list[float], noise: list[float], improvement: float | None, ok: bool | None
) -> None:
    assert judged(effect, noise, rules(5.0, improvement, 8)).ok is ok


@few
@given(NUMBERS, NUMBERS, st.floats(0, 50), st.one_of(st.none(), st.floats(1, 90)))
def test_what_is_decided_lies_beside_the_limit(
    effects: list[float], noises: list[float], tolerance: float, improvement: float | None
) -> None:
    held = rules(tolerance, improvement, 8)
    found = judged(effects, noises, held)
    if found.ok:
        assert found.effect.high <= held.limit
    if found.ok is False:
        assert found.effect.low > held.limit
        assert held.limit < 0 or found.effect.value > found.control.reach


@few
@given(st.lists(st.tuples(*[st.floats(-1, 1)] * 3), min_size=1, max_size=9))
def test_an_equal_shift_of_all_launches_of_a_round_changes_nothing(
    logs: list[tuple[float, float, float]],
) -> None:
    for log in logs:
        here, there = Round(*log), Round(*(each + 0.5 for each in log))
        assert there.effect == pytest.approx(here.effect)
        assert there.noise == pytest.approx(here.noise)


class Scripted:
    """Gives rounds with effects as they are listed, so many at a time."""

    def __init__(self, *effects: float) -> None:
        self._effects = iter(effects)
        self._spread = Random(1)
        self.taken: list[int] = []

    def take(self, names: Collection[str], count: int) -> Mapping[str, Sequence[Round]]:
        self.taken.append(count)
        effect = next(self._effects)
        return {name: list(self._rounds(effect, count)) for name in names}

    def _rounds(self, effect: float, count: int) -> Iterator[Round]:
        for _ in range(count):
            yield Round(*(self._spread.gauss(at, 0.005) for at in (0, 0, effect)))


def test_a_clear_case_takes_no_more_than_was_asked_for() -> None:
    script = Scripted(0.0)
    assert compared(["a", "b"], script.take, RULES)["b"].ok is True
    assert script.taken == [8]


def test_a_suspicion_is_confirmed_by_fresh_rounds() -> None:
    script = Scripted(0.3, 0.3)
    found = compared(["a"], script.take, RULES)["a"]
    assert (found.ok, len(found.rounds), script.taken) == (False, 16, [8, 8])


def test_a_suspicion_that_fresh_rounds_do_not_share_stays_open() -> None:
    found = compared(["a"], Scripted(0.3, 0.0).take, RULES)["a"]
    assert found.ok is None
    assert "above the limit at first" in found.reason


def test_an_open_question_is_measured_longer_and_given_up_in_the_end() -> None:
    on_the_limit = RULES.limit
    script = Scripted(*[on_the_limit] * 9)
    found = compared(["a"], script.take, RULES)["a"]
    assert found.ok is None
    assert len(found.rounds) == 8 * PATIENCE
    assert script.taken == [8, 8, 16]


def test_what_stops_answering_is_left_out() -> None:
    def take(names: Collection[str], count: int) -> Mapping[str, Sequence[Round]]:
        return {name: [Round(0, 0, 0.3)] * count for name in names if name != "gone"}

    assert list(compared(["a", "gone"], take, RULES)) == ["a"]
    assert compared([], take, RULES) == {}


def test_twenty_per_cent_faster_is_a_fifth_less_time() -> None:
    assert math.exp(rules(5.0, 20.0, 8).limit) == pytest.approx(0.8)
    assert math.exp(rules(5.0, None, 8).limit) == pytest.approx(1.05)
