"""What answers a hook: an event on standard input, one JSON object or nothing as answer.

Whatever happens inside, the exit status is 0 and nobody is blocked by it: an internal error
becomes a line that the user sees, and one in `.prp/hook.log`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from prp_pack.hooks import session
from prp_pack.hooks.command_start import prompt_expansion, skill
from prp_pack.hooks.event import Event, Reply
from prp_pack.hooks.session_start import session_start
from prp_pack.hooks.spoken_word import spoken_word
from prp_pack.hooks.stop import stop
from prp_pack.hooks.writing import after_write, before_write
from prp_pack.parse.yaml_block import as_mapping
from prp_pack.repository import Repository, UnreadableError

Answer = Callable[[Event, Repository], Reply]

# Event and tool (`*` where there is none) to the function that answers.
EVENTS: dict[tuple[str, str], Answer] = {
    ("SessionStart", "*"): session_start,
    ("UserPromptExpansion", "*"): prompt_expansion,
    ("PreToolUse", "Skill"): skill,
    ("PreToolUse", "Bash"): spoken_word,
    ("PreToolUse", "Write"): before_write,
    ("PreToolUse", "Edit"): before_write,
    ("PostToolUse", "Write"): after_write,
    ("PostToolUse", "Edit"): after_write,
    ("Stop", "*"): stop,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer the event named first; always returns 0."""
    arguments = sys.argv[1:] if arguments is None else arguments
    name = arguments[0] if arguments else ""
    started = os.environ.get("CLAUDE_PROJECT_DIR") or str(Path.cwd())
    reply = answer(name, sys.stdin.buffer.read(), started, os.environ)
    if said := reply.to_json(name):
        # What is half of a character is named as JSON names it, so that a path stays what it is.
        sys.stdout.buffer.write(said.encode("utf-8", "backslashreplace"))
    return 0


def answer(
    name: str, content: bytes, started: str, environment: Mapping[str, str] | None = None
) -> Reply:
    """Return the reply to an event; an internal error is a reply too."""
    variables = environment or {}
    search_path = variables.get("PATH", os.defpath)
    repository = Repository.containing(Path(started))
    try:
        fields = as_mapping(json.loads(content))
        event = Event(name, started, _now, fields, search_path, variables)
        tool = event.text("tool_name") or "*"
        answering = EVENTS.get((name, tool)) or EVENTS.get((name, "*"))
        if answering is None:
            return Reply(message=f"no hook answers {name or 'an event without a name'} {tool}")
        return answering(event, _project(event, repository))
    except UnreadableError as error:
        return _failed(name, repository, str(error))
    except ValueError as error:
        return _failed(name, repository, f"the event is not the JSON expected: {error}")
    except Exception as error:  # noqa: BLE001 - the border to the client: nobody is to be blocked
        return _failed(name, repository, f"{type(error).__name__}: {error}")


def _project(event: Event, repository: Repository) -> Repository:
    """Return the project of the file that is written; a monorepo has several."""
    named = event.argument("file_path")
    return Repository.containing(Path(named).parent) if named else repository


def _now() -> datetime:
    return datetime.now().astimezone()


def _failed(name: str, repository: Repository, reason: str) -> Reply:
    try:
        session.record(repository, f"{name} failed: {reason}")
    except UnreadableError:
        reason = f"{reason} (and the log can't be written)"
    return Reply(message=f"the {name} hook failed and checked nothing: {reason}")
