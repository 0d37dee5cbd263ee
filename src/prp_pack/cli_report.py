"""`prp report`, `prp statusline`: parse arguments, call, report, exit. No logic."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

import click

from prp_pack import __version__, checking
from prp_pack.check.engine import Checker
from prp_pack.report.html import place
from prp_pack.report.visible import visible
from prp_pack.repository import STATE, Repository
from prp_pack.surroundings import project_here
from prp_pack.terminal import FAILED, complain, examples

# In the state folder, which git ignores: a new file of the project would outdate its evidence.
_PAGE = f"{STATE}/report.html"


@click.command(
    epilog=examples(
        "prp report", "prp report -o public/index.html", "prp report -o - | gzip > report.html.gz"
    )
)
@click.option(
    "-o", "--output", metavar="FILE", help=f"Where to write; `-` prints. Default: {_PAGE}."
)
def report(output: str | None) -> None:
    """Write where everything stands as one HTML page.

    \b
    Needs: pip install 'prp-pack[report]'

    The page fetches nothing and runs nothing: it can be mailed, or kept by CI. It shows what `prp
    status` says, and for each phase its gates and items with their evidence, what was promised and
    delivered, and how measurements and contracts changed over the phases.
    """  # noqa: D301 - for click
    try:
        from prp_pack import reporting  # noqa: PLC0415 - a status line needs none of it
        from prp_pack.report.html.render import render  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if error.name not in ("jinja2", "markupsafe"):
            raise
        complain("the report is an extra", "pip install 'prp-pack[report]'")
        raise click.exceptions.Exit(FAILED) from None
    repository = checking.project_of(Path.cwd())
    now = datetime.now().astimezone()
    page = reporting.gather(
        repository, Checker(repository, project=project_here(repository)), now, __version__
    )
    text = render(page)
    if output == "-":
        click.echo(text, nl=False)
        return
    if output is None:
        repository.prepare_state()
        repository.write(_PAGE, text)
        shown = checking.shown(repository, _PAGE, Path.cwd())
    else:
        shown = output
        _write(repository, output, text)
    click.echo(visible(shown))


def _write(repository: Repository, output: str, text: str) -> None:
    """Write the page; raises `UnreadableError` rather than replace what is no page."""
    place.expect_page(output)
    place.write(repository, output, text)
    if inside := place.counted(repository, output):
        complain(f"{inside} {place.STALE}", f"add it to .gitignore, or write to {_PAGE}")


@click.command(
    "statusline",
    epilog=examples(
        'echo \'{"workspace": {"current_dir": "."}}\' | prp statusline',
        "prp statusline < /dev/null",
    ),
)
def show_statusline() -> None:
    """Print one line for the status line of Claude Code, whose JSON stands on standard input.

    Phase, level, open gates and what comes next; nothing outside of projects with PRPs/.
    """
    from prp_pack import statusline  # noqa: PLC0415 - a page needs none of it

    content = b"" if sys.stdin.isatty() else sys.stdin.buffer.read()
    line = statusline.line(content, Path.cwd(), os.environ.get("PATH", os.defpath))
    if line:
        click.echo(line)
