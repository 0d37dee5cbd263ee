"""The working tree as git sees it: each file with the name of its content, and one digest of all.

The digest is of what a build or a test can see: tracked files as they are on disk, and untracked
ones that git doesn't ignore, without `PRPs/`, so that committing evidence doesn't outdate it.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import PurePosixPath

from prp_pack.repository import Repository, UnreadableError
from prp_pack.values import dataclass, field

# What tools leave behind when they run; it follows from the files that count. Only where it is
# untracked.
_DERIVED_FOLDERS = frozenset({
    "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".tox", ".nox",
    ".venv", "node_modules", "htmlcov", ".prp",
})  # fmt: skip
_DERIVED_NAMES = frozenset({".coverage", "coverage.xml", "coverage.json", ".DS_Store"})
_DERIVED_ENDINGS = (".pyc", ".pyo", ".egg-info")

_GITLINK, _LINK = "160000", "120000"
# Windows has no such bit, and git records none there.
_EXECUTABLE = stat.S_IXUSR if os.name == "posix" else 0


@dataclass(frozen=True)
class Worktree:
    """What git says now. `entries` are path to mode and content name; paths from the root."""

    revision: str | None
    """The commit that is checked out; None before the first one."""
    dirty: bool
    """Whether anything differs from that commit, `PRPs/` left aside."""
    entries: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        return self.scoped(())

    @cached_property
    def _digests(self) -> dict[tuple[str, ...], str]:
        return {}

    def scoped(self, scope: Sequence[str]) -> str:
        """Return the digest of the files under the paths of a scope; all of them without one."""
        # Each item of a PRP asks, and most have no scope.
        known = tuple(scope)
        if known not in self._digests:
            self._digests[known] = self._digest_of(known)
        return self._digests[known]

    def _digest_of(self, scope: tuple[str, ...]) -> str:
        wanted = [(path, name) for path, name in self.entries.items() if within(path, scope)]
        # A scope that holds nothing is told from another that holds nothing.
        said = [f"{name}\t{path}\0" for path, name in sorted(wanted)] or [f"nothing: {scope}"]
        return hashlib.sha256("".join(said).encode("utf-8", "surrogateescape")).hexdigest()


def within(path: str, scope: Sequence[str]) -> bool:
    """Tell whether a path is one of a scope, or under one of it; everything is without a scope."""
    if not scope:
        return True
    pure = PurePosixPath(path)
    return any(pure.is_relative_to(each.rstrip("/")) or pure.match(each) for each in scope)


def read(repository: Repository) -> Worktree:
    """Return the working tree; raises `UnreadableError` where git can't say."""
    prefix = _prefix(repository)
    listed = repository.git("ls-files", "-z", "-s", "-v", "--full-name", "--", ".")
    status = repository.git(
        "--no-optional-locks", "status", "--porcelain=v2", "--branch", "-z", "--no-renames",
        "--untracked-files=all", "--ignore-submodules=none", "--", ".",
    )  # fmt: skip
    if listed is None or status is None:
        help_ = "evidence is bound to git's view of the files: run `git init` and commit, or see "
        help_ += "what `git status` says"
        raise UnreadableError(".", "git can't tell the state of the files", help=help_)
    entries, hidden = _index(listed, prefix)
    changed = _status(status, prefix) | dict.fromkeys(_excluded(repository, prefix))
    revision = changed.pop("", None)
    seen = {path for path in changed if not is_ours(path)}
    present = {path: name for path, name in entries.items() if path not in changed}
    asked = sorted(path for path in {*changed, *hidden} if not is_ours(path))
    present |= _on_disk(repository, asked)
    for path in hidden - present.keys():
        present.pop(path, None)
    kept = {path: name for path, name in present.items() if not is_ours(path)}
    return Worktree(revision, bool(seen), kept)


def committed(repository: Repository, commit: str) -> dict[str, str] | None:
    """Return mode and content name of each file of a commit; None where it isn't here."""
    output = repository.git("ls-tree", "-r", "-z", commit, "--", ".")
    if output is None:
        return None
    found = {}
    for word in output.split(b"\0"):
        facts, _, name = word.partition(b"\t")
        if name and not is_ours(path := os.fsdecode(name)):
            mode, _, content = facts.decode().split()
            found[path] = f"{mode} {content}"
    return found


def differing(before: Mapping[str, str], now: Worktree) -> tuple[str, ...]:
    """Return the paths that were added, changed or removed."""
    paths = {path for path, _ in {*before.items()} ^ {*now.entries.items()}}
    # A snapshot may hold what tools leave behind; the working tree doesn't.
    return tuple(sorted(p for p in paths if p in now.entries or not is_derived(p)))


def changed_since(repository: Repository, commit: str | None, now: Worktree) -> tuple[str, ...]:
    """Return the paths that differ from a commit; all of them where there is none."""
    before = committed(repository, commit) if commit else None
    return differing(before or {}, now)


def _excluded(repository: Repository, prefix: str) -> Iterator[str]:
    """Yield the untracked files that only `info/exclude` hides: nobody else has that file.

    What `.gitignore` hides too stays hidden, and what the user's own list does, which is of editors
    and systems. Most projects' file has no pattern, and then git isn't asked.
    """
    file = repository.root / ".git/info/exclude"
    if not (repository.root / ".git").is_dir():
        said = repository.git("rev-parse", "--git-path", "info/exclude") or b""
        file = repository.root / os.fsdecode(said.rstrip(b"\n"))
    try:
        lines = file.read_bytes().splitlines()
    except OSError:
        return
    if all(not line.strip() or line.startswith(b"#") for line in lines):
        return
    others = ("ls-files", "--others", "-z", "--full-name")
    hidden = repository.git(*others, "--ignored", f"--exclude-from={file}", "--", ".") or b""
    shown = repository.git(*others, "--exclude-per-directory=.gitignore", "--", ".") or b""
    for name in {*hidden.split(b"\0")} & {*shown.split(b"\0")}:
        path = os.fsdecode(name)
        if path and not is_derived(path):
            yield path.removeprefix(prefix)


def _prefix(repository: Repository) -> str:
    if (repository.root / ".git").exists():
        return ""
    return os.fsdecode((repository.git("rev-parse", "--show-prefix") or b"").strip())


def _index(output: bytes, prefix: str) -> tuple[dict[str, str], set[str]]:
    """Return the index, and the paths of which it says that git must not look at the disk."""
    entries: dict[str, str] = {}
    hidden: set[str] = set()
    for word in output.split(b"\0"):
        facts, _, name = word.partition(b"\t")
        if not name:
            continue
        tag, mode, content, _stage = facts.decode().split()
        path = os.fsdecode(name).removeprefix(prefix)
        entries[path] = f"{mode} {content}"
        # A lower-case tag is `assume-unchanged`, S is `skip-worktree`.
        if tag.islower() or tag == "S":
            hidden.add(path)
    return entries, hidden


def _status(output: bytes, prefix: str) -> dict[str, str | None]:
    """Return the paths that git reports, and under "" the commit.

    Also those whose index differs from the commit: they are dirty, and the disk says what counts.
    """
    found: dict[str, str | None] = {"": None}
    for word in output.split(b"\0"):
        line = os.fsdecode(word)
        kind, _, rest = line.partition(" ")
        if line.startswith("# branch.oid "):
            commit = line.rpartition(" ")[2]
            found[""] = None if commit == "(initial)" else commit
        elif kind == "?":
            if not is_derived(rest):
                found[rest.removeprefix(prefix)] = None
        elif kind in ("1", "u"):
            path = rest.split(" ", 7 if kind == "1" else 9)[-1]
            found[path.removeprefix(prefix)] = None
    return found


def is_derived(path: str) -> bool:
    """Tell whether a tool leaves such a file behind; says nothing of whether it is tracked."""
    parts = path.rstrip("/").split("/")
    names = (*parts[:-1], parts[-1]) if path.endswith("/") else parts[:-1]
    return (
        not _DERIVED_FOLDERS.isdisjoint(names)
        or parts[-1] in _DERIVED_NAMES
        or parts[-1].startswith(".coverage.")
        or any(part.endswith(_DERIVED_ENDINGS) for part in parts)
    )


def is_ours(path: str) -> bool:
    """Tell whether a path is a document or a record: of this project, or of one inside it."""
    return path.startswith("PRPs/") or "/PRPs/" in path


def _on_disk(repository: Repository, paths: Iterable[str]) -> dict[str, str]:
    """Return mode and content name of files as they are on disk; what isn't there is left out."""
    found: dict[str, str] = {}
    regular: list[tuple[str, str]] = []
    for path in paths:
        full = repository.root / path
        try:
            status = full.lstat()
        except OSError:
            continue
        if stat.S_ISLNK(status.st_mode):
            target = os.fsencode(os.readlink(full))  # noqa: PTH115 - bytes, as git has it
            name = repository.git("hash-object", "--stdin", input=target) or b""
            found[path] = f"{_LINK} {name.decode().strip()}"
        elif stat.S_ISDIR(status.st_mode):
            inside = read(Repository(full))
            found[path] = f"{_GITLINK} {inside.revision} {inside.digest}"
        elif stat.S_ISREG(status.st_mode):
            regular.append((path, "100755" if status.st_mode & _EXECUTABLE else "100644"))
    names = _content_names(repository, [path for path, _ in regular])
    return found | {path: f"{mode} {names[path]}" for path, mode in regular if path in names}


def _content_names(repository: Repository, paths: Sequence[str]) -> dict[str, str]:
    """Return git's name for the content of each file, with the filters of its attributes."""
    plain = [path for path in paths if "\n" not in path]
    output = (
        repository.git(
            "hash-object",
            "--stdin-paths",
            input=b"".join(os.fsencode(path) + b"\n" for path in plain),
        )
        if plain
        else b""
    )
    if output is None or len(output.split()) != len(plain):
        # One that can't be read takes the others with it, so each is asked alone.
        plain, output = [], b""
    names = dict(zip(plain, output.decode().split(), strict=True))
    return names | dict(_one_by_one(repository, [path for path in paths if path not in names]))


def _one_by_one(repository: Repository, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    for path in paths:
        output = repository.git("hash-object", "--", path)
        yield path, output.decode().strip() if output else "unreadable"
