"""What the commands share: exit statuses, complaints, and how a user's words are read."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager

import click

from prp_pack.check.engine import Checker
from prp_pack.check.settings import Settings
from prp_pack.project import CheckedOut
from prp_pack.report.visible import visible
from prp_pack.repository import Repository

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


def progress(files: list[str]) -> AbstractContextManager[Iterable[str]]:
    hidden = len(files) < FILES_WORTH_A_BAR or not sys.stderr.isatty()
    return click.progressbar(files, label="checking", file=sys.stderr, hidden=hidden)


def colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
