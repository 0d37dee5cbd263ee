"""Quantities as people write them in flags and configuration: `60s`, `<200ms`, `10%`, `phase_1`.

Each reader takes a text or a number and raises `ValueError`, which says what it expected.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Annotated

Read = Callable[[object], float]

_PLACEHOLDER = re.compile(r"\[[^\]]*\]|<[^<>]*[A-Za-z][^<>]*>")
_NUMBER = re.compile(r"\s*(?:[<≤>≥]=?\s*)?(\d[\d_]*(?:\.\d+)?|\.\d+)\s*([^\d\s].*?)?\s*")
_SECONDS = {"ms": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_RATES = {"": 1.0, "/s": 1.0, "rps": 1.0, "req/s": 1.0, "/min": 1 / 60, "/m": 1 / 60}
_PHASE = re.compile(r"(?:phase[_ -]?)?([1-9]\d{0,3})", re.IGNORECASE)


def placeholder(value: str) -> str:
    """Return the template's placeholder that a value still carries; empty for none.

    A comparison such as `<200ms` is none.
    """
    found = _PLACEHOLDER.search(value)
    return found[0] if found else ""


def seconds(value: object) -> float:
    """Return seconds; a bare number means seconds."""
    return _quantity(value, _SECONDS, "s", "a duration such as 60s, 500ms or 1m")


def milliseconds(value: object) -> float:
    """Return milliseconds; a bare number means milliseconds."""
    return 1000 * _quantity(value, _SECONDS, "ms", "a time such as 200ms or 0.2s")


def percent(value: object) -> float:
    """Return per cent: 10 for `10%` and for `10`."""
    return _quantity(value, {"": 1.0, "%": 1.0}, "", "a share such as 10%")


def percentile(value: object) -> float:
    """Return a percentile, above 0 and below 100: 95 for `p95`, `95%` and `95`."""
    expected = "a percentile such as p95 or 95"
    text = value.lower().removeprefix("p") if isinstance(value, str) else value
    found = _quantity(text, {"": 1.0, "%": 1.0}, "", expected)
    if not 0 < found < 100:  # noqa: PLR2004 - per cent
        raise ValueError(f"is not {expected}")
    return found


def rate(value: object) -> float:
    """Return how many a second: 100 for `100`, `100/s` and `100rps`."""
    found = _quantity(value, _RATES, "", "a rate such as 100 or 100/s")
    if found <= 0:
        raise ValueError("is not more than 0")
    return found


def count(value: object) -> int:
    """Return a whole number above 0."""
    found = _quantity(value, {"": 1.0}, "", "a whole number")
    if found < 1 or found != int(found):
        raise ValueError("is not a whole number above 0")
    return int(found)


def phase(value: object) -> int:
    """Return the number of `phase_2`, `phase 2` or `2`."""
    found = _PHASE.fullmatch(str(value).strip())
    if not found:
        raise ValueError("is not a phase such as phase_2 or 2")
    return int(found[1])


def word(value: object) -> str:
    """Return a word of a command; only one that is a placeholder as a whole is none.

    `[` begins a list or a test in most languages.
    """
    if not isinstance(value, str):
        raise ValueError("is not a text")  # noqa: TRY004 - one kind of error for all
    if value and placeholder(value) == value:
        raise ValueError(f"still has the placeholder {value}")
    return value


def _quantity(value: object, units: dict[str, float], bare: str, expected: str) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"is not {expected}")  # noqa: TRY004 - one kind of error for all
    found = _NUMBER.fullmatch(str(value))
    if not found:
        raise ValueError(f"is not {expected}")
    unit = (found[2] or bare).lower()
    if unit not in units:
        raise ValueError(f"has the unit “{unit}”; it must be {expected}")
    number = float(found[1].replace("_", "")) * units[unit]
    if not math.isfinite(number):
        raise ValueError("is too large")
    return number


# For the tables of the configuration: the type says how a value is read.
Seconds = Annotated[float, seconds]
Milliseconds = Annotated[float, milliseconds]
Percent = Annotated[float, percent]
Percentile = Annotated[float, percentile]
Rate = Annotated[float, rate]
Count = Annotated[int, count]
PhaseNumber = Annotated[int, phase]
Word = Annotated[str, word]
