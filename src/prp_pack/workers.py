"""The processes of `--jobs`: they run this program's own code over some of the files.

A process pays only for many files; a few are checked here.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING

from prp_pack.check import engine, questions
from prp_pack.check.engine import Checker, Trial
from prp_pack.check.questions import Asked, Contents, KnownNeighbours, Log
from prp_pack.check.settings import Settings
from prp_pack.project import CheckedOut
from prp_pack.values import dataclass, replace

if TYPE_CHECKING:
    from concurrent.futures import Future

# Starting a process and reading the project in it costs about as much as checking so many.
FILES_FOR_A_PROCESS = 40
# What is handed over at once: little enough that all end at about the same time.
_MOST_AT_ONCE = 16

Tried = tuple[Trial, Asked]


class WorkerDiedError(Exception):
    """A process ended before it had checked its files, so that nobody knows what they hold."""


@dataclass(frozen=True)
class Work:
    """What a process is told at its start; it builds the checker itself."""

    project: CheckedOut
    settings: Settings
    known: questions.Known
    fixing: bool

    def checker(self) -> Checker:
        repository = self.project.repository
        others = KnownNeighbours(repository, Contents(repository), self.known)
        return Checker(
            repository, project=self.project, settings=self.settings, others=others
        )  # fmt: skip


def trials(
    checker: Checker,
    files: Sequence[str],
    *,
    jobs: int,
    fixing: bool = False,
    asking: bool = False,
) -> Iterator[Tried]:
    """Yield what checking each file gives, in their order, with what was asked.

    In this process nothing of that is written down unless `asking`. Raises `WorkerDiedError`.
    """
    count = min(jobs, len(files) // FILES_FOR_A_PROCESS)
    project, settings = checker.project, checker.settings
    if count > 1 and isinstance(project, CheckedOut) and settings:
        known = checker.others.known if isinstance(checker.others, KnownNeighbours) else {}
        # Without what it remembers, some of which can't leave this process.
        work = Work(replace(project), settings, known, fixing)
        return _elsewhere(work, files, count)
    log = Log()
    here = questions.asking(checker, log) if asking else checker
    return ((engine.trial(here, file, fixing=fixing), log.taken()) for file in files)


def _elsewhere(work: Work, files: Sequence[str], count: int) -> Iterator[Tried]:
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - few runs need it
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415

    size = max(1, min(_MOST_AT_ONCE, len(files) // (4 * count)))
    parts = [files[start : start + size] for start in range(0, len(files), size)]
    pool = ProcessPoolExecutor(count, initializer=_begin, initargs=(work,))
    try:
        with _uninterrupted():
            futures: list[Future[list[Tried]]] = [pool.submit(_check, part) for part in parts]
        yield from chain.from_iterable(future.result() for future in futures)
    except BrokenProcessPool:
        said = "a process of --jobs ended before it had checked its files"
        raise WorkerDiedError(said) from None
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start processes that Ctrl-C doesn't reach before they can end quietly."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


# --- In such a process --------------------------------------------------------------------------

_here: list[tuple[Checker, Log, bool]] = []


def _begin(work: Work) -> None:
    # Ctrl-C goes to all processes of a terminal. The first one says so and hands out no more files;
    # one that died of it would look like one that was killed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log = Log()
    _here[:] = [(questions.asking(work.checker(), log), log, work.fixing)]


def _check(files: Sequence[str]) -> list[Tried]:
    checker, log, fixing = _here[0]
    return [(engine.trial(checker, file, fixing=fixing), log.taken()) for file in files]
