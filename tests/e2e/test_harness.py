"""What the other end-to-end tests take for granted about the harness itself."""

import json
import socket
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from . import toys
from .client import run
from .scripted_model import Block, Request, text, tool_use


def test_a_turn_can_react_to_what_the_model_is_told(project: Path) -> None:
    def react(request: Request) -> Sequence[Block]:
        return [text("it was created" if "created successfully" in request.news else "no")]

    file = str(project / "a.txt")
    seen = run(project, "hello", [[tool_use("Write", file_path=file, content="a\n")], react])
    assert seen.result_text == "it was created"
    assert (seen.returncode, seen.turns_left, seen.times_over_asked) == (0, 0, 0)


def test_a_failed_assertion_in_a_turn_fails_the_test(project: Path) -> None:
    def fail(request: Request) -> Sequence[Block]:
        raise AssertionError(request.news)

    with pytest.raises(AssertionError, match="hello"):
        run(project, "hello", [fail])


def test_a_model_asked_too_often_says_done_and_the_run_tells(project: Path) -> None:
    seen = run(project, "hello", [])
    assert (seen.result_text, seen.times_over_asked) == ("done", 1)


def test_the_client_cannot_reach_the_machine_it_runs_on(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as outside:
        port = outside.getsockname()[1]
        connect = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)"
        hook = {"type": "command", "command": "python3", "args": ["-c", connect]}
        toys.set_up_project(project, {"SessionStart": toys.on(None, hook)})
        (event,) = run(project, "hello", [[text("hello")]]).hook_events
    assert "ConnectionRefusedError" in event.stderr


def test_the_client_sees_nothing_of_the_environment_of_the_tests(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_TESTER", "x")
    show = "import json, os; print(json.dumps({'systemMessage': ' '.join(os.environ)}))"
    hook = {"type": "command", "command": "python3", "args": ["-c", show]}
    toys.set_up_project(project, {"SessionStart": toys.on(None, hook)})
    (event,) = run(project, "hello", [[text("hello")]]).hook_events
    names = json.loads(event.stdout)["systemMessage"]
    assert "ANTHROPIC_API_KEY" in names
    assert "SECRET_OF_THE_TESTER" not in names


def test_a_run_that_takes_too_long_is_ended_with_all_its_processes(project: Path) -> None:
    heartbeat = project / "heartbeat"
    beat = f"import time\nwhile True: open({str(heartbeat)!r}, 'a').write('.'); time.sleep(0.05)"
    hook = {"type": "command", "command": "python3", "args": ["-c", beat]}
    toys.set_up_project(project, {"SessionStart": toys.on(None, hook)})
    with pytest.raises(TimeoutError, match="over 2 s"):
        run(project, "hello", [[text("hello")]], timeout=2)
    time.sleep(0.5)
    beats = heartbeat.stat().st_size
    assert beats > 0
    time.sleep(0.5)
    assert heartbeat.stat().st_size == beats
