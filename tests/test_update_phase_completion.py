"""/update-phase-completion: what the client reads of it, and that it ends in checks."""

from __future__ import annotations

import re
from pathlib import Path

import click
import yaml

from prp_pack import assets
from prp_pack.cli import main

NAME = "update-phase-completion.md"
ROOT = Path(__file__).parents[1]
TEXT = (assets.folder("commands") / NAME).read_text(encoding="utf-8")
_, FRONT, BODY = TEXT.split("---\n", 2)


def calls() -> list[list[str]]:
    return [call.split() for call in re.findall(r"`(prp [a-z][^`\n]*)", BODY)]


def test_its_front_matter_is_what_the_client_reads() -> None:
    front = yaml.safe_load(FRONT)
    assert sorted(front) == ["allowed-tools", "argument-hint", "description"]
    assert all(isinstance(value, str) for value in front.values())
    assert TEXT.count("\n") <= 80


def test_it_allows_what_it_names_and_neither_gates_nor_a_person_s_word() -> None:
    allowed = re.findall(r"Bash\((prp [a-z]+):\*\)", FRONT)
    assert {" ".join(call[:2]) for call in calls()} <= set(allowed)
    assert not {"prp gate", "prp attest", "prp waive"} & set(allowed)


def test_each_call_exists_with_its_options() -> None:
    for call in calls():
        command = main.get_command(click.Context(main), call[1])
        assert command is not None, call
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in call if re.match(r"--[a-z]", word)} <= known, call


def test_it_ends_in_the_summary_drawn_again_and_a_check() -> None:
    last = BODY[BODY.index("## 5. Check") :]
    assert last.index("prp complete $ARGUMENTS") < last.index("prp check PRPs")


def test_this_repository_has_installed_what_it_ships() -> None:
    assert (ROOT / ".claude/commands" / NAME).read_text(encoding="utf-8") == TEXT
