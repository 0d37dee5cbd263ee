"""Events as the client sends them, chosen so that answering them changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

# A file that nobody has; what asks for it is answered, and nothing is written.
_NOBODYS = "PRPs/prp-doctor-asks-for-this.md"
_LEDGER = "PRPs/evidence/prp-doctor.json"


class Recorded(NamedTuple):
    """An event as the client sends it, `$ROOT` for the project, and a word of the answer."""

    fields: Mapping[str, object]
    answer: str


# By event and tool. A Stop of a session that runs no command of ours is let through in silence.
EVENTS: dict[tuple[str, str], Recorded] = {
    ("SessionStart", ""): Recorded({"source": "startup"}, "additionalContext"),
    ("UserPromptExpansion", ""): Recorded(
        {"command_name": "generate-prp", "command_args": _NOBODYS, "command_source": "project"},
        '"decision"',
    ),
    ("PreToolUse", "Skill"): Recorded(
        {"tool_name": "Skill", "tool_input": {"skill": "generate-prp", "args": _NOBODYS}},
        "additionalContext",
    ),
    ("PreToolUse", "Write"): Recorded(
        {"tool_name": "Write", "tool_input": {"file_path": f"$ROOT/{_LEDGER}", "content": "{}"}},
        '"deny"',
    ),
    ("PreToolUse", "Edit"): Recorded(
        {
            "tool_name": "Edit",
            "tool_input": {"file_path": f"$ROOT/{_LEDGER}", "old_string": "1", "new_string": "2"},
        },
        '"deny"',
    ),
    ("PreToolUse", "Bash"): Recorded(
        {"tool_name": "Bash", "tool_input": {"command": "prp attest PRPs/phase1.md F1 --by Me"}},
        '"ask"',
    ),
    ("PostToolUse", "Write"): Recorded(
        {"tool_name": "Write", "tool_input": {"file_path": f"$ROOT/{_NOBODYS}", "content": ""}},
        "additionalContext",
    ),
    ("PostToolUse", "Edit"): Recorded(
        {"tool_name": "Edit", "tool_input": {"file_path": f"$ROOT/{_NOBODYS}"}},
        "additionalContext",
    ),
    ("Stop", ""): Recorded({"stop_hook_active": False}, ""),
}


def content(root: str, event: str, recorded: Recorded) -> bytes:
    """Return an event as the client writes it to a hook of the project in `root`."""
    fields = {
        "session_id": "prp-doctor",
        "transcript_path": "",
        "cwd": root,
        "permission_mode": "default",
        "hook_event_name": event,
        **recorded.fields,
    }
    rooted = json.dumps(root)[1:-1]
    return json.dumps(fields).replace("$ROOT", rooted).encode()
