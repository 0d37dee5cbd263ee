"""The command line: parse arguments, call, report, exit. No logic."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from prp_pack import __version__, checking, cli_check, cli_complete, context, install, scaffold
from prp_pack.check.rules import RULES
from prp_pack.context import ResolvedContext
from prp_pack.hooks import __main__ as hook_entry
from prp_pack.model import Problem
from prp_pack.report import facts, matrix_table, pages
from prp_pack.repository import Repository, UnreadableError
from prp_pack.schema import matrix as matrices
from prp_pack.terminal import CLEAN, FAILED, FINDINGS, checker_of, complain, examples


class _Group(click.Group):
    """Turns what can't be read into one line and exit status 2, for every command."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except UnreadableError as error:
            complain(str(error), error.help)
            raise click.exceptions.Exit(FAILED) from None


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "prp init",
        "prp context PRPs/PHASE2_REQUIREMENTS.md",
        "prp check",
        'eval "$(_PRP_COMPLETE=bash_source prp)"    # completion; zsh_source, fish_source too',
    ),
)
@click.version_option(__version__, prog_name="prp")
def main() -> None:
    """Make a PRP a contract that a machine can hold a coding agent to.

    Exit status: 0 clean, 1 findings, 2 could not do the work.
    """


@main.command(epilog=examples("prp init", "prp init ../service --dry-run"))
@click.argument("directory", default=".", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
def init(directory: Path, dry_run: bool) -> None:
    """Install commands, hooks and templates into a project. Overwrites nothing that you edited."""
    if not directory.is_dir():
        raise click.UsageError(f"{directory} is not a directory")
    repository = Repository(Path(os.path.abspath(directory)))  # noqa: PTH100 - keeps links
    changes = install.plan_install(repository)
    if not dry_run:
        install.apply(repository, changes)
    for change in changes:
        click.echo(str(change))
        if dry_run and change.diff:
            click.echo(change.diff)
    for hint in install.hints(changes):
        click.echo(hint, err=True)


@main.command(
    "context",
    epilog=examples(
        "prp context PRPs/PHASE2_REQUIREMENTS.md", "prp context --phase 3 --format json"
    ),
)
@click.argument("requirements", required=False, type=click.Path(path_type=Path))
@click.option("--phase", type=click.IntRange(min=1), help="The phase, when no file says it.")
@click.option(
    "--format", "style", type=click.Choice(["yaml", "json", "markdown"]), default="yaml",
    show_default=True, help="yaml: the block of a PRP; markdown: what an agent is told.",
)  # fmt: skip
def show_context(requirements: Path | None, phase: int | None, style: str) -> None:
    """Print PROJECT_TYPE, PHASE_INFO and what earlier phases left, each value with its source."""
    _, resolved = _resolved(requirements, phase)
    if style == "json":
        click.echo(facts.to_json(resolved))
    elif resolved.context:
        shown = facts.block(resolved) if style == "yaml" else facts.markdown(resolved)
        click.echo(shown, nl=False)
    if style != "json":
        _show_problems(resolved.problems)
    raise click.exceptions.Exit(_status(resolved))


@main.command(
    epilog=examples(
        "prp new PRPs/PHASE2_REQUIREMENTS.md", "prp new PRPs/INITIAL.md -o PRPs/labels.md",
        "prp new PRPs/PHASE2_REQUIREMENTS.md -o -",
    )
)  # fmt: skip
@click.argument("requirements", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", metavar="FILE", help="Where to write; `-` prints. Default: PRPs/phaseN.md."
)
def new(requirements: Path, output: str | None) -> None:
    """Write a PRP with everything filled in that a program can know."""
    repository, resolved = _resolved(requirements, None)
    _show_problems(resolved.problems)
    if not resolved.is_sound:
        raise click.exceptions.Exit(_status(resolved))
    checker = checker_of(repository)
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
    click.echo(checking.shown(repository, path, Path.cwd()))


main.add_command(cli_check.check)
main.add_command(cli_complete.complete)
main.add_command(cli_complete.reconcile)
main.add_command(cli_complete.status)


@main.command(epilog=examples("prp explain", "prp explain PRP101"))
@click.argument("rule", required=False)
def explain(rule: str | None) -> None:
    """Print a rule's page: what it finds, why, and examples. Without RULE, the list of rules."""
    if rule is None:
        for each in RULES:
            click.echo(f"{each.id}  {each.name:<22} {each.summary}")
        return
    found = [each for each in RULES if rule.upper() == each.id or rule == each.name]
    if not found:
        raise click.UsageError(f"no rule is called {rule!r}; `prp explain` lists them")
    click.echo(pages.page(found[0].stem), nl=False)


@main.command(epilog=examples("prp matrix", "prp matrix PRPs/templates/prp_base.md --json"))
@click.argument("template", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def matrix(template: Path | None, as_json: bool) -> None:
    """Print which sections a PRP must have: of the shipped template, or of TEMPLATE."""
    if template is None:
        shown = matrices.shipped()
    else:
        repository = Repository.containing(template.parent)
        path = repository.relative(template)
        read = repository.read(path).text
        shown = matrices.derive(read, matrices.overrides(), path)
        if not shown.sections:
            raise UnreadableError(path, "has no section: a template's sections are `##` headings")
    click.echo(matrix_table.to_json(shown) if as_json else matrix_table.render(shown), nl=False)


@main.command(epilog=examples("prp lsp    # what an editor starts; docs/editor.md says how"))
def lsp() -> None:
    """Serve an editor over standard input and output. Needs: pip install 'prp-pack[lsp]'."""
    try:
        from prp_pack import lsp as server  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        complain("the language server is an extra", "pip install 'prp-pack[lsp]'")
        raise click.exceptions.Exit(FAILED) from None
    if sys.stdin.isatty():
        click.echo("prp: waiting for an editor on standard input; Ctrl-C ends it", err=True)
    server.serve(os.environ.get("PATH", os.defpath))


@main.command(hidden=True)
@click.argument("event")
def hook(event: str) -> None:
    """Answer one event of Claude Code; what the hook scripts call."""
    sys.exit(hook_entry.main([event]))


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
        click.echo(f"{problem.place}: {problem.severity}: {problem.message}", err=True)
        if problem.help:
            click.echo(f"    help: {problem.help}", err=True)
