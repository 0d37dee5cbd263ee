"""The built-in first gate: every Python file parses, every changed test file collects.

It takes a second, and finds what makes “all tests pass” untrue whatever else is said.
"""

from __future__ import annotations

import fnmatch
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path, PurePosixPath

from prp_pack.evidence.record import Check, Status
from prp_pack.gate.process import CannotRunError, Cause, Job, Outcome, Progress, run

_TESTS = ("test_*.py", "*_test.py")
_HERE = (".venv/bin/python", ".venv/Scripts/python.exe", "venv/bin/python",
         "venv/Scripts/python.exe")  # fmt: skip
# What pytest says with its exit status when it found no test.
_NO_TESTS = 5
# Further files of one kind are left to pytest itself.
_ARGUMENTS = 500


def checks(
    job: Job, files_: Iterable[str], changed: Iterable[str], on_tick: Callable[[Progress], None]
) -> tuple[list[Check], Outcome]:
    """Return what parsing all and collecting the changed files says.

    `job` tells where and how; its command is ours to choose. Raises `CannotRunError` without a
    Python, and where the list of the files can't be written.
    """
    python = python_of(job)
    sources = sorted(path for path in files_ if path.endswith(".py"))
    listed = job.log.with_suffix(".list")
    try:
        _write(listed, b"".join(os.fsencode(path) + b"\0" for path in sources))
        with as_file(files("prp_pack.gate").joinpath("parse_and_collect.py")) as script:
            parsing = replace(job, argv=(python, "-I", str(script), str(listed)))
            outcome = run(parsing, on_tick)
    finally:
        listed.unlink(missing_ok=True)
    found = [_parsed(outcome)]
    there = frozenset(sources)
    tests = [path for path in changed if is_test(path) and path in there]
    if outcome.succeeded and tests:
        collect = (python, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
        outcome = run(replace(job, argv=(*collect, *tests[:_ARGUMENTS])), on_tick)
        found.append(_collected(outcome, len(tests)))
    return found, outcome


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CannotRunError(Cause.NO_LOG, f"{path.name} cannot be written: {reason}") from None


def python_of(job: Job) -> str:
    """Return the project's own Python: its virtual environment's, else the first on PATH."""
    for name in _HERE:
        if os.access(job.folder / name, os.X_OK):
            return str(job.folder / name)
    path = job.environment.get("PATH", os.defpath)
    found = shutil.which("python3", path=path) or shutil.which("python", path=path)
    if found is None:
        raise CannotRunError(Cause.NO_PROGRAM, "there is no Python in .venv or on PATH")
    return found


def _parsed(outcome: Outcome) -> Check:
    lines = outcome.tail.strip().splitlines() or [f"exit status {outcome.status}"]
    if outcome.succeeded:
        return Check("parse", Status.PASS, lines[-1])
    return Check("parse", Status.FAIL, lines[0])


def _collected(outcome: Outcome, count: int) -> Check:
    files_ = f"{count} changed test {'file' if count == 1 else 'files'}"
    if outcome.succeeded:
        return Check("collect", Status.PASS, f"{files_} collected")
    if "No module named pytest" in outcome.tail:
        return Check("collect", Status.SKIP, f"pytest isn't installed; {files_} were parsed only")
    if outcome.status == _NO_TESTS:
        return Check("collect", Status.FAIL, f"{files_}, and no test in them")
    lines = outcome.tail.splitlines()
    errors = [line[1:] for line in lines if line.startswith("E  ")]
    errors += [line for line in lines if line.startswith("ERROR ")]
    said = " ".join(errors[0].split()) if errors else f"exit status {outcome.status}"
    return Check("collect", Status.FAIL, f"collecting {files_} fails: {said}")


def is_test(path: str) -> bool:
    name = PurePosixPath(path).name
    return any(fnmatch.fnmatch(name, pattern) for pattern in _TESTS)
