"""What a document's names are checked against: files, their texts, programs, renames.

Rules see this interface and nothing of the disk. `CheckedOut` is a real project; `Listed` is a
list of paths, such as a repository's tree at some commit, of which no text is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property, lru_cache
from pathlib import PurePosixPath

from prp_pack import worktree
from prp_pack.repository import Repository, UnreadableError
from prp_pack.typed import Protocol
from prp_pack.values import dataclass
from prp_pack.worktree import Worktree

_REMEMBERED = 2048
_TEXTS = 16


class Project(Protocol):
    """All paths are relative to the project's root, with `/`."""

    @property
    def files(self) -> AbstractSet[str]:
        """The files as git knows them: tracked or untracked, not ignored."""

    @property
    def folders(self) -> AbstractSet[str]:
        """Every folder that one of the files lies in."""

    @property
    def renames(self) -> Mapping[str, str]:
        """Old path to present path, for files that git knows to have moved."""

    def exists(self, path: str) -> bool:
        """Tell whether a file or folder is there now, ignored ones included."""

    def is_ignored(self, path: str) -> bool:
        """Tell whether git ignores the path, so that its absence says nothing."""

    def text(self, path: str) -> str | None:
        """Return a file's text with LF newlines; None when it isn't there or isn't text."""

    def has_program(self, name: str) -> bool:
        """Tell whether a program of this name could be started here."""

    def tree(self, scope: Sequence[str]) -> str | None:
        """Return the digest of the files under some paths, of all without any; None if unknown."""


def folders_of(files: Iterable[str]) -> frozenset[str]:
    """Return every folder that one of the files lies in."""
    parents = (str(folder) for file in files for folder in PurePosixPath(file).parents)
    return frozenset(parents) - {"."}


@dataclass(frozen=True)
class CheckedOut:
    """A project on disk. `search_path` is where programs are looked for, as in `PATH`."""

    repository: Repository
    search_path: str = ""

    @cached_property
    def files(self) -> frozenset[str]:
        return frozenset(self.repository.files())

    @cached_property
    def folders(self) -> frozenset[str]:
        return folders_of(self.files)

    @cached_property
    def renames(self) -> Mapping[str, str]:
        return self.repository.renames()

    def exists(self, path: str) -> bool:
        return self._exists(path)

    def is_ignored(self, path: str) -> bool:
        return self._is_ignored(path)

    def text(self, path: str) -> str | None:
        return self._text(path)

    def has_program(self, name: str) -> bool:
        return self._has_program(name)

    # What was answered once is not asked again: like `files`, it is as it was at first. Bounded,
    # because nobody knows how many names the documents of a project have.

    @cached_property
    def _text(self) -> Callable[[str], str | None]:
        def read(path: str) -> str | None:
            try:
                source = self.repository.read_if_there(path)
            except UnreadableError:
                return None
            return source.text if source else None

        # Documents of a project speak of the same few files.
        return lru_cache(maxsize=_TEXTS)(read)

    @cached_property
    def _exists(self) -> Callable[[str], bool]:
        return lru_cache(maxsize=_REMEMBERED)(self.repository.holds)

    @cached_property
    def _is_ignored(self) -> Callable[[str], bool]:
        return lru_cache(maxsize=_REMEMBERED)(self.repository.ignores)

    @cached_property
    def _has_program(self) -> Callable[[str], bool]:
        import shutil  # noqa: PLC0415 - only commands ask for programs

        def found(name: str) -> bool:
            return shutil.which(name, path=self.search_path) is not None

        return lru_cache(maxsize=_REMEMBERED)(found)

    @property
    def worktree(self) -> Worktree:
        """The files as git sees them; raises `UnreadableError` where it can't."""
        if isinstance(self._worktree, UnreadableError):
            raise self._worktree
        return self._worktree

    @cached_property
    def _worktree(self) -> Worktree | UnreadableError:
        try:
            return worktree.read(self.repository)
        except UnreadableError as error:
            return error

    def tree(self, scope: Sequence[str]) -> str | None:
        found = self._worktree
        return None if isinstance(found, UnreadableError) else found.scoped(scope)


@dataclass(frozen=True)
class Listed:
    """A project of which only the list of files is known."""

    files: frozenset[str]
    programs: frozenset[str] = frozenset()

    @cached_property
    def folders(self) -> frozenset[str]:
        return folders_of(self.files)

    @property
    def renames(self) -> Mapping[str, str]:
        return {}

    def exists(self, path: str) -> bool:
        return path in self.files or path.rstrip("/") in self.folders

    def is_ignored(self, path: str) -> bool:  # noqa: ARG002 - the list doesn't say
        return False

    def text(self, path: str) -> str | None:  # noqa: ARG002 - the list doesn't say
        return None

    def has_program(self, name: str) -> bool:
        return name in self.programs

    def tree(self, scope: Sequence[str]) -> str | None:  # noqa: ARG002 - the list doesn't say
        return None
