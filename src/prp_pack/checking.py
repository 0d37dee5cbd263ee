"""Check the files that somebody named, and say of each what they would call it where they stand."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from prp_pack import __version__
from prp_pack.check import baseline, engine
from prp_pack.check.baseline import Baseline
from prp_pack.check.engine import Checker
from prp_pack.check.rules import RULES
from prp_pack.model import Finding, Severity
from prp_pack.report.checked import Checked, Unreadable
from prp_pack.repository import Repository, Source, UnreadableError
from prp_pack.values import replace


def files_by_project(paths: Sequence[Path], here: Path) -> dict[Repository, list[str]]:
    """Return what to check: a file as named, a folder by its documents, nothing as all of PRPs/.

    Raises `UnreadableError` when nothing is named and there is no project.
    """
    found: dict[Repository, list[str]] = {}
    if not paths:
        repository = Repository.containing(here)
        if not os.path.isdir(repository.root / "PRPs"):  # noqa: PTH112
            hint = "run `prp init`, or name a file"
            raise UnreadableError("PRPs", "does not exist here or above", help=hint)
        return {repository: list(repository.documents())}
    for path in paths:
        is_folder = os.path.isdir(path)  # noqa: PTH112 - is_dir() raises where it may not look
        folder = path if is_folder else path.parent
        repository = Repository.containing(folder)
        name = repository.relative(path)
        files = list(repository.documents(name)) if is_folder else [name]
        kept = found.setdefault(repository, [])
        kept += [file for file in files if file not in kept]
    return found


def check(checker: Checker, files: Iterable[str], here: Path, *, fixing: bool) -> Checked:
    """Return the outcome for files of the checker's project; with `fixing`, after mending them."""
    names: list[str] = []
    findings: list[Finding] = []
    unreadable: list[Unreadable] = []
    sources: dict[str, Source] = {}
    fixed = silenced = baselined = 0
    repository = checker.repository
    stale = checker.baseline.gone(repository)
    for file in files:
        report = engine.check_files(checker, [file], fixing=fixing)
        name = shown(repository, file, here)
        fixed += report.fixed
        silenced += report.silenced
        baselined += report.baselined
        stale += report.stale
        names += [name] * report.files
        findings += [replace(finding, path=name) for finding in report.findings]
        for error in report.unreadable:
            what = shown(repository, error.path, here)
            unreadable.append(Unreadable(what, error.reason, error.help, error.line))
        if report.findings and (source := _source(repository, file)):
            sources[name] = source
    return Checked(
        files=tuple(names),
        findings=tuple(findings),
        sources=sources,
        unreadable=tuple(unreadable),
        rules=checker.active,
        fixed=fixed,
        silenced=silenced,
        baselined=baselined,
        stale=stale,
    )


def write_baseline(checker: Checker, files: Iterable[str], *, fixing: bool) -> Baseline:
    """Write what is found now as known, and return it; files that weren't checked keep theirs.

    With `fixing`, what can be mended is mended first. Raises `UnreadableError`.
    """
    old, repository = checker.baseline, checker.repository
    named = list(files)
    report = engine.check_files(checker.without_baseline(), named, fixing=fixing)
    unread = {error.path for error in report.unreadable}
    ran = {rule.id for rule in checker.active}
    known = old.updated(repository, set(named) - unread, ran, report.findings)
    content = known.to_json()
    there = repository.read_if_there(baseline.PATH)
    if there is None or there.text != content:
        repository.write(baseline.PATH, content)
    return known


def _source(repository: Repository, file: str) -> Source | None:
    try:
        return repository.read(file)
    except UnreadableError:
        # It was there when it was checked; a report without its lines is still a report.
        return None


def joined(parts: Sequence[Checked], failing: tuple[Severity, ...]) -> Checked:
    """Return the outcomes of several projects as one."""
    ran = {rule.id for part in parts for rule in part.rules}
    return Checked(
        files=tuple(name for part in parts for name in part.files),
        findings=tuple(finding for part in parts for finding in part.findings),
        sources={name: source for part in parts for name, source in part.sources.items()},
        unreadable=tuple(file for part in parts for file in part.unreadable),
        rules=tuple(rule for rule in RULES if rule.id in ran),
        fixed=sum(part.fixed for part in parts),
        silenced=sum(part.silenced for part in parts),
        baselined=sum(part.baselined for part in parts),
        stale=sum(part.stale for part in parts),
        version=__version__,
        failing=failing,
    )


def write_report(output: Path, content: str, checked: Checked, here: Path) -> None:
    """Write a report in one step; raises `UnreadableError`, also when it would replace a document.

    A shell that expands `--output PRPs/*.md` names a document there.
    """
    full = Path(os.path.abspath(here / output))  # noqa: PTH100 - resolve() would follow links
    repository = Repository.containing(full.parent)
    document = full.suffix.lower() == ".md" and repository.is_document(repository.relative(full))
    if document or full in {here / name for name in checked.files}:
        raise UnreadableError(str(output), "is a document, and no report is written over it")
    if os.path.exists(full) and not os.path.isfile(full):  # noqa: PTH110, PTH113
        raise UnreadableError(str(output), "is not a regular file, and no report is written to it")
    Repository(full.parent).write(full.name, content)


def shown(repository: Repository, path: str, here: Path) -> str:
    """Return the path as a shell understands it from `here`."""
    full = repository.root / path
    return full.relative_to(here).as_posix() if full.is_relative_to(here) else full.as_posix()
