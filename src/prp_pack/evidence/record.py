"""One evidence record: what was run, attested, waived or sealed, by whom, on which tree.

Records follow `record.schema.json`. A record is written once; its digest covers all of it, and
names the records that its writer knew, so that an edited or removed one is noticed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import NoneType

from prp_pack.typed import Any
from prp_pack.values import dataclass, field, replace

SCHEMA_VERSION = 2


class Kind(StrEnum):
    """Why a record was written."""

    RUN = "run"
    ATTESTATION = "attestation"
    WAIVER = "waiver"
    SEAL = "seal"
    ACCEPTANCE = "acceptance"
    """A person's word that a weakened goalpost may stay so."""
    RELEASE = "release"
    """An agent that was let go before everything was proven."""
    COMPLETION = "completion"
    """The end of a phase or feature: what was settled then stays so, whatever changes later."""


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    SKIPPED = "skipped"
    ERROR = "error"


class Status(StrEnum):
    """How one check of a run ended."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    WARN = "warn"
    SKIP = "skip"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a run looked at; `where` is a file and line, or an address."""

    id: str
    status: Status
    message: str
    where: str = ""
    data: Mapping[str, object] = field(default_factory=dict)


# What only explains how two versions compare, and says nothing of either alone.
COMPARISON = "comparison"


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number that a run measured; `value` is None when it could not."""

    name: str
    value: float | None
    unit: str
    better: str = ""
    ci95: tuple[float, float] | None = None
    n: int | None = None
    samples: str = ""
    role: str = ""
    """`COMPARISON`, or empty for a property of the phase, which later phases can be held to."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit on a measurement; `ok` is None when the measurement can't decide it."""

    metric: str
    op: str
    limit: float
    ok: bool | None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file that a run left, such as its log; `path` is relative to the project's root."""

    path: str
    sha256: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """Where the working tree stood: commit, whether it differed, and the tree's own digest."""

    sha: str | None
    dirty: bool
    tree_sha: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies in the ledger.

    `key` binds it to what it is about: a command with its preparations, or a checklist item's
    text. `parents` are the heads of the ledger that its writer knew, run id to digest.
    `finished` is False while the run goes on; such a record proves nothing.
    """

    run_id: str
    kind: Kind
    prp: str
    item: str
    key: str
    subject: str
    started: str
    git: Revision
    verdict: Verdict
    script: str = ""
    argv: tuple[str, ...] = ()
    phase: int | None = None
    target_phase: int | None = None
    subject_phase: int | None = None
    baseline: str | None = None
    invoked_as: str = ""
    level: str = ""
    duration_s: float = 0.0
    tools: Mapping[str, str] = field(default_factory=dict)
    machine: Mapping[str, object] = field(default_factory=dict)
    config_sha256: str = ""
    exit_code: int = 0
    checks: tuple[Check, ...] = ()
    metrics: tuple[Measurement, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    artefacts: tuple[Artefact, ...] = ()
    by: str = ""
    note: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    """What a seal holds, or an acceptance accepts."""
    parents: Mapping[str, str] = field(default_factory=dict)
    finished: bool = True

    @property
    def digest(self) -> str:
        return digest(_plain(self))


def verdict_of(checks: Sequence[Check], thresholds: Sequence[Threshold] = ()) -> Verdict:
    """Return what checks and thresholds amount to; the one place where a verdict is made.

    Nothing checked is a failure, never a pass.
    """
    statuses = {check.status for check in checks}
    outcomes = {threshold.ok for threshold in thresholds}
    if Status.ERROR in statuses:
        return Verdict.ERROR
    if Status.FAIL in statuses or False in outcomes:
        return Verdict.FAIL
    if None in outcomes:
        return Verdict.INCONCLUSIVE
    if Status.PASS in statuses or True in outcomes:
        return Verdict.PASS
    return Verdict.SKIPPED if Status.SKIP in statuses else Verdict.FAIL


def to_json(record: Record) -> str:
    """Return the record as it is written, with its digest."""
    plain = _plain(record)
    return json.dumps(plain | {"digest": digest(plain)}, indent=1, ensure_ascii=False) + "\n"


def from_json(text: str) -> Record:
    """Return the record that a file holds; raises `ValueError`, which says what is wrong with it.

    A digest that doesn't fit the content is wrong as well.
    """
    loaded = json.loads(text)
    if not isinstance(loaded, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - one kind of error for all
    if loaded.get("schema_version") != SCHEMA_VERSION:
        raise ValueError(f"its schema_version is not {SCHEMA_VERSION}")
    stated = loaded.pop("digest", None)
    if stated != digest(loaded):
        raise ValueError("its content doesn't fit its digest, so it was edited")
    try:
        return _record({key: value for key, value in loaded.items() if key != "schema_version"})
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"it is not an evidence record: {error}") from None


def digest(plain: Mapping[str, object]) -> str:
    """Return the SHA-256 of a record's content, whatever its layout."""
    canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: Record) -> dict[str, object]:
    """Return a record as JSON has it; fields that say nothing and may be absent are left out."""
    plain: dict[str, object] = {"schema_version": SCHEMA_VERSION}
    plain |= {name: plainly(getattr(value, name)) for name in type(value).__match_args__}
    return plain


def plainly(value: object) -> object:
    """Return a field of a record as JSON has it; what says nothing in a part of it is left out."""
    if isinstance(value, tuple):
        return [plainly(each) for each in value]
    if isinstance(value, Check | Measurement | Threshold | Artefact | Revision):
        named = {name: plainly(getattr(value, name)) for name in type(value).__match_args__}
        return {key: each for key, each in named.items() if key in _ALWAYS or each not in _NOTHING}
    return dict(value) if isinstance(value, Mapping) else value


@dataclass(frozen=True, slots=True)
class Findings:
    """What a run looked at, measured, held against limits and left behind."""

    checks: tuple[Check, ...] = ()
    metrics: tuple[Measurement, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    artefacts: tuple[Artefact, ...] = ()


def findings_of(plain: Mapping[str, Any]) -> Findings:
    """Return the findings that JSON holds; raises `KeyError`, `TypeError` or `ValueError`."""
    return Findings(
        checks=tuple(_check(**each) for each in plain["checks"]),
        metrics=tuple(_measurement(**each) for each in plain["metrics"]),
        thresholds=tuple(Threshold(**each) for each in plain["thresholds"]),
        artefacts=tuple(Artefact(**each) for each in plain["artefacts"]),
    )


_NOTHING: tuple[object, ...] = ("", None, {}, [])
# Null is an answer there: not measured, not decided, no commit.
_ALWAYS = frozenset({"value", "ok", "sha", "tree_sha", "message", "unit"})


def _record(plain: dict[str, Any]) -> Record:
    for name, value in plain.items():
        if not isinstance(value, _TYPES[name]):
            raise TypeError(f"`{name}` has a value of another type")
    if not all(isinstance(digest, str) for digest in plain["parents"].values()):
        raise TypeError("`parents` must name digests")
    found = findings_of(plain)
    return replace(
        Record(**plain),
        kind=Kind(plain["kind"]),
        verdict=Verdict(plain["verdict"]),
        git=Revision(**plain["git"]),
        argv=tuple(plain["argv"]),
        checks=found.checks,
        metrics=found.metrics,
        thresholds=found.thresholds,
        artefacts=found.artefacts,
    )


# What JSON has for each field of a record.
_TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(
        ("run_id", "kind", "prp", "item", "key", "subject", "started", "verdict", "script",
         "invoked_as", "level", "config_sha256", "by", "note"), (str,),
    ),
    **dict.fromkeys(("phase", "target_phase", "subject_phase"), (int, NoneType)),
    **dict.fromkeys(("git", "tools", "machine", "data", "parents"), (dict,)),
    **dict.fromkeys(("argv", "checks", "metrics", "thresholds", "artefacts"), (list,)),
    "baseline": (str, NoneType), "duration_s": (int, float), "exit_code": (int,),
    "finished": (bool,),
}  # fmt: skip


def _check(status: str, **rest: Any) -> Check:
    return Check(status=Status(status), **rest)


def _measurement(ci95: list[float] | None = None, **rest: Any) -> Measurement:
    return Measurement(ci95=(ci95[0], ci95[1]) if ci95 else None, **rest)
