"""Doing what was planned, and refusing beforehand what couldn't be done."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path, PurePosixPath

from prp_pack.install.change import Change
from prp_pack.repository import Repository, Source, UnreadableError


def apply(repository: Repository, changes: tuple[Change, ...]) -> None:
    """Do what was planned; nothing at all when any file has changed since then."""
    doing = [change for change in changes if change.writes or change.removes]
    expect_possible(repository, tuple(doing))
    for change in doing:
        now = repository.read_if_there(change.path)
        if (now.raw if now else None) != change.before:
            raise UnreadableError(change.path, "has changed meanwhile", help="run it again")
    for change in doing:
        if change.writes:
            repository.write(change.path, change.content)
        else:
            repository.remove(change.path)
            _remove_empty_folders(repository, change.path)


def expect_possible(repository: Repository, changes: tuple[Change, ...]) -> None:
    """Raise `UnreadableError` for the first change that couldn't be made."""
    for change in changes:
        if change.writes or change.removes:
            _expect_writable(repository, change.path)


def read(repository: Repository, path: str) -> Source | None:
    """Return a file's text, None where there is none; refuses what leads out of the project."""
    _expect_inside(repository, path)
    return repository.read_if_there(path)


def _remove_empty_folders(repository: Repository, path: str) -> None:
    # A folder that holds something, or is a link, ends it: that is somebody else's.
    with suppress(OSError):
        for folder in PurePosixPath(path).parents[:-1]:
            (repository.root / folder).rmdir()


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
