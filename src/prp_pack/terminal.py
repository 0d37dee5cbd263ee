"""What the commands share: exit statuses, complaints, and how a user's words are read."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

import click

from prp_pack import installed
from prp_pack.check import cache
from prp_pack.check.engine import Checker
from prp_pack.check.settings import Settings
from prp_pack.checking import Keeping
from prp_pack.project import CheckedOut
from prp_pack.report.visible import visible
from prp_pack.repository import Repository

T = TypeVar("T")

CLEAN, FINDINGS, FAILED = 0, 1, 2

# Fewer files than this are checked before anybody wonders.
FILES_WORTH_A_BAR = 50


def examples(*lines: str) -> str:
    """Return the examples of a command's help, kept as they are by click."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def complain(message: str, help_: str = "") -> None:
    click.echo(f"prp: {visible(message)}", err=True)
    if help_:
        click.echo(f"    help: {visible(help_)}", err=True)


def checker_of(repository: Repository, settings: Settings | None = None) -> Checker:
    """Return the rules for a project, as this shell sees it."""
    project = CheckedOut(repository, os.environ.get("PATH", os.defpath))
    return Checker(repository, project=project, settings=settings)


def words(values: Iterable[str]) -> list[str]:
    """Return what stands between commas, in each of several options."""
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def progress(done: Iterable[T], count: int) -> AbstractContextManager[Iterable[T]]:
    """Return what yields the same, and shows on a terminal how many of so many there were."""
    hidden = count < FILES_WORTH_A_BAR or not sys.stderr.isatty()
    return click.progressbar(
        done, length=count, label="checking", file=sys.stderr, hidden=hidden
    )  # fmt: skip


def processors() -> int:
    """Return how many processors this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def keeping_here() -> Keeping | None:
    """Return where this user's results are kept; None where there is no place for a key."""
    folder = Path(click.get_app_dir("prp"))
    key = cache.key_in(folder) if folder.is_absolute() else b""
    return Keeping(installed.fingerprint(), key) if key else None


def colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


@contextmanager
def ending_in_order() -> Iterator[None]:
    """End what was started also when the system asks this process to end."""

    def end(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), end) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
