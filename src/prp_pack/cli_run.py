"""`prp run`: the validation scripts. Parse arguments, call, report, exit. No logic."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import click

from prp_pack.evidence.configuration import PATH
from prp_pack.evidence.record import Check, Findings, Status
from prp_pack.evidence.result import Result
from prp_pack.gate.recording import EXITS
from prp_pack.probes import CATALOGUE, Entry, entry, filing, pages, settings, telling
from prp_pack.probes.filing import Call
from prp_pack.probes.probe import CannotRunError, Option, Run, ServiceEndedError
from prp_pack.probes.quantities import placeholder, seconds
from prp_pack.report.html import place
from prp_pack.report.visible import visible
from prp_pack.repository import STATE, Repository, UnreadableError
from prp_pack.terminal import colour, complain, ending_in_order, examples, resolved, wants_json
from prp_pack.values import replace

# A module of `probes`; what it must have is said there.
Probe: TypeAlias = Any
# What a page is made with: the extra `report`.
_DRAWN_BY = ("jinja2",)
# A line that can't be written over is printed this often, in seconds.
_SELDOM = 30.0


class _Quantity(click.ParamType[object]):
    """A flag's value as a reader of `quantities` takes it; a placeholder is no value."""

    name = "value"

    def __init__(self, read: Callable[[str], object]) -> None:
        self._read = read

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        if not isinstance(value, str):
            return value
        if left := placeholder(value):
            self.fail(f"still has the placeholder {left}: write the value in its place", param, ctx)
        try:
            return self._read(value)
        except ValueError as error:
            self.fail(f"“{value}” {error}", param, ctx)


class _Scripts(click.Group):
    """Makes the command of a script from its options when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [each.name for each in CATALOGUE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        name = cmd_name.removesuffix(".py")
        found = entry(name)
        return _command(found, name) if found else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        return resolved(self, ctx, args, super().resolve_command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Scripts"):
            formatter.write_dl([(each.name, each.summary) for each in CATALOGUE])


@click.group(
    cls=_Scripts,
    epilog=examples(
        "prp run response_time_test --target=200ms --critical-paths",
        "python scripts/response_time_test.py --help    # the same program",
    ),
)
def run() -> None:
    """Run a validation script on your service, database or processes.

    Exit status: 0 passed, 1 failed, 2 bad usage, 3 could not run, 4 inconclusive, 5 not
    applicable. PRPs/prp.toml says where the service is; docs/scripts.md says how.
    """


def _command(found: Entry, name: str) -> click.Command:
    probe = import_module(f"prp_pack.probes.{found.name}")

    def call(**values: object) -> None:
        _call(found, name, probe, values)

    options: tuple[Option, ...] = probe.OPTIONS
    pictured = [_html()] if hasattr(probe, "pictures") else []
    line = f"prp run {name} {found.example}".rstrip()
    lines = [line, f"{line} --dry-run"]
    return click.Command(
        name,
        callback=call,
        params=[*(_parameter(option) for option in options), *pictured, *_common()],
        help=f"{found.summary}\n\n{_details(probe.__doc__)}",
        epilog=examples(*lines),
    )


def _details(doc: str | None) -> str:
    return (doc or "").partition("\n\n")[2].strip()


def _parameter(option: Option) -> click.Option:
    spellings = [option.flag, *([option.short] if option.short else [])]
    if option.read is None:
        return click.Option(spellings, is_flag=True, help=option.help)
    # To click, None is a default as well, and what has one is not missing.
    given = {"required": True} if option.required else {"default": option.default}
    return click.Option(
        spellings,
        type=_Quantity(option.read),
        metavar=option.metavar,
        help=option.help,
        **given,
    )


def _html() -> click.Option:
    """Return the flag of scripts whose result has pictures."""
    help_ = "Write a page with pictures. Needs: pip install 'prp-pack[report]'."
    return click.Option(["--html"], type=_Quantity(str), metavar="FILE", help=help_)


def _common() -> list[click.Parameter]:
    """Return the flags of every script."""
    return [
        click.Option(["--config"], type=_Quantity(str), default=PATH, show_default=True,
                     metavar="FILE", help="Read the configuration here."),
        click.Option(["--prp"], type=_Quantity(str), metavar="PRP",
                     help="The PRP that the run belongs to."),
        click.Option(["--base-url"], type=_Quantity(str), metavar="URL",
                     help="Where the service answers."),
        click.Option(["--start/--no-start"], default=None,
                     help="Start the service; without either, if [service] says how."),
        click.Option(["--timeout"], type=_Quantity(seconds), default="10s", show_default=True,
                     metavar="TIME", help="For one request or step."),
        click.Option(["--seed"], type=int, default=0, show_default=True,
                     help="Of all random numbers."),
        click.Option(["--dry-run"], is_flag=True, help="Say what would be done, do nothing."),
        click.Option(["--no-evidence"], is_flag=True, help="Write no record."),
        click.Option(["--json", "as_json"], is_flag=True, callback=wants_json,
                     help="Print JSON."),
    ]  # fmt: skip


def _call(found: Entry, name: str, probe: Probe, values: dict[str, Any]) -> None:
    repository = Repository.containing(Path.cwd())
    given = {key: values.pop(key) for key in
             ("config", "prp", "base_url", "start", "timeout", "seed", "dry_run", "no_evidence",
              "as_json")}  # fmt: skip
    page = values.pop("html", None) or ""
    if page:
        place.expect_page(page)
        place.expect_uncounted(repository, page)
    environment = dict(os.environ)
    run = Run(
        repository=repository,
        settings=settings.load(repository, environment, _inside(repository, given["config"])),
        options=values,
        environment=environment,
        folder=f"{STATE}/runs/{found.name}-{secrets.token_hex(4)}",
        timeout=given["timeout"],
        base_url=given["base_url"] or "",
        start=given["start"],
        seed=given["seed"],
        prp=_inside(repository, given["prp"] or "") or filing.prp_in_work(repository),
        tell=_teller(),
    )
    if given["dry_run"]:
        for line in probe.plan(run):
            click.echo(line)
        return
    repository.prepare_state()
    began, clock = datetime.now().astimezone(), time.monotonic()
    with ending_in_order():
        result = _result(found, name, probe, run, page=page)
    spent = time.monotonic() - clock
    call = Call((found.name, *_words_after(name)), began, spent)
    record = "" if given["no_evidence"] else filing.file(run, result, call)
    said = (
        telling.to_json(result, spent, record, page)
        if given["as_json"]
        else telling.text(result, spent, record, colour=colour())
    )
    click.echo(said, nl=False, color=True)
    if page and not _lacks(_DRAWN_BY):
        # What was measured is told before anything can go wrong with the page.
        place.write(repository, page, pages.html(run, probe.pictures, result, call, record))
        if not given["as_json"]:
            click.echo(f"page: {visible(page)}")
    raise click.exceptions.Exit(EXITS[result.verdict])


def _expect_extra(found: Entry, page: str) -> None:
    if missing := _lacks(found.modules):
        lack = f"{found.name} needs {', '.join(missing)}, which is not installed"
        raise CannotRunError(lack, f"pip install 'prp-pack[{found.extra}]'")
    if page and (missing := _lacks(_DRAWN_BY)):
        lack = f"--html needs {', '.join(missing)}, which is not installed"
        raise CannotRunError(lack, "pip install 'prp-pack[report]'")


def _lacks(modules: Iterable[str]) -> list[str]:
    return [each for each in modules if find_spec(each) is None]


def _words_after(name: str) -> list[str]:
    """Return the words of the command line behind the script's name."""
    known = [at for at, word in enumerate(sys.argv) if word.removesuffix(".py") == name]
    return sys.argv[known[0] + 1 :] if known else []


def _result(found: Entry, name: str, probe: Probe, run: Run, *, page: str) -> Result:
    """Return what the probe found; that it could not find anything is a result as well."""
    try:
        _expect_extra(found, page)
        result: Result = probe.run(run)
    except ServiceEndedError as error:
        ended = Check("service", Status.FAIL, error.reason)
        result = Result(found.name, Findings((ended,)))
    except CannotRunError as error:
        complain(filing.redacted(error.reason, run.environment), error.help)
        said = f"{error.reason}; {error.help}" if error.help else error.reason
        result = Result(found.name, Findings((Check("start", Status.ERROR, said),)))
    finally:
        run.tell("", None)
    return replace(filing.without_secrets(result, run.environment), invoked_as=name)


def _inside(repository: Repository, path: str) -> str:
    """Return a path as the project knows it; raises `UnreadableError` for one outside."""
    if not path or path == PATH:
        return path
    found = repository.relative(Path(path))
    if not repository.holds(found):
        raise UnreadableError(path, "does not exist in this project")
    return found


def _teller() -> Callable[[str, float | None], None]:
    """Return what shows progress on standard error: a line that changes, or lines now and then."""
    live = sys.stderr.isatty()
    shown = time.monotonic()
    there = False

    def tell(said: str, share: float | None) -> None:
        nonlocal shown, there
        now = time.monotonic()
        if not said:
            if there:
                click.echo("\r\x1b[K", nl=False, err=True)
            there = False
            return
        part = f" {share:.0%}" if share is not None else ""
        if live and now - shown >= 0.1:  # noqa: PLR2004 - seconds; more often nobody sees
            click.echo(f"\r\x1b[K{said}{part}", nl=False, err=True)
            shown, there = now, True
        elif not live and now - shown >= _SELDOM:
            click.echo(f"{said}{part}", err=True)
            shown = now

    return tell
