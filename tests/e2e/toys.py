"""Toy commands and hooks, to find out what the client does with real ones."""

import json
from collections.abc import Iterable
from pathlib import Path

from .scripted_model import Json

# A hook that appends what it's given to calls.jsonl beside it and prints its argument.
HOOK = """\
import json, os, sys
from pathlib import Path

call = json.load(sys.stdin)
environment = {name: value for name, value in os.environ.items() if name.startswith("CLAUDE")}
record = {**call, "arguments": sys.argv[1:], "environment": environment}
with (Path(__file__).parent / "calls.jsonl").open("a") as log:
    log.write(json.dumps(record) + "\\n")
if len(sys.argv) > 1 and not call.get("stop_hook_active"):
    print(sys.argv[1])
"""

COMMAND = "---\ndescription: A toy\n---\nThe toy's arguments are [$ARGUMENTS].\n"


def says(event: str, **output: object) -> Json:
    """Make the answer that a hook of `event` prints."""
    return {"hookSpecificOutput": {"hookEventName": event, **output}}


def hook(answer: Json | None = None, *, root: str = "CLAUDE_PROJECT_DIR") -> Json:
    """Make the entry for a toy hook that gives `answer`."""
    arguments = [f"${{{root}}}/toy_hook.py", *([json.dumps(answer)] if answer else [])]
    return {"type": "command", "command": "python3", "args": arguments}


def on(matcher: str | None, *hooks: Json) -> list[Json]:
    """Make the entries of one event for hooks with one matcher."""
    return [{**({"matcher": matcher} if matcher else {}), "hooks": list(hooks)}]


def record(events: Iterable[str]) -> Json:
    """Make hooks that only record each of `events`."""
    return {event: on(None, hook()) for event in events}


def set_up_project(project: Path, hooks: Json) -> None:
    _write(project / ".claude/commands/generate-prp.md", COMMAND)
    _write(project / ".claude/settings.json", json.dumps({"hooks": hooks}))
    _write(project / "toy_hook.py", HOOK)


def set_up_plugin(plugin: Path, hooks: Json) -> None:
    manifest = {"name": "prp", "version": "0.0.0", "description": "A toy"}
    _write(plugin / ".claude-plugin/plugin.json", json.dumps(manifest))
    _write(plugin / "commands/generate-prp.md", COMMAND)
    _write(plugin / "hooks/hooks.json", json.dumps({"hooks": hooks}))
    _write(plugin / "toy_hook.py", HOOK)


def calls(folder: Path) -> list[Json]:
    """Read what the toy hook in `folder` has recorded."""
    log = folder / "calls.jsonl"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.is_file() else []


def _write(file: Path, content: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
