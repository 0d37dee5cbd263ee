"""What the scripts of several tests are made of, and what is asked of a run afterwards."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .client import Run
from .scripted_model import Block, tool_use

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/parcel-tracker"
PRP = Path(sys.executable).parent / "prp"
SKIPPED = shutil.ignore_patterns("__pycache__", ".*_cache", "*.db", ".venv", ".coverage", ".prp")


def write(project: Path, path: str, content: str) -> list[Block]:
    return [tool_use("Write", file_path=str(project / path), content=content)]


def read(project: Path, path: str) -> list[Block]:
    return [tool_use("Read", file_path=str(project / path))]


def shell(command: str) -> list[Block]:
    return [tool_use("Bash", command=command, timeout=280_000)]


def prp(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `prp` as a person does, beside the client, with the client's PATH."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment = {**kept, "PATH": f"{PRP.parent}:/usr/local/bin:/usr/bin:/bin"}
    return subprocess.run(
        [PRP, *arguments], cwd=project, capture_output=True, text=True, check=False, env=environment
    )


def played_out(seen: Run) -> None:
    """Assert that the script was used to its end and no further, and that no hook failed."""
    assert (seen.turns_left, seen.times_over_asked) == (0, 0)
    assert [(hook.name, hook.stderr) for hook in seen.hook_events if hook.exit_code] == []


def messages(seen: Run) -> list[str]:
    """Return what the hooks told the user."""
    said = [json.loads(hook.stdout) for hook in seen.hook_events if hook.stdout.startswith("{")]
    return [reply["systemMessage"] for reply in said if "systemMessage" in reply]


def holds(seen: Run) -> int:
    """Return how often the agent was kept from ending."""
    return sum("can't end yet" in hook.stdout for hook in seen.hook_events if hook.event == "Stop")
