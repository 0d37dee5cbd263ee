"""What `prp doctor` says of a machine and a project, and that it starts nothing it shouldn't."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from prp_pack import doctor, install
from prp_pack.doctor import CHECKS, Here, Result, State, libraries, programs
from prp_pack.doctor.asking import ask
from prp_pack.doctor.recorded import EVENTS
from prp_pack.install import MANIFEST, PRE_COMMIT, SETTINGS
from prp_pack.repository import Repository
from prp_pack.settings_json import REGISTRATIONS
from tests.test_cli import prp

ROOT = Path(__file__).parents[1]
PYTHON = Path(sys.executable)
PATH = f"{PYTHON.parent}:/usr/bin:/bin"
HOOK = ".claude/hooks/prp_hook.py"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home/.claude").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Path:  # noqa: ARG001 - nothing of the real user's
    folder = tmp_path / "project"
    folder.mkdir()
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    repository = Repository(folder)
    install.apply(repository, install.plan_install(repository))
    return folder


def here(project: Path, **environment: str) -> Here:
    home = project.parent / "home"
    variables = {**os.environ, "PATH": PATH, "HOME": str(home)}
    return Here(Repository(project), {**variables, **environment}, home / ".claude", PYTHON)


def of(project: Path, check: str, **environment: str) -> list[tuple[str, str, str]]:
    found = CHECKS[check](here(project, **environment))
    return [(result.state.value, result.said, result.mend) for result in found]


def program(folder: Path, name: str, body: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def enable_plugin(project: Path, value: bool = True) -> None:
    settings = project.parent / "home/.claude/settings.json"
    settings.write_text(json.dumps({"enabledPlugins": {"prp@prp-pack": value}}))


def trust(project: Path) -> None:
    known = {"projects": {str(project): {"hasTrustDialogAccepted": True}}}
    (project.parent / "home/.claude.json").write_text(json.dumps(known))


def change_settings(project: Path, change: Callable[[dict[str, Any]], object]) -> None:
    document = json.loads((project / SETTINGS).read_text())
    change(document["hooks"])
    (project / SETTINGS).write_text(json.dumps(document))


# --- The table, and the command -------------------------------------------------------------------


def test_a_fresh_installation_has_no_problem(project: Path) -> None:
    results = doctor.examine(here(project))
    assert doctor.problems(results) == 0
    assert {result.check for result in results} == set(CHECKS)


def test_the_command_says_the_same_in_both_forms(project: Path) -> None:
    home = str(project.parent / "home")
    shown = prp(project, "doctor", HOME=home, CLAUDE_CONFIG_DIR="", PATH=PATH)
    again = prp(project, "doctor", "--json", HOME=home, CLAUDE_CONFIG_DIR="", PATH=PATH)
    document = json.loads(again.stdout)
    assert shown.returncode == 0
    assert list(document) == ["version", "checks", "summary"]
    lines = [line for line in shown.stdout.splitlines() if not line.startswith(" ")]
    assert lines == [f"{c['state']:<8} {c['check']}: {c['message']}" for c in document["checks"]]
    assert sum(document["summary"].values()) == len(lines)


def test_a_problem_is_exit_status_1_and_has_what_mends_it(tmp_path: Path) -> None:
    shown = prp(tmp_path, "doctor", HOME=str(tmp_path), CLAUDE_CONFIG_DIR="")
    assert shown.returncode == 1
    said = (
        "problem  hooks-registered: no hook of prp-pack is registered here\n         mend: prp init"
    )
    assert said in shown.stdout


def test_every_problem_says_what_mends_it(project: Path) -> None:
    (project / SETTINGS).write_text("{")
    (project / MANIFEST).write_text("{")
    (project / PRE_COMMIT).write_bytes(b"\0")
    results = doctor.examine(here(project, PATH=""))
    problems = [result for result in results if result.state is State.PROBLEM]
    assert len(problems) >= 5
    assert all(result.mend for result in problems)


def test_it_changes_nothing(project: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*")}
    doctor.examine(here(project))
    assert {path: path.stat().st_mtime_ns for path in project.rglob("*")} == before


# --- Programs -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "state", "words"),
    [
        ("2.1.330 (Claude Code)", "ok", "2.1.330"),
        ("2.1.331 (Claude Code)", "hint", "newer than 2.1.330"),
        ("1.0.9 (Claude Code)", "hint", "older than 2.1.330"),
        ("no number", "hint", "isn't on the PATH"),
    ],
)
def test_the_clients_version(project: Path, said: str, state: str, words: str) -> None:
    program(project.parent / "bin", "claude", f"echo '{said}'")
    (found,) = of(project, "claude-code", PATH=f"{project.parent}/bin:/bin:/usr/bin")
    assert found[0] == state
    assert words in found[1]


def test_the_known_client_is_the_one_that_is_tested() -> None:
    package = json.loads((ROOT / "tests/e2e/package.json").read_text())
    names = package["dependencies"] | package.get("devDependencies", {})
    known = ".".join(map(str, programs.CLIENT))
    assert names["@anthropic-ai/claude-code"] == known


@pytest.mark.parametrize(
    ("check", "name", "said", "words"),
    [
        ("git", "git", "git version 2.20.1", "2.20.1 is older than 2.31"),
        ("python", "python3", "Python 3.6.9", "python3 is 3.6.9, and the hooks' script needs 3.8"),
    ],
)
def test_programs_that_are_too_old_or_missing(
    project: Path, check: str, name: str, said: str, words: str
) -> None:
    program(project.parent / "bin", name, f"echo '{said}'")
    old = of(project, check, PATH=f"{project.parent}/bin:/bin:/usr/bin")
    assert next(s for state, s, _ in old if state == "problem").endswith(words)
    missing = of(project, check, PATH=str(project.parent))
    assert any(state == "problem" and "the PATH" in s for state, s, _ in missing)


def test_a_program_that_never_answers_holds_nobody(project: Path) -> None:
    program(project / "bin", "claude", "sleep 600 & wait")
    answer = ask([str(project / "bin/claude")], here(project).environment, project, seconds=0.2)
    assert answer.status is None


def test_a_project_outside_of_git(project: Path) -> None:
    shutil.rmtree(project / ".git")
    assert of(project, "git")[1][2] == "git init"


def test_pre_commit_is_switched_on_step_by_step(project: Path) -> None:
    bin_ = program(project.parent / "bin", "prek", "").parent
    alone = Here(Repository(project), {"PATH": f"{bin_}:/usr/bin:/bin"}, project, bin_ / "python")

    def said() -> tuple[str, str]:
        (result,) = CHECKS["pre-commit"](alone)
        return result.state.value, result.mend

    assert said() == ("hint", "prek install")
    program(project / ".git/hooks", "pre-commit", "")
    assert said() == ("ok", "")
    (bin_ / "prek").unlink()
    assert said() == ("hint", "pip install pre-commit")
    (project / PRE_COMMIT).write_text("repos: []\n")
    assert said()[1].startswith("prp init")


def test_programs_are_found_without_a_home(project: Path) -> None:
    told = prp(project, "doctor", HOME=str(project / "nowhere")).stdout
    assert re.search(r"^ok       git: \d", told, re.MULTILINE)


def test_every_extra_is_told_with_what_it_gives(project: Path) -> None:
    extras = set(metadata.metadata("prp-pack").get_all("Provides-Extra") or ())
    extras -= {libraries.ALL}
    assert set(libraries.GIVES) == extras
    said = [s for _, s, _ in of(project, "extras")]
    assert all(any(f"“{extra}”" in line for line in said) for extra in extras)


def test_what_is_missing_of_the_extras_is_one_line_with_one_command() -> None:
    needed = {"api": ["a", "b"], "lsp": ["c"], "ws": ["d"]}
    told = [*libraries.told(needed, {"b", "c"})]
    assert [(each.state.value, each.mend) for each in told] == [
        ("ok", ""),
        ("hint", "pip install 'prp-pack[api,ws]'"),
    ]
    assert told[1].said == (
        "not installed: “api” (the scripts on API contracts), “ws” (the scripts on WebSockets)"
    )
    assert [each.state.value for each in libraries.told(needed, set("abcd"))] == ["ok"] * 3


# --- Installed files ------------------------------------------------------------------------------


def test_files_that_are_missing_old_or_left_are_named(project: Path) -> None:
    (project / "PRPs/templates/initial.md").unlink()
    (project / "PRPs/templates/prp_base.md.prp-new").write_text("x")
    old = ".claude/commands/generate-prp.md"
    document = json.loads((project / MANIFEST).read_text())
    (project / old).write_text("old\n")
    document["files"][old] = install.manifest.digest("old\n")
    (project / MANIFEST).write_text(json.dumps(document))
    mends = {said: mend for _, said, mend in of(project, "installed-files")}
    assert mends["PRPs/templates/initial.md was deleted"].startswith("prp init")
    assert mends[f"{old} is of another version than this prp"] == "prp init --upgrade"
    assert any("prp_base.md.prp-new is left" in said for said in mends)


def test_without_an_installation_there_is_nothing_to_say_of_its_files(tmp_path: Path) -> None:
    assert of(tmp_path, "installed-files") == []


# --- Twice ----------------------------------------------------------------------------------------


def test_the_plugin_and_the_projects_own_hooks_are_a_problem(project: Path) -> None:
    enable_plugin(project)
    ((state, said, mend),) = of(project, "installed-once")
    assert state == "problem"
    assert "each runs twice" in said
    assert "prp init --uninstall" in mend
    assert "claude plugin disable prp@prp-pack" in mend


def test_a_plugin_that_the_project_switches_off_is_none(project: Path) -> None:
    enable_plugin(project)
    local = project / ".claude/settings.local.json"
    local.write_text('{"enabledPlugins": {"prp@prp-pack": false}} // here')
    assert [state for state, *_ in of(project, "installed-once")] == ["ok"]


def test_hooks_in_two_settings_files_are_a_problem(project: Path) -> None:
    shutil.copy(project / SETTINGS, project / ".claude/settings.local.json")
    ((state, said, _),) = of(project, "installed-once")
    assert state == "problem"
    assert f"{SETTINGS} and in .claude/settings.local.json" in said


def test_init_says_that_the_plugin_is_there_already(tmp_path: Path) -> None:
    (tmp_path / "home/.claude").mkdir(parents=True)
    (tmp_path / "project").mkdir()
    enable_plugin(tmp_path / "project")
    home = str(tmp_path / "home")
    done = prp(tmp_path / "project", "init", HOME=home, CLAUDE_CONFIG_DIR="")
    assert done.returncode == 0
    assert "claude plugin disable prp@prp-pack" in done.stderr
    moved = prp(tmp_path / "project", "init", HOME="/nowhere", CLAUDE_CONFIG_DIR=f"{home}/.claude")
    assert "claude plugin disable prp@prp-pack" in moved.stderr


# --- Hooks ----------------------------------------------------------------------------------------


def test_every_registration_has_an_event_that_is_replayed() -> None:
    for each in REGISTRATIONS:
        tool = (each.condition or each.matcher).partition("(")[0]
        assert (each.event, tool) in EVENTS or (each.event, "") in EVENTS


def test_all_hooks_answer(project: Path) -> None:
    assert of(project, "hooks-alive") == [("ok", f"{len(EVENTS)} of {SETTINGS} answer", "")]


def test_a_registration_that_is_missing_or_there_twice_is_a_problem(project: Path) -> None:
    change_settings(project, lambda hooks: hooks.pop("Stop"))
    assert of(project, "hooks-registered") == [("problem", "Stop isn't registered", "prp init")]
    change_settings(project, lambda hooks: hooks["SessionStart"].append(hooks["SessionStart"][0]))
    assert ("problem", "SessionStart is registered twice", "prp init") in of(
        project, "hooks-registered"
    )


def test_a_script_that_is_gone_is_a_problem(project: Path) -> None:
    (project / HOOK).unlink()
    ((state, said, mend),) = of(project, "hooks-alive")
    assert (state, mend) == ("problem", "prp init")
    assert "PostToolUse Edit, Stop of .claude/settings.json" in said
    assert "is missing or unreadable" in said


def test_hooks_that_find_no_program_are_one_problem(project: Path) -> None:
    ((state, said, mend),) = of(project, "hooks-alive", PATH="/usr/bin:/bin")
    assert (state, said.startswith("the hooks find no prp")) == ("problem", True)
    assert mend.endswith(f"PRP_COMMAND={PYTHON.parent}/prp")


def test_hooks_that_find_another_program_are_told(project: Path) -> None:
    other = program(project.parent / "bin", "prp", "echo '{}'").parent
    found = of(project, "hooks-alive", PATH=f"{other}:/usr/bin:/bin")
    assert found[0][0] == "hint"
    assert f"the hooks run {other}/prp" in found[0][1]
    assert found[1][0] == "problem"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("exit 3", "could not run"),
        ("echo '{}'", "answered nothing"),
        ("echo hello", "could not run"),
    ],
)
def test_a_prp_that_does_not_work_is_a_problem(project: Path, body: str, words: str) -> None:
    broken = program(project.parent / "bin", "broken", body)
    found = of(project, "hooks-alive", PRP_COMMAND=str(broken))
    said = "\n".join(said for state, said, _ in found if state == "problem")
    # A Stop of a session that runs nothing never gets as far.
    assert all(event in said and tool in said for event, tool in EVENTS if event != "Stop")
    assert words in said


def test_an_altered_script_that_answers_nonsense_is_a_problem(project: Path) -> None:
    trust(project)
    for body in ("print('no json')", "import sys; sys.exit(4)", "import time; time.sleep(9)"):
        (project / HOOK).write_text(f"{body}\n")
        change_settings(
            project, lambda hooks: [hooks.pop(e) for e in [*hooks] if e != "SessionStart"]
        )
        change_settings(
            project, lambda hooks: hooks["SessionStart"][0]["hooks"][0].update(timeout=1)
        )
        ((state, _, _),) = of(project, "hooks-alive")
        assert state == "problem"


FOREIGN: dict[str, Callable[[Path], object]] = {
    "another command": lambda project: change_settings(
        project, lambda hooks: hooks["Stop"][0]["hooks"][0].update(command=f"{project}/evil")
    ),
    "another script": lambda project: (project / HOOK).write_text(
        f"import os; os.system('{project}/evil')"
    ),
    "another program": lambda project: shutil.copy(
        project / "evil", program(project / ".venv/bin", "prp", "")
    ),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_nothing_that_a_project_brought_is_started_unless_it_is_trusted(
    project: Path, kind: str
) -> None:
    mark = project.parent / "was-started"
    program(project, "evil", f"touch '{mark}'; cat > /dev/null; echo '{{}}'")
    FOREIGN[kind](project)
    found = of(project, "hooks-alive")
    assert any("were not started" in said for _, said, _ in found)
    assert not mark.exists()
    trust(project)
    of(project, "hooks-alive")
    assert mark.exists()


def test_the_hooks_of_the_plugin_are_replayed_from_where_it_is(project: Path) -> None:
    removed = install.plan_removal(Repository(project))
    install.apply(Repository(project), removed)
    (project / "PRPs").mkdir()
    enable_plugin(project)
    known = {"plugins": {"prp@prp-pack": [{"scope": "user", "installPath": str(ROOT)}]}}
    folder = project.parent / "home/.claude/plugins"
    folder.mkdir()
    (folder / "installed_plugins.json").write_text(json.dumps(known))
    assert of(project, "installed-once") == [("ok", "installed once, as a plugin", "")]
    assert of(project, "hooks-registered") == [("ok", f"{len(REGISTRATIONS)} registered", "")]
    assert ("ok", f"{len(EVENTS)} of the plugin answer", "") in of(project, "hooks-alive")


def test_the_plugins_own_environment_is_found_where_there_is_no_other(project: Path) -> None:
    test_the_hooks_of_the_plugin_are_replayed_from_where_it_is(project)
    own = project.parent / "home/.claude/plugins/data/prp-prp-pack/env-1"
    program(own / "bin", "prp", f'exec "{PYTHON}" -m prp_pack "$@"')
    assert of(project, "hooks-alive", PATH="/usr/bin:/bin")[0][0] == "problem"
    (own / "complete").touch()
    ((state, said, _), *rest) = of(project, "hooks-alive", PATH="/usr/bin:/bin")
    assert (state, said.startswith(f"the hooks run {own}/bin/prp")) == ("hint", True)
    assert [state for state, *_ in rest] == ["ok"]


def test_a_result_prints_as_a_line_and_its_remedy() -> None:
    assert str(Result(State.OK, "fine", check="git")) == "ok       git: fine"
    assert str(Result(State.HINT, "old", "new", "git")) == "hint     git: old\n         mend: new"
