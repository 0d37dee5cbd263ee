"""PROJECT_PHASE_PLAN.md: its front matter, or the older form, a tree in a fence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from prp_pack.model import FrontMatter, Place, Plan, PlannedPhase, Problem, Severity
from prp_pack.parse import front_matter, phase_number
from prp_pack.parse.yaml_block import as_mapping, as_texts
from prp_pack.regex import regex
from prp_pack.values import dataclass, field

# These are for lines without spaces around them, so that none is tried at each of its spaces.
_TREE_PHASE = regex(r"^(?:[-*]\s+)?Phase\s+(\d{1,4})\s*[:.–-]\s*(.+)$", re.IGNORECASE)
_TREE_LEAF = regex(r"^[│|\s]*[├└+`]\s*[─—-]+\s*(.+)$")
_TREE_TEMPLATE = regex(r"(?<!\s)\s+[-–]\s+Template:.*$", re.IGNORECASE)
# What the template leaves to be said, as a text; a list of numbers is none.
_PLACEHOLDER = regex(r"\[[^\[\]]*[^\W\d_][^\[\]]*\]")
_KEYS = {"phase type": "type", "type": "type", "complexity": "complexity",
         "complexity level": "complexity", "dependencies": "depends_on",
         "depends on": "depends_on", "scope": "scope"}  # fmt: skip
_NO_PHASES = (
    "the plan names no phase",
    "list them in the front matter under `phases:` (number, name, type, complexity, depends_on)",
)
PHASE_KEYS = frozenset(
    {"number", "name", "type", "complexity", "depends_on", "scope", "delivers", "consumes"}
)


@dataclass
class _Draft:
    """A phase as it is written, before its words are understood."""

    number: object
    place: Place
    values: dict[str, object] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)


@lru_cache(maxsize=16)
def parse(text: str, path: str) -> Plan:
    """Return the plan and what is wrong with it, each problem with its line."""
    front = front_matter.parse(text, path)
    if "phases" in front.values:
        drafts, problems = _from_front_matter(front, path)
    else:
        drafts, problems = list(_from_tree(text, path)), []
    problems = [*front.problems, *problems]
    phases = [phase for draft in drafts if (phase := _understand(draft, problems))]
    if not phases:
        line = front.lines.get("phases", 1)
        problems.append(Problem(Place(path, line), _NO_PHASES[0], help=_NO_PHASES[1]))
    problems += _graph_problems(phases)
    project = front.text("project")
    return Plan(path, project, tuple(phases), tuple(problems))


def _from_front_matter(front: FrontMatter, path: str) -> tuple[list[_Draft], list[Problem]]:
    listed = front.values["phases"]
    drafts, problems = [], []
    for index, entry in enumerate(listed if isinstance(listed, list) else [listed]):
        prefix = f"phases.{index}"
        here = Place(path, front.lines.get(prefix, front.lines.get("phases", 1)))
        if not isinstance(entry, dict):
            problems.append(Problem(here, "a phase must be keys and values", help=_NO_PHASES[1]))
            continue
        values = dict(as_mapping(entry))
        lines = {key: front.lines.get(f"{prefix}.{key}", here.line) for key in values}
        places = {key: Place(path, line) for key, line in lines.items()}
        unknown = sorted(set(values) - PHASE_KEYS)
        problems += [
            Problem(places[key], f"unknown key “{key}” of a phase", Severity.WARNING)
            for key in unknown
        ]
        problems += [
            Problem(places[key], f"{key} of a phase is still a placeholder", Severity.WARNING)
            for key, value in values.items()
            if any(_PLACEHOLDER.fullmatch(text) for text in as_texts(value))
        ]
        drafts.append(_Draft(values.get("number"), here, values, places))
    return drafts, problems


def _from_tree(text: str, path: str) -> Iterator[_Draft]:
    """Yield the phases of a drawn tree; a `Phase N:` line without branches below is prose."""
    draft: _Draft | None = None
    delivers: list[str] = []
    branches = False
    for line, content in enumerate(text.split("\n"), start=1):
        here = Place(path, line)
        bare = content.strip()
        if match := _TREE_PHASE.match(bare):
            if draft and branches:
                yield draft
            name, delivers = _TREE_TEMPLATE.sub("", match[2]), []
            draft = _Draft(match[1], here, {"name": name, "delivers": delivers}, {"number": here})
            branches = False
        elif draft and (leaf := _TREE_LEAF.match(bare)):
            branches = True
            label, colon, value = leaf[1].partition(":")
            key = _KEYS.get(label.strip().lower()) if colon else None
            if key:
                draft.values[key] = value.strip()
                draft.places[key] = here
            else:
                delivers.append(leaf[1])
        elif draft:
            if branches:
                yield draft
            draft = None
    if draft and branches:
        yield draft


def _understand(draft: _Draft, problems: list[Problem]) -> PlannedPhase | None:
    number = phase_number.as_number(draft.number)
    if number is None or number < 1:
        said = "and is missing" if draft.number is None else f"not {_quote(draft.number)}"
        message = f"phase number must be a whole number from 1, {said}"
        problems.append(Problem(draft.places.get("number", draft.place), message))
        return None
    values, places = draft.values, {**draft.places}
    places.setdefault("number", draft.place)
    type_, alias = phase_number.phase_type(values.get("type"))
    at = places.get("type", draft.place)
    if type_ is None:
        said = f"not {_quote(values['type'])}" if "type" in values else "and is missing"
        message = f"phase {number}: type must be foundation, integration or optimization, {said}"
        problems.append(Problem(at, message))
    elif alias:
        message = f"phase {number}: type “{alias}” is read as “{type_}”"
        problems.append(Problem(at, message, Severity.NOTE))
    complexity = phase_number.complexity(values.get("complexity"))
    if complexity is None:
        said = f"not {_quote(values['complexity'])}" if "complexity" in values else "and is missing"
        message = f"phase {number}: complexity must be low, medium or high, {said}"
        problems.append(Problem(places.get("complexity", draft.place), message))
    depends_on = _dependencies(number, values, places, draft.place, problems)
    return PlannedPhase(
        number=number,
        name=_text(values.get("name")) or f"Phase {number}",
        type=type_,
        complexity=complexity,
        depends_on=depends_on,
        place=draft.place,
        scope=_text(values.get("scope")),
        delivers=as_texts(values.get("delivers")),
        consumes=as_texts(values.get("consumes")),
        places=places,
    )


def _dependencies(
    number: int,
    values: Mapping[str, object],
    places: Mapping[str, Place],
    here: Place,
    problems: list[Problem],
) -> tuple[int, ...]:
    stated = values.get("depends_on")
    if isinstance(stated, str):
        named = phase_number.dependencies_in_text(_lists_of_numbers(stated))
        if named is None:
            message = f"phase {number}: depends_on names no phase number: {_quote(stated)}"
            problems.append(Problem(places.get("depends_on", here), message))
        return named or ()
    items = stated if isinstance(stated, list) else [] if stated is None else [stated]
    numbers = [phase_number.as_number(item) for item in items]
    for item, value in zip(items, numbers, strict=True):
        if value is None:
            message = f"phase {number}: depends_on must list phase numbers, not {_quote(item)}"
            problems.append(Problem(places.get("depends_on", here), message))
    return tuple(sorted({value for value in numbers if value is not None}))


def _lists_of_numbers(text: str) -> str:
    """Return the text with the asides in parentheses removed: they name versions, not phases."""
    return re.sub(r"\([^()]*\)", "", text)


def _graph_problems(phases: Iterable[PlannedPhase]) -> Iterator[Problem]:
    """Yield what keeps the phases from being a graph that can be worked through in order."""
    by_number: dict[int, PlannedPhase] = {}
    for phase in phases:
        if phase.number in by_number:
            first = by_number[phase.number].place
            yield Problem(
                phase.places["number"], f"phase {phase.number} stands twice, first at {first}"
            )
        else:
            by_number[phase.number] = phase
    for number in range(1, min(max(by_number, default=0), 1000)):
        if number not in by_number:
            after = max(other for other in (0, *by_number) if other < number)
            place = by_number[after].place if after else next(iter(by_number.values())).place
            yield Problem(
                place, f"phase {number} is missing: numbers must run from 1 without a gap"
            )
    for phase in by_number.values():
        at = phase.places.get("depends_on", phase.place)
        for other in phase.depends_on:
            if other not in by_number:
                yield Problem(
                    at, f"phase {phase.number} depends on phase {other}, which the plan lacks"
                )
    yield from _cycles(by_number)


def _cycles(by_number: Mapping[int, PlannedPhase]) -> Iterator[Problem]:
    """Yield one problem a cycle, and one for each dependency on a later phase outside of cycles."""
    in_cycle: set[int] = set()
    for number in by_number:
        if number not in in_cycle and (cycle := _cycle_through(number, by_number)):
            in_cycle.update(cycle)
            chain = " → ".join(str(step) for step in (*cycle, cycle[0]))
            at = by_number[number].places.get("depends_on", by_number[number].place)
            yield Problem(at, f"phases depend on each other in a cycle: {chain}")
    for phase in by_number.values():
        for other in phase.depends_on:
            if other > phase.number and other in by_number and phase.number not in in_cycle:
                at = phase.places.get("depends_on", phase.place)
                yield Problem(
                    at, f"phase {phase.number} depends on phase {other}, which comes later"
                )


def _cycle_through(start: int, by_number: Mapping[int, PlannedPhase]) -> tuple[int, ...]:
    """Return the shortest chain of dependencies from `start` back to it; empty when none."""
    needed_by: dict[int, int] = {}
    waiting = [start]
    for number in waiting:
        for other in by_number[number].depends_on:
            if other == start:
                chain = [number]
                while chain[-1] != start:
                    chain.append(needed_by[chain[-1]])
                return tuple(reversed(chain))
            if other in by_number and other not in needed_by:
                needed_by[other] = number
                waiting.append(other)
    return ()


def _quote(value: object) -> str:
    if isinstance(value, dict):
        return "keys and values"
    return "a list" if isinstance(value, list) else "null" if value is None else f"“{value}”"


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
