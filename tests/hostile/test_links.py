"""Links, pipes and permissions where the pack looks for files of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hostile import build, watch
from tests.hostile.build import Hostile
from tests.hostile.test_hostile import PRP, answer, environment, prp, sane, tree


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Hostile]:
    made = build.small(tmp_path)
    before = tree(made.outside)
    yield made
    assert tree(made.outside) == before


def _replace(path: Path, target: Path) -> None:
    build.remove(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


OWN = {
    "PRPs/prp.toml": "prp.toml",
    "PRPs/.prp-baseline.json": "settings.json",
    "PRPs/templates/prp_base.md": "template.md",
    "PRPs/templates": "folder",
    "PRPs/PROJECT_PHASE_PLAN.md": "secret.md",
    "PRPs/PHASE2_REQUIREMENTS.md": "secret.md",
    "PRPs/PHASE1_COMPLETION_SUMMARY.md": "PHASE1_COMPLETION_SUMMARY.md",
    "PRPs/PHASE_ADAPTATION_LOG.md": "secret.md",
    "PRPs": "folder",
    ".claude": "folder",
    ".claude/settings.json": "settings.json",
    ".claude/hooks": "folder",
    ".prp": "folder",
    "Makefile": "Makefile",
    "package.json": "settings.json",
    "pyproject.toml": "prp.toml",
}

Put = Callable[[Path, Path], object]


def _pipe(path: Path, _: Path) -> None:
    build.remove(path)
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path)


def _socket(path: Path, _: Path) -> None:
    build.remove(path)
    path.parent.mkdir(exist_ok=True)
    build.bind(path)


WHAT: dict[str, Put] = {
    "link": _replace,
    "link to /": lambda path, _: _replace(path, Path("/")),
    "link to itself": lambda path, _: _replace(path, Path(path.name)),
    "pipe": _pipe,
    "socket": _socket,
}


CASES = [(name, what) for name in OWN for what in ("link", "pipe")]
CASES += [(name, what) for name in ("PRPs", "PRPs/prp.toml") for what in WHAT]


@pytest.mark.parametrize(("name", "what"), sorted(set(CASES)))
def test_no_command_follows_what_is_put_in_place_of_our_files(
    hostile: Hostile, name: str, what: str
) -> None:
    WHAT[what](hostile.root / name, hostile.outside / OWN[name])
    prp(hostile, "check", "--fix", "--write-baseline")
    made = ["init"] if name.startswith(".") else ["new", "PRPs/PHASE2_REQUIREMENTS.md"]
    prp(hostile, *made)
    fields = {
        "session_id": "s", "prompt_id": "p", "command_name": "generate-prp", "tool_name": "Write",
        "command_args": "PRPs/PHASE2_REQUIREMENTS.md", "source": "startup",
        "tool_input": {"file_path": str(hostile.root / "PRPs/hostile.md"), "content": build.PRP},
    }  # fmt: skip
    answer(hostile, "UserPromptExpansion", fields)


def test_a_folder_that_leads_outside_is_named_and_not_listed(hostile: Hostile) -> None:
    _replace(hostile.root / "PRPs", Path("/"))
    done = prp(hostile, "check")
    assert done.returncode == 2
    assert b"prp: PRPs: is a link that leads outside of the project" in done.stderr


@pytest.mark.parametrize("put", WHAT.values(), ids=WHAT)
@pytest.mark.parametrize("name", [".prp/hook.log", ".prp/sessions"])
def test_hooks_write_only_to_files_of_their_own(hostile: Hostile, name: str, put: Put) -> None:
    (hostile.root / ".prp/sessions").mkdir(parents=True)
    (hostile.root / ".prp/.gitignore").write_text("*\n")
    running = json.dumps({"command": "generate-prp", "arguments": "x", "prompt": "p"})
    (hostile.root / ".prp/sessions/s.json").write_text(running)
    put(hostile.root / name, hostile.outside / ("folder" if "sessions" in name else "hook.log"))
    for _ in range(5):
        answer(hostile, "Stop", {"session_id": "s", "prompt_id": "p"})
    # What isn't JSON is an error of the hook itself, which it records.
    command = [sys.executable, "-I", "-m", "prp_pack.hooks", "SessionStart"]
    where = environment(hostile, CLAUDE_PROJECT_DIR=str(hostile.root))
    watch.run(command, hostile.root, where, content=b"{")


# --- Permissions -----------------------------------------------------------------------------

# Root that may no longer pass over permissions; its programs and libraries stay readable to it.
ORDINARY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


def _can_be_ordinary() -> bool:
    """Tell whether a process can be started that permissions bind."""
    with tempfile.TemporaryDirectory() as folder:
        closed = Path(folder, "closed")
        closed.touch(0)
        try:
            probe = subprocess.run([*ORDINARY, "cat", closed], capture_output=True, check=False)
        except FileNotFoundError:
            return False
        return b"Permission denied" in probe.stderr


@pytest.fixture
def restricted(hostile: Hostile) -> Iterator[Hostile]:
    yield hostile
    subprocess.run(["chmod", "-R", "u+rwX", str(hostile.root)], check=True)


def _as_anyone(hostile: Hostile, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return sane(watch.run([*ORDINARY, PRP, *arguments], hostile.root, environment(hostile)))


@pytest.mark.skipif(
    not _can_be_ordinary(), reason="root can't drop its right to read all files here"
)
def test_what_may_not_be_read_or_written_is_named(restricted: Hostile) -> None:
    prps = restricted.root / "PRPs"
    (prps / "closed").mkdir()
    (prps / "closed/inside.md").write_text("# Inside\n")
    (prps / "closed").chmod(0)
    (prps / "phase1.md").chmod(0)
    done = _as_anyone(restricted, "check")
    assert done.returncode == 2
    said = done.stderr.decode()
    assert "prp: PRPs/closed: cannot be read: permission denied" in said
    assert "prp: PRPs/phase1.md: cannot be read: permission denied" in said
    text = (prps / "hostile.md").read_bytes()
    prps.chmod(0o500)
    done = _as_anyone(restricted, "check", "PRPs/hostile.md", "--fix")
    assert done.returncode == 2
    assert b"PRPs/hostile.md: cannot be written: permission denied" in done.stderr
    assert (prps / "hostile.md").read_bytes() == text
    (restricted.root / ".git").chmod(0)
    assert _as_anyone(restricted, "check", "PRPs/hostile.md").returncode == 1
    prps.chmod(0)
    assert _as_anyone(restricted, "check").returncode == 2
    assert _as_anyone(restricted, "check", "PRPs/hostile.md").returncode == 2
    assert _as_anyone(restricted, "new", "PRPs/PHASE2_REQUIREMENTS.md").returncode == 2
    assert _as_anyone(restricted, "init").returncode == 2
