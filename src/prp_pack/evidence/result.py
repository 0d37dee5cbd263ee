"""What a validation script found, handed to the gate that runs it.

`prp gate run` names a folder in the variable `PRP_RESULTS`. A script that finds it there leaves its
result in a file of that folder and writes no record: it becomes part of the gate's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from prp_pack.evidence.record import Check, Findings, Verdict, findings_of, plainly, verdict_of
from prp_pack.values import dataclass, field

VARIABLE = "PRP_RESULTS"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Result:
    """`invoked_as` is the name that the script was called by, where it has several.

    Of the phases, `subject_phase` is what was looked at, `target_phase` for whom, and `baseline`
    against what. `tools` names the versions of what did the work, `machine` what numbers depend on.
    """

    script: str
    found: Findings
    invoked_as: str = ""
    subject_phase: int | None = None
    target_phase: int | None = None
    baseline: str | None = None
    tools: Mapping[str, str] = field(default_factory=dict)
    machine: Mapping[str, object] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.found.checks, self.found.thresholds)

    @property
    def checks(self) -> tuple[Check, ...]:
        return self.found.checks


_BESIDE = ("script", "invoked_as", "subject_phase", "target_phase", "baseline", "tools", "machine")


def to_plain(result: Result) -> dict[str, object]:
    """Return the result as JSON has it."""
    named = {name: plainly(getattr(result, name)) for name in _BESIDE}
    fields: tuple[str, ...] = Findings.__match_args__
    found = {name: plainly(getattr(result.found, name)) for name in fields}
    return {"version": VERSION, **named, **found}


def from_json(text: str) -> Result:
    """Return the result that a file holds; raises `ValueError`, which says what is wrong."""
    loaded = json.loads(text)
    if not isinstance(loaded, dict) or loaded.get("version") != VERSION:
        raise ValueError(f"it is no result of version {VERSION}")
    try:
        named = {name: loaded[name] for name in _BESIDE}
        return Result(found=findings_of(loaded), **named)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"it is no result of a script: {error}") from None
