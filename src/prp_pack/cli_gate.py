"""`prp gate`: where its commands are, and those that only look. No logic."""

from __future__ import annotations

from pathlib import Path

import click

from prp_pack.check import goalposts
from prp_pack.check.reading import Reader
from prp_pack.check.registry import Target
from prp_pack.gate import status
from prp_pack.repository import Repository
from prp_pack.surroundings import project_here
from prp_pack.terminal import CLEAN, FINDINGS, JSON, Group, colour, examples

_PRP = click.argument("prp", type=click.Path(readable=False, path_type=Path))
# What runs something needs more than what looks.
_COMMANDS = {
    "accept": ("cli_prove", "accept"),
    "run": ("cli_prove", "run"),
    "seal": ("cli_prove", "seal"),
    "verify": ("cli_prove", "verify_records"),
}


@click.group(
    cls=Group,
    places=_COMMANDS,
    epilog=examples(
        "prp gate list PRPs/phase2.md",
        "prp gate run PRPs/phase2.md",
        "prp gate run PRPs/phase2.md --level 1 --dry-run",
        "prp gate status PRPs/phase2.md --json",
    ),
)
def gate() -> None:
    """Run a PRP's gates, and show what is proven.

    Exit status: 0 proven, 1 unproven, 2 could not do the work.
    """


@gate.command("list", epilog=examples("prp gate list PRPs/phase2.md"))
@_PRP
@JSON
def list_items(prp: Path, as_json: bool) -> None:
    """Print each item of the PRP: its id, and the command or the text that decides it."""
    target = _target(prp)
    if as_json:
        click.echo(status.to_json(target, goalposts.weakened(target)), nl=False)
    else:
        click.echo(status.listing(target.proof), nl=False)


@gate.command(
    "status",
    epilog=examples("prp gate status PRPs/phase2.md", "prp gate status PRPs/phase2.md --json"),
)
@_PRP
@JSON
def show_status(prp: Path, as_json: bool) -> None:
    """Print what is proven now, without running anything."""
    target = _target(prp)
    weakened = goalposts.weakened(target)
    if as_json:
        click.echo(status.to_json(target, weakened), nl=False)
    else:
        said = status.text(target.document.path, target.proof, weakened, colour=colour())
        click.echo(said, nl=False, color=True)
    ready = status.is_ready(target.proof) and not weakened
    raise click.exceptions.Exit(CLEAN if ready else FINDINGS)


def _target(prp: Path) -> Target:
    repository = Repository.containing(prp.parent)
    return Reader(repository, project=project_here(repository)).prp(repository.relative(prp))
