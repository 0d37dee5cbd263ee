"""Times that other programs measured: JSON of hyperfine and of pytest-benchmark."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from prp_pack.probes.benchmark.comparison import FEWEST, Judgement, Rules, judged, typical
from prp_pack.repository import Repository, UnreadableError

# A file of all times of a long benchmark is larger than any document.
_MAX_BYTES = 256 * 1024 * 1024
_BLOCKS = 10
"""Parts of the times of one file, taken for launches."""
_IN_A_BLOCK = 3

Times: TypeAlias = Mapping[str, Sequence[float]]
"""Seconds of each benchmark by its name, in the order in which they were measured."""


def read(repository: Repository, path: str) -> Times:
    """Return what a file holds; raises `UnreadableError` for one of another form."""
    content = repository.content(path, _MAX_BYTES)
    try:
        loaded = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(path, f"is not JSON: {error}", getattr(error, "lineno", 0)) from None
    found: dict[str, Sequence[float]] = {}
    try:
        for name, times in _entries(loaded, path):
            if name in found:
                raise UnreadableError(path, f"has two benchmarks of the name “{name}”")
            if any(isinstance(each, bool) or not 0 < each < math.inf for each in times):
                raise UnreadableError(path, f"“{name}” has a time that is not above 0")
            found[name] = times
    except (AttributeError, KeyError, TypeError) as error:
        reason = f"is neither hyperfine's nor pytest-benchmark's: {error!r}"
        raise UnreadableError(path, reason) from None
    if not found:
        raise UnreadableError(path, "has no benchmark")
    return found


def _entries(loaded: Any, path: str) -> Iterator[tuple[str, list[float]]]:  # noqa: ANN401 - JSON
    for each in loaded.get("results", ()):
        # hyperfine; a run whose command failed says nothing of its time.
        if any(each.get("exit_codes", ())):
            help_ = "make the command succeed, or give hyperfine --ignore-failure and expect less"
            raise UnreadableError(path, f"“{each['command']}” failed", help=help_)
        yield each["command"], each["times"]
    for each in loaded.get("benchmarks", ()):
        if "data" not in each["stats"]:
            help_ = "run pytest with --benchmark-save-data, or --benchmark-json"
            raise UnreadableError(path, f"“{each['fullname']}” has no single times", help=help_)
        yield each["fullname"], each["stats"]["data"]


def compared(
    baseline: Sequence[Times], target: Sequence[Times], rules: Rules
) -> dict[str, Judgement | None]:
    """Return a judgement of each benchmark that both sides have; None for too few times.

    With several files a side, each is a launch, and they are paired in order. Of one file a side
    the times in a row are parted into ten blocks, which can't show how launches differ.
    """
    names = [name for name in baseline[0] if all(name in each for each in (*baseline, *target))]
    return {name: _judged(name, baseline, target, rules) for name in names}


def _judged(
    name: str, baseline: Sequence[Times], target: Sequence[Times], rules: Rules
) -> Judgement | None:
    before, after = (launches([each[name] for each in side]) for side in (baseline, target))
    size = min(len(before), len(after))
    if size < FEWEST:
        return None
    half = size // 2
    effects = [b - a for a, b in zip(before, after, strict=False)]
    # The earlier half against the later: both are the same version.
    noises = [side[at + half] - side[at] for side in (before, after) for at in range(half)]
    return judged(effects, noises, rules)


def launches(files: Sequence[Sequence[float]]) -> list[float]:
    """Return the logarithm of each launch's typical time, in seconds; none for too few times."""
    if len(files) >= FEWEST:
        return [typical(times) for times in files]
    times = [each for file in files for each in file]
    size = len(times) // _BLOCKS
    if size < _IN_A_BLOCK:
        return []
    return [typical(times[at * size : (at + 1) * size]) for at in range(_BLOCKS)]
