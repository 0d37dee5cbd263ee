"""PHASE[N]_REQUIREMENTS.md: what it says about its phase, in front matter or in a list."""

from __future__ import annotations

import re
from functools import lru_cache

from prp_pack.model import PhaseType, Place, Problem, Requirements, Severity
from prp_pack.parse import front_matter, phase_number
from prp_pack.parse.yaml_block import as_texts
from prp_pack.regex import regex

# `- **Phase Number**: 3`, as the older templates write it.
# These are for lines whose spaces are single, so that none is tried at each of its spaces.
_ITEM = regex(r"^[-*+] \** ?([A-Za-z ]{4,20}?) ?\** ?: ?\** ?(.*)$")
_ITEM_KEYS = {
    "phase number": "phase",
    "phase name": "name",
    "phase type": "type",
    "complexity level": "complexity",
    "complexity": "complexity",
    "dependencies": "depends_on",
}
_OF_TOTAL = regex(r"(\d{1,4}) (?:of|/) \d{1,4}$")
_HEADING = regex(r"^#{1,2} ")
_TITLE = regex(r"\bphase (\d{1,4})\b", re.IGNORECASE)

# A requirements file states its phase near its top; further down it speaks of other phases.
_HEAD_LINES = 40


@lru_cache(maxsize=16)
def parse(text: str, path: str) -> Requirements:
    """Return what the file says; where front matter, text and file name disagree, the problem."""
    front = front_matter.parse(text, path)
    stated: dict[str, tuple[object, Place]] = {
        key: (value, Place(path, front.lines.get(key, 1)))
        for key, value in front.values.items()
        if value is not None
    }
    listed = _listed(text, front.end, path)
    problems = list(front.problems)
    problems += _disagreements(stated, listed)
    for key, found in listed.items():
        stated.setdefault(key, found)
    number = _number(path, stated, problems)
    places = {key: place for key, (_, place) in stated.items()}
    places.setdefault("phase", Place(path))
    type_ = _type(stated, problems)
    complexity = phase_number.complexity(stated.get("complexity", ("", None))[0])
    if complexity is None and "complexity" in stated:
        value, place = stated["complexity"]
        problems.append(Problem(place, f"complexity must be low, medium or high, not “{value}”"))
    return Requirements(
        path=path,
        number=number,
        name=" ".join(as_texts(stated.get("name", ("", None))[0])),
        type=type_,
        complexity=complexity,
        depends_on=_depends_on(stated, problems),
        consumes=as_texts(front.values.get("consumes")),
        plan=front.text("plan"),
        places=places,
        problems=tuple(problems),
    )


def _listed(text: str, start: int, path: str) -> dict[str, tuple[object, Place]]:
    found: dict[str, tuple[object, Place]] = {}
    titled = False
    lines = text.split("\n")[start - 1 : start - 1 + _HEAD_LINES]
    for line, content in enumerate(lines, start=start):
        here = Place(path, line)
        words = " ".join(content.split())
        if match := _ITEM.match(words):
            key = _ITEM_KEYS.get(match[1].strip().lower())
            value = match[2].strip("* ")
            if key == "phase" and (numbered := _OF_TOTAL.match(value)):
                value = numbered[1]
            if key:
                found.setdefault(key, (value, here))
        elif _HEADING.match(words) and not titled:
            # Only the first heading is the title; others may name the phase before.
            titled = True
            if match := _TITLE.search(words):
                found["title"] = (match[1], here)
    return found


def _disagreements(
    front: dict[str, tuple[object, Place]], listed: dict[str, tuple[object, Place]]
) -> list[Problem]:
    problems = []
    for key in ("phase", "type", "complexity"):
        if key in front and key in listed:
            (one, here), (other, there) = front[key], listed[key]
            if str(one).strip().lower() != str(other).strip().lower():
                message = f"{key} is “{one}” in the front matter but “{other}” at {there}"
                problems.append(Problem(here, message))
    phase = front.get("phase", listed.get("phase"))
    if phase and "title" in listed:
        (one, here), (other, there) = phase, listed["title"]
        numbers = {phase_number.as_number(one), phase_number.as_number(other)}
        if len(numbers - {None}) > 1:
            problems.append(Problem(here, f"phase is “{one}” here but “{other}” at {there}"))
    return problems


def _number(
    path: str, stated: dict[str, tuple[object, Place]], problems: list[Problem]
) -> int | None:
    """Return the phase number; front matter or text decides, the file name stands in for both."""
    named = phase_number.number_in_name(path)
    source = "phase" if "phase" in stated else "title"
    if source not in stated:
        return named
    value, place = stated[source]
    number = phase_number.as_number(value)
    if number is None or number < 1:
        problems.append(
            Problem(place, f"phase number must be a whole number from 1, not “{value}”")
        )
        return named
    stated["phase"] = (number, place)
    if named is not None and named != number:
        message = f"phase number is {number} here but {named} in the file name {path}"
        problems.append(Problem(place, message, help="rename the file or correct the number"))
    return number


def _type(stated: dict[str, tuple[object, Place]], problems: list[Problem]) -> PhaseType | None:
    if "type" not in stated:
        return None
    value, place = stated["type"]
    type_, alias = phase_number.phase_type(value)
    if type_ is None:
        message = f"type must be foundation, integration or optimization, not “{value}”"
        problems.append(Problem(place, message))
    elif alias:
        problems.append(Problem(place, f"type “{alias}” is read as “{type_}”", Severity.NOTE))
    return type_


def _depends_on(
    stated: dict[str, tuple[object, Place]], problems: list[Problem]
) -> tuple[int, ...] | None:
    if "depends_on" not in stated:
        return None
    value, place = stated["depends_on"]
    if isinstance(value, str):
        named = phase_number.dependencies_in_text(value)
        if named is None:
            said = f"dependencies name no phase number: “{value}”"
            problems.append(Problem(place, said, Severity.WARNING))
        return named
    items = value if isinstance(value, list) else [value]
    numbers = [phase_number.as_number(item) for item in items]
    if None in numbers:
        problems.append(Problem(place, "depends_on must list phase numbers"))
    return tuple(sorted({number for number in numbers if number is not None}))
