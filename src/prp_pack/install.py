"""What `prp init` puts into a project: commands, the hook, settings, templates.

A file that somebody has edited is never overwritten. Which versions are ours stands in a
manifest, as digests of the text with LF newlines, so that a checkout with CRLF is still ours.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from io import StringIO
from pathlib import Path

from prp_pack import __version__, assets
from prp_pack.repository import Repository, Source, UnreadableError
from prp_pack.settings_json import PROJECT_SCRIPT, SCRIPT, hook_settings, merged
from prp_pack.values import dataclass

MANIFEST = ".claude/prp-manifest.json"
SETTINGS = ".claude/settings.json"
CONFIG = "PRPs/prp.toml"
# What it holds where there is none yet.
_CONFIG = Path(__file__).parent / "check/prp.toml"

AI_DOCS = """\
# Documents for the agent

Put here what an agent can't find in this repository or wouldn't get right from memory: the pages
of a library's manual that a PRP relies on, a protocol, a vendor's pitfalls. One subject a file,
cut down to what is needed, with the address and the version it was taken from.

A PRP names such a file under “Documentation & References”:

```yaml
- docfile: "PRPs/ai_docs/stripe_webhooks.md"
  why: "how signatures are verified; the order of events isn't guaranteed"
```
"""


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one file; prints as one line.

    `before` is the file's raw text now, None where there is none; `content` is what it will be.
    """

    path: str
    action: Action
    content: str
    before: str | None = None
    reason: str = ""
    help: str = ""

    def __str__(self) -> str:
        line = f"{self.action:<9} {self.path}"
        return f"{line}: {self.reason}" if self.reason else line

    @property
    def writes(self) -> bool:
        return self.action in (Action.CREATE, Action.UPDATE)

    @property
    def diff(self) -> str:
        """The change as a unified diff; empty when nothing is written."""
        if not self.writes:
            return ""
        old = "/dev/null" if self.before is None else f"a/{self.path}"
        before, after = StringIO(self.before or "").readlines(), StringIO(self.content).readlines()
        lines = difflib.unified_diff(before, after, old, f"b/{self.path}")
        ended = (x if x.endswith("\n") else f"{x}\n\\ No newline at end of file\n" for x in lines)
        return "".join(ended)


def plan_install(
    repository: Repository, folder: Callable[[str], Path] = assets.folder
) -> tuple[Change, ...]:
    """Return what an install changes, in the order of writing, without writing anything.

    `folder` tells where the files lie that the pack ships. Raises `UnreadableError` for the first
    file that can't be read or couldn't be written.
    """
    known = _manifest(repository)
    changes = [_plan_file(repository, *file, known) for file in _shipped(folder)]
    changes.append(_plan_settings(repository))
    ours = {c.path: _digest(c.content) for c in changes[:-1] if c.action is not Action.KEPT}
    # An entry outlives an edit, so that a file put back to our version is ours again.
    older = {path: digest for path, digest in known.items() if _is_there(repository, path)}
    changes.append(_plan_manifest(repository, older | ours))
    for change in changes:
        if change.writes:
            _expect_writable(repository, change.path)
    return tuple(changes)


def apply(repository: Repository, changes: tuple[Change, ...]) -> None:
    """Write what was planned; writes nothing when any file has changed since then."""
    writing = [change for change in changes if change.writes]
    for change in writing:
        _expect_writable(repository, change.path)
        now = repository.read_if_there(change.path)
        if (now.raw if now else None) != change.before:
            raise UnreadableError(change.path, "has changed meanwhile", help="run it again")
    for change in writing:
        repository.write(change.path, change.content)


def hints(changes: tuple[Change, ...]) -> Iterator[str]:
    """Yield what the user may want to do next."""
    for change in changes:
        if change.help:
            yield f"{change.path} {change.reason}: {change.help}"
    if any(change.writes for change in changes):
        yield "commit .claude/ and PRPs/, so that everyone in the project has the same commands"
        yield "to check PRPs before each commit, run `prp check` from .pre-commit-config.yaml"


def _shipped(folder: Callable[[str], Path]) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each file that is installed as it is."""
    for path in sorted(folder("commands").glob("*.md")):
        yield f".claude/commands/{path.name}", _asset(path)
    for path in folder("hooks").glob(SCRIPT):
        yield PROJECT_SCRIPT, _asset(path)
    for path in sorted(folder("templates").glob("*.md")):
        yield f"PRPs/templates/{path.name}", _asset(path)
    for path in sorted(folder("scripts").glob("*.py")):
        yield f"scripts/{path.name}", _asset(path)
    yield "PRPs/ai_docs/README.md", AI_DOCS
    yield CONFIG, _CONFIG.read_text(encoding="utf-8")


def _asset(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _plan_file(repository: Repository, path: str, text: str, known: Mapping[str, str]) -> Change:
    there = _read(repository, path)
    if there is None:
        return Change(path, Action.CREATE, text)
    content = text.replace("\n", there.newline)
    if there.text == text:
        return Change(path, Action.UNCHANGED, there.raw, there.raw)
    if known.get(path) == _digest(there.text):
        return Change(path, Action.UPDATE, content, there.raw)
    if path == CONFIG:
        return Change(path, Action.KEPT, there.raw, there.raw, "is the project's own")
    reason = "was edited since it was installed" if path in known else "is not from prp-pack"
    remedy = "to get ours, move it away and run `prp init` again"
    return Change(path, Action.KEPT, there.raw, there.raw, reason, remedy)


def _plan_settings(repository: Repository) -> Change:
    there = _read(repository, SETTINGS)
    hooks = hook_settings("CLAUDE_PROJECT_DIR", PROJECT_SCRIPT)["hooks"]
    content = merged(there or Source(SETTINGS, "", ""), hooks, SCRIPT)
    return _generated(SETTINGS, content, there, "hooks merged into it")


def _plan_manifest(repository: Repository, files: Mapping[str, str]) -> Change:
    document = {"version": 1, "pack": __version__, "files": dict(sorted(files.items()))}
    there = _read(repository, MANIFEST)
    content = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return _generated(MANIFEST, content.replace("\n", there.newline if there else "\n"), there)


def _generated(path: str, content: str, there: Source | None, reason: str = "") -> Change:
    if there is None:
        return Change(path, Action.CREATE, content)
    if there.raw == content:
        return Change(path, Action.UNCHANGED, content, there.raw)
    return Change(path, Action.UPDATE, content, there.raw, reason)


def _manifest(repository: Repository) -> dict[str, str]:
    """Return the digests of the files as we installed them, by path."""
    source = _read(repository, MANIFEST)
    if source is None:
        return {}
    remedy = "delete it and run `prp init` again: files that equal ours are recognised"
    try:
        document = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(MANIFEST, f"is not valid JSON: {error}", help=remedy) from None
    files = document.get("files") if isinstance(document, dict) else None
    if not isinstance(files, dict) or document.get("version") != 1:
        raise UnreadableError(MANIFEST, "is not a manifest of version 1", help=remedy)
    return {path: digest for path, digest in files.items() if isinstance(digest, str)}


def _is_there(repository: Repository, path: str) -> bool:
    inside = repository.relative(repository.root / path) == path
    return inside and repository.exists(path)


def _digest(text: str) -> str:
    normalised = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return hashlib.sha256(normalised.encode()).hexdigest()


def _read(repository: Repository, path: str) -> Source | None:
    _expect_inside(repository, path)
    return repository.read_if_there(path)


def _expect_inside(repository: Repository, path: str) -> None:
    """Refuse a path on which a link leads out of the project, whether its end exists or not."""
    full, root = repository.root / path, repository.root.resolve()
    for place in (*reversed(full.relative_to(repository.root).parents), Path(path)):
        try:
            inside = (repository.root / place).resolve().is_relative_to(root)
        except (OSError, RuntimeError) as error:
            raise UnreadableError(place.as_posix(), f"cannot be resolved: {error}") from None
        if not inside:
            reason = f"is a link that leads out of the project {repository.root}"
            raise UnreadableError(place.as_posix(), reason, help="replace it by a folder or file")


def _expect_writable(repository: Repository, path: str) -> None:
    """Refuse what couldn't be written: all of this is asked before the first file is written."""
    _expect_inside(repository, path)
    full = (repository.root / path).resolve()
    folder = full.parent
    # `Path.exists` raises where a folder may not be entered.
    while not os.path.exists(folder):  # noqa: PTH110
        folder = folder.parent
    name = repository.relative(folder)
    if not folder.is_dir():
        raise UnreadableError(name, f"is a file, but {path} needs a folder there")
    for place, shown in ((full, path), (folder, name)):
        # The mode is asked too: for root, `access` says yes to everything.
        there = os.path.exists(place)  # noqa: PTH110
        if there and not (os.access(place, os.W_OK) and place.stat().st_mode & 0o222):
            raise UnreadableError(shown, "is read-only", help="make it writable")
