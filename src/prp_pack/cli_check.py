"""`prp check`: parse arguments, call, report, exit. No logic."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

import click

from prp_pack import checking, installed
from prp_pack.check import baseline, cache
from prp_pack.check import settings as all_settings
from prp_pack.check.baseline import Baseline
from prp_pack.check.engine import Checker, Report
from prp_pack.check.rules import RULES
from prp_pack.check.settings import Settings
from prp_pack.checking import Keeping
from prp_pack.model import Severity
from prp_pack.report import text
from prp_pack.report.checked import Checked
from prp_pack.report.formats import COLOURED, FORMATS
from prp_pack.repository import Repository
from prp_pack.surroundings import processors, project_here
from prp_pack.terminal import CLEAN, FAILED, FINDINGS, colour, complain, examples, not_there, words
from prp_pack.values import replace
from prp_pack.workers import WorkerDiedError

T = TypeVar("T")

# Fewer files than this are checked before anybody wonders.
FILES_WORTH_A_BAR = 50


@click.command(
    epilog=examples(
        "prp check", "prp check PRPs/phase2.md --fix", "prp check --format json --strict",
        "prp check --format concise              # a line a finding, without the source",
        "prp check --format github               # annotations in GitHub Actions",
        "prp check --format sarif -o prp.sarif   # for code scanning",
        "prp check --format junit -o prp.xml     # for GitLab and Jenkins",
        "prp check --select PRP1 --ignore PRP108",
        "prp check --write-baseline              # from here on, only what is new",
        "prp check --jobs 0                      # with all processors",
    )
)  # fmt: skip
@click.argument("paths", nargs=-1, type=click.Path(readable=False, path_type=Path))
@click.option("--fix", "fixing", is_flag=True, help="Mend what can be mended, report the rest.")
@click.option(
    "--format", "style", type=click.Choice(list(FORMATS)), default="text", show_default=True
)
@click.option(
    "-o", "--output", default="-", metavar="FILE", help="Where to write; `-` prints, the default."
)
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--select", multiple=True, metavar="RULE", help="Only these: an id, PRP1, a name.")
@click.option("--ignore", multiple=True, metavar="RULE", help="All but these.")
@click.option(
    "--write-baseline", "writing", is_flag=True,
    help=f"Keep what is found as known, in {baseline.PATH}.",
)  # fmt: skip
@click.option("--no-baseline", "bare", is_flag=True, help="Report what is known, too.")
@click.option(
    "-j", "--jobs", type=click.IntRange(min=0), default=1, show_default=True, metavar="N",
    help="Processes for many files; 0 is one for each processor.",
)  # fmt: skip
@click.option("--no-cache", "anew", is_flag=True, help="Check all anew, and keep nothing.")
def check(  # noqa: PLR0913, PLR0917 - one argument an option
    paths: tuple[Path, ...], fixing: bool, style: str, output: str, strict: bool,
    select: tuple[str, ...], ignore: tuple[str, ...], writing: bool, bare: bool,
    jobs: int, anew: bool,
) -> None:  # fmt: skip
    """Check PRPs, plans, requirements and summaries; without PATHS all of PRPs/."""
    if writing and bare:
        raise click.UsageError("--write-baseline and --no-baseline exclude each other")
    if not all(words([each]) for each in (*select, *ignore)):
        raise click.UsageError("--select and --ignore need a rule; `prp explain` lists them")
    here = Path.cwd()
    keeping = None if anew or fixing or writing else keeping_here()
    parts = []
    for repository, files in checking.files_by_project(paths, here).items():
        settings = _settings(repository, select, ignore, bare=bare)
        strict = strict or settings.config.strict
        checker = Checker(repository, project=project_here(repository), settings=settings)
        if writing:
            known = checking.write_baseline(checker, files, fixing=fixing)
            settings = replace(settings, baseline=known)
            checker = replace(checker, project=project_here(repository), settings=settings)
        found = checking.reports(
            checker, files, fixing=fixing, jobs=jobs or processors(), keeping=keeping
        )
        with progress(found, len(files)) as shown:
            parts.append(_or_failed(checker, shown, here))
    failing = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    checked = checking.joined(parts, failing)
    if checked.files or style not in COLOURED:
        _show(checked, style, output, here)
    _complain(checked)
    if checked.unreadable or not checked.files:
        raise click.exceptions.Exit(FAILED)
    raise click.exceptions.Exit(FINDINGS if checked.failed else CLEAN)


def _or_failed(checker: Checker, found: Iterable[tuple[str, Report]], here: Path) -> Checked:
    try:
        return checking.check(checker, found, here)
    except WorkerDiedError as error:
        complain(str(error), "check again; with `--jobs 1` no such process is needed")
        raise click.exceptions.Exit(FAILED) from None


def _show(checked: Checked, style: str, output: str, here: Path) -> None:
    if output == "-":
        render = COLOURED.get(style) if colour() else None
        click.echo((render or FORMATS[style])(checked), nl=False, color=True)
    else:
        checking.write_report(Path(output), FORMATS[style](checked), checked, here)
    if style in COLOURED:
        said = text.summary(len(checked.files), checked.findings, checked.fixed)
        click.echo(said + _kept_back(checked), err=True)


def _complain(checked: Checked) -> None:
    """Say what is known and gone, what could not be read, and that nothing was checked."""
    if checked.stale:
        count = "1 finding" if checked.stale == 1 else f"{checked.stale} findings"
        said = f"{count} of {baseline.PATH} no longer occur{'s' if checked.stale == 1 else ''}"
        complain(said, "`prp check --write-baseline` takes out what is gone")
    for file in checked.unreadable:
        place = f"{file.path}:{file.line}" if file.line else file.path
        complain(f"{place}: {file.message}", file.help or not_there(file.path, file.message))
    if not checked.files and not checked.unreadable:
        complain("nothing was checked: no document found", "name a file, or write one under PRPs/")


def _settings(
    repository: Repository, select: tuple[str, ...], ignore: tuple[str, ...], *, bare: bool
) -> Settings:
    """Return the project's settings as this command line changes them."""
    read = all_settings.load(repository)
    try:
        config = read.config.overridden(words(select), words(ignore))
    except KeyError as error:
        said = f"no rule answers to {error.args[0]!r}; `prp explain` lists them"
        raise click.UsageError(said) from None
    if not config.active(RULES):
        raise click.UsageError("no rule is left to check with")
    return replace(read, config=config, baseline=Baseline() if bare else read.baseline)


def _kept_back(checked: Checked) -> str:
    """Return what the summary says of findings that aren't shown."""
    said = [
        f"{checked.silenced} silenced by comments" if checked.silenced else "",
        f"{checked.baselined} in the baseline" if checked.baselined else "",
    ]
    return "".join(f"; {part}" for part in said if part)


def progress(done: Iterable[T], count: int) -> AbstractContextManager[Iterable[T]]:
    """Return what yields the same, and shows on a terminal how many of so many there were."""
    hidden = count < FILES_WORTH_A_BAR or not sys.stderr.isatty()
    return click.progressbar(
        done, length=count, label="checking", file=sys.stderr, hidden=hidden
    )  # fmt: skip


def keeping_here() -> Keeping | None:
    """Return where this user's results are kept; None where there is no place for a key."""
    folder = Path(click.get_app_dir("prp"))
    key = cache.key_in(folder) if folder.is_absolute() else b""
    return Keeping(installed.fingerprint(), key) if key else None
