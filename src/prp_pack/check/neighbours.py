"""The other documents of a project: read when a rule first asks for them, and once in a run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from prp_pack import context, worktree
from prp_pack.evidence import configuration, ledger, seal
from prp_pack.evidence.ledger import Ledger
from prp_pack.evidence.seal import Seal
from prp_pack.model import Document, FrontMatter, Kind, Place, Plan, Problem, Requirements
from prp_pack.parse import adaptation_log, front_matter, requirements, summary
from prp_pack.parse import document as documents
from prp_pack.parse.adaptation_log import Adaptation
from prp_pack.repository import Repository, UnreadableError
from prp_pack.worktree import Worktree

LOG_NAME = "PHASE_ADAPTATION_LOG.md"

# What lies in a folder of one of these names was put away: it competes with nothing outside.
_ARCHIVES = frozenset({"done", "archive", "archived", "completed", "deprecated", "old"})
_NUMBER = re.compile(r"[ \t]+number:[ \t]*[\"']?(\d{1,4})[\"']?[ \t]*(?:#.*)?$")


@dataclass(frozen=True, slots=True)
class Claim:
    """That a document stands for one phase of one track."""

    kind: Kind
    track: str
    number: int
    place: Place


@dataclass(frozen=True)
class Neighbours:
    repository: Repository

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """What every document of the project claims, in the order of their paths."""
        found = []
        for path in self.repository.documents():
            text = self._text(path)
            claim = _claim(text, path) if text is not None else None
            if claim:
                found.append(claim)
        return tuple(found)

    def plan_of(self, path: str, named: str = "") -> Plan | None:
        """Return the plan that is named, else the nearest upwards from a document."""
        try:
            return context.find_plan(self.repository, Requirements(path, plan=named))
        except UnreadableError:
            return None

    def adaptations_of(self, plan: Plan) -> tuple[Adaptation, ...]:
        """Return the recorded changes of a plan; the log lies beside it."""
        path = PurePosixPath(plan.path).with_name(LOG_NAME).as_posix()
        text = self._text(path)
        return adaptation_log.parse(text, path) if text is not None else ()

    def ledger(self, folder: str) -> Ledger:
        """Return the records of one PRP."""
        return ledger.read(self.repository, folder)

    def seal(self, read: Ledger) -> Seal | None:
        """Return the seal that a ledger holds."""
        return seal.of(self.repository, read)

    @cached_property
    def worktree(self) -> Worktree:
        """The files as git sees them; raises `UnreadableError` where it can't."""
        return worktree.read(self.repository)

    def losses(self, read: Ledger) -> tuple[Problem, ...]:
        """Return which records of a ledger are gone or altered."""
        return ledger.losses(self.repository, read)

    @cached_property
    def configuration(self) -> str:
        """The digest of what `PRPs/prp.toml` tells the scripts; of a broken file, none."""
        try:
            return configuration.digest(self.repository)
        except UnreadableError:
            return ""

    def _text(self, path: str) -> str | None:
        try:
            source = self.repository.read_if_there(path)
        except UnreadableError:
            return None
        return source.text if source else None


def track_of(path: str, front: FrontMatter) -> str:
    """Return the track a document belongs to: the one it names, else its folder."""
    folder = PurePosixPath(path).parent
    named = front.text("track")
    if named and not is_put_away(path):
        return f"track {named.lower()}"
    return folder.as_posix()


def is_put_away(path: str) -> bool:
    """Tell whether a document lies in an archive, where it stands for nothing any more."""
    return any(part.lower() in _ARCHIVES for part in PurePosixPath(path).parent.parts)


def claim_of(document: Document) -> Claim | None:
    """Return what a document that is already read claims."""
    if document.kind is Kind.PRP:
        stated = document.block.context
        number = stated.phase.number if stated and stated.phase else None
        line = document.block.lines.get("PHASE_INFO.number", 1)
        track = track_of(document.path, document.front_matter)
        return Claim(Kind.PRP, track, number, Place(document.path, line)) if number else None
    return _claim(document.text, document.path)


def _claim(text: str, path: str) -> Claim | None:
    front = front_matter.parse(text, path)
    kind = documents.kind_of(path, front)
    number, line = next(_numbers(text, path, kind), (None, 0))
    if number is None:
        return None
    return Claim(kind, track_of(path, front), number, Place(path, line))


def _numbers(text: str, path: str, kind: Kind) -> Iterator[tuple[int | None, int]]:
    if kind is Kind.REQUIREMENTS:
        asked = requirements.parse(text, path)
        yield asked.number, asked.places["phase"].line or 1
    elif kind is Kind.SUMMARY:
        output = summary.parse(text, path)
        yield output.number, output.places.get("phase", Place(path, 1)).line
    elif kind is Kind.PRP:
        # A whole outline of each PRP would cost more than the check that asks for it.
        inside = False
        for line, content in enumerate(text.split("\n"), start=1):
            if inside and (match := _NUMBER.match(content)):
                yield int(match[1]), line
            inside = content.startswith("PHASE_INFO:") or (inside and content[:1] in " \t#")
