"""The script that the client starts, as a process: what it lets through, what it hands on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "hooks/prp_hook.py"
HERE = Path(sys.executable).parent
EXAMPLE = Path(__file__).parents[2] / "examples/parcel-tracker"


def start(
    project: Path, event: str, content: bytes, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), event],
        input=content,
        capture_output=True,
        check=False,
        cwd=project,
        env={"CLAUDE_PROJECT_DIR": str(project), "PATH": f"{HERE}:/usr/bin:/bin", **environment},
    )


def program(folder: Path, body: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "prp"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def message(run: subprocess.CompletedProcess[bytes]) -> str:
    assert run.returncode == 0
    return str(json.loads(run.stdout)["systemMessage"])


def test_it_hands_an_event_on_and_the_answer_back(project: Path) -> None:
    run = start(project, "SessionStart", b'{"session_id": "s", "source": "startup"}')
    assert run.returncode == 0
    said = json.loads(run.stdout)["hookSpecificOutput"]
    assert "“Busy depots”, is next" in said["additionalContext"]


def test_a_session_elsewhere_is_none_of_ours(tmp_path: Path) -> None:
    run = start(tmp_path, "SessionStart", b'{"session_id": "s"}', PATH="/nowhere")
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")


def test_a_stop_without_a_command_of_ours_starts_nothing(project: Path) -> None:
    run = start(project, "Stop", b'{"session_id": "s"}', PRP_COMMAND="/does/not/exist")
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")


@pytest.mark.parametrize("session", ["../../x", "a b", "", "é", "a" * 4000])
def test_a_session_with_an_odd_name_holds_nobody(project: Path, session: str) -> None:
    content = json.dumps({"session_id": session}).encode()
    run = start(project, "Stop", content, PRP_COMMAND="/does/not/exist")
    assert (run.returncode, run.stdout) == (0, b"")


def test_a_skill_of_somebody_else_starts_nothing(project: Path) -> None:
    content = b'{"tool_name": "Skill", "tool_input": {"skill": "review"}}'
    run = start(project, "PreToolUse", content, PRP_COMMAND="/does/not/exist")
    assert (run.returncode, run.stdout) == (0, b"")


def test_without_the_program_it_says_so_once(project: Path) -> None:
    empty = str(project / "nowhere")
    run = start(project, "UserPromptExpansion", b"{}", PATH=empty)
    assert "pip install prp-pack" in message(run)
    assert start(project, "PostToolUse", b"{}", PATH=empty).stdout == b""


@pytest.mark.parametrize(
    "body",
    ["exit 1", "exit 2", "echo hello", "echo no such option >&2; exit 2", "kill -9 $$"],
)
def test_a_program_that_fails_blocks_nobody_and_is_named(project: Path, body: str) -> None:
    broken = program(project / "bin", body)
    run = start(project, "PreToolUse", b'{"tool_name": "Write"}', PATH=str(broken.parent))
    assert "the PreToolUse hook could not run" in message(run)
    assert str(broken) in message(run)


def test_a_command_that_does_not_exist_is_named(project: Path) -> None:
    run = start(project, "PreToolUse", b'{"tool_name": "Write"}', PRP_COMMAND="/does/not/exist")
    assert "/does/not/exist" in message(run)


def test_the_projects_own_environment_comes_before_the_path(project: Path) -> None:
    program(project / ".venv/bin", 'echo \'{"systemMessage": "from the project"}\'')
    other = program(project / "bin", 'echo \'{"systemMessage": "from the path"}\'')
    run = start(project, "PostToolUse", b"{}", PATH=f"{other.parent}:/bin")
    assert message(run) == "from the project"


def test_the_plugins_environment_is_the_last_resort(project: Path) -> None:
    python = program(project / "data/env-1/bin", 'echo \'{"systemMessage": "from the plugin"}\'')
    python.rename(python.with_name("python"))
    (project / "data/env-1/complete").touch()
    # Half of one is none.
    program(project / "data/env-2/bin", "exit 1")
    run = start(
        project, "PostToolUse", b"{}", PATH="/bin", CLAUDE_PLUGIN_DATA=str(project / "data")
    )
    assert message(run) == "from the plugin"


def test_a_large_event_and_a_program_that_reads_nothing_hang_nobody(project: Path) -> None:
    deaf = program(project / "bin", "echo '{}'")
    run = start(project, "PostToolUse", b"x" * 5_000_000, PATH=f"{deaf.parent}:/bin")
    assert (run.returncode, run.stdout) == (0, b"{}\n")


def test_an_event_without_a_name_is_answered_too(project: Path) -> None:
    run = start(project, "", b"{}")
    assert "no hook answers" in message(run)


def test_letting_an_event_through_imports_next_to_nothing(project: Path) -> None:
    """What decides “not ours” runs on every stop; each import would cost it a third of its time."""
    code = (
        "import sys; sys.argv[1:] = ['Stop']\n"
        f"try: exec(compile(open({str(SCRIPT)!r}).read(), 'x', 'exec'))\n"
        "except SystemExit: pass\n"
        "print(*sorted(sys.modules))"
    )
    bare = subprocess.run(
        [sys.executable, "-I", "-S", "-c", "import os, sys; print(*sorted(sys.modules))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], input=b'{"session_id": "s"}',
        capture_output=True, check=True, cwd=project, env={**os.environ, "CLAUDE_PROJECT_DIR": ""},
    )  # fmt: skip
    assert set(run.stdout.decode().split()) - set(bare.stdout.split()) == set()


# What a check of a PRP has no need of, and what each would add to every one of them.
NOT_IN_A_CHECK = (
    "click",
    "dataclasses",
    "detect_secrets",
    "frontmatter",
    "importlib.metadata",
    "importlib.resources",
    "inspect",
    "markdown_it",
    "requests",
    "tempfile",
    "tomllib",
    "tree_sitter",
    "tree_sitter_bash",
    "typing",
    "xml",
)


def test_a_check_imports_only_what_it_needs(project: Path) -> None:
    """The document has shell and Python fences, YAML and a phase: nearly every rule looks at it."""
    code = (
        "import sys\n"
        "from prp_pack.hooks.entry import main\n"
        "main(['PostToolUse'])\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    event = {"tool_name": "Write", "tool_input": {"file_path": str(project / "PRPs/phase3.md")}}
    (project / "PRPs/phase3.md").write_bytes((EXAMPLE / "PRPs/phase3.md").read_bytes())
    run = subprocess.run(
        [sys.executable, "-I", "-c", code], input=json.dumps(event).encode(),
        capture_output=True, check=True, cwd=project,
        env={"CLAUDE_PROJECT_DIR": str(project), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert b"prp check" in run.stdout
    imported = set(run.stderr.decode().split())
    assert {"prp_pack.check.engine", "tree_sitter._binding", "yaml"} <= imported
    assert imported & set(NOT_IN_A_CHECK) == set()
