"""The command line: parse arguments, call, report, exit. No logic."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import click

from prp_pack import __version__, context, install, scaffold
from prp_pack.check import engine
from prp_pack.check.engine import Checker, Report
from prp_pack.check.registry import Rule
from prp_pack.check.rules import RULES
from prp_pack.context import ResolvedContext
from prp_pack.hooks import __main__ as hook_entry
from prp_pack.model import Finding, Problem, Severity
from prp_pack.project import CheckedOut
from prp_pack.report import facts, json_report, matrix_table, pages, text
from prp_pack.repository import Repository, UnreadableError
from prp_pack.schema import matrix as matrices

CLEAN, FINDINGS, FAILED = 0, 1, 2

# Fewer files than this are checked before anybody wonders.
FILES_WORTH_A_BAR = 50


class _Group(click.Group):
    """Turns what can't be read into one line and exit status 2, for every command."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except UnreadableError as error:
            _complain(str(error), error.help)
            raise click.exceptions.Exit(FAILED) from None


def _examples(*lines: str) -> str:
    """Return the examples of a command's help, kept as they are by click."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_examples(
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


@main.command(epilog=_examples("prp init", "prp init ../service --dry-run"))
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
    epilog=_examples(
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
    epilog=_examples(
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
    checker = _checker(repository)
    tree = scaffold.tree_of(repository.files())
    made = scaffold.new_prp(resolved, checker.template, checker.matrix, tree)
    if output == "-":
        click.echo(made, nl=False)
        return
    path = repository.relative(Path(output)) if output else scaffold.path_for(resolved)
    if repository.exists(path):
        _complain(f"{path} exists already", "name another file with -o; nothing was overwritten")
        raise click.exceptions.Exit(FAILED)
    repository.write(path, made)
    click.echo(_shown(repository, path))


@main.command(
    epilog=_examples(
        "prp check", "prp check PRPs/phase2.md --fix", "prp check --format json --strict",
        "prp check --select PRP1 --ignore PRP108",
    )
)  # fmt: skip
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--fix", "fixing", is_flag=True, help="Mend what can be mended, report the rest.")
@click.option(
    "--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--select", multiple=True, metavar="RULE", help="Only these: an id, PRP1, a name.")
@click.option("--ignore", multiple=True, metavar="RULE", help="All but these.")
def check(  # noqa: PLR0913, PLR0917 - one argument an option
    paths: tuple[Path, ...], fixing: bool, style: str, strict: bool,
    select: tuple[str, ...], ignore: tuple[str, ...],
) -> None:  # fmt: skip
    """Check PRPs, plans, requirements and summaries; without PATHS all of PRPs/."""
    try:
        rules = engine.selected(_split(select), _split(ignore))
    except KeyError as error:
        said = f"no rule answers to {error.args[0]!r}; `prp explain` lists them"
        raise click.UsageError(said) from None
    if not rules:
        raise click.UsageError("no rule is left to check with")
    reports = [
        (repository, _run(_checker(repository, rules), files, fixing=fixing))
        for repository, files in _files(paths).items()
    ]
    findings = [shown for repository, report in reports for shown in _located(repository, report)]
    checked = sum(report.files for _, report in reports)
    fixed = sum(report.fixed for _, report in reports)
    if style == "json":
        click.echo(json_report.render(checked, findings))
    else:
        for line in text.lines(findings, colour=_colour()):
            click.echo(line, color=True)
        click.echo(text.summary(checked, findings, fixed), err=True)
    unreadable = [error for _, report in reports for error in report.unreadable]
    for unread in unreadable:
        _complain(str(unread), unread.help)
    if unreadable:
        raise click.exceptions.Exit(FAILED)
    if not checked:
        _complain("nothing was checked: no document found", "name a file, or write one under PRPs/")
        raise click.exceptions.Exit(FAILED)
    failing = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    raise click.exceptions.Exit(any(f.severity in failing for f in findings))


@main.command(epilog=_examples("prp explain", "prp explain PRP101"))
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


@main.command(epilog=_examples("prp matrix", "prp matrix PRPs/templates/prp_base.md --json"))
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


@main.command(hidden=True)
@click.argument("event")
def hook(event: str) -> None:
    """Answer one event of Claude Code; what the hook scripts call."""
    sys.exit(hook_entry.main([event]))


def _checker(repository: Repository, rules: tuple[Rule, ...] = RULES) -> Checker:
    project = CheckedOut(repository, os.environ.get("PATH", os.defpath))
    return Checker(repository, rules, project=project)


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


def _complain(message: str, help_: str = "") -> None:
    click.echo(f"prp: {message}", err=True)
    if help_:
        click.echo(f"    help: {help_}", err=True)


def _files(paths: tuple[Path, ...]) -> dict[Repository, list[str]]:
    """Return the files to check, by project: a file as named, a folder by its documents."""
    found: dict[Repository, list[str]] = {}
    if not paths:
        repository = Repository.containing(Path.cwd())
        if not (repository.root / "PRPs").is_dir():
            hint = "run `prp init`, or name a file"
            raise UnreadableError("PRPs", "does not exist here or above", help=hint)
        return {repository: list(repository.documents())}
    for path in paths:
        folder = path if path.is_dir() else path.parent
        repository = Repository.containing(folder)
        name = repository.relative(path)
        files = list(repository.documents(name)) if path.is_dir() else [name]
        kept = found.setdefault(repository, [])
        kept += [file for file in files if file not in kept]
    return found


def _run(checker: Checker, files: list[str], *, fixing: bool) -> Report:
    hidden = len(files) < FILES_WORTH_A_BAR or not sys.stderr.isatty()
    with click.progressbar(files, label="checking", file=sys.stderr, hidden=hidden) as bar:
        return engine.check_files(checker, bar, fixing=fixing)


def _located(repository: Repository, report: Report) -> Iterator[Finding]:
    return (replace(found, path=_shown(repository, found.path)) for found in report.findings)


def _shown(repository: Repository, path: str) -> str:
    """Return the path as the user's shell understands it from where they stand."""
    full = repository.root / path
    here = Path.cwd()
    return full.relative_to(here).as_posix() if full.is_relative_to(here) else full.as_posix()


def _split(words: tuple[str, ...]) -> list[str]:
    return [part.strip() for word in words for part in word.split(",") if part.strip()]


def _colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
