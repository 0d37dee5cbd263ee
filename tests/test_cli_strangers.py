"""What somebody meets who has never used the program: wrong names, wrong folders, old terminals."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.test_cli import PRP, prp

NOWHERE = "prp: PRPs: does not exist here or above\n"


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["chekc"], "there is no command “chekc”. Did you mean “check”?"),
        (["gates"], "there is no command “gates”. Did you mean “gate”"),
        (["gate", "lst"], "there is no command “lst”. Did you mean “list”"),
        (["plan", "shwo"], "there is no command “shwo”. Did you mean “show”"),
        (["run", "respons_time"], "“respons_time”. Did you mean “response_time_test”?"),
        (["zzz"], "there is no command “zzz”.\n"),
    ],
)
def test_a_misspelt_command_names_the_one_that_is_meant(
    tmp_path: Path, words: list[str], meant: str
) -> None:
    done = prp(tmp_path, *words)
    assert done.returncode == 2
    assert meant in done.stderr


def test_the_help_of_a_group_cuts_no_sentence_off(tmp_path: Path) -> None:
    for group in ([], ["gate"], ["plan"]):
        shown = prp(tmp_path, *group, "--help").stdout
        assert "..." not in shown.partition("Commands:")[2]
    assert "Record a person's word for an item that no command can prove" in " ".join(
        prp(tmp_path, "--help").stdout.split()
    )


def test_a_terminal_that_lacks_a_character_is_told_in_others(tmp_path: Path) -> None:
    (tmp_path / "PRPs").mkdir()
    (tmp_path / "PRPs/a.md").write_text("---\ntemplate: prp_base\nname: a\n---\n## Goal\n[Ziel]\n")
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    for words in (["check"], ["explain", "PRP101"], ["chekc"], ["--help"]):
        done = _run(words, tmp_path, environment)
        assert b"Traceback" not in done.stderr
        assert done.returncode in (0, 1, 2)
    done = _run(["check"], tmp_path, environment)
    assert done.returncode == 1
    assert b"missing section \\u201cWhy\\u201d" in done.stdout


def _run(
    words: list[str], where: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [PRP, *words], cwd=where, env=environment, capture_output=True, check=False
    )


@pytest.mark.parametrize("words", [["status"], ["status", "--json"], ["report"], ["check"]])
def test_outside_of_a_project_it_is_said_and_nothing_is_left(
    tmp_path: Path, words: list[str]
) -> None:
    done = prp(tmp_path, *words)
    assert done.returncode == 2
    if "--json" in words:
        assert json.loads(done.stdout)["error"]["message"] == "does not exist here or above"
    else:
        assert not done.stdout
    assert done.stderr.startswith(NOWHERE)
    assert "prp init" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "script",
    [
        "create_integration_examples", "document_performance_baselines", "generate_api_docs",
        "validate_next_phase_interfaces",
    ],
)  # fmt: skip
def test_a_flag_that_a_script_requires_is_asked_for(tmp_path: Path, script: str) -> None:
    (tmp_path / "PRPs").mkdir()
    done = prp(tmp_path, "run", script, "--dry-run")
    assert done.returncode == 2
    assert "Missing option '--" in done.stderr
    assert "None" not in done.stderr


def test_a_prp_is_made_from_a_document(tmp_path: Path) -> None:
    (tmp_path / "PRPs").mkdir()
    done = prp(tmp_path, "new", "PRPs/INITIAL.md")
    assert done.returncode == 2
    assert "help: write it: PRPs/templates/ has initial.md for a feature" in done.stderr
    (tmp_path / "PRPs/prp.toml").write_text("")
    done = prp(tmp_path, "new", "PRPs/prp.toml")
    assert done.returncode == 2
    assert "PRPs/prp.toml: is no Markdown document" in done.stderr
    assert [file.name for file in (tmp_path / "PRPs").iterdir()] == ["prp.toml"]


def test_a_check_of_nothing_does_not_say_that_nothing_was_found(tmp_path: Path) -> None:
    (tmp_path / "PRPs").mkdir()
    assert "no findings" not in prp(tmp_path, "check").stderr
    assert "no findings" not in prp(tmp_path, "check", "PRPs/gone.md").stderr


def test_the_list_of_rules_is_in_order_and_in_columns(tmp_path: Path) -> None:
    rows = prp(tmp_path, "explain").stdout.splitlines()
    assert rows == sorted(rows)
    assert len({row.index(row.split(maxsplit=2)[2]) for row in rows}) == 1


def test_init_says_what_to_do_next_and_a_dry_run_shows_no_packed_text(tmp_path: Path) -> None:
    done = prp(tmp_path, "init")
    assert "`prp doctor` tells whether it works here\n" in done.stderr
    assert "commit .claude/, PRPs/ and scripts/, so that" in done.stderr
    removal = prp(tmp_path, "init", "--uninstall", "--dry-run").stdout
    assert "remove    .claude/prp-manifest.json" in removal
    assert "a/.claude/prp-manifest.json" not in removal
