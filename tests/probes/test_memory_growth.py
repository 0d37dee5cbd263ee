from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.probes.memory.growth import FEWEST, Sample, Trend, trend

MIB = 1024**2


def samples(*sizes: float) -> list[Sample]:
    return [Sample(10 * turn, int(size)) for turn, size in enumerate(sizes)]


def noisy(slope: float, seed: int, noise: float = 0.2 * MIB, size: int = 60) -> Trend:
    chance = random.Random(seed)
    return trend(
        samples(*(40 * MIB + slope * 10 * n + chance.gauss(0, noise) for n in range(size)))
    )


@given(st.integers(0, 100_000), st.integers(FEWEST, 80))
def test_an_even_leak_is_its_slope(leak: int, size: int) -> None:
    found = trend(samples(*(MIB + leak * 10 * turn for turn in range(size))))
    assert found.slope == found.low == found.high == leak
    assert found.is_steady is (leak > 0)


def test_the_interval_covers_the_slope_of_noisy_samples() -> None:
    found = [noisy(2000, seed) for seed in range(100)]
    assert sum(each.low <= 2000 <= each.high for each in found) >= 90
    assert all(abs(each.slope - 2000) < 2000 for each in found)


def test_noise_alone_is_seldom_taken_for_growth() -> None:
    assert not any(noisy(0, seed).is_within(5) is False for seed in range(100))
    assert all(noisy(0, seed).is_within(5) for seed in range(100))


@pytest.mark.parametrize(
    ("sizes", "limit", "expected"),
    [
        ([100] * 40, 1, True),
        ([100 + n for n in range(40)], 10, False),
        ([100 + n for n in range(40)], 60, True),
        # One step amid flat parts: a buffer that doubled, perhaps.
        ([100] * 20 + [150] * 20, 10, None),
        # One bad sample says nothing, wherever it is.
        ([100] * 39 + [900], 1, True),
        ([900] + [100] * 39, 1, True),
        # It grows and is given back: memory that is collected now and then.
        ([100 + n % 10 for n in range(40)], 10, True),
        # Warm only in the second half.
        ([100 + 5 * n for n in range(12)] + [160] * 28, 10, None),
        ([140 - n for n in range(40)], 0, True),
    ],
)
def test_slope_ends_and_parts_must_agree(
    sizes: list[int], limit: float, expected: bool | None
) -> None:
    assert trend(samples(*(size * MIB for size in sizes))).is_within(limit) is expected


def test_few_samples_have_no_trend() -> None:
    with pytest.raises(ValueError, match="no trend"):
        trend(samples(*([1] * (FEWEST - 1))))


@given(st.lists(st.integers(1, 10**9), min_size=FEWEST, max_size=60))
def test_any_samples_have_a_trend(sizes: list[int]) -> None:
    found = trend(samples(*sizes))
    assert found.low <= found.slope <= found.high
    assert found.start >= 1
    assert found.is_within(10) in (True, False, None)
