"""`prp plan`: parse arguments, call, report, exit. No logic."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from prp_pack import checking, cli_check, phase_status, planning
from prp_pack.model import Place, Plan
from prp_pack.phase_graph import is_sound
from prp_pack.planning import Drawing
from prp_pack.render.adaptation_log import Adaptation
from prp_pack.report import plan_table
from prp_pack.report.formats import FORMATS
from prp_pack.report.visible import visible
from prp_pack.repository import Repository
from prp_pack.terminal import CLEAN, FINDINGS, JSON, Group, complain, examples, words

_PLAN = click.argument(
    "named", metavar="[PLAN]", required=False, type=click.Path(readable=False, path_type=Path)
)


@click.group(
    cls=Group,
    epilog=examples(
        "prp plan show", "prp plan check", "prp plan render",
        "prp plan critical-path PRPs/letters/PROJECT_PHASE_PLAN.md",
    )
)  # fmt: skip
def plan() -> None:
    """Show, check and draw the phases of PROJECT_PHASE_PLAN.md.

    PLAN is a plan or a folder; without it, the nearest plan from here upwards, else the
    project's own.
    """


@plan.command(epilog=examples("prp plan show", "prp plan show --json"))
@_PLAN
@JSON
def show(named: Path | None, as_json: bool) -> None:
    """Print the phases with their status, and which can start next."""
    repository, found = planning.find(named, Path.cwd())
    summaries = phase_status.summaries_of(repository, found)
    shown = plan_table.to_json if as_json else plan_table.render
    click.echo(shown(found, summaries), nl=False)
    _end(repository, found, quiet=as_json)


@plan.command(epilog=examples("prp plan check", "prp plan check --format json"))
@_PLAN
@click.option(
    "--format", "style", type=click.Choice(list(FORMATS)), default="text", show_default=True
)
@click.pass_context
def check(ctx: click.Context, named: Path | None, style: str) -> None:
    """Check the plan and its dependency map: what `prp check` says of these two."""
    repository, found = planning.find(named, Path.cwd())
    drawn = planning.beside(found, planning.MAP_NAME)
    paths = [found.path, drawn] if repository.exists(drawn) else [found.path]
    if len(paths) == 1 and is_sound(found):
        complain(f"there is no {drawn} yet", "`prp plan render` draws it")
    files = tuple(repository.root / path for path in paths)
    try:
        ctx.invoke(cli_check.check, paths=files, style=style)
    except click.exceptions.Exit as checked:
        if checked.exit_code != CLEAN or is_sound(found):
            raise
    # What shows no sign of being ours gets notes; nothing can be drawn from it all the same.
    complain(f"the phases of {found.path} can't be worked through in order")
    raise click.exceptions.Exit(FINDINGS)


@plan.command(
    epilog=examples(
        "prp plan render", "prp plan render --check    # for CI: writes nothing",
        "prp plan render --stdout",
    )
)  # fmt: skip
@_PLAN
@click.option("--check", "checking_only", is_flag=True, help="Write nothing; 1 if it would.")
@click.option("--stdout", is_flag=True, help="Print the map, write nothing.")
@click.option("--force", is_flag=True, help="Draw over what somebody wrote into a drawn part.")
def render(named: Path | None, checking_only: bool, stdout: bool, force: bool) -> None:
    """Draw PHASE_DEPENDENCY_MAP.md, and the plan's own blocks, from the plan's front matter.

    Only what stands between `<!-- prp:begin … -->` and `<!-- prp:end -->` is ever replaced.
    """
    repository, found = planning.find(named, Path.cwd())
    if not is_sound(found):
        _end(repository, found)
    drawings = planning.draw(repository, found, force=force or stdout)
    if stdout:
        click.echo(drawings[0].after.replace("\r\n", "\n"), nl=False)
        raise click.exceptions.Exit(CLEAN)
    if not checking_only:
        planning.write(repository, drawings)
    for drawing in drawings:
        _show_drawing(repository, drawing, checking_only=checking_only)
    stale = checking_only and any(drawing.changes for drawing in drawings)
    left = any(drawing.left for drawing in drawings)
    raise click.exceptions.Exit(FINDINGS if stale or left else CLEAN)


@plan.command(
    "critical-path", epilog=examples("prp plan critical-path", "prp plan critical-path --json")
)
@_PLAN
@JSON
def critical_path(named: Path | None, as_json: bool) -> None:
    """Print the heaviest chain of phases that wait for each other, and what is left of it.

    A phase of low complexity weighs 1, medium 2, high 3.
    """
    repository, found = planning.find(named, Path.cwd())
    summaries = phase_status.summaries_of(repository, found)
    if as_json:
        click.echo(plan_table.critical_path_json(found, summaries), nl=False)
    elif is_sound(found):
        click.echo(plan_table.critical_path(found, summaries), nl=False)
    _end(repository, found, quiet=as_json)


@plan.command(
    epilog=examples(
        'prp plan adapt --phase 3 --field depends_on --now "1" --because "live updates came first"',
        'prp plan adapt --phase 4 --planned "one importer" --now "two" --because "…" --affects 5',
    )
)
@_PLAN
@click.option(
    "--phase", type=click.IntRange(1, 9999), required=True, metavar="N", help="What changes."
)
@click.option("--field", type=click.Choice(planning.FIELDS), help="Quotes the plan as it is.")
@click.option("--planned", help="What was planned, when no field says it.")
@click.option("--now", required=True, help="What holds from here on.")
@click.option("--because", required=True, help="What was learnt.")
@click.option("--affects", multiple=True, metavar="N", help="Phases that change with it: 4,5.")
@click.option("--title", help="The heading; made from the phase unless told.")
@click.option(
    "--date", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Today unless told."
)
def adapt(  # noqa: PLR0913, PLR0917 - one argument an option
    named: Path | None, phase: int, field: str | None, planned: str | None, now: str,
    because: str, affects: tuple[str, ...], title: str | None, date: datetime | None,
) -> None:  # fmt: skip
    """Record a change of plan in PHASE_ADAPTATION_LOG.md, before the plan is edited.

    Documents of the phases named here may say something else than the plan (PRP602).
    """
    repository, found = planning.find(named, Path.cwd())
    adaptation = Adaptation(
        date=(date or datetime.now().astimezone()).strftime("%Y-%m-%d"),
        title=_words(title or f"phase {phase}, {field or 'as planned'}", "--title"),
        phase=phase,
        planned=_planned(found, phase, field, planned),
        now=_words(now, "--now"),
        reason=_words(because, "--because"),
        affects=_numbers(affects),
    )
    path, added = planning.record(repository, found, adaptation)
    shown = checking.shown(repository, path, Path.cwd())
    click.echo(f"{'recorded ' if added else 'unchanged'} {visible(shown)}")
    silent = sorted(set(planning.dependants(found, phase)) - set(adaptation.affects))
    if added and silent:
        listed = ", ".join(map(str, silent))
        complain(
            f"phase {listed} depends on phase {phase}", "look whether its documents still hold"
        )


def _planned(found: Plan, number: int, field: str | None, planned: str | None) -> str:
    if (field is None) == (planned is None):
        raise click.UsageError("one of --field and --planned says what was planned")
    if planned is not None:
        return _words(planned, "--planned")
    phase = found.phase(number)
    if phase is None or field is None:
        listed = ", ".join(str(phase.number) for phase in found.phases) or "none"
        raise click.UsageError(f"phase {number} is not in {found.path}, which has {listed}")
    return planning.planned_value(phase, field)


def _words(text: str, option: str) -> str:
    if not text.strip():
        raise click.UsageError(f"{option} needs words")
    return text


def _numbers(affects: tuple[str, ...]) -> tuple[int, ...]:
    named = words(affects)
    wrong = [word for word in named if not (word.isascii() and word.isdigit() and len(word) < 5)]  # noqa: PLR2004
    if wrong:
        raise click.UsageError(f"--affects takes phase numbers, not {wrong[0]!r}")
    return tuple(sorted({int(word) for word in named}))


def _show_drawing(repository: Repository, drawing: Drawing, *, checking_only: bool) -> None:
    path = visible(checking.shown(repository, drawing.path, Path.cwd()))
    done = "stale" if checking_only else "drawn"
    click.echo(f"{done if drawing.changes else 'unchanged':<9} {path}")
    for drift in drawing.left:
        click.echo(f"kept      {path}:{drift.line}: {visible(drift.message)}")
    if any(drift.by_hand for drift in drawing.left):
        complain("what somebody wrote is not drawn over", "move it elsewhere, or use --force")


def _end(repository: Repository, found: Plan, *, quiet: bool = False) -> None:
    """Say what is wrong with a plan, and exit by it."""
    for problem in () if quiet else found.problems:
        path = checking.shown(repository, problem.place.path, Path.cwd())
        place = Place(path, problem.place.line)
        click.echo(visible(f"{place}: {problem.severity}: {problem.message}"), err=True)
        if problem.help:
            click.echo(f"    help: {visible(problem.help)}", err=True)
    raise click.exceptions.Exit(CLEAN if is_sound(found) else FINDINGS)
