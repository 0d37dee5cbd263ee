"""The template's anti-patterns that a program can tell, in the Python files that the work changed.

ruff looks for them, with its own rules and none of the project's settings. What stood in a file
when the work was sealed is nobody's news: only what has come since counts.
"""

from __future__ import annotations

import difflib
import json
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from prp_pack.check.registry import Target
from prp_pack.evidence.seal import Seal
from prp_pack.gate.built_in import python_of
from prp_pack.gate.process import CannotRunError, Cause, Job, Outcome, run
from prp_pack.gate.reconciliation import AntiPattern
from prp_pack.repository import Repository

CATCHES_ALL = "a handler that catches every exception"
BLOCKS = "a blocking call in asynchronous code"
# Of ruff's rules on asynchronous code those from 200 on are about calls that block.
_RULES = {"BLE001": CATCHES_ALL, "E722": CATCHES_ALL, "ASYNC2": BLOCKS}
SECONDS = 60.0
_UNSEEN = "anti-patterns were not looked for"
_BEFORE, _AFTER, _FOUND = "before", "after", "found.json"
_OPTIONS = (
    "check", "--isolated", "--no-cache", "--no-respect-gitignore", "--exit-zero", "--quiet",
    "--select", ",".join(_RULES), "--output-format", "json", "--output-file", _FOUND,
    _BEFORE, _AFTER,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """What was found, in the order of the files; `unseen` says in words what wasn't looked at."""

    hits: tuple[AntiPattern, ...] = ()
    unseen: tuple[str, ...] = ()


def look(target: Target, repository: Repository, environment: Mapping[str, str]) -> Look:
    """Return the anti-patterns that came with the work; raises `UnreadableError`.

    Starts ruff, where there is one, with the environment given.
    """
    seal = target.neighbours.seal(target.proof.ledger)
    if seal is None:
        return Look(unseen=(f"{_UNSEEN}: nothing was sealed, so what was changed isn't known",))
    changed = seal.changed(target.neighbours.worktree)
    paths = tuple(path for path in changed if path.endswith(".py") and path in target.project.files)
    texts = tuple(_texts(target, seal, paths))
    known = [each for each in texts if each.before is not None]
    unseen = [each.path for each in texts if each.before is None]
    try:
        seen = _looked_at(known, _with_ruff(repository, environment)) if known else Look()
    except CannotRunError as error:
        seen = Look(unseen=(f"{_UNSEEN}: {error}",))
    except OSError as error:
        seen = Look(unseen=(f"{_UNSEEN}: {(error.strerror or str(error)).lower()}",))
    more = tuple(f"{path} is no text or too large to look for anti-patterns" for path in unseen)
    return Look(seen.hits, (*seen.unseen, *more))


@dataclass(frozen=True, slots=True)
class _Texts:
    """A file as it was sealed, and as it is. `before` is empty for a new one, None for no text."""

    path: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class _Found:
    """What ruff says of one text."""

    line: int
    column: int
    code: str
    message: str


def _texts(target: Target, seal: Seal, paths: Sequence[str]) -> Iterator[_Texts]:
    # A file that only moved brings nothing new.
    moved = {new: old for old, new in target.project.renames.items()} if paths else {}
    olds = {path: path if path in seal.paths else moved.get(path, path) for path in paths}
    before, after = seal.texts(tuple({*paths, *olds.values()}))
    for path in paths:
        old = olds[path]
        sealed = before.get(old) if old in seal.paths else ""
        yield _Texts(path, sealed if path in after else None, after.get(path, ""))


def _with_ruff(repository: Repository, environment: Mapping[str, str]) -> Job:
    """Return the job of ruff: the one beside the project's Python, else the first on PATH.

    Raises `CannotRunError` where there is none. In the project, only what git ignores is started:
    a branch could bring a program of that name along.
    """
    marker = f"anti-patterns-{secrets.token_hex(8)}"
    job = Job((), repository.root, environment, SECONDS, Path(), marker)
    try:
        ruff = shutil.which("ruff", path=str(Path(python_of(job)).parent))
    except CannotRunError:
        ruff = None
    if ruff is None or not _is_installed(Path(ruff), repository):
        ruff = shutil.which("ruff", path=environment.get("PATH", os.defpath))
    if ruff is None:
        reason = "ruff is neither beside the project's Python, in a folder that git ignores, nor "
        raise CannotRunError(Cause.NO_PROGRAM, f"{reason}on PATH")
    return replace(job, argv=(str(Path(ruff).absolute()), *_OPTIONS))


def _is_installed(program: Path, repository: Repository) -> bool:
    """Tell whether a program lies outside of the project, or where git ignores it."""
    real, root = program.resolve(), repository.root.resolve()
    return not real.is_relative_to(root) or repository.ignores(real.relative_to(root).as_posix())


def _looked_at(texts: Sequence[_Texts], job: Job) -> Look:
    # Under plain names, so that no name is an option, too long, or one that ruff leaves out.
    with TemporaryDirectory(prefix="prp-") as name:
        folder = Path(name)
        for number, each in enumerate(texts):
            for part, text in ((_BEFORE, each.before or ""), (_AFTER, each.after)):
                (folder / part).mkdir(exist_ok=True)
                (folder / part / f"{number}.py").write_text(text, encoding="utf-8", newline="\n")
        outcome = run(replace(job, folder=folder, log=folder / "log"))
        if not outcome.succeeded:
            return Look(unseen=(f"{_UNSEEN}: {_failure(outcome)}",))
        try:
            found = _read(folder / _FOUND)
        except (FileNotFoundError, ValueError, LookupError, TypeError) as error:
            said = f"what ruff wrote can't be read: {type(error).__name__}"
            return Look(unseen=(f"{_UNSEEN}: {said}",))
    hits: list[AntiPattern] = []
    unseen: list[str] = []
    for number, each in enumerate(texts):
        now = found.get((_AFTER, number), [])
        if any(_pattern(one.code) is None for one in now):
            unseen.append(f"{each.path} doesn't parse, and was not looked at for anti-patterns")
            continue
        hits += _new(each, found.get((_BEFORE, number), []), now)
    return Look(tuple(hits), tuple(unseen))


def _failure(outcome: Outcome) -> str:
    if outcome.timed_out:
        return f"ruff took more than {SECONDS:g} s"
    said = outcome.tail.strip().split("\n")[0]
    return f"ruff ended with {outcome.signal or f'status {outcome.status}'}: {said or 'in silence'}"


def _read(file: Path) -> dict[tuple[str, int], list[_Found]]:
    """Return what ruff has found, by the part and the number of the text."""
    found: dict[tuple[str, int], list[_Found]] = {}
    for each in json.loads(file.read_text(encoding="utf-8")):
        path, place = Path(each["filename"]), each["location"]
        # Of text that doesn't parse older versions give no code.
        one = _Found(place["row"], place["column"], each["code"] or "", each["message"])
        found.setdefault((path.parent.name, int(path.stem)), []).append(one)
    return found


def _pattern(code: str) -> str | None:
    return next((words for begin, words in _RULES.items() if code.startswith(begin)), None)


def _new(texts: _Texts, before: Iterable[_Found], after: Iterable[_Found]) -> Iterator[AntiPattern]:
    """Yield what was found now and not before, compared by code and the text of the line.

    Of several lines with one text, those that were added are the new ones.
    """
    old_lines, lines = (texts.before or "").split("\n"), texts.after.split("\n")
    known = Counter((one.code, old_lines[one.line - 1].strip()) for one in before)
    found = sorted(after, key=lambda one: (one.line, one.column))
    kept = frozenset(_unchanged(old_lines, lines) if known else ())
    for one in sorted(found, key=lambda one: one.line not in kept):
        key = one.code, lines[one.line - 1].strip()
        if known[key] > 0:
            known[key] -= 1
            found.remove(one)
    for one in found:
        pattern = _pattern(one.code) or ""
        yield AntiPattern(texts.path, one.line, one.column, one.code, pattern, one.message)


def _unchanged(before: Sequence[str], after: Sequence[str]) -> Iterator[int]:
    """Yield the numbers of the lines that stood there before."""
    for block in difflib.SequenceMatcher(None, before, after).get_matching_blocks():
        yield from range(block.b + 1, block.b + block.size + 1)
