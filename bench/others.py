"""The programs to compare with, at pinned versions, installed into bench/.cache on first use."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE / ".cache"
PINNED = HERE / "competitors"
QUIET = {"OPENSPEC_TELEMETRY": "0", "DO_NOT_TRACK": "1", "CI": "true"}


@dataclass
class Others:
    """How to start each program that could be installed, and why the others couldn't."""

    commands: dict[str, list[str]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def install() -> Others:
    """Install what isn't there yet; without a network or Node.js there is less to compare with."""
    found = Others()
    _from_npm(found)
    _from_pip(found)
    return found


def _from_npm(found: Others) -> None:
    names = [*json.loads((PINNED / "package.json").read_text("utf-8"))["dependencies"]]
    node, npm = shutil.which("node"), shutil.which("npm")
    folder = CACHE / "node"
    reason = "" if node and npm else "needs node and npm"
    if npm and not reason and not _is_current(folder / "package-lock.json"):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(PINNED / "package.json", folder)
        reason = _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
    for name in names:
        program = name.rpartition("/")[2]
        start = folder / "node_modules/.bin" / program
        if node and not reason and start.exists():
            # Node itself, and not a shim of a version manager, which costs as much again.
            real = subprocess.run(
                [node, "-p", "process.execPath"], capture_output=True, text=True, check=True
            )
            found.commands[program] = [real.stdout.strip(), str(start.resolve())]
        else:
            found.missing[program] = reason or "not installed"


def _from_pip(found: Others) -> None:
    folder = CACHE / "pip"
    reason = ""
    if not _is_current(folder / "requirements.lock"):
        folder.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        lock = str(PINNED / "requirements.lock")
        reason = _run([*pip, "--no-deps", "--upgrade", "--target", str(folder), "-r", lock], folder)
    program = folder / "bin/rumdl"
    if not reason and program.exists():
        found.commands["rumdl"] = [str(program)]
    else:
        found.missing["rumdl"] = reason or "not installed"


def _is_current(installed: Path) -> bool:
    pinned = (PINNED / installed.name).read_bytes()
    return installed.exists() and installed.read_bytes() == pinned


def _run(command: list[str], folder: Path) -> str:
    """Return why it failed, empty when it didn't; then the lock is kept beside what it gave."""
    lock = "package-lock.json" if "ci" in command else "requirements.lock"
    shutil.copy(PINNED / lock, folder)
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=300
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        (folder / lock).unlink()
        return str(error)
    if done.returncode:
        (folder / lock).unlink()
        return (done.stderr.strip().splitlines() or ["no message"])[-1]
    return ""
