"""Where a Python service of a checkout takes its own package from: the checkout, or elsewhere.

An editable installation puts folders of the working tree on the path of its interpreter. Each
checkout that this interpreter starts would import the working tree's code, and two versions would
be one. So their counterparts in the checkout are looked up first.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from prp_pack.gate import process
from prp_pack.gate.process import Job
from prp_pack.probes.probe import CannotRunError, Run

VARIABLE = "PYTHONPATH"
_SECONDS = 60.0
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*(?:\.exe)?")
# A program that pip made for an interpreter begins with its path; where that is too long for the
# system, a shell is told it in the second line.
_INTERPRETER = re.compile(
    rb"#!\s*(?:/usr/bin/env\s+)?(?P<path>[^\s']*(?:python|pypy)[\d.]*)"
    rb"|#!/bin/sh\n'''exec' \"?(?P<long>[^\"\n]+?)\"? \"\$0\""
)
# Paths, and the folders of what setuptools' finders import from.
_ASK = """\
import json, os, sys
found = [each for each in sys.path if each]
for finder in sys.meta_path:
    module = sys.modules.get(getattr(finder, "__module__", ""))
    for name, path in (getattr(module, "MAPPING", None) or {}).items():
        for _ in name.split("."):
            path = os.path.dirname(path)
        found.append(path)
print("paths:" + json.dumps(found))
"""


def own_paths(
    run: Run, words: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> tuple[Path, ...]:
    """Return what a service in a checkout must look up first; nothing where it isn't Python.

    `environment` is what the service is started with. Raises `CannotRunError` where the interpreter
    takes code from a folder of the working tree that the checkout doesn't have.
    """
    python = _interpreter(words, folder, environment.get("PATH"))
    if not python:
        return ()
    root = run.repository.root.resolve()
    found: dict[Path, None] = {}
    for path in _asked(run, python, folder, environment):
        if not path.is_relative_to(root) or path.is_relative_to(folder.resolve()):
            continue
        relative = path.relative_to(root)
        # What isn't the project's own is in no commit: an environment, a build.
        if not _is_tracked(run, relative):
            continue
        if not (folder / relative).is_dir():
            said = f"its Python imports from {relative} of the working tree, an editable"
            help_ = (
                "let build make an environment of the checkout's own, and start from there; or say "
                "in baseline_start where its code is"
            )
            raise CannotRunError(f"{said} installation, and the checkout has no such folder", help_)
        found[folder / relative] = None
    return tuple(found)


def with_paths(paths: Sequence[Path], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variable by which paths are looked up before those of an environment."""
    if not paths:
        return {}
    before = environment.get(VARIABLE)
    return {VARIABLE: os.pathsep.join([*map(str, paths), *([before] if before else [])])}


def _interpreter(words: Sequence[str], folder: Path, path: str | None) -> str:
    """Return the Python that a command is run by; empty where that can't be told from its words."""
    if not words:
        return ""
    program = words[0] if os.sep in words[0] else shutil.which(words[0], path=path) or ""
    if not program or _PYTHON.fullmatch(Path(program).name):
        return program
    try:
        with (folder / program).open("rb") as file:
            match = _INTERPRETER.match(file.read(1000))
    except OSError:
        return ""
    found = os.fsdecode(match["path"] or match["long"]) if match else ""
    return found if os.sep in found else shutil.which(found, path=path) or ""


def _asked(run: Run, python: str, folder: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield the folders that an interpreter imports from; none for one that can't say so."""
    name = f"imports-{folder.name}"
    job = Job(
        argv=(python, "-c", _ASK),
        folder=folder,
        environment=environment,
        timeout=_SECONDS,
        log=run.artefacts / f"{name}.log",
        marker=f"{run.folder.rpartition('/')[2]}-{name}",
    )
    try:
        outcome = process.run(job)
    except process.CannotRunError:
        # The launch will say why.
        return
    for line in outcome.tail.splitlines():
        if line.startswith("paths:"):
            yield from (Path(each).resolve() for each in json.loads(line.removeprefix("paths:")))


def _is_tracked(run: Run, relative: Path) -> bool:
    """Tell whether the project has files in a folder that git knows, or would take."""
    words = ("ls-files", "--cached", "--others", "--exclude-standard", "--", str(relative))
    return bool(run.repository.git(*words))
