"""The real client, run once with a scripted model, cut off from every network."""

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

if sys.platform == "linux":
    import fcntl

from .scripted_model import Json, Request, ScriptedModel, Turn

_HERE = Path(__file__).parent
_PACKAGE = "node_modules/@anthropic-ai/claude-code-linux-x64"
_PROGRAM = _HERE / _PACKAGE / "claude"
_LOCK = _HERE / "package-lock.json"


class CannotRunError(Exception):
    """The client can't be run on this machine; the message says why."""


@dataclass(frozen=True)
class HookEvent:
    """What the client reports about one hook that it ran."""

    name: str  # such as PreToolUse:Write
    event: str  # such as PreToolUse
    stdout: str
    stderr: str
    exit_code: int | None
    outcome: str


@dataclass(frozen=True)
class Run:
    """All that can be seen of one run from outside."""

    returncode: int
    requests: list[Request]
    asides: list[Request]
    events: list[Json]
    debug: str
    stderr: str
    turns_left: int
    times_over_asked: int

    @property
    def hook_events(self) -> list[HookEvent]:
        return [
            HookEvent(
                name=event["hook_name"],
                event=event["hook_event"],
                stdout=event["stdout"],
                stderr=event["stderr"],
                exit_code=event.get("exit_code"),
                outcome=event["outcome"],
            )
            for event in self.events
            if event.get("subtype") == "hook_response"
        ]

    @property
    def session_id(self) -> str:
        return str(self._result["session_id"])

    @property
    def result_text(self) -> str:
        return str(self._result.get("result", ""))

    @property
    def _result(self) -> Json:
        for event in reversed(self.events):
            if event["type"] == "result":
                return event
        raise AssertionError(f"the client ended without a result: {self.stderr}")


def run(
    project_dir: Path,
    prompt: str,
    turns: Sequence[Turn],
    *,
    plugin_dir: Path | None = None,
    env_extra: Mapping[str, str] | None = None,
    permission_mode: str = "acceptEdits",
    resume: str | None = None,
    home: Path | None = None,
    program: Path | None = None,
    timeout: float = 60,
) -> Run:
    """Give the client one prompt in `project_dir` and let it work until it stops.

    The home folder, `project_dir` with "-home" added unless told, is made on first
    use; a run that resumes a session needs the home of the run that began it. `program` is the
    client to run in place of the pinned one.
    """
    project_dir = project_dir.resolve()
    home = home or project_dir.with_name(f"{project_dir.name}-home")
    _trust(project_dir, home)
    notes = Path(tempfile.mkdtemp(prefix="run-", dir=home))
    command = [
        *(str(program or _PROGRAM), "-p", prompt),
        *("--permission-mode", permission_mode),
        *("--output-format", "stream-json", "--verbose", "--include-hook-events"),
        *("--debug-file", str(notes / "debug")),
        *(("--plugin-dir", str(plugin_dir)) if plugin_dir else ()),
        *(("--resume", resume) if resume else ()),
    ]
    model = ScriptedModel(turns)
    # The client puts sockets there, and a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="prp-", ignore_cleanup_errors=True) as temporary:
        environment = _environment(home, temporary) | dict(env_extra or {})
        returncode = _run_in_sandbox(
            command,
            model,
            environment=environment,
            directory=project_dir,
            notes=notes,
            timeout=timeout,
        )
    if model.error:
        raise model.error
    return Run(
        returncode=returncode,
        requests=model.requests,
        asides=model.asides,
        events=[json.loads(line) for line in _read(notes / "stdout").splitlines()],
        debug=_read(notes / "debug"),
        stderr=_read(notes / "stderr"),
        turns_left=model.turns_left,
        times_over_asked=model.times_over_asked,
    )


def manage(
    project_dir: Path, *words: str, home: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command of the client that asks no model, such as `plugin install`."""
    home = home or project_dir.with_name(f"{project_dir.name}-home")
    _trust(project_dir, home)
    with tempfile.TemporaryDirectory(prefix="prp-", ignore_cleanup_errors=True) as temporary:
        return subprocess.run(
            [*_unshare(), str(_PROGRAM), *words],
            cwd=project_dir,
            env=_environment(home, temporary),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def check_sandbox() -> None:
    """Raise CannotRunError where a client can't be cut off from the network."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise CannotRunError(f"the client is pinned for Linux x64, not {platform.platform()}")
    _require([*_unshare(), "true"], "no namespace to run it in")


def installed() -> Path | None:
    """Return the pinned client when `make_ready` has installed it."""
    return _PROGRAM if _PROGRAM.is_file() else None


def make_ready() -> None:
    """Install the pinned client where it isn't yet; raise CannotRunError where it can't run."""
    check_sandbox()
    # Parallel test processes take turns: the first installs, the others find it done.
    with _LOCK.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _integrity(_HERE / "node_modules/.package-lock.json") != _integrity(_LOCK):
            npm_ci = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            _require([*npm_ci, "--prefix", str(_HERE)], "the client can't be installed")


def _unshare() -> list[str]:
    """Make the command that gives another one a network and processes of its own.

    Nothing leaves that network, and when the client ends, so do all of those processes,
    hooks that have left its process group included.
    """
    program = shutil.which("unshare") or "unshare"
    unshare = [program, "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    # Somebody who isn't root may do so only in a user namespace.
    return unshare if os.geteuid() == 0 else [*unshare, "--map-root-user"]


def _require(command: list[str], problem: str) -> None:
    if shutil.which(command[0]) is None:
        raise CannotRunError(f"{problem}: {command[0]} isn't installed")
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    except subprocess.TimeoutExpired as error:
        raise CannotRunError(f"{problem}: {error}") from error
    if done.returncode:
        raise CannotRunError(f"{problem}: {' '.join(command)}: {done.stderr.strip()}")


def _integrity(lock: Path) -> str | None:
    """Tell which program a lock pins; npm writes the one in node_modules when all is done."""
    if not lock.is_file():
        return None
    package: Json = json.loads(lock.read_text())["packages"].get(_PACKAGE, {})
    return package.get("integrity")


def _trust(project_dir: Path, home: Path) -> None:
    """Answer beforehand what the client asks a person at the first start in a folder."""
    home.mkdir(exist_ok=True)
    settings_file = home / ".claude.json"
    settings: Json = json.loads(_read(settings_file) or "{}")
    settings["hasCompletedOnboarding"] = True
    project = settings.setdefault("projects", {}).setdefault(str(project_dir), {})
    project["hasTrustDialogAccepted"] = True
    settings_file.write_text(json.dumps(settings))


def _environment(home: Path, temporary: str) -> dict[str, str]:
    return {
        "HOME": str(home),
        "TMPDIR": temporary,
        # Hooks find the interpreter that runs the tests, and the system's git.
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "ANTHROPIC_API_KEY": "made-up",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_TELEMETRY": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_ERROR_REPORTING": "1",
    }


def _run_in_sandbox(
    command: list[str],
    model: ScriptedModel,
    *,
    environment: dict[str, str],
    directory: Path,
    notes: Path,
    timeout: float,
) -> int:
    ours, theirs = socket.socketpair()
    interpreter = [sys.executable, "-I", "-S", str(_HERE / "sandbox.py")]
    with ours, (notes / "stdout").open("wb") as stdout, (notes / "stderr").open("wb") as stderr:
        with theirs:
            process = subprocess.Popen(
                [*_unshare(), *interpreter, str(theirs.fileno()), *command],
                cwd=directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                pass_fds=[theirs.fileno()],
            )
        try:
            with model.serve(_receive_listener(ours, notes)):
                return process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            tail = _read(notes / "debug")[-2000:]
            raise TimeoutError(f"the client ran for over {timeout} s\n{tail}") from error
        finally:
            process.kill()
            process.wait()


def _receive_listener(control: socket.socket, notes: Path) -> socket.socket:
    control.settimeout(10)
    _, descriptors, _, _ = socket.recv_fds(control, 16, 1)
    if not descriptors:
        raise ConnectionError(f"the sandbox didn't start: {_read(notes / 'stderr')}")
    return socket.socket(fileno=descriptors[0])


def _read(file: Path) -> str:
    # What a killed client leaves may end in the middle of a character.
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
