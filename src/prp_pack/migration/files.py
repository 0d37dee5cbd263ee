"""Migrations of a project's files, and writing them where nothing can be lost by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prp_pack.check.engine import Checker
from prp_pack.migration.steps import Migration, migrate
from prp_pack.migration.subject import Destination
from prp_pack.repository import Repository, UnreadableError


def migrations(
    checker: Checker, files: Iterable[str], destination: Destination | None = None
) -> Iterator[Migration | UnreadableError]:
    """Yield what becomes of each file of the checker's project, or why it can't be read."""
    for file in files:
        try:
            yield migrate(checker, checker.repository.read(file), destination)
        except UnreadableError as error:
            yield error


def write(repository: Repository, migration: Migration, *, force: bool = False) -> None:
    """Write a migrated document in one step.

    Raises `UnreadableError` when the file has changed since it was read, and without `force` also
    when git couldn't bring back what is there now.
    """
    path = migration.path
    if not force:
        # What a link leads to is what is written.
        full = (repository.root / path).resolve()
        _refuse_unsaved(Repository(full.parent), full.name, path)
    if repository.read(path).raw != migration.before.raw:
        raise UnreadableError(path, "has changed meanwhile and was not touched", help="run it anew")
    repository.write(path, migration.raw)


def _refuse_unsaved(folder: Repository, name: str, path: str) -> None:
    help_ = "commit it first, or write with --force"
    status = folder.git(
        "status",
        "--porcelain",
        "-z",
        "--untracked-files=all",
        "--ignored",
        "--",
        f":(literal){name}",
    )
    if status is None:
        said = "is not in a git repository, which could bring back what is there now"
        raise UnreadableError(path, said, help=help_)
    if status:
        raise UnreadableError(path, "has changes that git doesn't have", help=help_)
