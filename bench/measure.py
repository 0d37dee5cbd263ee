"""What a process costs, and fair comparisons of several."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LIMIT_SECONDS = 300.0


class FailedError(Exception):
    """A program that ended otherwise than its job expects, or not in time."""


@dataclass(frozen=True)
class Job:
    """A program to run; `expect` holds the exit statuses that mean that it did its work."""

    command: Sequence[str | Path]
    folder: Path
    content: bytes = b""
    environment: Mapping[str, str] = field(default_factory=dict)
    expect: frozenset[int] = frozenset({0, 1})
    limit: float = LIMIT_SECONDS


@dataclass(frozen=True)
class Cost:
    """Seconds of CPU (user and system, with children), seconds on the clock, peak memory in MB."""

    cpu: float
    wall: float
    memory: float


def cost(job: Job) -> Cost:
    """Run a program once; raises `FailedError`."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(job.content)
        given.seek(0)
        began = time.perf_counter()
        process = subprocess.Popen(
            job.command, cwd=job.folder, stdin=given, stdout=said, stderr=subprocess.STDOUT,
            env={**os.environ, **job.environment},
        )  # fmt: skip
        signal.signal(signal.SIGALRM, lambda *_: process.kill())
        signal.setitimer(signal.ITIMER_REAL, job.limit)
        # wait4 instead of RUSAGE_CHILDREN: the same numbers, of this one child.
        _, status, usage = os.wait4(process.pid, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in job.expect:
            said.seek(0)
            last = (said.read().decode("utf-8", "replace").strip().splitlines() or [""])[-1]
            shown = Path(job.command[0]).name
            raise FailedError(f"{shown} ended with {process.returncode} after {wall:.0f} s: {last}")
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / unit)


def interleaved(jobs: Mapping[str, Job], rounds: int, *, warm_up: bool = True) -> dict[str, Cost]:
    """Return the medians of so many rounds A B A B …, after one round that counts for nothing.

    Interleaved, a slow moment of the machine falls on all of them.
    """
    if warm_up:
        for job in jobs.values():
            cost(job)
    found: dict[str, list[Cost]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            found[name].append(cost(job))
    return {
        name: Cost(
            statistics.median(c.cpu for c in costs),
            statistics.median(c.wall for c in costs),
            max(c.memory for c in costs),
        )
        for name, costs in found.items()
    }
