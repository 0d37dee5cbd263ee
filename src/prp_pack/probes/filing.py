"""Where the result of a script goes: to the gate that runs it, or into a record of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prp_pack import context
from prp_pack.check.neighbours import is_put_away
from prp_pack.evidence import configuration, ledger
from prp_pack.evidence.record import Check, Kind, Record
from prp_pack.evidence.result import VARIABLE, Result, to_plain
from prp_pack.gate import handed_over, phase_prp, recording, redaction
from prp_pack.gate.recording import EXITS
from prp_pack.model import Document, Requirements
from prp_pack.model import Kind as DocumentKind
from prp_pack.parse import document as documents
from prp_pack.phase_status import statuses_of
from prp_pack.probes.probe import Run
from prp_pack.repository import Repository, UnreadableError
from prp_pack.values import replace

BY_HAND = f"{ledger.FOLDER}/by-hand"
"""For runs of a project without a PRP that they could belong to."""


@dataclass(frozen=True, slots=True)
class Call:
    """How a script was called; `began` with its zone, `spent` in seconds."""

    words: Sequence[str]
    began: datetime
    spent: float


def prp_in_work(repository: Repository) -> str:
    """Return the PRP that a run by hand belongs to: of the first phase that isn't complete.

    Without a plan it is the only PRP; empty where there is none or several.
    """
    plan = context.find_plan(repository, Requirements(path=""))
    if plan:
        statuses = statuses_of(repository, plan)
        for phase in plan.phases:
            if statuses.get(phase.number) != "complete":
                try:
                    return phase_prp.path_of(repository, phase.number)
                except UnreadableError:
                    return ""
        return ""
    found = [
        path
        for path in repository.documents()
        if not is_put_away(path) and _parsed(repository, path).kind is DocumentKind.PRP
    ]
    return found[0] if len(found) == 1 else ""


def file(run: Run, result: Result, call: Call) -> str:
    """Hand the result to the gate, or write a record; returns the record's path, empty for none.

    Raises `UnreadableError` when neither can be written.
    """
    folder = run.environment.get(VARIABLE)
    if folder and Path(folder).is_dir():
        name = f"{call.began.timestamp():017.6f}-{os.getpid()}.json"
        _hand(Path(folder) / name, result)
        return ""
    return _record(run, result, call)


def _hand(path: Path, result: Result) -> None:
    try:
        path.write_text(json.dumps(to_plain(result)), encoding="utf-8")
    except OSError as error:
        raise UnreadableError(path.name, f"cannot be written: {error.strerror}") from None


def _record(run: Run, result: Result, call: Call) -> str:
    document = _parsed(run.repository, run.prp) if run.prp else None
    stated = document.block.context if document else None
    phase = stated.phase.number if stated and stated.phase else None
    blank = recording.blank_record(run.repository, call.began, Kind.RUN, run.prp, phase)
    record: Record = handed_over.added(
        replace(
            blank,
            subject=f"{result.script} by hand",
            config_sha256=configuration.digest(run.repository, run.settings.path),
            argv=tuple(redacted(word, run.environment) for word in call.words),
            checks=result.checks,
        ),
        (result,),
    )
    verdict = result.verdict
    record = replace(
        record, verdict=verdict, exit_code=EXITS[verdict], duration_s=round(call.spent, 3)
    )
    folder = ledger.folder_of(document) if document else BY_HAND
    written = ledger.write(run.repository, folder, record)
    return f"{folder}/{written.run_id}.json"


def without_secrets(result: Result, environment: Mapping[str, str]) -> Result:
    """Return a result whose texts hold none of the environment's secrets."""

    def clean(check: Check) -> Check:
        id_, message, where = (
            redacted(each, environment) for each in (check.id, check.message, check.where)
        )
        return replace(check, id=id_, message=message, where=where)

    def named(name: str) -> str:
        return redacted(name, environment)

    found = result.found
    return replace(
        result,
        found=replace(
            found,
            checks=tuple(clean(each) for each in found.checks),
            # Names are those of requests, whose paths may hold a key.
            metrics=tuple(replace(each, name=named(each.name)) for each in found.metrics),
            thresholds=tuple(
                replace(each, metric=named(each.metric), source=named(each.source))
                for each in found.thresholds
            ),
        ),
    )


def redacted(text: str, environment: Mapping[str, str]) -> str:
    return redaction.redact(text, redaction.known(environment))


def _parsed(repository: Repository, path: str) -> Document:
    return documents.parse(repository.read(path).text, path)
