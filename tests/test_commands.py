"""The command files that an agent is given: what the client reads of them, and that it is true."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
import yaml

from prp_pack import assets
from prp_pack.cli import main

NAMES = [
    "execute-prp", "generate-prp", "plan-project-phases", "update-phase-completion",
    "update-phase-plans",
]  # fmt: skip
ROOT = Path(__file__).parents[1]

EVERY = pytest.mark.parametrize("name", NAMES)

# Named, and for a person to run.
NOT_TO_RUN = ("prp matrix", "prp attest", "prp waive")

# In code, in a block of its own, or in a list of tools.
CALL = re.compile(r"(?:`|^ {4})(prp [a-z][^`\n]*)", re.MULTILINE)
TOOL = re.compile(r"(\w+)(?:\(([^)]*)\))?(?:,\s*|$)")
# What the client runs or attaches while it reads the file, and what it takes for an argument.
EXPANDED = re.compile(r"!`|(?<!\w)@[\w$./]|\$(?!ARGUMENTS\b)\w")


def text(name: str) -> str:
    return (assets.folder("commands") / f"{name}.md").read_text(encoding="utf-8")


def parts(name: str) -> tuple[dict[str, str], str]:
    _, front, body = text(name).split("---\n", 2)
    return yaml.safe_load(front), body


def tools(name: str) -> list[tuple[str, str]]:
    return TOOL.findall(parts(name)[0]["allowed-tools"])


def test_every_command_is_looked_at() -> None:
    assert sorted(path.stem for path in assets.folder("commands").glob("*.md")) == NAMES


@EVERY
def test_the_front_matter_is_what_the_client_reads(name: str) -> None:
    front, _ = parts(name)
    assert sorted(front) == ["allowed-tools", "argument-hint", "description"]
    assert all(isinstance(value, str) and "\n" not in value for value in front.values())
    assert len(front["description"]) <= 100


@EVERY
def test_a_command_is_short_and_expands_nothing_but_its_arguments(name: str) -> None:
    _, body = parts(name)
    assert text(name).count("\n") <= 80
    assert "$ARGUMENTS" in body
    assert EXPANDED.findall(body) == []


@EVERY
def test_no_more_is_allowed_than_is_named(name: str) -> None:
    for tool, scope in tools(name):
        assert tool in {"Read", "Grep", "Glob", "Edit", "Bash"}, "`Write(…)` means nothing there"
        if tool == "Bash":
            assert re.fullmatch(r"(?:prp|git) [a-z-]+(?: [a-z]+)?:\*", scope)
        if tool == "Edit" and name != "execute-prp":
            assert scope == "PRPs/**"


@EVERY
def test_each_call_of_prp_exists_with_its_options_and_may_run(name: str) -> None:
    calls = CALL.findall(parts(name)[1])
    assert calls
    allowed = [scope.removesuffix(":*") for tool, scope in tools(name) if tool == "Bash"]
    for call in calls:
        words = call.split()
        known_to = (*allowed, *NOT_TO_RUN)
        assert any(f"{call} ".startswith(f"{one} ") for one in known_to), call
        command: click.Command = main
        for word in words[1:]:
            if not isinstance(command, click.Group):
                break
            found = command.get_command(click.Context(command), word)
            assert found is not None, call
            command = found
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"(?<!\S)--[a-z-]+", call)) <= known, call


@pytest.mark.parametrize("name", ["plan-project-phases", "update-phase-plans"])
def test_a_command_on_plans_ends_with_the_checks_of_a_machine(name: str) -> None:
    _, body = parts(name)
    assert body.rindex("prp check PRPs") < body.rindex("prp plan render")
    assert body.rindex("prp plan render") < body.rindex("prp plan check")


def test_a_completion_ends_with_the_summary_drawn_again_and_a_check() -> None:
    front, body = parts("update-phase-completion")
    last = body[body.index("## 5. Check") :]
    assert last.index("prp complete $ARGUMENTS") < last.index("prp check PRPs")
    # Gates run, and words are given, by a person's own decision.
    assert not re.search(r"prp (?:gate|attest|waive)", front["allowed-tools"])


@EVERY
def test_each_template_that_a_command_names_is_shipped(name: str) -> None:
    for path in re.findall(r"PRPs/templates/[\w.]+", parts(name)[1]):
        assert (assets.folder("templates") / Path(path).name).is_file(), path


def test_the_two_long_commands_stay_within_their_budget() -> None:
    # Four characters are about a token.
    assert len(text("generate-prp") + text("execute-prp")) / 4 <= 2000


@EVERY
def test_this_repository_has_installed_what_it_ships(name: str) -> None:
    assert (ROOT / f".claude/commands/{name}.md").read_text(encoding="utf-8") == text(name)
