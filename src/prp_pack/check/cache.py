"""`.prp/cache/`: what checking a file gave, and what it asked, so that the answer can stand.

A result is used again only while each question that led to it is answered as it was then. The
file begins with a code that only this user's key gives, so that no cache which came with a
repository, however well it is made, can keep a finding back. Whatever is wrong with it, it is as if
it weren't there.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping
from hmac import compare_digest
from pathlib import Path

from prp_pack.check import forms
from prp_pack.check import settings as all_settings
from prp_pack.check.engine import Checker, Report
from prp_pack.check.neighbours import Claim
from prp_pack.check.questions import Answers, Asked, Known, Question, digest_of
from prp_pack.model import Edit, Finding, Kind, Place, Severity
from prp_pack.repository import STATE, Repository, UnreadableError
from prp_pack.values import dataclass, field

VERSION = 1
FOLDER = f"{STATE}/cache"
KEY_NAME = "cache.key"
MAX_BYTES = 64 * 1024 * 1024

# One for each set of rules that somebody checks with in turn.
_KEPT_FILES = 4
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Entry:
    """What checking one file gave, as it is written, and the numbers of what it asked."""

    asked: tuple[int, ...]
    report: list[object]


@dataclass(frozen=True)
class Cache:
    """Results of a project under one set of terms; each question stands in it once."""

    numbers: dict[tuple[Question, str], int] = field(default_factory=dict)
    """Of each question with its answer, in order."""
    entries: dict[str, Entry] = field(default_factory=dict)
    known: Known = field(default_factory=dict)
    """What documents claim; `questions.KnownNeighbours` keeps it up to date."""

    def add(self, file: str, report: Report, asked: Asked) -> None:
        """Keep a result; what couldn't be read has none."""
        if not report.unreadable:
            self._put(file, asked.items(), _fields(report))

    def _put(self, file: str, asked: Iterable[tuple[Question, str]], report: list[object]) -> None:
        rows = (self.numbers.setdefault(row, len(self.numbers)) for row in asked)
        self.entries[file] = Entry(tuple(rows), report)

    def reports(self, answers: Answers, files: Iterable[str]) -> dict[str, Report]:
        """Return the results for files that still hold."""
        there = [(file, self.entries[file]) for file in files if file in self.entries]
        wanted = {row for _, entry in there for row in entry.asked}
        rows = [(row, asked) for asked, row in self.numbers.items() if row in wanted]
        same = answers.same([asked for _, asked in rows])
        stale = {row for (row, _), is_same in zip(rows, same, strict=True) if not is_same}
        return {
            file: _report(file, entry.report)
            for file, entry in there
            if stale.isdisjoint(entry.asked)
        }

    def with_added(self, fresh: Cache, repository: Repository) -> Cache:
        """Return it with newer results, and without files that are there no more."""
        questions = tuple(self.numbers)
        found = Cache(dict(fresh.numbers), dict(fresh.entries))
        for file, entry in self.entries.items():
            if file not in found.entries and repository.exists(file):
                found._put(file, (questions[row] for row in entry.asked), entry.report)
        found.known.update(item for item in fresh.known.items() if repository.exists(item[0]))
        return found


# --- What a result depends on beside the project's files ----------------------------------------


def terms(checker: Checker, installed: str) -> str:
    """Return a digest of what all results depend on: the program, the settings, the templates.

    `installed` says which program this is, and what it stands on.
    """
    settings = checker.settings or all_settings.load(checker.repository)
    paths = dict.fromkeys((forms.DEFAULT, *settings.config.templates.values()))
    texts: list[str | None] = []
    for path in paths:
        try:
            source = checker.repository.read_if_there(path)
        except UnreadableError as error:
            texts.append(f"!{error}")
        else:
            texts.append(source.text if source else None)
    said = [_plain(settings.config), settings.baseline.to_json(), list(paths), texts]
    rules = [rule.id for rule in checker.rules]
    return digest_of([VERSION, installed, rules, checker.strict, said])


def _plain(value: object) -> object:
    """Return a value as JSON can say it, the same for equal values."""
    if names := getattr(value, "__match_args__", ()):
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Collection) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value


# --- On disk ------------------------------------------------------------------------------------


def key_in(folder: Path) -> bytes:
    """Return this user's key, made when there is none; empty where none can be kept.

    A folder outside of any project: who writes into the project doesn't know it.
    """
    own = Repository(folder)
    for _ in range(2):
        try:
            source = own.read_if_there(KEY_NAME)
            if source is None:
                own.write(KEY_NAME, os.urandom(_KEY_BYTES).hex(), private=True)
                continue
            key = bytes.fromhex(source.text)
        except (UnreadableError, ValueError):
            return b""
        return key if len(key) == _KEY_BYTES else b""
    return b""


def load(repository: Repository, agreed: str, key: bytes) -> Cache:
    """Return what was kept under these terms; an empty cache for what can't be used."""
    try:
        content = repository.content(_path(agreed), MAX_BYTES)
    except UnreadableError:
        return Cache()
    code, _, body = content.partition(b"\n")
    # Equal codes say that this user wrote it with a program of this version: the shape is ours.
    if not key or not compare_digest(code, _code(body, agreed, key)):
        return Cache()
    written = json.loads(body)
    questions = (((what, of), answer) for what, of, answer in written["questions"])
    return Cache(
        {question: row for row, question in enumerate(questions)},
        {file: Entry(tuple(asked), report) for file, (asked, report) in written["files"].items()},
        {path: (digest, _claim(path, said)) for path, (digest, said) in written["claims"].items()},
    )


def save(repository: Repository, agreed: str, key: bytes, cache: Cache) -> None:
    """Keep it in one step, where it can be kept."""
    written = {
        "questions": [(*question, answer) for question, answer in cache.numbers],
        "files": {file: (entry.asked, entry.report) for file, entry in cache.entries.items()},
        "claims": {path: (digest, _said(claim)) for path, (digest, claim) in cache.known.items()},
    }
    body = json.dumps(written, separators=(",", ":")).encode("ascii")
    if not key or len(body) > MAX_BYTES // 2:
        return
    content = b"%b\n%b" % (_code(body, agreed, key), body)
    try:
        repository.prepare_state()
        repository.keep_newest(FOLDER, "check-*.json", _KEPT_FILES - 1)
        repository.write(_path(agreed), content.decode("ascii"))
    except UnreadableError:
        # A project that nobody may write to is checked all the same, only slower.
        return


def _path(agreed: str) -> str:
    return f"{FOLDER}/check-{agreed}.json"


def _code(body: bytes, agreed: str, key: bytes) -> bytes:
    made = hashlib.blake2b(body, digest_size=_KEY_BYTES, key=key, person=b"prp cache")
    made.update(agreed.encode("ascii"))
    return made.hexdigest().encode("ascii")


# --- Reports, findings and claims as they are written -------------------------------------------


def _fields(report: Report) -> list[object]:
    counts = [report.silenced, report.baselined, report.stale]
    return [*counts, *(_of_finding(finding) for finding in report.findings)]


def _of_finding(finding: Finding) -> list[object]:
    edit = finding.fix
    return [
        finding.line, finding.message, finding.column, finding.help, finding.severity,
        [edit.line, edit.end, edit.text] if edit else None, finding.rule, finding.name,
    ]  # fmt: skip


def _report(file: str, written: list[object]) -> Report:
    silenced, baselined, stale, *findings = written
    found = tuple(_finding(file, *one) for one in findings)  # type: ignore[misc]
    return Report(1, found, (), 0, silenced, baselined, stale)  # type: ignore[arg-type]


def _finding(  # noqa: PLR0913, PLR0917 - a finding has this many fields
    file: str, line: int, message: str, column: int, help_: str, severity: str | None,
    edit: tuple[int, int, str] | None, rule: str, name: str,
) -> Finding:  # fmt: skip
    weight = Severity(severity) if severity else None
    return Finding(
        line, message, column, help_, weight, Edit(*edit) if edit else None, file, rule, name
    )


def _said(claim: Claim | None) -> list[object] | None:
    return [claim.kind, claim.track, claim.number, claim.place.line] if claim else None


def _claim(path: str, said: tuple[str, str, int, int] | None) -> Claim | None:
    if said is None:
        return None
    kind, track, number, line = said
    return Claim(Kind(kind), track, number, Place(path, line))
