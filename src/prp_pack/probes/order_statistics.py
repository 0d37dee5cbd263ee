"""Percentiles with the interval that a sample of their size allows, without assuming a shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Percentile:
    """`value` is the sample's; the true one lies from `low` to `high` in 95 of 100 samples.

    A bound is infinite where the sample is too small to give one.
    """

    value: float
    low: float
    high: float

    def is_below(self, limit: float) -> bool | None:
        """Tell on which side of a limit the true percentile lies; None when that is open."""
        if self.high <= limit:
            return True
        return False if self.low > limit else None


def percentile(sample: Sequence[float], share: float) -> Percentile:
    """Return a percentile of a sample, `share` from 0 to 100; raises `ValueError` for no sample.

    The number of values below the true percentile is binomial, so that two of the ordered values
    enclose it: the interval of Hahn and Meeker, Statistical Intervals, 5.2.
    """
    if not sample:
        raise ValueError("there is nothing to take a percentile of")
    ordered = sorted(sample)
    size, p = len(ordered), share / 100
    value = ordered[min(size - 1, max(0, math.ceil(p * size) - 1))]
    tail = (1 - CONFIDENCE) / 2
    low, high = -math.inf, math.inf
    below = _chance(size, 0, p)
    for rank, candidate in enumerate(ordered, start=1):
        # `below` is the chance that fewer than `rank` values lie under the true percentile.
        if below <= tail:
            low = candidate
        if below >= 1 - tail:
            high = candidate
            break
        below += _chance(size, rank, p)
    return Percentile(value, low, high)


def _chance(size: int, k: int, p: float) -> float:
    """Return the binomial chance of k in `size`; by logarithms, as factorials overflow."""
    if p in (0.0, 1.0):
        return float(k == size * p)
    log = (
        math.lgamma(size + 1) - math.lgamma(k + 1) - math.lgamma(size - k + 1)
        + k * math.log(p) + (size - k) * math.log1p(-p)
    )  # fmt: skip
    return math.exp(log)
