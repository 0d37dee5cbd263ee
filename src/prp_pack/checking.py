"""Check the files that somebody named, and say of each what they would call it where they stand."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from prp_pack import __version__, workers
from prp_pack.check import baseline, cache, engine
from prp_pack.check.baseline import Baseline
from prp_pack.check.cache import Cache
from prp_pack.check.engine import Checker, Report
from prp_pack.check.questions import OF_TEXTS, Answers, Contents, KnownNeighbours
from prp_pack.check.rules import RULES
from prp_pack.model import Finding, Severity
from prp_pack.report.checked import Checked, Unreadable
from prp_pack.repository import Repository, Source, UnreadableError
from prp_pack.values import dataclass, replace


def project_of(here: Path) -> Repository:
    """Return the project that a folder belongs to; raises `UnreadableError` where there is none."""
    repository = Repository.containing(here)
    if not os.path.isdir(repository.root / "PRPs"):  # noqa: PTH112
        hint = "run `prp init`, or name a file"
        raise UnreadableError("PRPs", "does not exist here or above", help=hint)
    return repository


def files_by_project(paths: Sequence[Path], here: Path) -> dict[Repository, list[str]]:
    """Return what to check: a file as named, a folder by its documents, nothing as all of PRPs/.

    Raises `UnreadableError` when nothing is named and there is no project.
    """
    found: dict[Repository, list[str]] = {}
    if not paths:
        repository = project_of(here)
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


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where results are kept: `installed` says which program this is, `key` whose they are."""

    installed: str
    key: bytes


def reports(
    checker: Checker, files: Sequence[str], *, fixing: bool, jobs: int, keeping: Keeping | None
) -> Iterator[tuple[str, Report]]:
    """Yield each file of the checker's project with its report, in their order.

    With `fixing`, after mending it; what is kept is for checks alone. Results are the same with
    any number of jobs, and whether any are kept. Raises `WorkerDiedError`.
    """
    if fixing:
        yield from _mended(checker, files, jobs)
    elif keeping is None or not checker.repository.holds("PRPs"):
        for file, (trial, _) in zip(files, workers.trials(checker, files, jobs=jobs), strict=True):
            yield file, trial.report
    else:
        yield from _kept(checker, files, jobs, keeping)


def _kept(
    checker: Checker, files: Sequence[str], jobs: int, keeping: Keeping
) -> Iterator[tuple[str, Report]]:
    """Yield the reports, those that still hold without checking."""
    repository = checker.repository
    agreed = cache.terms(checker, keeping.installed)
    old = cache.load(repository, agreed, keeping.key)
    fresh = Cache(known=dict(old.known))
    contents = Contents(repository)
    checker = replace(checker, others=KnownNeighbours(repository, contents, fresh.known))
    holding = old.reports(Answers(checker, contents), files)
    left = [file for file in files if file not in holding]
    trials = workers.trials(checker, left, jobs=jobs, asking=True)
    for file in files:
        if file in holding:
            yield file, holding[file]
            continue
        trial, asked = next(trials)
        fresh.add(file, trial.report, asked)
        yield file, trial.report
    if fresh.entries or fresh.known != old.known:
        cache.save(repository, agreed, keeping.key, old.with_added(fresh, repository))


def _mended(checker: Checker, files: Sequence[str], jobs: int) -> Iterator[tuple[str, Report]]:
    """Yield the reports on files that are mended one after the other.

    Processes look ahead. What they found counts only where it still is what a look now would
    find: each sees the files before it as they were mended.
    """
    trials = workers.trials(checker, files, jobs=jobs, fixing=True)
    answers = Answers(checker)
    for file, (tried, asked) in zip(files, trials, strict=True):
        told = [(question, told) for question, told in asked.items() if question[0] in OF_TEXTS]
        if not all(answers.same(told)):
            tried = engine.trial(checker, file, fixing=True)  # noqa: PLW2901 - the same, anew
        yield file, engine.settle(checker, file, tried)


def check(checker: Checker, found: Iterable[tuple[str, Report]], here: Path) -> Checked:
    """Return the outcome of the reports on files of the checker's project."""
    names: list[str] = []
    findings: list[Finding] = []
    unreadable: list[Unreadable] = []
    sources: dict[str, Source] = {}
    fixed = silenced = baselined = 0
    repository = checker.repository
    stale = checker.baseline.gone(repository)
    for file, report in found:
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


def meant(path: str, here: Path) -> str:
    """Return the document that a path which isn't there may mean, as a shell at `here` names it.

    It is the one of the nearest project that has its name; empty where none or several have it.
    """
    name = PurePosixPath(path).name
    repository = Repository.containing(here)
    known = map(PurePosixPath, repository.documents())
    named = (repository.root / each for each in known if name in (each.name, each.stem))
    # A link that leads nowhere is listed, and is no answer.
    found = [each for each in named if os.path.exists(each)]  # noqa: PTH110
    return os.path.relpath(found[0], here) if len(found) == 1 else ""


def shown(repository: Repository, path: str, here: Path) -> str:
    """Return the path as a shell understands it from `here`."""
    full = repository.root / path
    return full.relative_to(here).as_posix() if full.is_relative_to(here) else full.as_posix()
