"""`prp complete`, `prp reconcile`, `prp status`: parse arguments, call, report, exit. No logic."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from prp_pack import checking, cli_prove, planning
from prp_pack.check import goalposts
from prp_pack.check.engine import Checker
from prp_pack.check.registry import Target
from prp_pack.gate import (
    anti_patterns,
    completion,
    drift_log,
    overview,
    overview_told,
    phase_prp,
    reconciliation,
)
from prp_pack.gate.completion import COMPLETE, Asked, Completion
from prp_pack.gate.reconciliation import Reconciliation
from prp_pack.gate.recording import Contract
from prp_pack.parse.summary import STATUSES
from prp_pack.report.visible import visible
from prp_pack.repository import Repository
from prp_pack.shell_words import quoted
from prp_pack.surroundings import project_here
from prp_pack.terminal import CLEAN, FINDINGS, JSON, complain, ending_in_order, examples
from prp_pack.values import replace

_PHASE = click.argument("phase", metavar="N|PRP")
_TRACK = click.option("--track", default="", metavar="T", help="Which track's phase N.")
# More obstacles than this are counted, not named.
_SHOWN = 20


def contract_of(phase: str, track: str) -> Contract:
    """Return the PRP of a phase's number, or of a path, as something to be proven."""
    if phase.isascii() and phase.isdigit():
        repository = Repository.containing(Path.cwd())
        path = phase_prp.path_of(repository, int(phase), track)
        return cli_prove.contract_of(repository.root / path)
    return cli_prove.contract_of(Path(phase))


def _weakened(target: Target) -> Mapping[str, str]:
    return {moved.key: str(moved) for moved in goalposts.weakened(target)}


@click.command(
    epilog=examples(
        "prp complete 2",
        'prp complete 2 --status partial --defer "pages for GET /parcels"',
        "prp complete 2 --status unverified      # says so, and asks for nothing",
        "prp complete PRPs/parcel-labels.md --dry-run",
    )
)
@_PHASE
@click.option(
    "--status", type=click.Choice(STATUSES), default=COMPLETE, show_default=True,
    help="complete needs everything proven; partial and blocked need --defer.",
)  # fmt: skip
@click.option("--defer", "deferrals", multiple=True, metavar="TEXT", help="What is left open.")
@_TRACK
@click.option("--dry-run", is_flag=True, help="Show the summary, write nothing.")
@click.option("--force", is_flag=True, help="Draw over what somebody wrote into a drawn part.")
@JSON
def complete(  # noqa: PLR0913, PLR0917 - one argument an option
    phase: str, status: str, deferrals: tuple[str, ...], track: str, dry_run: bool, force: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Write the completion summary of phase N, or of a PRP, from what is on record.

    `complete` is refused while the PRP has errors, a required item isn't proven, attested or
    waived, the ledger is broken, or a sealed goalpost is weakened; each is named with what mends
    it. What people wrote into the summary stays: the program's are its part of the front matter and
    what stands between `<!-- prp:begin … -->` and `<!-- prp:end -->`. A second run changes nothing.
    """
    contract = contract_of(phase, track)
    done = completion.complete(contract, Asked(status, deferrals, force, dry_run), _weakened)
    if as_json:
        click.echo(completion.to_json(done, dry_run=dry_run), nl=False)
    elif done.is_refused:
        _refuse(done)
    else:
        _tell(contract.repository, done, dry_run=dry_run)
    raise click.exceptions.Exit(FINDINGS if done.is_refused else CLEAN)


def _refuse(done: Completion) -> None:
    _tell_reopened(done)
    for obstacle in done.obstacles[:_SHOWN]:
        click.echo(visible(f"{done.prp}: {obstacle.what}"))
        click.echo(visible(f"    {obstacle.mend}"))
    rest = len(done.obstacles) - _SHOWN
    if rest > 0:
        click.echo(f"and {rest} more: prp gate status {quoted(done.prp)}")
    counted = f"{len(done.obstacles)} thing{'s' if len(done.obstacles) != 1 else ''}"
    running = f"prp gate run {quoted(done.prp)}"
    runs = any(each.mend.startswith(running) for each in done.obstacles)
    first = running if runs else "do what is named above"
    complain(
        f"not complete: {counted} open; {done.path} was not touched",
        f"{first}; or say what is so: --status partial|blocked|unverified",
    )


def _tell(repository: Repository, done: Completion, *, dry_run: bool) -> None:
    shown = visible(checking.shown(repository, done.path, Path.cwd()))
    _tell_reopened(done)
    if dry_run:
        click.echo((done.after or "").replace("\r\n", "\n"), nl=False)
        click.echo(f"{'would write' if done.changes else 'unchanged'} {shown}", err=True)
        return
    verb = "unchanged" if not done.changes else "created" if done.before is None else "updated"
    click.echo(f"{verb} {shown}: {done.status}")
    if done.record:
        click.echo(f"recorded {done.record.run_id}")
    if done.uncommitted:
        _tell_uncommitted(done)
    if done.undelivered:
        count, rest = len(done.undelivered), len(done.undelivered) - 1
        more = f", and {rest} more" if rest else ""
        complain(
            f"{count} promise{'s' if count > 1 else ''} not delivered: {done.undelivered[0]}{more}",
            f"prp reconcile {quoted(done.prp)} lists what; a phase says why: --log --because TEXT",
        )
    if done.unfilled:
        listed = ", ".join(map(str, done.unfilled))
        hint = "say what the next phase needs to know"
        complain(f"{shown}:{listed}: still the template's “[…]”", hint)


def _tell_uncommitted(done: Completion) -> None:
    if done.unheld:
        complain(f"{done.unheld}; the summary names the commit before the work")
        return
    status = "" if done.status == COMPLETE else f" --status {done.status}"
    hint = f"commit the work, then run it again: prp complete {quoted(done.prp)}{status}"
    complain("no commit holds these files yet; the summary names the one before", hint)


def _tell_reopened(done: Completion) -> None:
    if done.closed and (done.reopened or done.status != COMPLETE):
        said = f"since then {'; '.join(done.reopened)}" if done.reopened else ""
        since = f"it was complete on {done.closed.started} ({done.closed.run_id})"
        said = said or f"it is called {done.status} now"
        click.echo(visible(f"{done.prp}: re-opened: {since}; {said}"), err=True)


@click.command(
    epilog=examples(
        "prp reconcile 2",
        'prp reconcile 2 --log --because "the index came for free"',
        "prp reconcile PRPs/phase2.md --json",
    )
)
@_PHASE
@_TRACK
@click.option("--log", "logging", is_flag=True, help="Add the drift to PHASE_ADAPTATION_LOG.md.")
@click.option(
    "--because", default="found by prp reconcile; nobody has said why", metavar="TEXT",
    help="What was learnt, for the log.",
)  # fmt: skip
@JSON
def reconcile(phase: str, track: str, logging: bool, because: str, as_json: bool) -> None:
    """Compare what the PRP of phase N promised with what is there.

    Promised are the desired tree, the targets of the tasks, the success criteria, and the endpoints
    of plan and contract. What isn't delivered is a failure; files that nobody planned are listed,
    and so are the template's anti-patterns that came into Python files since the seal. ruff looks
    for those; its `noqa` counts.
    """
    contract = contract_of(phase, track)
    target = contract.target()
    found = reconciliation.reconcile(target)
    with ending_in_order():
        look = anti_patterns.look(target, contract.repository, contract.environment)
    unjudged = (*found.unjudged, *look.unseen)
    found = replace(found, anti_patterns=look.hits, unjudged=unjudged)
    log = _logged(contract, target, found, because) if logging else None
    if as_json:
        click.echo(reconciliation.to_json(found, log), nl=False)
    else:
        for line in reconciliation.text(found):
            click.echo(visible(line))
        if log:
            click.echo(f"recorded {visible(log)}")
    raise click.exceptions.Exit(FINDINGS if found.broken else CLEAN)


def _logged(contract: Contract, target: Target, found: Reconciliation, because: str) -> str | None:
    """Add the drift to the log; return its path, None when there was nothing to add."""
    plan = drift_log.plan_of(target)
    entry = drift_log.adaptation(target, found, because, contract.clock())
    nothing = not found.broken and not found.unplanned
    if nothing or drift_log.holds(contract.repository, plan, entry):
        return None
    path, _ = planning.record(contract.repository, plan, entry)
    later = ", ".join(map(str, planning.dependants(plan, entry.phase)))
    if later:
        complain(
            f"phase {later} depends on phase {entry.phase}",
            "look whether its documents still hold",
        )
    return path


@click.command(
    epilog=examples("prp status", "prp status --json", "prp status --badge > badge.json")
)
@JSON
@click.option("--badge", is_flag=True, help="Print the proven share for a badge of shields.io.")
def status(as_json: bool, badge: bool) -> None:
    """Print where each phase and feature stands, what is settled, and what comes next."""
    repository = checking.project_of(Path.cwd())
    found = overview.overview(repository, Checker(repository, project=project_here(repository)))
    told = overview_told
    form = told.badge if badge else told.to_json if as_json else told.text
    click.echo(form(found), nl=False)
