"""The project on disk: its root, its documents, and git's list of its files.

The only module below the entry points that touches the disk, and the only one that starts a
process: git, and nothing that a document names.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath

from prp_pack.regex import regex
from prp_pack.values import dataclass

# The largest real PRP measured has 111 kB. What is larger is no document for an agent.
MAX_BYTES = 4 * 1024 * 1024
GIT_SECONDS = 20

# What this working copy remembers; git ignores it.
STATE = ".prp"

# Where git didn't answer in time: each further question would take as long.
_SILENT: set[Path] = set()

# Set while git runs a hook; they mean the repository of the commit, which a monorepo's `PRPs/`
# need not be the root of.
_HOOK_VARIABLES = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"})

# A repository's own configuration may name programs: for git to ask what has changed, to show who
# signed a commit, to fetch what a partial clone lacks. Looking at a repository starts none of them.
_HARMLESS = tuple(
    word
    for setting in (
        "core.fsmonitor=false",
        f"core.hooksPath={os.devnull}",
        "log.showSignature=false",
        "safe.bareRepository=explicit",
    )
    for word in ("-c", setting)
)
_HARMLESS_VARIABLES = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}

# Folders under PRPs/ that hold no document of a phase.
NOT_DOCUMENTS = ("templates", "ai_docs", "evidence", "contracts", "baselines")

_LINES = regex(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


class UnreadableError(Exception):
    """A file that can't be read as a document; prints as one line with path and reason."""

    def __init__(self, path: str, reason: str, line: int = 0, help: str = "") -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.line = line
        self.help = help

    def __reduce__(self) -> tuple[type[UnreadableError], tuple[str, str, int, str]]:
        # An exception's own way to another process keeps the message alone.
        return type(self), (self.path, self.reason, self.line, self.help)


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text: `text` has LF newlines and no BOM, `raw` is as it lies on disk."""

    path: str
    text: str
    raw: str

    @property
    def raw_lines(self) -> list[str]:
        """The lines with their own newlines; `text` splits at the same places."""
        return _LINES.findall(self.raw)

    @property
    def newline(self) -> str:
        if "\r\n" in self.raw:
            return "\r\n"
        return "\r" if "\r" in self.raw and "\n" not in self.raw else "\n"


def decode(content: bytes, path: str) -> Source:
    """Return the text of a document's bytes; raises `UnreadableError` for what isn't text."""
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise UnreadableError(path, "is binary, not Markdown", line)
    try:
        raw = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        reason = f"is not UTF-8: byte 0x{byte:02x} at offset {error.start}"
        raise UnreadableError(path, reason, line, "save the file as UTF-8") from None
    text = raw.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return Source(path, text, raw)


@dataclass(frozen=True, slots=True)
class Repository:
    """A project with a `PRPs/` folder, or the folder that would hold one."""

    root: Path

    @classmethod
    def containing(cls, start: Path) -> Repository:
        """Return the nearest folder from `start` upwards that holds `PRPs/` or is git's root."""
        start = Path(os.path.abspath(start))  # noqa: PTH100 - resolve() would follow links
        for folder in (start, *start.parents):
            # `Path.is_dir` raises where a folder may not be entered.
            if os.path.isdir(folder / "PRPs") or os.path.exists(folder / ".git"):  # noqa: PTH110, PTH112
                return cls(folder)
        return cls(start)

    def relative(self, path: Path) -> str:
        """Return the path from the root, with `/`; a path outside stays absolute."""
        full = Path(os.path.abspath(path))  # noqa: PTH100
        try:
            return full.relative_to(self.root).as_posix()
        except ValueError:
            return full.as_posix()

    def read(self, path: str) -> Source:
        """Return the text of a file of this project; raises `UnreadableError`, says why."""
        return decode(self.content(path), path)

    def content(self, path: str, limit: int = MAX_BYTES) -> bytes:
        """Return the bytes of a file of this project; raises `UnreadableError`, says why."""
        full = self._inside(path)
        try:
            known = full.stat()
            mode = known.st_mode
            if stat.S_ISDIR(mode):
                if not os.access(full, os.R_OK | os.X_OK):
                    raise UnreadableError(path, "cannot be read: permission denied")
                raise UnreadableError(path, "is a directory, not a file")
            if not stat.S_ISREG(mode):
                raise UnreadableError(path, "is not a regular file")
            with full.open("rb") as file:
                # To ask for all that may be there takes that much memory, for each small file.
                content = file.read(min(known.st_size, limit) + 1)
                if len(content) > known.st_size:
                    content += file.read(max(0, limit + 1 - len(content)))
        except FileNotFoundError:
            raise UnreadableError(path, "does not exist") from None
        except OSError as error:
            raise UnreadableError(path, f"cannot be read: {_reason(error)}") from None
        if len(content) > limit:
            size, most = full.stat().st_size / 1e6, limit / 1e6
            reason = f"has {size:.1f} MB; a document of more than {most:.1f} MB is not read"
            raise UnreadableError(path, reason, help="split it, or keep data outside of PRPs/")
        return content

    def read_if_there(self, path: str) -> Source | None:
        """Return the file's text, None when there is no such file."""
        return self.read(path) if self.exists(path) else None

    def exists(self, path: str) -> bool:
        try:
            return (self.root / path).exists()
        except (OSError, ValueError):
            # A name that the system can't even look up names nothing.
            return False

    def write(self, path: str, raw: str, *, private: bool = False) -> None:
        """Replace a file's content in one step: a reader sees the old or the new, never half.

        A `private` file is its owner's alone to read. Raises `UnreadableError`.
        """
        import tempfile  # noqa: PLC0415 - most runs write nothing

        full = self._inside(path)
        full = full.resolve() if full.is_symlink() else full
        try:
            content = raw.encode("utf-8")
        except UnicodeEncodeError as error:
            line = raw.count("\n", 0, error.start) + 1
            reason = "cannot be written: has half of a character"
            raise UnreadableError(path, reason, line) from None
        try:
            full.parent.mkdir(parents=True, exist_ok=True)
            mode = stat.S_IMODE(full.stat().st_mode) if full.exists() else 0o666 & ~_umask()
            mode = 0o600 if private else mode
            descriptor, name = tempfile.mkstemp(dir=full.parent, prefix=".prp.")
        except OSError as error:
            raise UnreadableError(path, f"cannot be written: {_reason(error)}") from None
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(mode)
            temporary.replace(full)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise UnreadableError(path, f"cannot be written: {_reason(error)}") from None

    def prepare_state(self) -> None:
        """Create the state folder, which git ignores by its own word, as other tools' caches do."""
        ignore = f"{STATE}/.gitignore"
        if not self.exists(ignore):
            self.write(ignore, "*\n")

    def keep(self, name: str, line: str) -> None:
        """Add a line to a file of the state folder; two writers at once don't mix theirs."""
        self.prepare_state()
        path = f"{STATE}/{name}"
        # A disk that was full may have ended it within a line, which must not swallow this one.
        broken = self._ends_within_a_line(path)
        self.append(path, f"\n{line}" if broken else line)

    def _ends_within_a_line(self, path: str) -> bool:
        full = self._inside(path)
        try:
            # A pipe that nobody writes would hold whoever opens it.
            if not stat.S_ISREG(full.stat().st_mode):
                return False
            with full.open("rb") as file:
                file.seek(-1, os.SEEK_END)
                return file.read(1) != b"\n"
        except OSError:
            # It isn't there, is empty, or can't be read; writing it says more.
            return False

    def append(self, path: str, text: str) -> None:
        """Add to the end of a file; raises `UnreadableError` for what is no file of the project."""
        full = self._inside(path)
        # A pipe that nobody reads would hold whoever opens it.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
        try:
            with open(os.open(full, flags, 0o666), "ab") as file:  # noqa: PTH123 - a descriptor
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise UnreadableError(path, "cannot be written: is not a regular file")
                file.write(text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise UnreadableError(path, f"cannot be written: {_reason(error)}") from None

    def remove(self, path: str) -> None:
        """Remove a file, if it is there; raises `UnreadableError` for what can't be removed."""
        full = self._inside(str(PurePosixPath(path).parent)) / PurePosixPath(path).name
        try:
            full.unlink(missing_ok=True)
        except OSError as error:
            raise UnreadableError(path, f"cannot be removed: {_reason(error)}") from None

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names of what lies in a folder, in order; none where there is no folder."""
        try:
            return tuple(sorted(entry.name for entry in self._inside(folder).iterdir()))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise UnreadableError(folder, f"cannot be read: {_reason(error)}") from None

    def keep_newest(self, folder: str, names: str, count: int) -> None:
        """Remove all but so many of the files of a pattern in a folder.

        Raises `UnreadableError`, also when a link leads to the folder: what lies there is
        somebody else's.
        """
        full = self._inside(folder)
        if full.resolve() != self.root.resolve() / folder:
            raise UnreadableError(folder, "is a link, and nothing is removed from there")
        try:
            files = [file for file in full.glob(names) if file.is_file()]
            files.sort(key=lambda file: file.stat().st_mtime_ns, reverse=True)
            for file in files[count:]:
                file.unlink(missing_ok=True)
        except OSError as error:
            raise UnreadableError(folder, f"cannot be cleared: {_reason(error)}") from None

    def documents(self, folder: str = "PRPs") -> Iterator[str]:
        """Yield the Markdown files below a folder in order, without those that aren't documents.

        A folder that can't be listed, or lies outside, is yielded itself: reading it says why.
        """
        try:
            top = self._inside(folder)
        except UnreadableError:
            yield folder
            return
        for base, folders, names in _walk(top):
            here = self.relative(Path(base))
            if names is None:
                yield here
                continue
            folders[:] = sorted(name for name in folders if not _skipped(f"{here}/{name}"))
            for name in sorted(names):
                if name.lower().endswith(".md") and not name.startswith("."):
                    yield f"{here}/{name}" if here != "." else name

    def is_document(self, path: str) -> bool:
        """Tell whether a path is where this project keeps documents, whether it exists or not."""
        parts = PurePosixPath(path).parts
        steps = ("/".join(parts[: end + 1]) for end in range(len(parts)))
        return path.startswith("PRPs/") and not any(_skipped(step) for step in steps)

    def files(self) -> tuple[str, ...]:
        """Return the project's files as git knows them: tracked or untracked, not ignored.

        Outside of a git repository, every file but hidden ones.
        """
        listed = self._git_files()
        paths = listed if listed is not None else self._walked_files()
        return tuple(sorted(path for path in paths if os.path.isfile(self.root / path)))  # noqa: PTH113

    def holds(self, path: str) -> bool:
        """Tell whether a file or folder is there and lies inside of the project."""
        try:
            return self._inside(path).exists()
        except (OSError, ValueError, UnreadableError):
            return False

    def renames(self) -> dict[str, str]:
        """Return old path to present path for the files that git knows to have moved.

        Only names that exist no more, and only the last thousand commits. None in a partial clone
        that lacks a file's old text: nothing is fetched to look at a repository.
        """
        output = self.git(
            "log", "-1000", "--format=", "--name-status", "--diff-filter=R", "-z", "--relative"
        )
        words = iter((output or b"").split(b"\0"))
        found: dict[str, str] = {}
        for status in words:
            if status.strip().startswith(b"R"):
                old, new = (os.fsdecode(next(words, b"")) for _ in range(2))
                # The log goes back in time: what the new name became later is known already.
                found.setdefault(old, found.get(new, new))
        return {old: new for old, new in found.items() if self.holds(new) and not self.holds(old)}

    def ignores(self, path: str) -> bool:
        """Tell whether git ignores the path."""
        return self.git("check-ignore", "--quiet", "--", path) is not None

    def ignored(self, paths: Collection[str]) -> frozenset[str]:
        """Return those of the paths that git ignores; one question instead of one for each."""
        several = {path: os.fsencode(path) for path in paths if _can_be_listed(path)}
        given = b"".join(name + b"\0" for name in several.values())
        done = self._run_git("check-ignore", "--stdin", "-z", input=given) if several else None
        if done is None or done[0] not in (0, 1):
            # One name that git refuses to look at takes the answers on the others with it.
            return frozenset(path for path in paths if self.ignores(path))
        said = frozenset(done[1].split(b"\0"))
        alone = (path for path in paths if path not in several and self.ignores(path))
        return frozenset((*(path for path, name in several.items() if name in said), *alone))

    def _git_files(self) -> list[str] | None:
        output = self.git(
            "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"
        )
        return None if output is None else [os.fsdecode(n) for n in output.split(b"\0") if n]

    def git(
        self,
        *arguments: str,
        input: bytes | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> bytes | None:
        """Return what git prints; None when it fails or isn't there."""
        run = self._run_git(*arguments, input=input, environment=environment)
        return run[1] if run and run[0] == 0 else None

    def _run_git(
        self,
        *arguments: str,
        input: bytes | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes] | None:
        """Return git's exit status and what it prints; None when it isn't there."""
        if self.root in _SILENT:
            return None
        # A hook mostly asks git nothing, and this import is a third of its start.
        import subprocess  # noqa: PLC0415

        command = ["git", "-C", str(self.root), *_HARMLESS, *arguments]
        kept = {key: value for key, value in os.environ.items() if key not in _HOOK_VARIABLES}
        try:
            run = subprocess.run(  # noqa: S603 - a fixed command; nothing of it from a document
                command,
                env={**kept, **_HARMLESS_VARIABLES, **(environment or {})},
                capture_output=True,
                timeout=GIT_SECONDS,
                check=False,
                input=input or b"",
            )
        except OSError:
            return None
        except subprocess.TimeoutExpired:
            _SILENT.add(self.root)
            return None
        return run.returncode, run.stdout

    def _walked_files(self) -> Iterator[str]:
        for base, folders, names in _walk(self.root):
            folders[:] = sorted(n for n in folders if not n.startswith(".") and n != "node_modules")
            for name in names or ():
                if not name.startswith("."):
                    yield self.relative(Path(base, name))

    def _inside(self, path: str) -> Path:
        """Return the full path; raises `UnreadableError` when it leads out of the project."""
        full = self.root / path
        if self._goes_straight(path):
            return full
        try:
            real, root = full.resolve(), self.root.resolve()
        except (OSError, RuntimeError, ValueError) as error:
            raise UnreadableError(path, f"cannot be resolved: {error}") from None
        if not real.is_relative_to(root):
            how = "is a link that leads" if full.is_symlink() else "lies"
            raise UnreadableError(path, f"{how} outside of the project {self.root}")
        return full

    def _goes_straight(self, path: str) -> bool:
        """Tell whether a path leads down from the root without any link, and so stays inside.

        Resolving asks for each folder from `/` on; this asks only for those below the root.
        """
        # A drive, a backslash or a junction is for `resolve` to judge.
        if os.name != "posix" or path.startswith("/"):
            return False
        here = str(self.root)
        for part in path.split("/"):
            if part == "..":
                return False
            here = f"{here}/{part}"
            try:
                if stat.S_ISLNK(os.lstat(here).st_mode):
                    return False
            except (FileNotFoundError, NotADirectoryError):
                # Below what isn't there is no link either, and `..` could still lead away.
                return ".." not in path
            except (OSError, ValueError):
                return False
        return True


def _walk(top: Path) -> Iterator[tuple[str, list[str], list[str] | None]]:
    """Yield each folder with the folders and the other names in it, from the top downwards.

    As `os.walk`, which in Python 3.11 goes only as deep as its stack; who iterates may take folders
    out. The names are None where a folder can't be listed. Links are not followed.
    """
    waiting = [os.fspath(top)]
    while waiting:
        base = waiting.pop()
        folders: list[str] = []
        names: list[str] = []
        try:
            with os.scandir(base) as entries:
                for entry in entries:
                    (folders if _is_folder(entry) else names).append(entry.name)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            yield base, [], None
            continue
        yield base, folders, names
        below = [os.path.join(base, name) for name in reversed(folders)]  # noqa: PTH118 - many
        waiting += [folder for folder in below if not os.path.islink(folder)]  # noqa: PTH114


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        # A link that leads round in a circle, or through what nobody may enter.
        return False


def _skipped(path: str) -> bool:
    parts = PurePosixPath(path).parts
    if parts[-1].startswith("."):
        return True
    return len(parts) > 1 and parts[-2] == "PRPs" and parts[-1] in NOT_DOCUMENTS


def _can_be_listed(path: str) -> bool:
    """Tell whether a name can be one of several on git's standard input."""
    if not path or "\0" in path:
        return False
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
