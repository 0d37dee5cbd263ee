"""Run a command and record which files it and its children open, and which programs they start.

By `strace` where there is one that works: it sees git too, and where a link really led. Else by an
audit hook inside of Python, which sees only what our own code opens.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Nothing here takes a tenth of it; it is there so that what hangs fails.
SECONDS = 300

_CALLS = "open,openat,openat2,creat,execve,execveat,connect"
_OPENED = re.compile(r"\b(?:open|openat|openat2|creat)\(.* = \d+<(.*)>$")
_STARTED = re.compile(r'\bexecve(?:at)?\("(.*?)", .* = 0$')
_CONNECTED = re.compile(r"\bconnect\(")
_OCTAL = re.compile(r"\\([0-7]{1,3})")

_HOOK = """
import json, os, sys
_log = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
_known = set()
def _heard(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and not isinstance(arguments[0], int):
        said = ["opened", os.path.abspath(os.fsdecode(arguments[0] or "."))]
    elif event == "subprocess.Popen":
        said = ["started", os.fsdecode(arguments[0])]
    elif event in ("os.system", "os.exec", "os.posix_spawn", "socket.connect"):
        said = ["started", event]
    else:
        return
    if tuple(said) in _known:
        return
    _known.add(tuple(said))
    os.write(_log, (json.dumps(said) + "\\n").encode())
sys.addaudithook(_heard)
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """`opened` are the real paths of files and folders, `started` the names of programs."""

    done: subprocess.CompletedProcess[bytes]
    opened: frozenset[str]
    started: frozenset[str]


@functools.cache
def has_strace() -> bool:
    """Tell whether there is an `strace` that may watch a process here."""
    if not shutil.which("strace"):
        return False
    probe = subprocess.run(
        ["strace", "-f", "-qq", "-y", "-o", os.devnull, sys.executable, "-I", "-c", "pass"],
        capture_output=True, check=False,
    )  # fmt: skip
    return probe.returncode == 0


def run(
    command: Sequence[str | bytes | Path],
    where: Path,
    environment: Mapping[str, str],
    content: bytes = b"",
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end, with what it reads; raises `TimeoutExpired` when it hangs."""
    return subprocess.run(
        command, cwd=where, env=environment, capture_output=True, check=False, timeout=SECONDS,
        input=content,
    )  # fmt: skip


def traced(
    command: Sequence[str | Path], where: Path, environment: Mapping[str, str], log: Path
) -> Watched:
    """Run a command under `strace`."""
    options = ["-f", "-qq", "-y", "-s", "4096", "-e", f"trace={_CALLS}", "-e", "signal=none"]
    done = run(["strace", *options, "-o", str(log), *command], where, environment)
    opened, started = set(), set()
    for line in log.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        if found := _OPENED.search(line):
            opened.add(_OCTAL.sub(lambda octal: chr(int(octal[1], 8)), found[1]))
        elif found := _STARTED.search(line):
            started.add(Path(found[1]).name)
        elif _CONNECTED.search(line):
            started.add("connect")
    return Watched(done, frozenset(opened), frozenset(started))


def audited(
    command: Sequence[str | Path], where: Path, environment: Mapping[str, str], log: Path
) -> Watched:
    """Run a Python program with an audit hook in it."""
    folder = log.with_suffix(".site")
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(_HOOK.format(log=str(log)), encoding="utf-8")
    done = run(command, where, {**environment, "PYTHONPATH": str(folder)})
    said = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    opened = _real({path for what, path in said if what == "opened"} - {str(folder)})
    started = {Path(path).name for what, path in said if what == "started"}
    return Watched(done, opened, frozenset(started))


def _real(paths: Iterable[str]) -> frozenset[str]:
    """Return where the paths lead, without those that aren't there."""
    known: dict[str, str] = {}
    # A folder comes before what lies in it, so that each step of a deep path is taken once.
    for path in sorted(paths, key=len):
        folder, name = os.path.split(path)
        if folder not in known:
            known[folder] = os.path.realpath(folder)
        full = os.path.join(known[folder], name)  # noqa: PTH118
        known[path] = os.path.realpath(full) if os.path.islink(full) else full  # noqa: PTH114
    return frozenset(known[path] for path in paths if os.path.lexists(known[path]))
