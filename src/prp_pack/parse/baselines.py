"""PRPs/baselines/phase_N.json: the numbers that later phases are held to, each with its run."""

from __future__ import annotations

import json
from functools import lru_cache
from math import isfinite

from prp_pack.model import Baseline, Place, Problem
from prp_pack.parse import yaml_block
from prp_pack.parse.yaml_block import as_mapping
from prp_pack.values import dataclass

# A phase has a few dozen of them; nobody waits for the lines of more.
_LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Baselines:
    """What a file says; what of it is no baseline is a problem."""

    path: str
    metrics: tuple[Baseline, ...] = ()
    problems: tuple[Problem, ...] = ()


def path_of(folder: str, number: int) -> str:
    """Return where a phase's baselines lie, below the folder of its documents."""
    return f"{folder}/baselines/phase_{number}.json".removeprefix("./")


@lru_cache(maxsize=16)
def parse(text: str, path: str) -> Baselines:
    """Return the baselines of a file; one of another shape has none, and is no problem."""
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        return Baselines(path, problems=(Problem(Place(path, line), "is not valid JSON"),))
    listed = as_mapping(loaded).get("metrics")
    if not isinstance(listed, list):
        return Baselines(path)
    # JSON is YAML as well, and there each value has its line.
    lines = yaml_block.load(text, 1, path).lines if len(text) <= _LONGEST else {}
    found, problems = [], []
    for index, entry in enumerate(listed):
        place = Place(path, lines.get(f"metrics.{index}", 1))
        one = _baseline(entry, place)
        if one:
            found.append(one)
        else:
            said = "a baseline needs a name, a number as value, and the run that measured it"
            problems.append(Problem(place, said))
    return Baselines(path, tuple(found), tuple(problems))


def _baseline(entry: object, place: Place) -> Baseline | None:
    said = as_mapping(entry)
    value, ends, size = said.get("value"), said.get("ci95"), said.get("n")
    texts = {
        key: text
        for key in ("name", "unit", "run", "commit", "measured", "script", "better")
        if isinstance(text := said.get(key, ""), str)
    }
    if not _is_number(value) or not texts.get("name") or not texts.get("run"):
        return None
    interval = (
        (float(ends[0]), float(ends[1]))
        if isinstance(ends, list) and len(ends) == 2 and all(map(_is_number, ends))  # noqa: PLR2004
        else None
    )
    return Baseline(
        name=texts["name"],
        value=value,  # type: ignore[arg-type]
        unit=texts.get("unit", ""),
        run=texts["run"],
        commit=texts.get("commit", ""),
        measured=texts.get("measured", ""),
        script=texts.get("script", ""),
        better=texts.get("better", ""),
        ci95=interval,
        n=size if isinstance(size, int) and not isinstance(size, bool) else None,
        place=place,
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
