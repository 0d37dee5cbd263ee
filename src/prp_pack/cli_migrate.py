"""`prp migrate`: parse arguments, call, report, exit. No logic."""

from __future__ import annotations

import re
from pathlib import Path

import click

from prp_pack import checking
from prp_pack.check.engine import Checker
from prp_pack.migration import files, telling
from prp_pack.migration.steps import Migration
from prp_pack.migration.subject import Destination
from prp_pack.migration.telling import Told
from prp_pack.report.visible import visible, visible_lines
from prp_pack.repository import Repository, UnreadableError
from prp_pack.surroundings import project_here
from prp_pack.terminal import CLEAN, FAILED, FINDINGS, JSON, complain, examples

_PHASE = re.compile(r"phase[ _-]?([1-9]\d{0,3})", re.IGNORECASE)


def _destination(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> Destination | None:
    if value is None or value == "simple":
        return None if value is None else Destination()
    found = _PHASE.fullmatch(value)
    if found is None:
        said = f"{value!r} is neither “simple” nor “phase N”"
        raise click.BadParameter(said, ctx, param)
    return Destination(int(found[1]))


@click.command(
    epilog=examples(
        "prp migrate PRPs                       # shows what would change",
        "prp migrate PRPs/search.md --write",
        "prp migrate PRPs/search.md --to 'phase 2' --write",
    )
)
@click.argument("paths", nargs=-1, type=click.Path(readable=False, path_type=Path))
@click.option("--write", "writing", is_flag=True, help="Write what the diff shows.")
@click.option(
    "--to", "destination", metavar="simple|'phase N'", callback=_destination,
    help="What an older PRP becomes, where its name and the plan don't say.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Write files that git couldn't bring back, too.")
@JSON
def migrate(
    paths: tuple[Path, ...], writing: bool, destination: Destination | None, force: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Bring PRPs, plans and summaries of older forms to today's; without PATHS all of PRPs/.

    Prints a diff, and on standard error what had no place. Writes nothing without --write. Exit
    status 1: something would change, or was left as it is.
    """
    here = Path.cwd()
    every: list[Told] = []
    for repository, named in checking.files_by_project(paths, here).items():
        made = files.migrations(
            Checker(repository, project=project_here(repository)), named, destination
        )
        for file, found in zip(named, made, strict=True):
            told = _settled(repository, here, file, found, writing=writing, force=force)
            every.append(told)
            if not as_json:
                _show(told, writing=writing)
    if as_json:
        click.echo(telling.to_json(every), nl=False)
    for told in every:
        if told.error:
            complain(f"{told.name}: {told.error.reason}", told.error.help)
    if not as_json:
        click.echo(telling.summary(every, writing=writing), err=True)
    if any(told.error for told in every) or not every:
        raise click.exceptions.Exit(FAILED)
    open_ = any(told.is_pending or told.is_left for told in every)
    raise click.exceptions.Exit(FINDINGS if open_ else CLEAN)


def _settled(  # noqa: PLR0913 - what was found, where it stands, and what was asked
    repository: Repository, here: Path, file: str, found: Migration | UnreadableError, *,
    writing: bool, force: bool,
) -> Told:  # fmt: skip
    """Return what became of a file, after writing it where that is asked for."""
    name = checking.shown(repository, file, here)
    if isinstance(found, UnreadableError):
        return Told(name, error=found)
    if not writing or not found.changes:
        return Told(name, found)
    try:
        files.write(repository, found, force=force)
    except UnreadableError as error:
        return Told(name, found, error)
    return Told(name, found, written=True)


def _show(told: Told, *, writing: bool) -> None:
    if told.migration and not writing and told.migration.diff:
        click.echo(visible_lines(told.migration.diff), nl=False)
    for line in telling.lines(told):
        click.echo(visible(line), err=True)
