"""The other documents of a project: read when a rule first asks for them, and once in a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath

from prp_pack import context, phase_status, worktree
from prp_pack.evidence import configuration, ledger, seal
from prp_pack.evidence.ledger import Ledger
from prp_pack.evidence.seal import Seal
from prp_pack.model import Document, FrontMatter, Kind, Place, Plan, Problem, Requirements
from prp_pack.parse import adaptation_log, front_matter, requirements, summary
from prp_pack.parse import document as documents
from prp_pack.parse.adaptation_log import Adaptation
from prp_pack.project import CheckedOut
from prp_pack.regex import regex
from prp_pack.repository import Repository, UnreadableError
from prp_pack.values import dataclass
from prp_pack.worktree import Worktree

LOG_NAME = "PHASE_ADAPTATION_LOG.md"

# What lies in a folder of one of these names was put away: it competes with nothing outside.
_ARCHIVES = frozenset({"done", "archive", "archived", "completed", "deprecated", "old"})
_NUMBER = regex(r"[ \t]+number:[ \t]*[\"']?(\d{1,4})[\"']?[ \t]*(?:#.*)?$")


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
    project: CheckedOut | None = None
    """Who has asked git for the files already, if anybody has."""

    def claimants(self, kind: Kind, track: str, number: int) -> tuple[Place, ...]:
        """Return where documents claim a phase, in the order of their paths."""
        return tuple(self._claimants.get((kind, track, number), ()))

    @cached_property
    def _claimants(self) -> Mapping[tuple[Kind, str, int], list[Place]]:
        found: dict[tuple[Kind, str, int], list[Place]] = {}
        for path in self.repository.documents():
            if claim := self.claim_at(path):
                found.setdefault((claim.kind, claim.track, claim.number), []).append(claim.place)
        return found

    def claim_at(self, path: str) -> Claim | None:
        """Return what the document at a path claims; None also for what can't be read."""
        text = self._text(path)
        return claim_in(text, path) if text is not None else None

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
        return self.project.worktree if self.project else worktree.read(self.repository)

    def losses(self, read: Ledger) -> tuple[Problem, ...]:
        """Return which records of a ledger are gone or altered."""
        return ledger.losses(self.repository, read) if self._keeps_evidence else ()

    @cached_property
    def _keeps_evidence(self) -> bool:
        return ledger.is_kept(self.repository)

    @cached_property
    def configuration(self) -> str:
        """The digest of what `PRPs/prp.toml` tells the scripts; of a broken file, none."""
        try:
            return configuration.digest(self.repository)
        except UnreadableError:
            return ""

    def statuses_of(self, plan: Plan) -> dict[int, str]:
        """Return the status of each phase of a plan that has a completion summary."""
        try:
            return phase_status.statuses_of(self.repository, plan)
        except UnreadableError:
            # The check of that summary says so.
            return {}

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
    return claim_in(document.text, document.path)


def claim_in(text: str, path: str) -> Claim | None:
    """Return what a text claims as the document at a path."""
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
        begin = f"\n{text}".find("\nPHASE_INFO:")
        lines = text[begin:].split("\n") if begin >= 0 else []
        for line, content in enumerate(lines, start=text.count("\n", 0, max(begin, 0)) + 1):
            if inside and (match := _NUMBER.match(content)):
                yield int(match[1]), line
            inside = content.startswith("PHASE_INFO:") or (inside and content[:1] in " \t#")
