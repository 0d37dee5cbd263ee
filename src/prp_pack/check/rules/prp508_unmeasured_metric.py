from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from prp_pack.check.hand_over import SECTION
from prp_pack.check.registry import Target, rule
from prp_pack.evidence import ledger
from prp_pack.evidence.record import Kind as RecordKind
from prp_pack.model import Edit, Finding, FrontMatter, Kind
from prp_pack.parse import document as documents
from prp_pack.parse import front_matter, yaml_block
from prp_pack.parse.yaml_block import as_mapping
from prp_pack.values import dataclass

# A number, also one that somebody has put into quotes with its unit or a sign before it.
_NUMBER = re.compile(r"\s*[<>≤≥~≈=±]*\s*([-+]?(?:\d[\d_,]*(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?)")
# What the fix can replace: a key with a plain number behind it, once in a line.
_VALUE = r"((?:^|[\s{{,-]){key}[ \t]*:[ \t]*)([-+]?[\d.][\w.+-]*|\"[^\"]*\"|'[^']*')(?=[\s,}}]|$)"


@rule(
    "PRP508",
    name="unmeasured-metric",
    summary="A number is given as measured, and no record carries it.",
    kinds=(Kind.PRP, Kind.SUMMARY),
    requires=("PRP202",),
    fixable=True,
)
def unmeasured_metric(target: Target) -> Iterator[Finding]:
    claims = list(_of_prp(target) if target.document.kind is Kind.PRP else _of_summary(target))
    if not claims:
        return
    measured = _Measured(target)
    for claim in claims:
        if not measured.holds(claim):
            where = f"run {claim.run} doesn't carry it" if claim.run else "no record carries it"
            said = f"“{claim.metric}” is “{claim.shown}” here, and {where}"
            hint = "measure it with a gate or a script that leaves a record; until then it is null"
            yield Finding(claim.line, said, help=hint, fix=_nulled(target, claim))


@dataclass(frozen=True, slots=True)
class _Claim:
    """A number that is said to be measured, at a line under a key; `run` names its record."""

    metric: str
    shown: str
    value: float
    run: str
    line: int
    key: str


def _of_prp(target: Target) -> Iterator[_Claim]:
    section = target.located.section(SECTION)
    for fence in target.document.outline.fences_of(section) if section else ():
        if "performance_baselines" in fence.content:
            block = yaml_block.load(fence.content, fence.line + 1, target.document.path)
            listed = block.mapping.get("performance_baselines")
            yield from _claims(listed, "performance_baselines", "current", block.lines)


def _of_summary(target: Target) -> Iterator[_Claim]:
    front = target.document.front_matter
    yield from _claims(front.values.get("metrics"), "metrics", "value", front.lines)


def _claims(listed: object, name: str, key: str, lines: Mapping[str, int]) -> Iterator[_Claim]:
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        said = as_mapping(entry)
        value = _number(said.get(key))
        line = lines.get(f"{name}.{index}.{key}")
        if value is not None and line:
            run = said.get("run")
            yield _Claim(
                str(said.get("metric", "")), str(said[key]), value,
                run if isinstance(run, str) else "", line, key,
            )  # fmt: skip


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    match = _NUMBER.match(value) if isinstance(value, str) else None
    return float(match[1].replace(",", "").replace("_", "")) if match else None


@dataclass(frozen=True)
class _Measured:
    """What the records of this phase, or of those that a PRP builds on, have measured."""

    target: Target

    @cached_property
    def _values(self) -> Sequence[tuple[str, str, float]]:
        return [
            (record.run_id, one.name, one.value)
            for folder in self._folders()
            for record in self.target.neighbours.ledger(folder).of_kind(RecordKind.RUN)
            for one in record.metrics
            if one.value is not None
        ]

    def _folders(self) -> Iterator[str]:
        """Yield the folders of the phases that measured: by their PRPs, and by their numbers."""
        document = self.target.document
        found: list[str] = []
        numbers: tuple[int, ...] = ()
        if document.kind is Kind.SUMMARY:
            if self.target.number is not None:
                numbers = (self.target.number,)
            found += self._of_prp_named_in(document.front_matter)
        else:
            phase = self.target.context.phase
            numbers = phase.previous if phase else ()
            for output in self.target.expected.outputs if self.target.expected else ():
                text = self.target.project.text(output.path) or ""
                found += self._of_prp_named_in(front_matter.parse(text, output.path))
        front = document.front_matter
        found += (ledger.folder_of_phase(document.path, front, number) for number in numbers)
        yield from dict.fromkeys(found)

    def _of_prp_named_in(self, front: FrontMatter) -> Iterator[str]:
        path = front.text("prp")
        text = self.target.project.text(path) if path else None
        if text is not None:
            yield ledger.folder_of(documents.parse(text, path))

    def holds(self, claim: _Claim) -> bool:
        return any(
            name == claim.metric and value == claim.value and claim.run in ("", run)
            for run, name, value in self._values
        )


def _nulled(target: Target, claim: _Claim) -> Edit | None:
    """Return the edit that makes the value null; None where the line says more than that."""
    line = target.lines[claim.line - 1]
    found = list(re.finditer(_VALUE.format(key=claim.key), line))
    if len(found) != 1:
        return None
    match = found[0]
    after = line[match.end() :]
    # A remark behind it is about the number.
    after = "" if after.lstrip().startswith("#") else after
    return Edit(claim.line, claim.line + 1, f"{line[: match.start(2)]}null{after}\n")
