"""What a check asked of its project, and whether the answers are still the same.

A document's findings follow from what was looked at: its own text, and what else of the project
the rules asked for. `asking` gives a checker that writes each question down, with a digest of the
answer; `Answers` asks them again. What remembers an answer for the next document has to stand
below the classes that write down, or that document's question would be missing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from pathlib import Path

from prp_pack.check.engine import Checker
from prp_pack.check.neighbours import Claim, Neighbours, claim_in
from prp_pack.model import Kind, Place
from prp_pack.project import Project
from prp_pack.repository import MAX_BYTES, Repository, Source, UnreadableError
from prp_pack.values import dataclass, field, replace

# Of the 64 hexadecimal digits; nobody finds two texts that share these either.
_DIGITS = 32

_YES, _NO, _NOTHING = "1", "0", "-"
# What had two answers while one document was checked; no later answer is ever this one.
_CHANGED = "?"

# The questions whose answers change when the text of a file does.
OF_TEXTS = frozenset({"read", "read if there", "text", "claimants"})

Question = tuple[str, str]
"""What is asked, and of what: `("holds", "src/app.py")`."""

Asked = dict[Question, str]
"""The questions of one check with their answers: a flag, or a digest of what was told."""

Known = dict[str, tuple[str, Claim | None]]
"""By path, the digest of a document's content and what it claims."""


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGITS]


def digest_of(value: object) -> str:
    """Return the digest of a value that JSON can say."""
    return digest(json.dumps(value, sort_keys=True).encode("ascii"))


@dataclass
class Log:
    """Where questions are written down."""

    _asked: Asked = field(default_factory=dict)

    def note(self, what: str, of: str, answer: str) -> None:
        if self._asked.setdefault((what, of), answer) != answer:
            self._asked[what, of] = _CHANGED

    def taken(self) -> Asked:
        """Return what was asked since the last time."""
        asked, self._asked = self._asked, {}
        return asked


# --- Answers, as they are written down ----------------------------------------------------------


def _flag(told: bool) -> str:
    return _YES if told else _NO


def _source(source: Source | None) -> str:
    return _NOTHING if source is None else digest(source.raw.encode("utf-8"))


def _refusal(error: UnreadableError) -> str:
    return "!" + digest_of([error.path, error.reason, error.line, error.help])


def _lines(text: str | None) -> str:
    return _NOTHING if text is None else digest(text.encode("utf-8"))


def _paths(paths: Iterable[str]) -> str:
    return digest_of(sorted(paths))


def _renames(renames: Mapping[str, str]) -> str:
    return digest_of(dict(renames))


def _places(places: Iterable[Place]) -> str:
    return digest_of([[place.path, place.line] for place in places])


# --- Asking, and writing it down ----------------------------------------------------------------


class AskedRepository(Repository):
    """A repository that writes down what is looked at; what it writes itself is no question."""

    log: Log

    def __init__(self, root: Path, log: Log) -> None:
        super().__init__(root)
        object.__setattr__(self, "log", log)

    @cached_property
    def _plain(self) -> Repository:
        # Its methods call each other, and only the outermost is the question.
        return Repository(self.root)

    def read(self, path: str) -> Source:
        try:
            source = self._plain.read(path)
        except UnreadableError as error:
            self.log.note("read", path, _refusal(error))
            raise
        self.log.note("read", path, _source(source))
        return source

    def read_if_there(self, path: str) -> Source | None:
        try:
            source = self._plain.read_if_there(path)
        except UnreadableError as error:
            self.log.note("read if there", path, _refusal(error))
            raise
        self.log.note("read if there", path, _source(source))
        return source

    def exists(self, path: str) -> bool:
        told = self._plain.exists(path)
        self.log.note("exists", path, _flag(told))
        return told

    def names(self, folder: str) -> tuple[str, ...]:
        told = self._plain.names(folder)
        self.log.note("names", folder, digest_of(told))
        return told

    def git(
        self,
        *arguments: str,
        input: bytes | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> bytes | None:
        told = self._plain.git(*arguments, input=input, environment=environment)
        asked = [list(arguments), None if input is None else input.hex()]
        self.log.note("git", json.dumps(asked), _NOTHING if told is None else digest(told))
        return told

    def documents(self, folder: str = "PRPs") -> Iterator[str]:
        told = tuple(self._plain.documents(folder))
        self.log.note("documents", folder, digest_of(told))
        return iter(told)

    def content(self, path: str, limit: int = MAX_BYTES) -> bytes:
        try:
            told = self._plain.content(path, limit)
        except UnreadableError as error:
            self.log.note("read", path, _refusal(error))
            raise
        self.log.note("read", path, digest(told))
        return told

    # What rules ask of the project; asked here, it is the same question.

    def holds(self, path: str) -> bool:
        told = self._plain.holds(path)
        self.log.note("holds", path, _flag(told))
        return told

    def ignores(self, path: str) -> bool:
        told = self._plain.ignores(path)
        self.log.note("ignored", path, _flag(told))
        return told

    def ignored(self, paths: Collection[str]) -> frozenset[str]:
        told = self._plain.ignored(paths)
        for path in paths:
            self.log.note("ignored", path, _flag(path in told))
        return told

    def files(self) -> tuple[str, ...]:
        told = self._plain.files()
        self.log.note("all files", "", _paths(told))
        return told

    def renames(self) -> dict[str, str]:
        told = self._plain.renames()
        self.log.note("renames", "", _renames(told))
        return told


class Listing(AbstractSet[str]):
    """Paths of a project; to ask for one is another question than to go through all of them."""

    def __init__(self, what: str, paths: AbstractSet[str], log: Log) -> None:
        self._what = what
        self._paths = paths
        self._log = log

    @cached_property
    def _digest(self) -> str:
        return _paths(self._paths)

    def _whole(self) -> AbstractSet[str]:
        self._log.note(f"all {self._what}", "", self._digest)
        return self._paths

    def __contains__(self, path: object) -> bool:
        told = path in self._paths
        if isinstance(path, str):
            self._log.note(f"among {self._what}", path, _flag(told))
        return told

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def __bool__(self) -> bool:
        told = bool(self._paths)
        self._log.note(f"any {self._what}", "", _flag(told))
        return told

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, AbstractSet) and self._whole() == frozenset(other)
        )

    def __hash__(self) -> int:
        # Whoever keeps something under it has it without asking again.
        return hash(frozenset(self._whole()))

    @classmethod
    def _from_iterable(cls, paths: Iterable[str]) -> frozenset[str]:  # type: ignore[override]
        return frozenset(paths)


@dataclass(frozen=True)
class AskedProject:
    """A project that writes down what rules ask of it."""

    project: Project
    log: Log

    @cached_property
    def files(self) -> AbstractSet[str]:
        return Listing("files", self.project.files, self.log)

    @cached_property
    def folders(self) -> AbstractSet[str]:
        return Listing("folders", self.project.folders, self.log)

    @property
    def renames(self) -> Mapping[str, str]:
        told = self.project.renames
        self.log.note("renames", "", _renames(told))
        return told

    def exists(self, path: str) -> bool:
        told = self.project.exists(path)
        self.log.note("holds", path, _flag(told))
        return told

    def is_ignored(self, path: str) -> bool:
        told = self.project.is_ignored(path)
        self.log.note("ignored", path, _flag(told))
        return told

    def text(self, path: str) -> str | None:
        told = self.project.text(path)
        self.log.note("text", path, _lines(told))
        return told

    def has_program(self, name: str) -> bool:
        told = self.project.has_program(name)
        self.log.note("program", name, _flag(told))
        return told

    def tree(self, scope: Sequence[str]) -> str | None:
        told = self.project.tree(scope)
        self.log.note("tree", json.dumps(list(scope)), told or _NOTHING)
        return told


@dataclass(frozen=True)
class Contents:
    """The digests of a project's files, each as it was when it was first asked for."""

    repository: Repository
    _digests: dict[str, str] = field(default_factory=dict)

    def digest(self, path: str) -> str:
        """Return the digest of a file's content; raises `UnreadableError`."""
        if path not in self._digests:
            self._digests[path] = digest(self.repository.content(path))
        return self._digests[path]


class KnownNeighbours(Neighbours):
    """Neighbours that are read anew only where they changed since their claim was known."""

    contents: Contents
    known: Known
    """Kept up to date: what is read is known from then on."""

    def __init__(self, repository: Repository, contents: Contents, known: Known) -> None:
        super().__init__(repository)
        object.__setattr__(self, "contents", contents)
        object.__setattr__(self, "known", known)

    def claim_at(self, path: str) -> Claim | None:
        try:
            now = self.contents.digest(path)
            if path not in self.known or self.known[path][0] != now:
                source = self.repository.read(path)
                # Written to since its digest was taken, it is known by what was read.
                self.known[path] = _source(source), claim_in(source.text, path)
        except UnreadableError:
            return None
        return self.known[path][1]


class AskedNeighbours(Neighbours):
    """Neighbours that write down who was asked for; `plain` remembers the claims of all."""

    plain: Neighbours
    log: Log

    def __init__(self, repository: Repository, plain: Neighbours, log: Log) -> None:
        super().__init__(repository)
        object.__setattr__(self, "plain", plain)
        object.__setattr__(self, "log", log)

    def claimants(self, kind: Kind, track: str, number: int) -> tuple[Place, ...]:
        told = self.plain.claimants(kind, track, number)
        self.log.note("claimants", json.dumps([kind, track, number]), _places(told))
        return told


def asking(checker: Checker, log: Log) -> Checker:
    """Return the checker, as one that writes down what it asks of the same project."""
    repository = AskedRepository(checker.repository.root, log)
    return replace(
        checker,
        repository=repository,
        project=AskedProject(checker.seen, log),
        others=AskedNeighbours(repository, checker.neighbours, log),
    )


# --- Asking again -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answers:
    """What a checker's project answers now; `contents` may remember what files held."""

    checker: Checker
    contents: Contents | None = None

    def same(self, questions: Collection[tuple[Question, str]]) -> list[bool]:
        """Tell of each question whether it has the same answer as it had."""
        ignored = self._ignored(of for (what, of), _ in questions if what == "ignored")
        return [
            _flag(of in ignored) == answer
            if what == "ignored"
            else self._is_read(what, of, answer) or self._answer(what, of) == answer
            for (what, of), answer in questions
        ]

    def _ignored(self, paths: Iterable[str]) -> frozenset[str]:
        # Each alone would start git.
        return self.checker.repository.ignored(frozenset(paths))

    def _is_read(self, what: str, of: str, answer: str) -> bool:
        """Tell whether a file has the content that was read, which needs no decoding."""
        if what not in ("read", "read if there") or len(answer) != _DIGITS:
            return False
        contents = self.contents or Contents(self.checker.repository)
        try:
            return contents.digest(of) == answer
        except UnreadableError:
            return False

    def _answer(self, what: str, of: str) -> str:
        try:
            return self._answering[what](of)
        except UnreadableError as error:
            return _refusal(error)

    @cached_property
    def _answering(self) -> Mapping[str, Callable[[str], str]]:
        """What answers each kind of question."""
        repository, project = self.checker.repository, self.checker.seen
        return {
            "read": lambda of: _source(repository.read(of)),
            "read if there": lambda of: _source(repository.read_if_there(of)),
            "exists": lambda of: _flag(repository.exists(of)),
            "names": lambda of: digest_of(repository.names(of)),
            "git": lambda of: _git(repository, of),
            "documents": lambda of: digest_of(tuple(repository.documents(of))),
            "claimants": self._claimants,
            "holds": lambda of: _flag(project.exists(of)),
            "text": lambda of: _lines(project.text(of)),
            "program": lambda of: _flag(project.has_program(of)),
            "tree": lambda of: project.tree(json.loads(of)) or _NOTHING,
            "renames": lambda _: _renames(project.renames),
            "all files": lambda _: _paths(project.files),
            "all folders": lambda _: _paths(project.folders),
            "among files": lambda of: _flag(of in project.files),
            "among folders": lambda of: _flag(of in project.folders),
            "any files": lambda _: _flag(bool(project.files)),
            "any folders": lambda _: _flag(bool(project.folders)),
        }

    def _claimants(self, of: str) -> str:
        kind, track, number = json.loads(of)
        return _places(self.checker.neighbours.claimants(Kind(kind), track, number))


def _git(repository: Repository, of: str) -> str:
    arguments, given = json.loads(of)
    told = repository.git(*arguments, input=None if given is None else bytes.fromhex(given))
    return _NOTHING if told is None else digest(told)
