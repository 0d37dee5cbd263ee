from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.probes.order_statistics import percentile

SAMPLES = st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=300)


@given(SAMPLES, st.floats(0.5, 99.5))
def test_the_interval_encloses_the_value(sample: list[float], share: float) -> None:
    found = percentile(sample, share)
    assert found.low <= found.value <= found.high
    assert found.value in sample


def test_of_no_sample_there_is_no_percentile() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)


# From the tables of order statistics: ranks of the 95 % interval of the median.
@pytest.mark.parametrize(("size", "low", "high"), [(10, 2, 9), (20, 6, 15), (100, 40, 61)])
def test_the_median_of_some_sizes_has_the_ranks_of_the_tables(
    size: int, low: int, high: int
) -> None:
    found = percentile([float(rank) for rank in range(1, size + 1)], 50)
    assert (found.low, found.high) == (low, high)


def test_a_small_sample_gives_no_upper_bound_of_a_high_percentile() -> None:
    found = percentile([1.0] * 20, 95)
    assert found.high == math.inf
    assert found.is_below(5.0) is None
    assert percentile([1.0] * 200, 95).is_below(5.0) is True
    assert percentile([9.0] * 200, 95).is_below(5.0) is False


def test_the_interval_holds_in_at_least_95_of_100_runs() -> None:
    source = random.Random(7)
    truth = -math.log(1 - 0.95)  # of the exponential distribution
    runs = 2_000
    held = 0
    for _ in range(runs):
        found = percentile([source.expovariate(1) for _ in range(200)], 95)
        held += found.low <= truth <= found.high
    # Three standard errors below 0.95.
    assert held / runs >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / runs)
