"""PHASE[N]_COMPLETION_SUMMARY.md: its front matter is the truth, its body is for people."""

from __future__ import annotations

import re
from functools import lru_cache

from prp_pack.model import CompletionSummary, Endpoint, FrontMatter, Metric, Place, Problem
from prp_pack.parse import front_matter, phase_number
from prp_pack.parse.yaml_block import as_mapping, as_texts
from prp_pack.regex import regex

STATUSES = ("complete", "partial", "blocked", "unverified")
_NUMBER_LINE = regex(r"^\s*[-*+]\s+\**Phase Number\**\s*:\**\s*(\d{1,4})\b", re.IGNORECASE)


@lru_cache(maxsize=16)
def parse(text: str, path: str) -> CompletionSummary:
    """Return the summary; a file without front matter gives its phase number and nothing else."""
    front = front_matter.parse(text, path)
    problems = list(front.problems)
    number = _number(text, front, path, problems)
    status = front.text("status") or "unverified"
    if status not in STATUSES:
        place = Place(path, front.lines.get("status", 1))
        said = f"status must be one of {', '.join(STATUSES)}, not “{status}”"
        problems.append(Problem(place, said))
        status = "unverified"
    provides = as_mapping(front.values.get("provides"))
    return CompletionSummary(
        path=path,
        number=number,
        name=front.text("name"),
        status=status,
        endpoints=tuple(_endpoints(front, path, problems)),
        metrics=tuple(_metrics(front, path, problems)),
        provides={key: as_texts(value) for key, value in provides.items()},
        deferred=as_texts(front.values.get("deferred")),
        open=as_texts(front.values.get("open")),
        places={key: Place(path, line) for key, line in front.lines.items() if key},
        problems=tuple(problems),
    )


def _number(text: str, front: FrontMatter, path: str, problems: list[Problem]) -> int | None:
    named = phase_number.number_in_name(path)
    if "phase" in front.values:
        stated = phase_number.as_number(front.values["phase"])
        place = Place(path, front.lines.get("phase", 1))
    else:
        found = (
            (int(match[1]), Place(path, line))
            for line, content in enumerate(text.split("\n")[:60], start=1)
            if (match := _NUMBER_LINE.match(content))
        )
        stated, place = next(found, (named, Place(path)))
    if not stated and "phase" in front.values:
        problems.append(Problem(place, "phase must be a whole number from 1"))
    elif named is not None and stated is not None and named != stated:
        message = f"phase number is {stated} here but {named} in the file name {path}"
        problems.append(Problem(place, message, help="rename the file or correct the number"))
    return stated if stated is not None else named


def _endpoints(front: FrontMatter, path: str, problems: list[Problem]) -> list[Endpoint]:
    found = []
    for index, entry in _entries(front, "endpoints", path, problems):
        fields = {key: str(value) for key, value in entry.items() if value is not None}
        if "path" not in fields:
            place = Place(path, front.lines.get(f"endpoints.{index}", 1))
            problems.append(Problem(place, "an endpoint needs a `path`"))
            continue
        found.append(
            Endpoint(
                kind=fields.get("kind", "http"),
                path=fields["path"],
                method=fields.get("method", ""),
                usage=fields.get("usage", ""),
                example=fields.get("example", ""),
                message_format=fields.get("message_format", ""),
            )
        )
    return found


def _metrics(front: FrontMatter, path: str, problems: list[Problem]) -> list[Metric]:
    found = []
    for index, entry in _entries(front, "metrics", path, problems):
        value = entry.get("value")
        place = Place(path, front.lines.get(f"metrics.{index}", 1))
        if "metric" not in entry:
            problems.append(Problem(place, "a metric needs its name under `metric`"))
        elif value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            problems.append(Problem(place, "a metric's `value` must be a number, or null"))
        else:
            run, unit = (str(entry.get(key) or "") for key in ("run", "unit"))
            found.append(Metric(str(entry["metric"]), value, unit, run))
    return found


def _entries(
    front: FrontMatter, key: str, path: str, problems: list[Problem]
) -> list[tuple[int, dict[str, object]]]:
    value = front.values.get(key)
    if value is not None and not isinstance(value, list):
        place = Place(path, front.lines.get(key, 1))
        problems.append(Problem(place, f"`{key}` must be a list"))
    items = enumerate(value) if isinstance(value, list) else ()
    entries = []
    for index, item in items:
        if isinstance(item, dict):
            entries.append((index, dict(as_mapping(item))))
        else:
            place = Place(path, front.lines.get(f"{key}.{index}", 1))
            problems.append(Problem(place, f"an entry of `{key}` must be keys and values"))
    return entries
