"""PROJECT_TYPE and PHASE_INFO as a PRP states them, in the fence under “Project Context”."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from prp_pack.model import (
    CONTEXT_SECTION,
    Complexity,
    ContextBlock,
    Fence,
    Outline,
    Phase,
    PhaseContext,
    PhaseType,
    Place,
    Problem,
    ProjectType,
    Severity,
)
from prp_pack.parse import phase_number, yaml_block
from prp_pack.parse.yaml_block import as_mapping
from prp_pack.regex import regex

KEYS = ("number", "total_phases", "phase_type", "previous_phases", "template_source",
        "complexity_level")  # fmt: skip

_FACTS = regex(r"^#\s*facts:\s*([0-9a-f]{12})\s*$", re.MULTILINE)
_SHAPES = {
    "number": "a whole number from 1",
    "total_phases": "a whole number from 1",
    "phase_type": "one word",
    "previous_phases": "a list of phase numbers",
    "template_source": "a path",
    "complexity_level": "one word",
}


def fence_of(outline: Outline) -> Fence | None:
    """Return the first YAML fence of the section “Project Context”."""
    for section in outline.sections:
        if section.path[-1] == CONTEXT_SECTION:
            fences = outline.fences_of(section)
            return next((f for f in fences if f.language in ("yaml", "yml", "")), None)
    return None


def parse(outline: Outline, path: str) -> ContextBlock:
    """Return what the block says; types and presence first, then the words it may use."""
    fence = fence_of(outline)
    if fence is None:
        return ContextBlock()
    block = yaml_block.load(fence.content, fence.line + 1, path)
    facts = _FACTS.search(fence.content)
    if block.problems and not block.mapping:
        return ContextBlock(fence, problems=block.problems)
    values = block.mapping
    info = as_mapping(values.get("PHASE_INFO"))
    reader = _Reader(path, fence.line, block.lines)
    reader.problems += block.problems
    type_ = reader.project_type(values)
    phase = None
    if type_ is ProjectType.SIMPLE_FEATURE:
        reader.no_phase(values)
    else:
        phase = reader.phase(values, info)
    complete = type_ is ProjectType.SIMPLE_FEATURE or (type_ is not None and phase is not None)
    return ContextBlock(
        fence=fence,
        context=PhaseContext(phase) if complete else None,
        values={**values, **{f"PHASE_INFO.{key}": value for key, value in info.items()}},
        lines=block.lines,
        facts=facts[1] if facts else "",
        problems=tuple(reader.problems),
        unknown=tuple(reader.unknown),
    )


class _Reader:
    """Reads one block's values and keeps what is wrong with them."""

    def __init__(self, path: str, line: int, lines: Mapping[str, int]) -> None:
        self.path = path
        self.line = line
        self.lines = lines
        self.problems: list[Problem] = []
        self.unknown: list[Problem] = []

    def place(self, key: str) -> Place:
        return Place(self.path, self.lines.get(key, self.line))

    def malformed(self, key: str, expected: str, value: object) -> None:
        name = key.rpartition(".")[2]
        said = "a list" if isinstance(value, list) else f"“{value}”"
        if isinstance(value, dict):
            said = "keys and values"
        message = f"“{name}” must be {expected}, not {said}"
        self.problems.append(Problem(self.place(key), message))

    def missing(self, key: str) -> None:
        name = key.rpartition(".")[2]
        parent = key.rpartition(".")[0]
        self.problems.append(Problem(self.place(parent), f"“{name}” is missing"))

    def outside(self, key: str, value: str, words: Sequence[str], meant: str = "") -> None:
        name = key.rpartition(".")[2]
        if meant:
            message, severity = f"“{name}” “{value}” is read as “{meant}”", Severity.NOTE
        else:
            listed = ", ".join(words)
            message = f"“{name}” must be one of {listed}, not “{value}”"
            severity = Severity.ERROR
        self.unknown.append(Problem(self.place(key), message, severity))

    def project_type(self, values: Mapping[str, object]) -> ProjectType | None:
        if "PROJECT_TYPE" not in values:
            self.missing("PROJECT_TYPE")
            return None
        value = values["PROJECT_TYPE"]
        if not isinstance(value, str):
            self.malformed("PROJECT_TYPE", "one word", value)
            return None
        if value not in tuple(ProjectType):
            self.outside("PROJECT_TYPE", value, tuple(ProjectType))
            return None
        return ProjectType(value)

    def no_phase(self, values: Mapping[str, object]) -> None:
        if values.get("PHASE_INFO") is not None:
            message = "a simple feature has no phase: “PHASE_INFO” must be null"
            self.problems.append(Problem(self.place("PHASE_INFO"), message))

    def phase(self, values: Mapping[str, object], info: Mapping[str, object]) -> Phase | None:
        if "PHASE_INFO" not in values:
            self.missing("PHASE_INFO")
            return None
        if not isinstance(values["PHASE_INFO"], dict):
            self.malformed("PHASE_INFO", "keys and values", values["PHASE_INFO"])
            return None
        number = self._number(info, "number")
        total = self._number(info, "total_phases")
        type_ = self._phase_type(info)
        previous = self._previous(info)
        source = self._word(info, "template_source")
        level = self._word(info, "complexity_level")
        if level is not None and level not in tuple(Complexity):
            self.outside("PHASE_INFO.complexity_level", level, tuple(Complexity))
        if number and total and number > total:
            message = f"“number” is {number} of only {total} phases"
            self.problems.append(Problem(self.place("PHASE_INFO.number"), message))
        if not number or not total or type_ is None:
            return None
        known = phase_number.complexity(level) or Complexity.MEDIUM
        return Phase(number, total, type_, previous, source or "", known)

    def _stated(self, info: Mapping[str, object], key: str) -> object:
        if key not in info:
            self.missing(f"PHASE_INFO.{key}")
            return None
        if info[key] is None:
            self.malformed(f"PHASE_INFO.{key}", _SHAPES[key], "null")
        return info[key]

    def _number(self, info: Mapping[str, object], key: str) -> int:
        value = self._stated(info, key)
        if value is None:
            return 0
        number = value if isinstance(value, int) and not isinstance(value, bool) else 0
        if number < 1:
            self.malformed(f"PHASE_INFO.{key}", _SHAPES[key], value)
        return max(number, 0)

    def _word(self, info: Mapping[str, object], key: str) -> str | None:
        value = self._stated(info, key)
        if value is not None and not isinstance(value, str):
            self.malformed(f"PHASE_INFO.{key}", _SHAPES[key], value)
        return value if isinstance(value, str) else None

    def _phase_type(self, info: Mapping[str, object]) -> PhaseType | None:
        word = self._word(info, "phase_type")
        if word is None:
            return None
        type_, alias = phase_number.phase_type(word)
        if type_ is None or alias:
            self.outside("PHASE_INFO.phase_type", word, tuple(PhaseType), meant=type_ or "")
        return type_

    def _previous(self, info: Mapping[str, object]) -> tuple[int, ...]:
        value = self._stated(info, "previous_phases")
        if value is None:
            return ()
        key, expected = "PHASE_INFO.previous_phases", _SHAPES["previous_phases"]
        if not isinstance(value, list):
            self.malformed(key, expected, value)
            return ()
        numbers = [i for i in value if isinstance(i, int) and not isinstance(i, bool) and i > 0]
        if len(numbers) != len(value):
            message = f"“previous_phases” must be {expected}, not a list of something else"
            self.problems.append(Problem(self.place(key), message))
        return tuple(numbers)
