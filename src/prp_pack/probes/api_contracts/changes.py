"""What changed from one contract to another, as a tool that knows the rules tells it.

`oasdiff` where it is on PATH, else specshift, which is in the extra. Both run as processes of their
own: they read documents that may be anything.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib.metadata import version
from typing import Any, TypeAlias

from prp_pack.gate import process
from prp_pack.gate.process import Job, Outcome
from prp_pack.probes.api_contracts.shape import shaped
from prp_pack.probes.openapi.operations import Contract
from prp_pack.probes.probe import CannotRunError, Run

Parsed: TypeAlias = Any

_LIMIT = 120.0
_SHOWN_LINES = 4
_VERSION = re.compile(r"\d+(?:\.\d+)+\S*")


class Weight(StrEnum):
    """What a change means for those who rely on the contract."""

    BREAKING = "breaking"
    DOUBTFUL = "warning"
    HARMLESS = "info"


@dataclass(frozen=True, slots=True)
class Change:
    weight: Weight
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Changes in the order of their weight; `tool` and `version` are what found them."""

    changes: tuple[Change, ...]
    tool: str
    version: str

    def of(self, weight: Weight) -> tuple[Change, ...]:
        return tuple(each for each in self.changes if each.weight is weight)


def compare(run: Run, frozen: Contract, published: Contract, tool: str | None) -> Comparison:
    """Return what changed; raises `CannotRunError` when the tool gives no answer.

    Without a `tool` named it is oasdiff, where that is there and can read the contracts.
    """
    readable = not any("swagger" in each.document for each in (frozen, published))
    oasdiff = shutil.which("oasdiff", path=run.environment.get("PATH"))
    if tool == "oasdiff" and not oasdiff:
        raise CannotRunError("oasdiff is not on PATH", "install it, or leave compare out")
    if oasdiff and (tool == "oasdiff" or (tool is None and readable)):
        return _by_oasdiff(run, oasdiff, frozen, published)
    return _by_specshift(run, frozen, published)


def _by_specshift(run: Run, frozen: Contract, published: Contract) -> Comparison:
    folder = run.artefacts
    pair = {"specshift-old.json": shaped(frozen), "specshift-new.json": shaped(published, frozen)}
    for name, document in pair.items():
        (folder / name).write_text(json.dumps(document), encoding="utf-8")
    said = folder / "specshift.json"
    words = (sys.executable, "-I", "-m", "specshift.cli", "diff", *pair, "--format", "json",
             "--fail-on", "none", "--output", said.name)  # fmt: skip
    outcome = _run(run, words, "specshift")
    if outcome.status != 0 or not said.exists():
        raise _failed("specshift", outcome)
    found = json.loads(said.read_text(encoding="utf-8"))["changes"]
    changes = (
        _corrected(Change(Weight(each["severity"]), each["location"], each["message"]))
        for each in found
    )
    return Comparison(_sorted(changes), "specshift", version("specshift"))


def _by_oasdiff(run: Run, program: str, frozen: Contract, published: Contract) -> Comparison:
    folder = run.artefacts
    pair = {"oasdiff-old.json": frozen, "oasdiff-new.json": published}
    for name, each in pair.items():
        (folder / name).write_text(json.dumps(each.document), encoding="utf-8")
    outcome = _run(run, (program, "changelog", *pair, "--format", "json"), "oasdiff")
    if outcome.status != 0 or outcome.truncated:
        raise _failed("oasdiff", outcome)
    text = (folder / "oasdiff.log").read_text(encoding="utf-8")
    named = _VERSION.search(_run(run, (program, "--version"), "oasdiff-version").tail)
    return Comparison(_sorted(of_oasdiff(text)), "oasdiff", named[0] if named else "unknown")


_LEVELS = {1: Weight.HARMLESS, 2: Weight.DOUBTFUL, 3: Weight.BREAKING}


def of_oasdiff(text: str) -> Iterator[Change]:
    """Yield the changes in oasdiff's output, a JSON list that may stand among other lines."""
    start = min((at for at in (text.find("[{"), text.find("[]")) if at >= 0), default=-1)
    if start < 0:
        return
    found: Parsed = json.JSONDecoder().raw_decode(text, start)[0]
    for each in found:
        where = f"{each.get('operation', '')} {each.get('path', '')}".strip()
        message = str(each.get("text") or each.get("id"))
        yield Change(_LEVELS[each["level"]], where or str(each.get("section", "")), message)


# specshift judges some changes alike whether a caller sends or receives the value, and “or null”
# the wrong way round. Answers are held against the frozen contract anyway, so that a narrower
# answer is harmless.
_OF_REQUESTS = (
    (re.compile(r"no longer accepts null"), Weight.BREAKING),
    (re.compile(r"now accepts a null"), Weight.HARMLESS),
)
_OF_RESPONSES = (
    (re.compile(r"no longer accepts null"), Weight.HARMLESS),
    (re.compile(r"now accepts a null"), Weight.BREAKING),
    (re.compile(r"Enum values removed"), Weight.HARMLESS),
    (re.compile(r"New enum values added|Enum constraint has been completely"), Weight.DOUBTFUL),
    (re.compile(r"^Constraint .*stricter"), Weight.HARMLESS),
    (re.compile(r"^Constraint .*relaxed|pattern (constraint has been|changed)"), Weight.DOUBTFUL),
    (re.compile(r"new validation pattern"), Weight.HARMLESS),
)


def _corrected(change: Change) -> Change:
    table = _OF_RESPONSES if "> response" in change.where else _OF_REQUESTS
    for pattern, weight in table:
        if pattern.search(change.message):
            return replace(change, weight=weight)
    return change


def _sorted(changes: Iterator[Change]) -> tuple[Change, ...]:
    order = list(Weight)

    def place(change: Change) -> tuple[int, str, str]:
        return order.index(change.weight), change.where, change.message

    # The tools go through sets; a record must not depend on that.
    return tuple(sorted(changes, key=place))


def _run(run: Run, words: Sequence[str], name: str) -> Outcome:
    job = Job(
        argv=tuple(words),
        folder=run.artefacts,
        environment=run.environment,
        timeout=_LIMIT,
        log=run.artefacts / f"{name}.log",
        marker=f"{run.folder.rpartition('/')[2]}-{name}",
    )
    try:
        return process.run(job)
    except process.CannotRunError as error:
        raise CannotRunError(f"{name}: {error.reason}", error.help) from None


def _failed(tool: str, outcome: Outcome) -> CannotRunError:
    lines = [line.strip() for line in outcome.tail.splitlines() if line.strip()]
    said = " / ".join(lines[-_SHOWN_LINES:]) or "it said nothing"
    return CannotRunError(f"{tool} could not compare the contracts: {said}")
