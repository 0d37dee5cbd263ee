"""The pattern blocks of the phase types, which stand one below the other in one fence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from prp_pack.model import Fence, PhaseType
from prp_pack.regex import regex
from prp_pack.values import dataclass

SECTION = "implementation-blueprint.phase-specific-architecture-patterns"
TYPES = {f"{type_.upper()}_PHASE": type_ for type_ in PhaseType}

_KEY = regex(r"^[\"']?(\w+)[\"']?\s*:")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One block, `[start, end)`, with the comments right above its key on `line`."""

    key: str
    line: int
    start: int
    end: int


def others(lines: Sequence[str], fence: Fence, type_: PhaseType) -> Iterator[Pattern]:
    """Yield the blocks of a fence that belong to other phase types than `type_`."""
    stop = fence.end - fence.closed
    keys = [
        (number, found[1])
        for number in range(fence.line + 1, stop)
        if (found := _KEY.match(lines[number - 1]))
    ]
    starts = [_first_line(lines, fence, number) for number, _ in keys]
    previous = ""
    for (number, key), (start, end) in zip(keys, pairwise([*starts, stop]), strict=True):
        first = start
        # What is last leaves no blank lines behind below a block that stays.
        if end == stop and previous and TYPES.get(previous, type_) is type_:
            while not lines[first - 2].strip():
                first -= 1
        if TYPES.get(key, type_) is not type_:
            yield Pattern(key, number, first, end)
        previous = key


def _first_line(lines: Sequence[str], fence: Fence, number: int) -> int:
    """Return the first of the comment lines right above a key, else the key's own line."""
    while number - 1 > fence.line and lines[number - 2].startswith("#"):
        number -= 1
    return number
