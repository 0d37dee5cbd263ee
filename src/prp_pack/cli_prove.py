"""What records or runs: `prp gate run`, `seal`, `accept`, `verify`, `prp attest`, `prp waive`.

Parse arguments, call, report, exit. No logic.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from prp_pack.check import goalposts
from prp_pack.check.engine import Checker
from prp_pack.gate import run as gates
from prp_pack.gate import sealing, status, telling, verify, word
from prp_pack.gate.recording import Contract
from prp_pack.gate.run import Event, Plan, Running
from prp_pack.report.visible import visible
from prp_pack.repository import Repository, UnreadableError
from prp_pack.surroundings import project_here
from prp_pack.terminal import CLEAN, FINDINGS, JSON, ending_in_order, examples, words

_PRP = click.argument("prp", type=click.Path(readable=False, path_type=Path))
_BY = click.option("--by", required=True, metavar="NAME", help="Who says so.")
_REASON = click.option("--reason", required=True, metavar="TEXT", help="Why it may be so.")


def contract_of(prp: Path) -> Contract:
    """Return a PRP as something to be proven, as this shell sees it."""
    repository = Repository.containing(prp.parent)
    return Contract(
        repository=repository,
        path=repository.relative(prp),
        checker=lambda: Checker(repository, project=project_here(repository)),
        clock=lambda: datetime.now().astimezone(),
        environment=dict(os.environ),
    )


@click.command(
    epilog=examples(
        "prp gate run PRPs/phase2.md",
        "prp gate run PRPs/phase2.md --level 1 --level 2",
        "prp gate run PRPs/phase2.md --item C.Component.1",
        "prp gate run PRPs/phase2.md --dry-run       # show, run nothing",
        "prp gate run PRPs/phase2.md --again         # also what is proven already",
    )
)
@_PRP
@click.option("--level", "levels", multiple=True, metavar="N", help="Only this level: 1, 1a, C, S.")
@click.option("--item", "ids", multiple=True, metavar="ID", help="Only this item.")
@click.option("--dry-run", is_flag=True, help="Show what would run, run nothing.")
@click.option("--again", is_flag=True, help="Run what is proven, too.")
@click.option("--keep-going", is_flag=True, help="Go on after a level that isn't proven.")
@click.option(
    "--timeout", default=gates.TIMEOUT, show_default=True, type=click.FloatRange(min=0.1),
    metavar="SECONDS", help="For gates that don't say.",
)  # fmt: skip
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(min=1),
              help="Run this many linters and type checkers of a level at once.")  # fmt: skip
@JSON
def run(  # noqa: PLR0913, PLR0917 - one argument an option
    prp: Path, levels: tuple[str, ...], ids: tuple[str, ...], dry_run: bool, again: bool,
    keep_going: bool, timeout: float, jobs: int, as_json: bool,
) -> None:  # fmt: skip
    """Run the gates that aren't proven, level by level, record each run, and tick what it proves.

    The commands come from the PRP and run with your own rights; --dry-run shows them.
    """
    contract = contract_of(prp)
    plan = Plan(tuple(words(levels)), tuple(words(ids)), again, keep_going, timeout, jobs)
    gates.expect_known(contract.target(), plan)
    if dry_run:
        click.echo(telling.dry_run(contract.target(), plan), nl=False)
        return
    with ending_in_order():
        gates.run(contract, plan, _teller())
    target = contract.target()
    if as_json:
        click.echo(status.to_json(target, goalposts.weakened(target)), nl=False)
    else:
        click.echo(status.summary(contract.path, target.proof))
        click.echo(status.following(contract.path, target.proof), nl=False)
    raise click.exceptions.Exit(CLEAN if gates.is_settled(target, plan) else FINDINGS)


def _teller() -> Callable[[Event], None]:
    """Return what shows a run on standard error: a line that changes, or lines now and then."""
    live = sys.stderr.isatty()
    painted = live and not os.environ.get("NO_COLOR")
    shown = 0.0

    def tell(event: Event) -> None:
        nonlocal shown
        line = telling.line(event, colour=painted)
        if isinstance(event, Running):
            if live:
                click.echo(f"\r\x1b[K{line}", nl=False, err=True)
            elif event.elapsed - shown >= telling.SECONDS:
                shown = event.elapsed
                click.echo(line, err=True)
            return
        shown = 0.0
        click.echo(f"\r\x1b[K{line}" if live else line, err=True, color=True)

    return tell


@click.command(epilog=examples("prp gate seal PRPs/phase2.md"))
@_PRP
def seal(prp: Path) -> None:
    """Seal the goalposts: criteria, gates, tests and the tools' settings as they are now."""
    record = sealing.seal(contract_of(prp))
    click.echo(f"sealed: {record.checks[0].message} ({record.run_id})")


@click.command(
    epilog=examples(
        'prp gate accept PRPs/phase2.md 3f2a9c01b2d4 --by Ada --reason "the limit was a typo"'
    )
)
@_PRP
@click.argument("key")
@_BY
@_REASON
def accept(prp: Path, key: str, by: str, reason: str) -> None:
    """Accept a weakened goalpost, named by the key that `prp gate status` shows."""
    record = sealing.accept(contract_of(prp), key, by, reason)
    click.echo(f"accepted: {record.subject} ({record.run_id})")


@click.command(
    "verify", epilog=examples("prp gate verify PRPs/phase2.md", "prp gate verify PRPs/*.md --json")
)
@click.argument("prps", nargs=-1, required=True, type=click.Path(readable=False, path_type=Path))
@JSON
def verify_records(prps: tuple[Path, ...], as_json: bool) -> None:
    """Run the gates again on a clean checkout, and compare with the records. Writes nothing.

    Of several files those that aren't PRPs are skipped, and named.
    """
    contracts, others = verify.prps_among([contract_of(prp) for prp in prps])
    for path in others:
        click.echo(f"skipped {visible(path)}: it is not a PRP", err=True)
    with ending_in_order():
        results = [verify.verify(contract, _teller()) for contract in contracts]
    said = verify.to_json(results) if as_json else "".join(map(verify.text, results))
    click.echo(said, nl=False)
    raise click.exceptions.Exit(CLEAN if all(each.holds for each in results) else FINDINGS)


@click.command(
    epilog=examples(
        'prp attest PRPs/phase2.md C.Component.7 --by "Ada" --note "read the README, section Live"'
    )
)
@_PRP
@click.argument("item")
@_BY
@click.option("--note", required=True, metavar="TEXT", help="What was looked at.")
def attest(prp: Path, item: str, by: str, note: str) -> None:
    """Record a person's word for an item that no command can prove, and tick its box."""
    record = word.attest(contract_of(prp), item, by, note)
    click.echo(f"attested: {record.item}, {record.subject} ({record.run_id})")


@click.command(
    epilog=examples(
        'prp waive PRPs/phase2.md C.System.6 --reason "there is no container to simulate"',
        'prp waive PRPs/phase2.md 20261123T152055Z-dd4f6c8d --reason "lost with a disk"',
    )
)
@_PRP
@click.argument("item")
@click.option("--by", default="", metavar="NAME", help="Who says so; git's user.name unless told.")
@_REASON
def waive(prp: Path, item: str, by: str, reason: str) -> None:
    """Record why an item doesn't apply, or why a record is gone, and tick its box."""
    contract = contract_of(prp)
    record = word.waive(contract, item, by or _user(contract), reason)
    click.echo(f"waived: {record.item}, {record.subject} ({record.run_id})")


def _user(contract: Contract) -> str:
    name = contract.repository.git("config", "user.name")
    if not name or not name.strip():
        raise UnreadableError(".", "git knows no user.name", help="say who: --by NAME")
    return name.decode("utf-8", "replace").strip()
