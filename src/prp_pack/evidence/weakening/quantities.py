"""Numbers with their units in prose, and which way they are strict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

QUANTITY = re.compile(
    r"(?P<comparator><=|>=|==|[<>≤≥=~±]|→)?\s*(?<![\w.])(?P<number>-?\d[\d,_]*(?:\.\d+)?)"
    r"(?:\s*(?P<unit>%|‰|(?:ns|µs|us|ms|sec(?:ond)?s?|s|min(?:ute)?s?|hours?|h|days?|"
    r"[kKMGT]?i?B|rps|req/s|requests/s|fps|x)\b))?(?!\w)"
)
_TIME = {"ns": 1e-9, "µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0,
         "secs": 1.0, "second": 1.0,
         "seconds": 1.0, "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0, "h": 3600.0,
         "hour": 3600.0, "hours": 3600.0, "day": 86400.0, "days": 86400.0}  # fmt: skip
_SIZE = {"B": 1.0, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1024.0,
         "MiB": 1024.0**2, "GiB": 1024.0**3, "TiB": 1024.0**4}  # fmt: skip
_RATE = {"rps": 1.0, "req/s": 1.0, "requests/s": 1.0, "fps": 1.0}
_FEWER = re.compile(
    r"(?:<|≤|\bunder|\bbelow|\bat most|\bno more than|\bless than|\bfewer than|\bwithin|"
    r"\bup to|\bmax(?:imum)?|\bno longer than|\bno slower than|\bnot exceed\w*|\bbefore|\blimit\w*|"
    r"\bgrow\w*(?: by)?)\W*(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"(?:>|≥|\bover|\babove|\bat least|\bno less than|\bno fewer than|\bmore than|"
    r"\bmin(?:imum)?|\bexceeds?|"
    r"\bnot below|\bno lower than)\W*(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)


class Better(StrEnum):
    FEWER = "fewer"
    MORE = "more"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Quantity:
    """`value` is in seconds or bytes where the unit is one of time or size."""

    value: float
    better: Better
    unit: str
    strict: bool
    text: str


def quantities(text: str) -> Iterator[Quantity]:
    for found in QUANTITY.finditer(text):
        digits = re.sub(r"[,_](?=\d{3}\b)", "", found["number"]).replace(",", ".").replace("_", "")
        unit = found["unit"] or ""
        scale, kind = 1.0, unit
        for table, name in ((_TIME, "time"), (_SIZE, "size"), (_RATE, "rate")):
            if unit in table:
                scale, kind = table[unit], name
        better = _better(
            found["comparator"] or "", text[max(0, found.start() - 60) : found.start("number")]
        )
        value = float(digits) * scale if digits.count(".") <= 1 else 0.0
        yield Quantity(value, better, kind, found["comparator"] in ("<", ">"), found[0].strip())


def _better(comparator: str, before: str) -> Better:
    if comparator in ("<", "<=", "≤"):
        return Better.FEWER
    if comparator in (">", ">=", "≥"):
        return Better.MORE
    # The words nearest to the number decide: “at least 90 % within 2 s”.
    fewer, more = _FEWER.search(before), _MORE.search(before)
    if fewer and (not more or fewer.start() > more.start()):
        # “no less than” has “less than” in it.
        return Better.FEWER
    return Better.MORE if more else Better.UNKNOWN


def masked(text: str) -> str:
    """Return the text with a sign for each number, its comparator and its unit."""
    return QUANTITY.sub(" # ", text)


def is_stricter(old: Quantity, new: Quantity) -> bool | None:
    """Tell whether a number asks for more than before; None where it asks for the same."""
    if old.value == new.value and old.unit == new.unit:
        if old.better is new.better and old.strict == new.strict:
            return None
        return old.better is new.better and new.strict
    if old.unit != new.unit or old.better is not new.better or old.better is Better.UNKNOWN:
        return False
    return (new.value < old.value) == (old.better is Better.FEWER)
