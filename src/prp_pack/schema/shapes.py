"""What the YAML of a section must look like, as a table, and where a value differs from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from prp_pack.parse.yaml_block import as_mapping
from prp_pack.regex import regex
from prp_pack.values import dataclass, field

_WAIVED = regex(r"N/A:\s*\S")
_NUMBER_WITH_UNIT = regex(r"[<>≤≥~]?=?\s*\d[\d.,_]*(?:\s*\S.*)?")
_UPPER_CASE = regex(r"[A-Z][A-Z0-9_ ]*")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A value that isn't what its section asks for; `path` is as `yaml_block` names lines."""

    path: str
    expected: str
    found: str


# --- The vocabulary -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """One value: words, a number, a date."""


@dataclass(frozen=True, slots=True)
class PhaseNumber:
    """A whole number from 1."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A number, a number with its unit, null, or the word “unmeasured”."""


@dataclass(frozen=True, slots=True)
class ListOf:
    item: Shape


@dataclass(frozen=True, slots=True)
class Either:
    """One of several shapes; `expected` is how messages call the choice."""

    shapes: tuple[Shape, ...]
    expected: str


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys and values. Keys that the table doesn't name are allowed; null counts as absent."""

    optional: Mapping[str, Shape] = field(default_factory=dict)
    required: Mapping[str, Shape] = field(default_factory=dict)
    exactly_one: Mapping[str, Shape] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OneKey:
    """A single key with its value, as in a list of named things."""


@dataclass(frozen=True, slots=True)
class UpperCaseKeys:
    """Keys in capitals, each with a value of the same shape."""

    value: Shape


Shape = Text | PhaseNumber | Measured | ListOf | Either | Keys | OneKey | UpperCaseKeys

# --- The table ------------------------------------------------------------------------------

_TEXT = Text()
_TEXTS = Either((_TEXT, ListOf(_TEXT)), "text or a list")
_NAMED = Either((_TEXT, Keys()), "text or keys and values")
_PATTERN = Keys(required={"focus": ListOf(_NAMED), "validation_priority": ListOf(_NAMED)})

SHAPES: dict[str, Shape] = {
    "all-needed-context.previous-phase-integration": Keys(
        {
            "previous_phase_outputs": ListOf(
                Keys(
                    required={"phase": PhaseNumber()},
                    optional={
                        "completion_summary": _TEXT,
                        "apis_available": ListOf(
                            Keys({"endpoint": _TEXT, "usage": _TEXT, "example": _NAMED})
                        ),
                        "websocket_available": ListOf(
                            Keys({"endpoint": _TEXT, "message_format": _NAMED})
                        ),
                    },
                )
            ),
            "performance_baselines": ListOf(
                Keys(
                    required={"metric": _TEXT, "current": Measured()},
                    optional={"target": _TEXT, "growth_limit": _TEXT, "unit": _TEXT},
                )
            ),
            "integration_points_ready": Either(
                (ListOf(OneKey()), Keys()), "a list of names with their values"
            ),
        }
    ),
    "all-needed-context.documentation-references": ListOf(
        Keys(
            exactly_one={
                "url": _TEXT,
                "file": _TEXT,
                "doc": _TEXT,
                "docfile": _TEXT,
                "completion_summary": _TEXT,
                "phase_plan": _TEXT,
                "dependency_map": _TEXT,
            },
            optional={"why": _TEXT, "section": _TEXT, "critical": _TEXT},
        )
    ),
    "implementation-blueprint.system-architecture": Keys(
        {
            "component_relationships": ListOf(
                Keys(
                    required={"component": _TEXT},
                    optional={
                        "depends_on": _TEXTS,
                        "provides": _TEXTS,
                        "integration_pattern": _TEXTS,
                    },
                )
            ),
            "data_flow": ListOf(
                Keys(
                    required={"source": _TEXTS, "destination": _TEXTS},
                    optional={"processing": _TEXTS, "performance_target": _TEXT},
                )
            ),
            "performance_critical_paths": ListOf(
                Keys(
                    required={"path": _TEXT, "target": _TEXT},
                    optional={"optimization_strategy": _TEXTS, "monitoring": _TEXTS},
                )
            ),
        }
    ),
    "implementation-blueprint.phase-specific-architecture-patterns": Keys(
        {
            "FOUNDATION_PHASE": _PATTERN,
            "INTEGRATION_PHASE": _PATTERN,
            "OPTIMIZATION_PHASE": _PATTERN,
        }
    ),
    "implementation-blueprint.integration-points": UpperCaseKeys(ListOf(_NAMED)),
}

# --- Reading it -----------------------------------------------------------------------------


def mismatches(value: object, shape: Shape, path: str = "") -> Iterator[Mismatch]:
    """Yield where `value` isn't of `shape`; a text `N/A: reason` stands for any shape."""
    if isinstance(value, str) and _WAIVED.match(value):
        return
    match shape:
        case ListOf(item=item) if isinstance(value, list):
            for index, entry in enumerate(value):
                yield from mismatches(entry, item, _join(path, str(index)))
        case Keys() if isinstance(value, dict):
            if not any(str(key) == "N/A" for key in value):
                yield from _in_keys(as_mapping(value), shape, path)
        case UpperCaseKeys(value=each) if isinstance(value, dict):
            yield from _in_upper_case(as_mapping(value), each, path)
        case Either(shapes=shapes):
            yield from _in_either(value, shapes, shape.expected, path)
        case _ if not _is(value, shape):
            yield Mismatch(path, _EXPECTED[type(shape)], f"not {said(value)}")


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _in_keys(values: Mapping[str, object], shape: Keys, path: str) -> Iterator[Mismatch]:
    chosen = [key for key in shape.exactly_one if values.get(key) is not None]
    if shape.exactly_one and len(chosen) != 1:
        stated = " and ".join(f"“{key}”" for key in chosen) or "none"
        listed = ", ".join(shape.exactly_one)
        yield Mismatch(path, f"keys with exactly one of {listed}", f"not with {stated}")
    for key, required in shape.required.items():
        if key in values:
            yield from mismatches(values[key], required, _join(path, key))
        else:
            yield Mismatch(_join(path, key), _EXPECTED[type(required)], "but is missing")
    for key, optional in (*shape.optional.items(), *shape.exactly_one.items()):
        if values.get(key) is not None:
            yield from mismatches(values[key], optional, _join(path, key))


def _in_upper_case(values: Mapping[str, object], each: Shape, path: str) -> Iterator[Mismatch]:
    for key, value in values.items():
        if key == "N/A":
            continue
        if not _UPPER_CASE.fullmatch(key):
            yield Mismatch(_join(path, key), "a name in capitals", f"not “{key}”")
        yield from mismatches(value, each, _join(path, key))


def _in_either(
    value: object, shapes: tuple[Shape, ...], expected: str, path: str
) -> Iterator[Mismatch]:
    """Yield what keeps the value from the nearest shape: inside of it when the outside fits."""
    tried = [list(mismatches(value, shape, path)) for shape in shapes]
    if not all(tried):
        return
    inside = next((found for found in tried if found[0].path != path), None)
    yield from inside or [Mismatch(path, expected, f"not {said(value)}")]


_EXPECTED: dict[type, str] = {
    Text: "text",
    PhaseNumber: "a whole number from 1",
    Measured: "a number, a number with its unit, null or “unmeasured”",
    ListOf: "a list",
    Either: "stated",
    Keys: "keys and values",
    OneKey: "one key with its value",
    UpperCaseKeys: "keys and values",
}


def _is(value: object, shape: Shape) -> bool:
    """Tell whether a value that holds no others is of `shape`."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match shape:
        case Text():
            return isinstance(value, str | int | float | date)
        case PhaseNumber():
            return isinstance(value, int) and not isinstance(value, bool) and value > 0
        case Measured():
            text = value.strip() if isinstance(value, str) else ""
            named = text == "unmeasured" or _NUMBER_WITH_UNIT.fullmatch(text) is not None
            return value is None or number or named
        case OneKey():
            return isinstance(value, dict) and len(value) == 1
        case _:
            return False


def said(value: object) -> str:
    """Return a value as messages name it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return f"{len(value)} keys" if len(value) > 1 else "keys and values"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else _digits(value)
    shown = " ".join(str(value).split())
    return f"“{shown[:60]}{'…' if len(shown) > 60 else ''}”"  # noqa: PLR2004


def _digits(value: int) -> str:
    # Python refuses to print an integer of more than 4300 digits.
    return str(value) if value.bit_length() < 128 else "a huge number"  # noqa: PLR2004
