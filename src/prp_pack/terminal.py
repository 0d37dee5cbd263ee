"""What the commands share: exit statuses, complaints, how words are read and commands are found."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module

import click

from prp_pack.report.visible import visible

CLEAN, FINDINGS, FAILED = 0, 1, 2


class Group(click.Group):
    """A group whose commands are imported when they are asked for: one would delay all others.

    `places` are the module and the function of each, by its name.
    """

    def __init__(
        self, *words: object, places: Mapping[str, tuple[str, str]], **settings: object
    ) -> None:
        super().__init__(*words, **settings)  # type: ignore[arg-type]  # click's own
        self.places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*self.places, *super().list_commands(ctx)])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.places:
            return super().get_command(ctx, cmd_name)
        module, name = self.places[cmd_name]
        found: click.Command = getattr(import_module(f"prp_pack.{module}"), name)
        return found


def examples(*lines: str) -> str:
    """Return the examples of a command's help, kept as they are by click."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def complain(message: str, help_: str = "") -> None:
    click.echo(f"prp: {visible(message)}", err=True)
    if help_:
        click.echo(f"    help: {visible(help_)}", err=True)


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
