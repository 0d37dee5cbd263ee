"""Where a page may be written, and the writing of it."""

from __future__ import annotations

import os
from pathlib import Path

from prp_pack.repository import STATE, Repository, UnreadableError

STALE = "counts as a file of the project, so that evidence goes stale by it"


def expect_page(output: str) -> None:
    """Raise `UnreadableError` for a name that is no page's, or what a page must not replace."""
    path = _full(output)
    if path.suffix.lower() not in (".html", ".htm"):
        raise UnreadableError(output, "is no name for a page", help="name an .html file")
    if os.path.exists(path) and not os.path.isfile(path):  # noqa: PTH110, PTH113
        raise UnreadableError(output, "is not a regular file, and no page is written to it")


def expect_uncounted(repository: Repository, output: str) -> None:
    """Raise `UnreadableError` for a page that would outdate evidence: for before a long run."""
    if counted(repository, output):
        help_ = f"add it to .gitignore, or write to {STATE}/{Path(output).name}"
        raise UnreadableError(output, STALE, help=help_)


def write(repository: Repository, output: str, text: str) -> None:
    """Write the page in one step, wherever it lies; raises `UnreadableError`."""
    path = _full(output)
    inside = repository.relative(path)
    if Path(inside).is_absolute():
        Repository(path.parent).write(path.name, text)
    else:
        repository.write(inside, text)


def counted(repository: Repository, output: str) -> str:
    """Return the page's path in the project where evidence depends on it; empty elsewhere."""
    inside = repository.relative(_full(output))
    if Path(inside).is_absolute() or inside.startswith(("PRPs/", f"{STATE}/")):
        return ""
    is_seen = repository.git("rev-parse", "HEAD") is not None and not repository.ignores(inside)
    return inside if is_seen else ""


def _full(output: str) -> Path:
    return Path(os.path.abspath(output))  # noqa: PTH100 - resolve() would follow links
