"""How often each value was seen: all that is kept of many times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

Counts = Mapping[float, int]
"""How often each value was seen."""


def rounded(milliseconds: float) -> float:
    """Return a time with three digits; the error is below 0.5 %."""
    return float(f"{milliseconds:.3g}")


def summed(all_: Iterable[Mapping[Any, int]]) -> dict[Any, int]:
    """Return the sum of several counts."""
    found: Counter[Any] = Counter()
    for each in all_:
        found.update(each)
    return dict(found)


def by_key(all_: Iterable[Mapping[Any, Mapping[Any, int]]]) -> dict[Any, dict[Any, int]]:
    """Return the sums of several counts, by the key that each stands under."""
    each = tuple(all_)
    keys = sorted({key for one in each for key in one})
    return {key: summed(one.get(key, {}) for one in each) for key in keys}


def texts(counts: Counts) -> dict[str, int]:
    """Return counts as JSON has them: keys are texts, in the order of the numbers."""
    return {f"{value:.10g}": n for value, n in sorted(counts.items())}


def numbers(counts: Mapping[str, int]) -> dict[float, int]:
    """Return the counts that `texts` made; raises `TypeError` or `ValueError`."""
    return {float(value): int(n) for value, n in counts.items()}
