"""`prp links`: parse arguments, call, report, exit. No logic."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from urllib.request import getproxies

import click

from prp_pack import __version__, checking
from prp_pack.check.engine import Checker
from prp_pack.links import asking, told
from prp_pack.links.answer import Verdict
from prp_pack.links.asking import Asking
from prp_pack.links.named import Named, named_in
from prp_pack.links.told import Asked
from prp_pack.model import Place
from prp_pack.report.visible import visible
from prp_pack.surroundings import project_here
from prp_pack.terminal import CLEAN, FAILED, FINDINGS, complain, examples

# Before this nobody wonders; where lines stay, they come more rarely.
_SECONDS, _SECONDS_A_LINE = 2.0, 10.0


@click.command(
    epilog=examples(
        "prp links", "prp links PRPs/phase2.md --timeout 5",
        "prp links --json > links.json",
    )
)  # fmt: skip
@click.argument("paths", nargs=-1, type=click.Path(readable=False, path_type=Path))
@click.option(
    "--timeout", default=10.0, show_default=True, type=click.FloatRange(0.1, 600),
    metavar="SECONDS", help="How long to wait for each answer.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with what answers too.")
def links(paths: tuple[Path, ...], timeout: float, as_json: bool) -> None:
    """Open the addresses that PRPs name as `url:`, and say which are gone.

    Without PATHS those of all of PRPs/. No other command opens what a document names. Each address
    is asked once, with HEAD or GET, and nothing but the head of its answer is read. One that
    answers 401, 403 or 429 is not for machines, and no failure. Proxies are taken from the
    environment (HTTPS_PROXY, NO_PROXY).

    Exit status: 0 nothing is gone, 1 something is, 2 could not do the work.
    """
    named = _named(paths, Path.cwd())
    how = Asking(timeout, getproxies(), f"prp-pack/{__version__} (prp links)")
    answers = asking.ask_all(tuple(named.mentions), how, _teller(len(named.mentions)))
    asked = [Asked(answer, named.mentions[address]) for address, answer in answers.items()]
    offline = asking.without_network(answers.values())
    if as_json:
        click.echo(told.to_json(asked, named.documents), nl=False)
    elif not offline:
        for line in told.text(asked):
            click.echo(visible(line))
    for error in named.unreadable:
        complain(f"{Place(error.path, error.line)}: {error.reason}", error.help)
    if offline:
        complain(f"no network: nothing could be reached from here ({told.counted(asked)})")
    elif named.documents:
        click.echo(told.summary(asked, named.documents), err=True)
    elif not named.unreadable:
        complain("nothing was opened: no PRP found", "name a file, or write one under PRPs/")
    if offline or named.unreadable or not named.documents:
        raise click.exceptions.Exit(FAILED)
    gone = any(answer.verdict is Verdict.GONE for answer in answers.values())
    raise click.exceptions.Exit(FINDINGS if gone else CLEAN)


def _named(paths: Sequence[Path], here: Path) -> Named:
    """Return what the documents name, with the paths as a shell understands them here."""
    found = Named()
    for repository, files in checking.files_by_project(paths, here).items():
        checker = Checker(repository, project=project_here(repository))
        found = found.joined(
            named_in(checker, files, partial(checking.shown, repository, here=here))
        )
    return found


def _teller(count: int) -> Callable[[int], None]:
    """Return what shows on standard error how far it is, when it takes a while."""
    live = sys.stderr.isatty()
    begun = shown = time.monotonic()

    def tell(done: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if live and now - begun >= _SECONDS:
            line = f"{done} of {count} addresses" if done < count else ""
            click.echo(f"\r\x1b[K{line}", nl=False, err=True, color=True)
        elif not live and now - shown >= _SECONDS_A_LINE and done < count:
            shown = now
            click.echo(f"{done} of {count} addresses", err=True)

    return tell
