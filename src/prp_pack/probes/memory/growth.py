"""Whether memory grows with the requests: the slope of the samples, and what they say by parts.

A slope alone is misled by one step, such as a buffer that doubles; a difference of two ends by one
bad sample. So both must say the same, and the parts in between as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import median

PARTS = 4
FEWEST = 3 * PARTS
"""Fewer samples have no trend."""
_Z = 1.959964
# A part that gains less than this share of the average gain doesn't rise with the others.
_STEADY = 0.25


@dataclass(frozen=True, slots=True)
class Sample:
    """How many bytes there were after how many requests."""

    requests: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Trend:
    """`slope` is in bytes a request, and lies from `low` to `high` in 95 of 100 runs.

    `start` is in bytes, `requests` is how many there were from the first sample to the last. `ends`
    is by how many bytes the last part of the samples lies above the first. `is_steady` when each
    part gained about as much as the others.
    """

    slope: float
    low: float
    high: float
    start: float
    ends: float
    requests: int
    is_steady: bool

    def growth(self, slope: float) -> float:
        """Return by how many per cent memory grows at a slope."""
        return 100 * slope * self.requests / self.start

    @property
    def growth_of_ends(self) -> float:
        """By how many per cent the ends differ; between their middles lie fewer requests."""
        return 100 * self.ends * PARTS / (PARTS - 1) / self.start

    def is_within(self, limit: float) -> bool | None:
        """Tell whether memory grows by at most so many per cent; None when that is open."""
        if self.growth(self.high) <= limit and self.growth_of_ends <= limit:
            return True
        grows = self.growth(self.low) > limit and self.growth_of_ends > limit
        return False if grows and self.is_steady else None


def trend(samples: Sequence[Sample]) -> Trend:
    """Return the trend of samples in the order of their requests; raises `ValueError` for few.

    The slope is the median of those between any two samples (Theil and Sen), its interval that of
    Kendall's statistic (Hollander and Wolfe, Nonparametric Statistical Methods, 9.3).
    """
    if len(samples) < FEWEST:
        raise ValueError(f"{len(samples)} samples have no trend")
    slopes = sorted(
        (later.bytes - sooner.bytes) / (later.requests - sooner.requests)
        for sooner, later in combinations(samples, 2)
    )
    size = len(samples)
    reach = _Z * math.sqrt(size * (size - 1) * (2 * size + 5) / 18)
    low = max(0, math.floor((len(slopes) - reach) / 2) - 1)
    high = min(len(slopes) - 1, math.ceil((len(slopes) + reach) / 2))
    middles = [median(each.bytes for each in part) for part in _parts(samples)]
    ends = middles[-1] - middles[0]
    gains = [after - before for before, after in pairwise(middles)]
    return Trend(
        slope=median(slopes),
        low=slopes[low],
        high=slopes[high],
        start=max(1.0, float(middles[0])),
        ends=float(ends),
        requests=samples[-1].requests - samples[0].requests,
        is_steady=all(gain > _STEADY * ends / (PARTS - 1) for gain in gains) and ends > 0,
    )


def _parts(samples: Sequence[Sample]) -> list[Sequence[Sample]]:
    size = len(samples)
    edges = [round(part * size / PARTS) for part in range(PARTS + 1)]
    return [samples[begin:end] for begin, end in pairwise(edges)]
