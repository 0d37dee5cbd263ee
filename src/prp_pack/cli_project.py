"""`prp context`, `prp new`: parse arguments, call, report, exit. No logic."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import click

from prp_pack import checking, context, scaffold
from prp_pack.check.engine import Checker
from prp_pack.context import ResolvedContext
from prp_pack.model import Problem
from prp_pack.report import facts
from prp_pack.report.visible import visible
from prp_pack.repository import Repository, UnreadableError
from prp_pack.surroundings import project_here
from prp_pack.terminal import CLEAN, FAILED, FINDINGS, complain, examples, wants_json


@click.command(
    "context",
    epilog=examples(
        "prp context PRPs/PHASE2_REQUIREMENTS.md", "prp context --phase 3 --format json"
    ),
)
@click.argument("requirements", required=False, type=click.Path(readable=False, path_type=Path))
@click.option("--phase", type=click.IntRange(min=1), help="The phase, when no file says it.")
@click.option(
    "--format", "style", type=click.Choice(["yaml", "json", "markdown"]), default="yaml",
    show_default=True, callback=wants_json,
    help="yaml: the block of a PRP; markdown: what an agent is told.",
)  # fmt: skip
def show_context(requirements: Path | None, phase: int | None, style: str) -> None:
    """Print PROJECT_TYPE, PHASE_INFO and what earlier phases left, each value with its source."""
    _, resolved = _resolved(requirements, phase)
    if style == "json":
        click.echo(facts.to_json(resolved), nl=False)
    elif resolved.context:
        shown = facts.block(resolved) if style == "yaml" else facts.markdown(resolved)
        click.echo(shown, nl=False)
    if style != "json":
        _show_problems(resolved.problems)
    raise click.exceptions.Exit(_status(resolved))


@click.command(
    epilog=examples(
        "prp new PRPs/PHASE2_REQUIREMENTS.md", "prp new PRPs/INITIAL.md -o PRPs/labels.md",
        "prp new PRPs/PHASE2_REQUIREMENTS.md -o -",
    )
)  # fmt: skip
@click.argument("requirements", type=click.Path(readable=False, path_type=Path))
@click.option(
    "-o", "--output", metavar="FILE", help="Where to write; `-` prints. Default: PRPs/phaseN.md."
)
def new(requirements: Path, output: str | None) -> None:
    """Write a PRP with everything filled in that a program can know."""
    _expect_document(requirements)
    repository, resolved = _resolved(requirements, None)
    _show_problems(resolved.problems)
    if not resolved.is_sound:
        raise click.exceptions.Exit(_status(resolved))
    checker = Checker(repository, project=project_here(repository))
    form = checker.form_for(resolved.context)
    tree = scaffold.tree_of(repository.files())
    made = scaffold.new_prp(resolved, form.template, form.matrix, tree)
    if output == "-":
        click.echo(made, nl=False)
        return
    path = repository.relative(Path(output)) if output else scaffold.path_for(resolved)
    if repository.exists(path):
        complain(f"{path} exists already", "name another file with -o; nothing was overwritten")
        raise click.exceptions.Exit(FAILED)
    repository.write(path, made)
    click.echo(visible(checking.shown(repository, path, Path.cwd())))


def _expect_document(path: Path) -> None:
    """Raise `UnreadableError` for what no PRP is written from, with what to write instead."""
    hint = "PRPs/templates/ has initial.md for a feature, phase_requirements.md for a phase"
    if not os.path.lexists(path):
        raise UnreadableError(str(path), "does not exist", help=f"write it: {hint}")
    if os.path.isfile(path) and path.suffix.lower() not in (".md", ".markdown"):  # noqa: PTH113
        raise UnreadableError(str(path), "is no Markdown document", help=hint)


def _resolved(requirements: Path | None, phase: int | None) -> tuple[Repository, ResolvedContext]:
    start = requirements.parent if requirements else Path.cwd()
    repository = Repository.containing(start)
    path = repository.relative(requirements) if requirements else ""
    return repository, context.resolve(repository, path, phase)


def _status(resolved: ResolvedContext) -> int:
    if resolved.context is None:
        return FAILED
    return FINDINGS if resolved.errors else CLEAN


def _show_problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        said = f"{problem.place}: {problem.severity}: {problem.message}"
        click.echo(visible(said), err=True)
        if problem.help:
            click.echo(f"    help: {visible(problem.help)}", err=True)
