"""Every `prp` command that a page names, in running text too, is one that prp understands.

Those in blocks are run as well: see scenes.py.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from prp_pack.cli import main

ROOT = Path(__file__).parents[2]
PAGES = (
    ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "commands").glob("*.md")),
)  # fmt: skip
_FENCE = re.compile(r"^```(?:console|bash|sh|yaml|text)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^\s*(?:\$ |- run: |run: |> |)(prp (?!check:)[a-z].*)$", re.MULTILINE)
_INLINE = re.compile(r"`(prp [a-z][^`]*)`")
# What stands for a value in running text.
_OPEN = re.compile(r"…|·|\.\.\.|[<>\[\]{}|*]|\bN\b|\bSCRIPT\b")


def commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        found = [line for fence in _FENCE.findall(text) for line in _LINE.findall(fence)]
        found += _INLINE.findall(_FENCE.sub("", text))
        for line in dict.fromkeys(found):
            words = line.split(" #")[0].split(" > ")[0].split(" && ")[0].split(";")[0].strip()
            if not _OPEN.search(words):
                yield str(page.relative_to(ROOT)), words


COMMANDS = sorted(set(commands()))


def understood(words: list[str]) -> None:
    """Parse words as the program would, without doing anything; raises `click.UsageError`."""
    command: click.Command = main
    context = click.Context(main, info_name="prp")
    while isinstance(command, click.Group) and words:
        name, *words = words
        found = command.get_command(context, name)
        if found is None:
            raise click.UsageError(f"there is no {name}")
        command = found
        context = click.Context(command, info_name=name, parent=context)
    if words:
        command.make_parser(context).parse_args(args=words)
        known = {flag for option in command.params for flag in option.opts + option.secondary_opts}
        for word in words:
            if word.startswith("--") and word != "--" and word.partition("=")[0] not in known:
                raise click.NoSuchOption(word)


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_a_command_that_a_page_shows_is_understood(page: str, line: str) -> None:
    said = line.removeprefix("prp ").replace(" -- ", " ").strip()
    # A sentence may begin with the name: `prp check finds …` is no command.
    words = shlex.split(said.removesuffix(":").removesuffix("."))
    if words in (["--version"], ["--help"]):
        return
    try:
        understood(words)
    except click.UsageError as error:
        pytest.fail(f"{page}: {line}: {error.format_message()}")


def test_the_pages_show_commands() -> None:
    assert len(COMMANDS) > 60
