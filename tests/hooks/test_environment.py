"""The builder of the plugin's environment where something is in its way; tests/e2e has the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HOOKS = Path(__file__).parents[2] / "hooks"
LOCK = "click==8.1.8\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a plugin's folder with the builder and some requirements."""
    folder = tmp_path / "plugin"
    (folder / "requirements").mkdir(parents=True)
    (folder / "requirements/core.lock").write_text(LOCK)
    (folder / "hooks").mkdir()
    for name in ("prp_hook.py", "prp_environment.py"):
        (folder / "hooks" / name).write_text((HOOKS / name).read_text())
    return folder


def build(root: Path, data: Path, **environment: str) -> int:
    words = [sys.executable, "-I", str(root / "hooks/prp_environment.py"), str(root), str(data)]
    known = {"PATH": os.environ["PATH"], "HOME": str(root)}
    return subprocess.run(words, env={**known, **environment}, check=False).returncode


def begin(root: Path, data: Path, project: Path) -> str:
    """Begin a session with the plugin; return what the user sees."""
    (project / "PRPs").mkdir(parents=True, exist_ok=True)
    run = subprocess.run(
        [sys.executable, "-I", "-S", str(root / "hooks/prp_hook.py"), "SessionStart"],
        input=b'{"session_id": "s", "source": "startup"}',
        env={"PATH": "/nowhere", "CLAUDE_PROJECT_DIR": str(project), "PIP_NO_INDEX": "1",
             "CLAUDE_PLUGIN_ROOT": str(root), "CLAUDE_PLUGIN_DATA": str(data)},
        capture_output=True, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (0, b"")
    said: str = json.loads(run.stdout)["systemMessage"]
    return said


def test_a_folder_that_cannot_be_written_is_said(root: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_text("a file in its place")
    said = begin(root, data, tmp_path / "project")
    assert "cannot set up its environment" in said
    assert "pip install prp-pack" in said


def test_a_python_that_is_too_old_is_said(root: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    builder = root / "hooks/prp_environment.py"
    builder.write_text(builder.read_text().replace("OLDEST = (3, 11)", "OLDEST = (3, 99)"))
    assert build(root, data, PATH="/nowhere") == 1
    assert "Python 3.99 or newer is needed" in (data / "failed").read_text()
    assert "trying again" in begin(root, data, tmp_path / "project")


def test_packages_that_cannot_be_had_are_said_and_nothing_half_is_used(
    root: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    assert build(root, data, PIP_NO_INDEX="1") == 1
    assert "want of a network" in (data / "failed").read_text()
    assert not list(data.glob("env-*/complete"))
    assert not (data / "building").exists()


def test_of_two_builders_one_builds(root: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "building").write_text(str(os.getpid()))
    assert build(root, data, PIP_NO_INDEX="1") == 0
    assert not (data / "failed").exists()


def test_the_lock_of_a_builder_that_is_gone_is_taken(root: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (data / "building").write_text(str(gone.pid))
    assert build(root, data, PIP_NO_INDEX="1") == 1


def test_a_session_without_prps_is_told_nothing(root: Path, tmp_path: Path) -> None:
    project = tmp_path / "elsewhere"
    (project / ".git").mkdir(parents=True)
    data = tmp_path / "data"
    run = subprocess.run(
        [sys.executable, "-I", "-S", str(root / "hooks/prp_hook.py"), "SessionStart"],
        input=b"{}",
        env={"PATH": "/nowhere", "CLAUDE_PROJECT_DIR": str(project), "PIP_NO_INDEX": "1",
             "CLAUDE_PLUGIN_ROOT": str(root), "CLAUDE_PLUGIN_DATA": str(data)},
        capture_output=True, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")
