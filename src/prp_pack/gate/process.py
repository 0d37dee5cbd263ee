"""One command from its start to its end: with a log, a limit of time, and nothing left behind.

Commands come from documents that a model wrote. They run with the user's own rights; what is done
here is that they can't wait for input, fill the disk, run for ever, or leave something running.
"""

from __future__ import annotations

import errno
import io
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Self, cast

import psutil

from prp_pack.check.programs import BUILTINS
from prp_pack.gate.descendants import MARK, Family, Survivor, named
from prp_pack.gate.guard import Guard
from prp_pack.gate.log import Limits, Log
from prp_pack.gate.redaction import known, redact
from prp_pack.model import Gate
from prp_pack.repository import UnreadableError

SHELL = ("bash", "-euo", "pipefail", "-c")
GRACE = 5.0
TICK = 1.0

_CHUNK = 65_536
_PAUSE = 0.05
# How long the end of the output may take when nobody that is known of can write any more, until
# others are looked for, and until it is given up.
_PATIENCE, _REST = 1.0, 10.0
if sys.platform == "win32":
    _APART = subprocess.CREATE_NEW_PROCESS_GROUP
else:
    _APART = 0


@dataclass(frozen=True, slots=True)
class Job:
    """A command to run, and how. Times are in seconds.

    `environment` is the whole environment of the command, `log` the file that gets its output,
    `marker` a text without spaces that no other job has. Between asking to end and killing there
    are `grace` seconds. `afterwards` is run where `prp` itself is killed meanwhile, so that its
    caller can't clean up.
    """

    argv: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    timeout: float
    log: Path
    marker: str
    grace: float = GRACE
    limits: Limits = field(default_factory=Limits)
    afterwards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: `elapsed` seconds, `received` bytes of output, its last line so far."""

    elapsed: float
    received: int
    line: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended.

    `status` is None where `signal` names what ended the command (`SIGKILL`). `duration` is in
    seconds; `received` and `left_out` are bytes of output, the latter not in the log. `tail` is
    the end of the log as text. `survivors` ran on after the command and were ended. `log_error`
    says why the log is incomplete; the command was stopped for that.
    """

    status: int | None
    signal: str = ""
    timed_out: bool = False
    duration: float = 0.0
    received: int = 0
    left_out: int = 0
    tail: str = ""
    log_sha256: str = ""
    survivors: tuple[Survivor, ...] = ()
    log_error: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the command ended by itself, with status 0, and all of its log is there."""
        return self.status == 0 and not self.timed_out and not self.log_error

    @property
    def truncated(self) -> bool:
        return self.left_out > 0


class Cause(StrEnum):
    """Why a command could not be started."""

    NO_PROGRAM = "no-program"
    NOT_EXECUTABLE = "not-executable"
    NO_SHELL = "no-shell"
    NO_FOLDER = "no-folder"
    NO_LOG = "no-log"
    TOO_LONG = "too-long"
    SYSTEM = "system"


class CannotRunError(Exception):
    """A command that could not be started; prints as one line that says why."""

    def __init__(self, cause: Cause, reason: str, help: str = "") -> None:
        super().__init__(reason)
        self.cause = cause
        self.reason = reason
        self.help = help


def argv_of(gate: Gate) -> tuple[str, ...]:
    """Return the words that run a gate: its own where it is plain, else bash with its text."""
    # Some words are programs only to a shell.
    if gate.argv and not gate.setup and gate.argv[0] not in {*BUILTINS, "time"}:
        return gate.argv
    return (*SHELL, "\n".join((*gate.setup, gate.command)))


def run(job: Job, on_tick: Callable[[Progress], None] | None = None) -> Outcome:
    """Run a command to its end; `on_tick` is called about once a second.

    Raises `CannotRunError` when it can't be started. Whatever else is raised meanwhile, by
    `on_tick` or by Ctrl-C, everything that was started is killed first.
    """
    with Running(job) as running:
        return running.finish(on_tick)


class Running:
    """A command that has been started; leaving the context kills what still runs of it.

    Raises `CannotRunError` when it can't be started.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._values = known(job.environment)
        self._outcome: Outcome | None = None
        self._timed_out = self._read_all = self._closed = False
        self._survivors: dict[int, Survivor] = {}
        self._lock = threading.Lock()
        if not job.folder.is_dir():
            raise CannotRunError(Cause.NO_FOLDER, f"folder {job.folder} does not exist")
        try:
            self._log = Log(job.log, self._values, job.limits)
        except UnreadableError as error:
            raise CannotRunError(Cause.NO_LOG, f"log {error}") from None
        try:
            self._guard = Guard(job.marker, job.grace, job.folder, job.afterwards)
        except OSError as error:
            self._log.close()
            raise CannotRunError(Cause.SYSTEM, f"/bin/sh: {error.strerror}".lower()) from None
        self._started = time.monotonic()
        try:
            self._process = _start(job)
            self._guard.watch(self._process.pid)
        except BaseException:
            self._guard.release()
            self._log.close()
            raise
        # With PIPE there is one.
        self._output = cast("io.FileIO", self._process.stdout)
        self._family = Family(self._process.pid, job.marker)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        if self._outcome is None:
            self.stop(grace=0)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def progress(self) -> Progress:
        elapsed = time.monotonic() - self._started
        return Progress(elapsed, self._log.received, self._log.line)

    @property
    def tail(self) -> str:
        """The end of the output so far, at most some 64 kB, without secrets."""
        return self._log.tail

    @property
    def is_alive(self) -> bool:
        """Whether the command runs or, where it succeeded in that, what it put into background."""
        if self._log.error:
            return False
        status = self._process.poll()
        return status is None or (status == 0 and bool(self._family.living(main=False)))

    def wait(self, seconds: float) -> bool:
        """Wait for the command; tell whether it has ended, or must be as its log can't go on."""
        try:
            self._process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return bool(self._log.error)
        return True

    def finish(self, on_tick: Callable[[Progress], None] | None = None) -> Outcome:
        """Wait for the end, or for the time to be up, and see to it that nothing is left."""
        deadline = self._started + self._job.timeout
        tick = self._started + TICK
        while not self.wait(min(_PAUSE, deadline - time.monotonic())):
            now = time.monotonic()
            if now >= deadline:
                self._timed_out = True
                break
            if now >= tick:
                tick = now + TICK
                self._family.look()
                if on_tick:
                    on_tick(self.progress)
        return self.stop()

    def stop(self, grace: float | None = None) -> Outcome:
        """End what still runs: ask, and kill after the grace of the job or the one given."""
        grace = self._job.grace if grace is None else grace
        if self._process.poll() is None:
            if grace == 0 and sys.platform != "win32":
                # The quickest way comes first: a second Ctrl-C may come at any time.
                os.killpg(self._process.pid, signal.SIGKILL)
            self._note(self._family.end(grace))
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_REST)
            duration = time.monotonic() - self._started
        else:
            duration = time.monotonic() - self._started
            self._end_survivors(self._family.living(main=False), grace)
        self._end_reading(grace)
        self._guard.release()
        status = self._process.returncode
        self._outcome = Outcome(
            status=status if status is not None and status >= 0 else None,
            signal=_signal(status) if status is not None and status < 0 else "",
            timed_out=self._timed_out,
            duration=duration,
            received=self._log.received,
            left_out=self._log.left_out,
            tail=self._log.tail,
            log_sha256=self._log.sha256,
            survivors=tuple(self._survivors[pid] for pid in sorted(self._survivors)),
            log_error=self._log.error,
        )
        return self._outcome

    def _end_survivors(self, survivors: Sequence[psutil.Process], grace: float) -> None:
        self._note(survivors)
        unended = self._family.end(grace, main=False) if survivors else []
        for process in survivors:
            ended = process not in unended
            self._survivors[process.pid] = replace(self._survivors[process.pid], ended=ended)
        self._note(unended)

    def _note(self, running: Sequence[psutil.Process]) -> None:
        for process in running:
            command = redact(named(process), self._values)
            self._survivors[process.pid] = Survivor(process.pid, command, ended=False)

    def _end_reading(self, grace: float) -> None:
        """Wait for the end of the output, which comes when nobody is left who could write."""
        self._reader.join(_PATIENCE)
        if self._reader.is_alive():
            # Who left even the environment behind, but not the pipe.
            pipe = os.fstat(self._output.fileno()).st_ino
            self._end_survivors(self._family.holding(pipe), grace)
            self._reader.join(_REST)
        with self._lock:
            self._closed = True
            if not self._read_all:
                self._log.error = self._log.error or "the output could not be read to its end"
            self._log.close()
        if self._read_all:
            self._output.close()

    def _read(self) -> None:
        while chunk := self._output.read(_CHUNK):
            with self._lock:
                # After an error too, so that nobody waits for room in the pipe.
                if not self._closed and not self._log.error:
                    self._log.add(chunk)
        self._read_all = True


def _start(job: Job) -> subprocess.Popen[bytes]:
    if sys.platform != "win32" and signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        # Python takes the status that it can't ask for as 0.
        reason = "the signal CHLD is ignored here, so that no exit status can be known"
        raise CannotRunError(Cause.SYSTEM, reason, "start without `trap '' CHLD`")
    if not job.argv or not job.argv[0]:
        raise CannotRunError(Cause.NO_PROGRAM, "command has no words")
    marks = (*job.environment.get(MARK, "").split(), job.marker)
    try:
        return subprocess.Popen(  # noqa: S603 - that is what this package is for
            job.argv,
            cwd=job.folder,
            env={**job.environment, MARK: " ".join(marks)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=True,
            creationflags=_APART,
        )
    except ValueError as error:
        raise CannotRunError(Cause.NOT_EXECUTABLE, f"command can't be passed on: {error}") from None
    except OSError as error:
        raise _cannot_run(job, error) from None


def _cannot_run(job: Job, error: OSError) -> CannotRunError:
    program = job.argv[0]
    if error.filename == str(job.folder):
        return CannotRunError(Cause.NO_FOLDER, f"folder {job.folder} can't be entered")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return _not_found(job, program)
    if error.errno == errno.EACCES:
        help_ = f"chmod +x {program}"
        return CannotRunError(Cause.NOT_EXECUTABLE, f"{program} is not executable", help_)
    if error.errno == errno.ENOEXEC:
        reason = f"{program} is no program, and no script with a first line `#!…`"
        return CannotRunError(Cause.NOT_EXECUTABLE, reason)
    if error.errno == errno.E2BIG:
        return CannotRunError(
            Cause.TOO_LONG, "command and environment are too long to be passed on"
        )
    return CannotRunError(Cause.SYSTEM, f"{program} cannot be started: {error.strerror}".lower())


def _not_found(job: Job, program: str) -> CannotRunError:
    if job.argv[: len(SHELL)] == SHELL:
        help_ = "install bash: the command has shell syntax"
        return CannotRunError(Cause.NO_SHELL, "bash is not on PATH", help_)
    path = job.environment.get("PATH")
    there = (job.folder / program).exists() if "/" in program else shutil.which(program, path=path)
    if there:
        reason = f"the interpreter that {program} names in its first line does not exist"
        return CannotRunError(Cause.NOT_EXECUTABLE, reason)
    where = "does not exist" if "/" in program else "is not on PATH"
    return CannotRunError(Cause.NO_PROGRAM, f"{program} {where}")


def _signal(status: int) -> str:
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
