"""What a command has started, wherever it went: its children, its session, what carries its mark.

A process leaves its parent when that ends, and its session with `setsid`; its environment it takes
along. Only what left all three, or runs as another user, can't be found.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

MARK = "PRP_GATE_RUN"

# How often what was killed is looked for again: it may have started something in between.
_ROUNDS = 20
_PAUSE = 0.02
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Survivor:
    """A process that was still there when its command had ended; `ended` when no more."""

    pid: int
    command: str
    ended: bool = True


class Family:
    """The processes that came from one command; `main` is it, `mark` stands in its environment.

    To be made while `main` is still there, be it as a zombie, where its children matter. None where
    only the mark is known.
    """

    def __init__(self, main: int | None, mark: str) -> None:
        self._number = main
        self._sees = _sees_processes()
        self._main: psutil.Process | None = None
        if self._sees and main is not None:
            with suppress(psutil.NoSuchProcess):
                self._main = psutil.Process(main)
        self._mark = mark
        self._seen = {self._main} if self._main else set()

    def look(self) -> None:
        """Remember the children there are now: one that leaves everything later is known then."""
        self._seen = _with_children({p for p in self._seen if p == self._main or _is_alive(p)})

    def living(self, *, main: bool = True) -> list[psutil.Process]:
        """Return all that runs, with or without the main process."""
        if not self._sees:
            return []
        self._seen |= {p for p in psutil.process_iter() if self._belongs(p)}
        self.look()
        others = {os.getpid(), *(p.pid for p in psutil.Process().parents())}
        if self._number is not None and not main:
            others.add(self._number)
        alive = [p for p in self._seen if p.pid not in others and _is_alive(p)]
        return sorted(alive, key=lambda process: process.pid)

    def end(self, grace: float, *, main: bool = True) -> list[psutil.Process]:
        """End all that runs; return what could not be ended.

        Each is asked first, and killed after `grace` seconds; with 0 it is killed at once.
        """
        if not self._sees:
            self._end_group(grace)
            return []
        running = self.living(main=main)
        if grace:
            for process in running:
                _send(process, kill=False)
            deadline = time.monotonic() + grace
            while any(map(_is_alive, running)) and time.monotonic() < deadline:
                time.sleep(_PAUSE)
        for _ in range(_ROUNDS):
            running = self.living(main=main)
            if not running:
                break
            for process in running:
                _send(process, kill=True)
            time.sleep(_PAUSE)
        return running

    def _end_group(self, grace: float) -> None:
        """End the process group, where nobody can tell who is in it."""
        if self._number is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL) if grace else (signal.SIGKILL,):
            with suppress(OSError):
                os.killpg(self._number, number)
            time.sleep(min(grace, 1.0) if number == signal.SIGTERM else 0)

    def holding(self, pipe: int) -> list[psutil.Process]:
        """Return who else has a pipe open, by its inode; none where the system doesn't tell."""
        if not self._sees:
            return []
        found = [p for p in psutil.process_iter() if p.pid != os.getpid() and _has_open(p, pipe)]
        self._seen |= set(found)
        return found

    def _belongs(self, process: psutil.Process) -> bool:
        if sys.platform != "win32":
            try:
                if os.getsid(process.pid) == self._number:
                    return True
            except OSError:
                return False
        try:
            return self._mark in process.environ().get(MARK, "").split()
        except (psutil.Error, OSError):
            return False


def _sees_processes() -> bool:
    """Tell whether the numbers that the system lists are those that it takes.

    In a namespace with the `/proc` of another one they mean other processes, and ending them would
    hit somebody else.
    """
    own = Path("/proc/self")
    return not own.is_symlink() or own.readlink().name == str(os.getpid())


def named(process: psutil.Process) -> str:
    """Return the command of a process as one line, its name where more can't be read."""
    try:
        return " ".join(process.cmdline())[:_SHOWN] or process.name()
    except psutil.Error:
        return f"process {process.pid}"


def _with_children(processes: Iterable[psutil.Process]) -> set[psutil.Process]:
    found: set[psutil.Process] = set()
    for process in sorted(processes, key=lambda one: one.pid):
        # Mostly the first one has all others below it.
        if process not in found:
            found.add(process)
            with suppress(psutil.Error):
                found.update(process.children(recursive=True))
    return found


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _send(process: psutil.Process, *, kill: bool) -> None:
    # One that is gone needs nothing more; another user's can't be ended, and is reported.
    with suppress(psutil.Error):
        process.kill() if kill else process.terminate()


def _has_open(process: psutil.Process, inode: int) -> bool:
    with suppress(OSError):
        for entry in Path(f"/proc/{process.pid}/fd").iterdir():
            with suppress(OSError):
                if str(entry.readlink()) == f"pipe:[{inode}]":
                    return True
    return False
