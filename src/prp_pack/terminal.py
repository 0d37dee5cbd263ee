"""What the commands share: exit statuses, complaints, how words are read and commands are found."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path

import click

from prp_pack.report.visible import visible
from prp_pack.repository import UnreadableError

CLEAN, FINDINGS, FAILED = 0, 1, 2


# Under this name what all commands of a call share says that standard output is to be JSON.
_WANTED = "prp_pack.json"


def wants_json(ctx: click.Context, _parameter: click.Parameter, wanted: object) -> object:
    """Remember that JSON was asked for, so that what keeps a command from its work is JSON too."""
    ctx.meta[_WANTED] = bool(wanted) and wanted not in ("yaml", "markdown")
    return wanted


JSON = click.option("--json", "as_json", is_flag=True, callback=wants_json, help="Print JSON.")


class Group(click.Group):
    """A group whose commands are imported when they are asked for: one would delay all others.

    `places` are the module and the function of each, by its name.
    """

    def __init__(
        self,
        *words: object,
        places: Mapping[str, tuple[str, str]] | None = None,
        **settings: object,
    ) -> None:
        super().__init__(*words, **settings)  # type: ignore[arg-type]  # click's own
        self.places = places or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*self.places, *super().list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        return resolved(self, ctx, args, super().resolve_command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each command with its whole first sentence; click would cut it off."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        shown = [(name, _first_sentence(each)) for name, each in commands if _listed(each)]
        with formatter.section("Commands"):
            formatter.write_dl(shown)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.places:
            return super().get_command(ctx, cmd_name)
        module, name = self.places[cmd_name]
        found: click.Command = getattr(import_module(f"prp_pack.{module}"), name)
        return found


Resolved = tuple[str | None, click.Command | None, list[str]]


def resolved(
    group: click.Group,
    ctx: click.Context,
    args: list[str],
    resolve: Callable[[click.Context, list[str]], Resolved],
) -> Resolved:
    """Return what click resolves; a name that it doesn't know gets the one that resembles it.

    Click looks for it among the commands that it holds itself, and ours are found by name.
    """
    try:
        return resolve(ctx, args)
    except click.exceptions.UsageError as error:
        if group.get_command(ctx, args[0]) is not None or args[0].startswith("-"):
            raise
        close = get_close_matches(args[0], group.list_commands(ctx), n=1)
        meant = f" Did you mean “{close[0]}”?" if close else ""
        raise click.UsageError(f"there is no command “{args[0]}”.{meant}", error.ctx) from None


def _listed(command: click.Command | None) -> bool:
    return command is not None and not command.hidden


def _first_sentence(command: click.Command | None) -> str:
    paragraph = ((command.help if command else "") or "").partition("\n\n")[0]
    return re.split(r"(?<=\.)\s", " ".join(paragraph.split()))[0]


def write_any_character() -> None:
    """Let standard output and error write what their encoding lacks by its number, not fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def examples(*lines: str) -> str:
    """Return the examples of a command's help, kept as they are by click."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def complain(message: str, help_: str = "") -> None:
    click.echo(f"prp: {visible(message)}", err=True)
    if help_:
        click.echo(f"    help: {visible(help_)}", err=True)


def refuse(ctx: click.Context, error: UnreadableError) -> None:
    """Say what can't be read, on standard error, and as JSON where that was asked for."""
    help_ = error.help or not_there(error.path, error.reason)
    complain(str(error), help_)
    if ctx.meta.get(_WANTED):
        import json  # noqa: PLC0415 - not for whoever meets no error

        said = {"path": error.path, "line": error.line, "message": error.reason, "help": help_}
        click.echo(json.dumps({"version": 1, "error": said}, indent=1, ensure_ascii=False))


def not_there(path: str, reason: str) -> str:
    """Return what may be meant by the path of a document that isn't there; nothing else has it."""
    if reason != "does not exist":
        return ""
    from prp_pack import checking  # noqa: PLC0415 - not for whoever meets no error

    meant = checking.meant(path, Path.cwd())
    return f"from here it is {meant}" if meant else ""


def words(values: Iterable[str]) -> list[str]:
    """Return what stands between commas, in each of several options."""
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


@contextmanager
def ending_in_order() -> Iterator[None]:
    """End what was started also when the system asks this process to end."""

    def end(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), end) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
