"""What the template warns of, found by real ruff in what the work changed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.gate import phases
from tests.gate.phases import commit, contract, seal, settle, work, write
from tests.test_cli import prp

RUFF = Path(sys.executable).parent / "ruff"
OLD = "def old():\n    try:\n        work()\n    except Exception:\n        pass\n"
NEW = "\n\ndef new():\n    try:\n        work()\n    except Exception:\n        pass\n"
CATCHES = "a handler that catches every exception"
BLOCKS = "a blocking call in asynchronous code"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return phases.project(tmp_path / "project")


@pytest.fixture
def search_path(tmp_path: Path) -> str:
    """Return a PATH with git and Python, and nothing else."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "git").symlink_to(shutil.which("git") or "git")
    return str(folder)


@pytest.fixture
def with_ruff(tmp_path: Path, search_path: str) -> str:
    (tmp_path / "programs/ruff").symlink_to(RUFF)
    return search_path


def told(root: Path, path: str, phase: str = "1") -> dict[str, Any]:
    return dict(json.loads(prp(root, "reconcile", phase, "--json", PATH=path).stdout))


def hits(root: Path, path: str) -> list[tuple[str, int, str, str]]:
    found = told(root, path)["anti_patterns"]
    return [(each["path"], each["line"], each["code"], each["pattern"]) for each in found]


def test_each_that_came_with_the_work_is_named_and_is_no_failure(
    root: Path, with_ruff: str
) -> None:
    seal(contract(root))
    work(root)
    write(
        root,
        "src/store.py",
        "import time\n\n\nasync def wait(timeout):\n    time.sleep(1)\n\n\n"
        "def store():\n    try:\n        pass\n    except:\n        pass\n",
    )
    settle(contract(root))
    done = prp(root, "reconcile", "1", PATH=with_ruff)
    assert done.returncode == 0, done.stdout
    said = done.stdout.split("\n")
    assert said[0] == (
        f"src/store.py:5: anti-pattern: {BLOCKS}: "
        "Async functions should not call `time.sleep` (ASYNC251)"
    )
    assert said[1].startswith(f"src/store.py:11: anti-pattern: {CATCHES}: ")
    assert said[1].endswith(" (E722)")
    assert said[-2] == "PRPs/phase1.md: 7 of 7 promises delivered"
    assert told(root, with_ruff)["anti_patterns"][0] == {
        "path": "src/store.py", "line": 5, "column": 5, "code": "ASYNC251", "pattern": BLOCKS,
        "message": "Async functions should not call `time.sleep`",
    }  # fmt: skip
    assert not (root / ".ruff_cache").exists()


def test_what_stood_there_is_no_news_and_what_was_added_has_its_own_line(
    root: Path, with_ruff: str
) -> None:
    write(root, "src/app.py", OLD)
    write(root, "src/untouched.py", OLD)
    seal(contract(root))
    write(root, "src/app.py", f"# Moved down.\n{OLD}")
    assert hits(root, with_ruff) == []
    write(root, "src/app.py", f"# Moved down.\n{OLD}{NEW}")
    assert hits(root, with_ruff) == [("src/app.py", 12, "BLE001", CATCHES)]
    write(root, "src/app.py", f"{NEW.strip()}\n\n\n{OLD}")
    assert hits(root, with_ruff) == [("src/app.py", 4, "BLE001", CATCHES)]
    write(root, "src/app.py", OLD.replace("Exception", "ValueError"))
    assert hits(root, with_ruff) == []


def test_the_authors_word_counts_and_the_projects_settings_don_t(
    root: Path, with_ruff: str
) -> None:
    write(root, "ruff.toml", 'exclude = ["*"]\n[lint]\nignore = ["ALL"]\n')
    seal(contract(root))
    write(
        root,
        "build/-o x.py",
        OLD.replace(":\n        pass", ":  # noqa: BLE001 - told\n        pass"),
    )
    assert hits(root, with_ruff) == []
    write(root, "build/-o x.py", OLD)
    assert hits(root, with_ruff) == [("build/-o x.py", 4, "BLE001", CATCHES)]


def test_a_file_that_was_only_renamed_brings_nothing(root: Path, with_ruff: str) -> None:
    write(root, "src/app.py", OLD)
    commit(root, "Catch")
    seal(contract(root))
    (root / "src/app.py").rename(root / "src/application.py")
    commit(root, "Rename")
    assert hits(root, with_ruff) == []
    write(root, "src/application.py", OLD + NEW)
    assert hits(root, with_ruff) == [("src/application.py", 11, "BLE001", CATCHES)]


def test_the_log_of_drift_has_none(root: Path, with_ruff: str) -> None:
    seal(contract(root))
    work(root)
    write(root, "src/store.py", OLD)
    settle(contract(root))
    done = prp(root, "reconcile", "1", "--log", PATH=with_ruff)
    assert (done.returncode, "anti-pattern" in done.stdout) == (0, True)
    assert not (root / "PRPs/PHASE_ADAPTATION_LOG.md").exists()


# --- What can't be looked at ----------------------------------------------------------------


def notes(root: Path, path: str) -> list[str]:
    shown = prp(root, "reconcile", "1", PATH=path).stdout
    return [line for line in shown.split("\n") if "anti-patterns" in line]


def test_without_ruff_it_says_so(root: Path, search_path: str) -> None:
    seal(contract(root))
    assert notes(root, search_path) == [], "no Python file was changed"
    write(root, "src/app.py", OLD)
    (note,) = notes(root, search_path)
    assert note.startswith("note: anti-patterns were not looked for: ruff is neither beside the")
    assert told(root, search_path)["anti_patterns"] == []


def test_without_a_seal_or_without_git_it_says_so(
    root: Path, with_ruff: str, tmp_path: Path
) -> None:
    said = "note: anti-patterns were not looked for: nothing was sealed, so what was changed"
    assert notes(root, with_ruff) == [f"{said} isn't known"]
    bare = tmp_path / "bare"
    shutil.copytree(root, bare, ignore=shutil.ignore_patterns(".git"))
    assert notes(bare, with_ruff) == [f"{said} isn't known"]


def test_a_file_that_doesn_t_parse_is_named_and_hides_no_other(root: Path, with_ruff: str) -> None:
    seal(contract(root))
    write(root, "src/app.py", "def (:\n")
    write(root, "src/new.py", OLD)
    (root / "src/bytes.py").write_bytes(b"x = '\xff'\n")
    assert hits(root, with_ruff) == [("src/new.py", 4, "BLE001", CATCHES)]
    assert notes(root, with_ruff) == [
        "note: src/app.py doesn't parse, and was not looked at for anti-patterns",
        "note: src/bytes.py is no text or too large to look for anti-patterns",
    ]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo no such rule; exit 2", "ruff ended with status 2: no such rule"),
        ("kill -KILL $$", "ruff ended with SIGKILL: in silence"),
        ("echo '[{}]' > found.json", "what ruff wrote can't be read: KeyError"),
        ("exit 0", "what ruff wrote can't be read: FileNotFoundError"),
        ("echo no JSON > found.json", "what ruff wrote can't be read: JSONDecodeError"),
    ],
)
def test_a_ruff_that_fails_is_told(
    root: Path, search_path: str, tmp_path: Path, script: str, said: str
) -> None:
    seal(contract(root))
    write(root, "src/app.py", OLD)
    program(tmp_path / "programs/ruff", script)
    (note,) = notes(root, search_path)
    assert note.startswith(f"note: anti-patterns were not looked for: {said}")


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def test_the_projects_own_ruff_comes_first_and_one_that_a_branch_brings_is_not_started(
    root: Path, with_ruff: str, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    for name in ("python", "ruff"):
        program(root / ".venv/bin" / name, f'echo {name} >> {started}; exec {RUFF} "$@"')
    commit(root, "Bring programs")
    seal(contract(root))
    write(root, "src/app.py", OLD)
    write(root, ".gitignore", ".venv\n")
    found = [("src/app.py", 4, "BLE001", CATCHES)]
    assert (hits(root, with_ruff), started.exists()) == (found, False), "git has it"
    (root / ".venv").rename(root / "tools")
    (root / ".venv").symlink_to("tools")
    assert (hits(root, with_ruff), started.exists()) == (found, False), "a link to what git lists"
    (root / ".venv").unlink()
    (root / "tools").rename(root / ".venv")
    subprocess.run(["git", "-C", str(root), "rm", "-qr", "--cached", ".venv"], check=True)
    assert hits(root, with_ruff) == found
    assert started.read_text(encoding="utf-8") == "ruff\n"
