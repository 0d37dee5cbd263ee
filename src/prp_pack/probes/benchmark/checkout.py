"""A commit checked out beside the working tree, for as long as it is needed.

It lies under `.prp/`, which git ignores, and is known to git as a worktree. What a run that was
killed has left behind goes when the next one begins.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from prp_pack.gate import process
from prp_pack.gate.process import Job
from prp_pack.probes.probe import CannotRunError, Run
from prp_pack.repository import STATE, UnreadableError

_FOLDER = f"{STATE}/worktrees"
# A checkout of a large project with its filters takes its time.
_SECONDS = 600.0
_SHOWN_LINES = 5
# Set while git runs a hook; they mean another repository than the one that is asked.
_OF_HOOKS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


@contextmanager
def checked_out(run: Run, commit: str, name: str) -> Iterator[Path]:
    """Yield the project's folder in a checkout of a commit; it is removed in the end.

    Raises `CannotRunError` when git can't check it out.
    """
    _remove_left_over(run)
    path = f"{_FOLDER}/{os.getpid()}-{name}"
    full = run.repository.root / path
    try:
        full.parent.mkdir(parents=True, exist_ok=True)
        words = ("worktree", "add", "--detach", "--quiet", "--", str(full), commit)
        settings = ("-c", f"core.hooksPath={os.devnull}", "-c", "advice.detachedHead=false")
        root = str(run.repository.root)
        done(run, ("git", *settings, "-C", root, *words), run.repository.root, _SECONDS, "checkout")
        prefix = run.repository.git("rev-parse", "--show-prefix") or b""
        folder = full / os.fsdecode(prefix.strip())
        if not folder.is_dir():
            raise CannotRunError(f"commit {commit[:12]} has no folder {os.fsdecode(prefix)}")
        yield folder
    finally:
        _remove(run, full)


def built(run: Run, folder: Path, words: Sequence[str], seconds: float, name: str) -> None:
    """Run what makes a checkout runnable, such as an installation; raises `CannotRunError`."""
    if words:
        run.tell(f"building {name}", None)
        done(run, tuple(words), folder, seconds, f"build-{name}")


def done(run: Run, words: tuple[str, ...], folder: Path, seconds: float, log: str) -> None:
    """Run a command to its end; raises `CannotRunError` unless it succeeds."""
    said = shlex.join(words)
    job = Job(
        argv=words,
        folder=folder,
        environment=_environment(run.environment),
        timeout=seconds,
        log=run.artefacts / f"{log}.log",
        marker=f"{run.folder.rpartition('/')[2]}-{log}",
    )
    try:
        outcome = process.run(job)
    except process.CannotRunError as error:
        raise CannotRunError(f"{said}: {error.reason}", error.help) from None
    if not outcome.succeeded:
        lines = [line for line in outcome.tail.splitlines() if line.strip()][-_SHOWN_LINES:]
        how = f"took longer than {seconds:g} s" if outcome.timed_out else "failed"
        shown = f" ({'; '.join(lines)})" if lines else ""
        raise CannotRunError(f"{said} {how}{shown}")


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in environment.items() if key not in _OF_HOOKS}


def _remove(run: Run, folder: Path) -> None:
    """Remove a checkout from the disk and from git's list, however far it came."""
    git = run.repository.git
    # One that was ended half made is still locked.
    git("worktree", "remove", "--force", "--force", str(folder))
    if folder.exists():
        git("worktree", "unlock", str(folder))
        shutil.rmtree(folder, ignore_errors=True)
    git("worktree", "prune")
    if folder.exists():
        help_ = "remove it by hand, then: git worktree prune"
        raise UnreadableError(run.repository.relative(folder), "cannot be removed", help=help_)


def _remove_left_over(run: Run) -> None:
    for name in run.repository.names(_FOLDER):
        owner = name.partition("-")[0]
        if owner.isdigit() and int(owner) != os.getpid() and not psutil.pid_exists(int(owner)):
            _remove(run, run.repository.root / _FOLDER / name)
