"""`prp init`, `prp doctor`: parse arguments, call, report, exit. No logic."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from prp_pack import doctor as doctors
from prp_pack import install
from prp_pack.install import plugin, removal
from prp_pack.install.manifest import MANIFEST
from prp_pack.report.visible import visible, visible_lines
from prp_pack.repository import Repository
from prp_pack.terminal import CLEAN, FINDINGS, examples


@click.command(
    epilog=examples(
        "prp init", "prp init ../service --dry-run", "prp init --upgrade", "prp init --uninstall"
    )
)
@click.argument("directory", default=".", type=click.Path(readable=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@click.option("--diff", is_flag=True, help="The same with each file's diff, new ones whole.")
@click.option("--upgrade", is_flag=True, help="Merge what is new in ours into what you edited.")
@click.option("--uninstall", is_flag=True, help="Remove what is ours and nobody edited.")
def init(directory: Path, dry_run: bool, diff: bool, upgrade: bool, uninstall: bool) -> None:
    """Install commands, hooks and templates into a project. Overwrites nothing that you edited."""
    if not directory.is_dir():
        raise click.UsageError(f"{directory} is not a directory")
    if upgrade and uninstall:
        raise click.UsageError("--upgrade and --uninstall exclude each other")
    repository = Repository(Path(os.path.abspath(directory)))  # noqa: PTH100 - keeps links
    if uninstall:
        changes = install.plan_removal(repository)
        hints = [*removal.hints(repository, changes)]
    else:
        changes = install.plan_install(repository, upgrade=upgrade)
        hints = [*install.hints(changes), *plugin.hints(repository, _client_folder())]
    if dry_run or diff:
        _show(changes, whole=diff)
    else:
        install.apply(repository, changes)
        for change in changes:
            click.echo(visible(str(change)))
    for hint in hints:
        click.echo(visible_lines(hint), err=True)


def _show(changes: tuple[install.Change, ...], *, whole: bool) -> None:
    """Print what would change; without `whole` the diffs of what the user has a part in alone."""
    for change in changes:
        new = change.writes and change.before is None
        click.echo(visible(f"{change} ({change.size})" if new else str(change)))
        # The record holds packed texts, which tell a reader nothing.
        if change.touches_yours or (whole and change.diff and change.path != MANIFEST):
            click.echo(visible_lines(change.diff))
    if not whole and any(change.diff and not change.touches_yours for change in changes):
        click.echo("`--diff` in place of `--dry-run` shows what is in the files", err=True)


@click.command(epilog=examples("prp doctor", "prp doctor --json"))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def doctor(as_json: bool) -> None:
    """Tell what works here and what doesn't, and the command that mends it. Changes nothing.

    Each hook that is registered answers a recorded event, as the client would have it do.
    """
    here = doctors.Here(
        repository=Repository.containing(Path.cwd()),
        environment=os.environ,
        client_folder=_client_folder(),
        python=Path(sys.executable),
    )
    results = doctors.examine(here)
    if as_json:
        click.echo(json.dumps(doctors.document(results), indent=2, ensure_ascii=False))
    else:
        for result in results:
            click.echo(visible_lines(str(result)))
    raise click.exceptions.Exit(FINDINGS if doctors.problems(results) else CLEAN)


def _client_folder() -> Path:
    """Return where Claude Code keeps what belongs to the user."""
    named = os.environ.get("CLAUDE_CONFIG_DIR")
    return Path(named) if named else Path.home() / ".claude"
