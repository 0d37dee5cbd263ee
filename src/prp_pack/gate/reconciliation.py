"""Promised against delivered: what a PRP said it would leave, and what is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import PurePosixPath

from prp_pack.check import path_forms
from prp_pack.check.endpoints import endpoint_in, template_of
from prp_pack.check.registry import Target
from prp_pack.gate import summary_document
from prp_pack.model import CompletionSummary, Place
from prp_pack.parse import contract, summary
from prp_pack.parse.desired_tree import TreeEntry
from prp_pack.parse.tasks import MODIFIES, RENAMES, TaskTarget
from prp_pack.repository import UnreadableError
from prp_pack.values import dataclass

VERSION = 1
_GONE = frozenset({"DELETE", "DELETED", "REMOVE", "REMOVED"})


@dataclass(frozen=True, slots=True)
class Promise:
    """Something promised at a place; `missing` says what of it isn't there, empty when it is.

    `kind` is file, criterion or endpoint.
    """

    kind: str
    what: str
    place: Place
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    prp: str
    promises: tuple[Promise, ...]
    unplanned: tuple[str, ...] = ()
    """Files that differ from the sealed ones and that nobody promised."""
    unjudged: tuple[str, ...] = ()
    """What can't be told here, in words."""

    @property
    def broken(self) -> tuple[Promise, ...]:
        """What was promised and isn't delivered."""
        return tuple(promise for promise in self.promises if promise.missing)


def reconcile(target: Target) -> Reconciliation:
    """Return what a PRP promised, with what isn't delivered; raises `UnreadableError`."""
    work = _Work(target)
    promises = (*work.files(), *work.criteria(), *work.endpoints())
    return Reconciliation(
        target.document.path, promises, tuple(work.unplanned()), tuple(work.unjudged())
    )


@dataclass(frozen=True)
class _Work:
    target: Target

    # --- Files ---

    @cached_property
    def changed(self) -> frozenset[str] | None:
        """The files that differ from the sealed ones; None where nothing was sealed."""
        neighbours = self.target.neighbours
        seal = neighbours.seal(self.target.proof.ledger)
        return None if seal is None else frozenset(seal.changed(neighbours.worktree))

    def files(self) -> Iterator[Promise]:
        """Yield each file that the desired tree and the tasks promise, once for each place."""
        for entry in self.target.paths.desired:
            if entry.path and not entry.folded and not path_forms.is_unfilled(entry.path):
                missing = self._of_entry(entry)
                yield Promise("file", entry.path, self._at(entry.line), missing)
        for task in self.target.paths.tasks:
            path = self.target.paths.relative(task.path)
            if path and not path_forms.is_unfilled(path) and not path_forms.is_elsewhere(path):
                said = f"{task.verb} {path}" + (f" → {task.becomes}" if task.becomes else "")
                yield Promise("file", said, self._at(task.line), self._of_task(task, path))

    def _of_entry(self, entry: TreeEntry) -> str:
        there = any(map(self.target.project.exists, filter(None, (entry.path, entry.below_root))))
        if entry.marker in _GONE:
            return "it is still there" if there else ""
        return "" if there else "it isn't there"

    def _of_task(self, task: TaskTarget, path: str) -> str:
        there = self.target.project.exists(path)
        if task.verb in RENAMES:
            becomes = self.target.paths.relative(task.becomes)
            if becomes and not self.target.project.exists(becomes):
                return f"{becomes} isn't there"
            return f"{path} is still there" if there and becomes else ""
        if task.verb in _GONE:
            return "it is still there" if there else ""
        if not there:
            return "" if path in self.target.project.renames else "it isn't there"
        is_file = path in self.target.project.files
        if task.verb in MODIFIES and is_file and self.changed is not None:
            return "" if path in self.changed else "it is as it was when the work was sealed"
        return ""

    def unplanned(self) -> Iterator[str]:
        """Yield the files that were added or changed, and that the PRP says nothing of."""
        paths = self.target.paths
        drawn = {path for entry in paths.desired for path in (entry.path, entry.below_root) if path}
        named = {paths.relative(each) for task in paths.tasks for each in (task.path, task.becomes)}
        # A folder whose files nobody names is promised with all that is in it.
        whole = {path for path in drawn | named if not any(e.startswith(f"{path}/") for e in drawn)}
        for path in sorted(self.changed or ()):
            above = {str(folder) for folder in PurePosixPath(path).parents}
            if path not in drawn | named and not above & whole and not paths.creates(path):
                yield path

    # --- Criteria ---

    def criteria(self) -> Iterator[Promise]:
        proof = self.target.proof
        for item in proof.items:
            if item.level == "S" and item.required:
                standing = proof.standings[item.id]
                why = f" ({standing.why})" if standing.why else ""
                missing = "" if standing.is_settled else f"it is {standing.state}{why}"
                what = f"{item.id} {' '.join(item.subject.split())}"
                yield Promise("criterion", what, self._at(item.line), missing)

    # --- Endpoints ---

    @cached_property
    def summary(self) -> CompletionSummary | None:
        repository = self.target.neighbours.repository
        path = summary_document.path_of(repository, self.target)
        source = repository.read_if_there(path)
        return summary.parse(source.text, path) if source else None

    @cached_property
    def declared(self) -> tuple[contract.Contract, ...]:
        """The frozen contract, if there is one."""
        found = self.target.frozen_contract()
        if found is None:
            return ()
        read = contract.parse(found.text, found.path)
        for problem in read.problems:
            raise UnreadableError(problem.place.path, problem.message, problem.place.line)
        return (read,)

    def endpoints(self) -> Iterator[Promise]:
        """Yield what the plan promises, and where summary and contract differ."""
        if self.summary is None and not self.declared:
            return
        offered = self.summary.endpoints if self.summary else ()
        known = {(e.method.upper(), template_of(e.path)) for e in offered}
        sockets = {template_of(e.path) for e in offered if e.kind == "websocket"}
        operations = {
            (operation.method, template_of(f"{base}{operation.path}"))
            for each in self.declared
            for operation in each.operations
            for base in ("", *each.bases)
        }
        for what, place, method, path in self._planned():
            delivered = (method, path) in known | operations or path in sockets
            missing = "" if delivered else self._unnamed
            yield Promise("endpoint", what, place, missing)
        yield from self._differences(known, operations)

    def _differences(
        self, known: set[tuple[str, str]], operations: set[tuple[str, str]]
    ) -> Iterator[Promise]:
        if self.summary is None or not self.declared:
            return
        declared = self.declared[0]
        for operation in declared.operations:
            ways = {template_of(f"{base}{operation.path}") for base in ("", *declared.bases)}
            missing = "" if any((operation.method, way) in known for way in ways) else (
                f"{self.summary.path} doesn't name it"
            )  # fmt: skip
            what = f"{operation.method} {operation.path}"
            yield Promise("endpoint", what, Place(declared.path), missing)
        for index, endpoint in enumerate(self.summary.endpoints):
            pair = (endpoint.method.upper(), template_of(endpoint.path))
            if endpoint.kind == "http" and endpoint.method and pair not in operations:
                place = self.summary.places[f"endpoints.{index}"]
                what = f"{endpoint.method} {endpoint.path}"
                yield Promise("endpoint", what, place, f"it is not in {declared.path}")

    def _planned(self) -> Iterator[tuple[str, Place, str, str]]:
        """Yield the endpoints that the plan's entry delivers: words, place, method, path."""
        plan, number = self.target.followed_plan, self.target.number
        entry = plan.phase(number) if plan and number is not None else None
        for words in entry.delivers if entry else ():
            if entry and (found := endpoint_in(words)):
                yield words, entry.place, found.method, template_of(found.path)

    @property
    def _unnamed(self) -> str:
        named = [self.summary.path] if self.summary else []
        named += [each.path for each in self.declared]
        if len(named) == 1:
            return f"{named[0]} doesn't name it"
        return f"neither {' nor '.join(named)} names it"

    def unjudged(self) -> Iterator[str]:
        if self.changed is None:
            yield "nothing was sealed, so what was modified or is unplanned isn't known"
        if self.summary is None and not self.declared:
            yield "there is neither a completion summary nor a contract, so no endpoint was judged"

    def _at(self, line: int) -> Place:
        return Place(self.target.document.path, line)


# --- Told -----------------------------------------------------------------------------------


def text(found: Reconciliation) -> Iterator[str]:
    """Yield a line for each promise that isn't kept, each unplanned file, and the sum."""
    for promise in found.broken:
        yield f"{promise.place}: undelivered {promise.kind}: {promise.what}: {promise.missing}"
    for path in found.unplanned:
        yield f"{path}: unplanned"
    for said in found.unjudged:
        yield f"note: {said}"
    kept = len(found.promises) - len(found.broken)
    yield f"{found.prp}: {kept} of {len(found.promises)} promises delivered"


def to_json(found: Reconciliation, log: str | None = None) -> str:
    """Return the outcome as a document of a stable shape; `log` is where drift was written."""
    said = {
        "version": VERSION,
        "prp": found.prp,
        "delivered": not found.broken,
        "promises": [
            {
                "kind": promise.kind,
                "what": promise.what,
                "path": promise.place.path,
                "line": promise.place.line,
                "delivered": not promise.missing,
                "missing": promise.missing,
            }
            for promise in found.promises
        ],
        "unplanned": list(found.unplanned),
        "unjudged": list(found.unjudged),
        "log": log,
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"
