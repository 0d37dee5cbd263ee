"""Gather what the report shows: where everything stands, on which evidence, and what was promised.

Nothing is run. What can't be read of one phase is a remark there, and no reason to show nothing.
"""

from __future__ import annotations

import hashlib
import math
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from prp_pack import context
from prp_pack.check import goalposts
from prp_pack.check.engine import Checker
from prp_pack.check.frozen_contracts import frozen_contract
from prp_pack.check.items import Item, Proof
from prp_pack.check.registry import Target
from prp_pack.evidence.record import Kind, Record, Verdict
from prp_pack.evidence.standing import State
from prp_pack.gate import reconciliation
from prp_pack.gate.overview import Overview, Standing, overview
from prp_pack.model import CompletionSummary, Plan, Requirements
from prp_pack.parse import contract as contracts
from prp_pack.parse import summary as summaries
from prp_pack.phase_graph import critical_path
from prp_pack.report.html.view import (
    ContractChange,
    Entry,
    Evidence,
    Limit,
    Log,
    Mark,
    Page,
    Part,
    Point,
    Promise,
    Promises,
    Sections,
    Series,
    Stage,
)
from prp_pack.repository import STATE, Repository, UnreadableError
from prp_pack.values import dataclass, field, replace
from prp_pack.worktree import Worktree

# A summary that says one of these says that all of its phase was done.
_CLAIMS = frozenset({"complete", "unverified"})
_LOG_LINES = 12
_LOG_BYTES = 5 * 1024 * 1024
_LINE = 400
_LOGS = f"{STATE}/logs/"


def gather(repository: Repository, checker: Checker, now: datetime, version: str) -> Page:
    """Return the page of a project as it is at a time; raises `UnreadableError` without its plan.

    `now` has its zone; ages are told from it.
    """
    found = overview(repository, checker)
    plan = context.find_plan(repository, Requirements(path="")) if found.plan else None
    works = [_Work(repository, checker, standing, now) for standing in _all(found)]
    stages = [work.stage(plan, index) for index, work in enumerate(works, start=1)]
    count = len(found.phases)
    files = _worktree(checker)
    return Page(
        project=found.project,
        plan=found.plan,
        made=now.isoformat(sep=" ", timespec="minutes"),
        following=found.following,
        phases=tuple(stages[:count]),
        features=tuple(stages[count:]),
        critical_path=critical_path(plan) if plan else (),
        problems=tuple(f"{p.place}: {p.message}" for p in plan.problems) if plan else (),
        series=tuple(_series(works[:count])),
        contracts=tuple(_contracts(works[:count], found.plan)),
        commit=(files.revision or "") if files else "",
        is_dirty=bool(files and files.dirty),
        tree=files.digest if files else "",
        version=version,
    )


def _all(found: Overview) -> tuple[Standing, ...]:
    return (*found.phases, *found.features)


def _worktree(checker: Checker) -> Worktree | None:
    try:
        return checker.neighbours.worktree
    except UnreadableError:
        return None


@dataclass(frozen=True)
class _Work:
    """One phase or feature, with what is read for it once."""

    repository: Repository
    checker: Checker
    standing: Standing
    now: datetime
    remarks: list[str] = field(default_factory=list)

    # --- Read ---

    @cached_property
    def target(self) -> Target | None:
        path = self.standing.prp
        if not path:
            return None
        return self.checker.target(self.repository.read(path).text, path)

    @cached_property
    def summary(self) -> CompletionSummary | None:
        path = self.standing.summary
        return summaries.parse(self.repository.read(path).text, path) if path else None

    # --- Told ---

    def stage(self, plan: Plan | None, index: int) -> Stage:
        told = self.standing
        planned = plan.phase(told.number) if plan and told.number is not None else None
        stage = Stage(
            key=f"stage-{index}",
            number=told.number,
            name=told.name,
            type=told.type,
            state=told.state,
            prp=told.prp,
            summary=told.summary,
            following=told.following,
            depends_on=planned.depends_on if planned else (),
            scope=planned.scope if planned else "",
            states=told.items,
            settled=told.settled,
            total=told.total,
            levels=told.levels,
            deferred=told.deferred,
            remarks=told.remarks,
        )
        target = self.target
        if target is None:
            return stage
        weakened, promises = self._weakened(target), self._promises(target)
        parts = tuple(self._parts(target))
        used = [e.evidence for p in parts for e in p.entries if e.evidence]
        known = [(since, each.age) for each in used if (since := _since(each.started, self.now))]
        return replace(
            stage,
            remarks=(*told.remarks, *self.remarks),
            weakened=weakened,
            sections=_sections(target),
            parts=parts,
            promises=promises,
            records=len(target.proof.ledger.records),
            newest=min(known)[1] if known else "",
            oldest=max(known)[1] if known else "",
        )

    def _weakened(self, target: Target) -> tuple[str, ...]:
        try:
            return tuple(f"{moved} (key {moved.key})" for moved in goalposts.weakened(target))
        except UnreadableError as error:
            self.remarks.append(f"the seal: {error}")
            return ()

    def _promises(self, target: Target) -> Promises:
        try:
            found = reconciliation.reconcile(target)
        except UnreadableError as error:
            self.remarks.append(f"promised against delivered: {error}")
            return Promises()
        kept = (Promise(p.kind, p.what, str(p.place), p.missing) for p in found.promises)
        return Promises(tuple(kept), found.unplanned, found.unjudged)

    def _parts(self, target: Target) -> Iterator[Part]:
        """Yield the items by the section that they stand in, in their order."""
        proof = target.proof
        records = {record.run_id: record for record in proof.ledger.records}
        parts: dict[tuple[str, str], list[Entry]] = {}
        titles = _titles(target)
        for item in proof.items:
            # The built-in gate stands nowhere; it is shown with the others of its level.
            placed = next((i for i in proof.items if i.level == item.level and not i.is_built_in),
                          item) if item.is_built_in else item  # fmt: skip
            entry = self._entry(item, proof, records)
            parts.setdefault((item.level, _title_above(titles, placed.line)), []).append(entry)
        for (level, title), entries in parts.items():
            yield Part(level, title, tuple(entries))

    def _entry(self, item: Item, proof: Proof, records: Mapping[str, Record]) -> Entry:
        standing = proof.standings[item.id]
        ticked = bool(item.box and item.box.ticked)
        record = records.get(standing.run)
        return Entry(
            id=item.id,
            mark=self._mark(item, standing.state, ticked=ticked),
            state=standing.state.value,
            line=0 if item.is_built_in else item.line,
            subject=" ".join(item.subject.split()),
            is_command=item.is_runnable and not item.is_built_in,
            required=item.required,
            ticked=ticked,
            why=standing.why,
            evidence=self._evidence(record) if record else None,
        )

    def _mark(self, item: Item, state: State, *, ticked: bool) -> Mark:
        if state is not State.UNRUN:
            return Mark(state.value)
        told = self.summary
        summed_up = bool(told and told.status in _CLAIMS and item.required)
        admitted = bool(told and item.id in told.open)
        return Mark.CLAIMED if ticked or (summed_up and not admitted) else Mark.UNRUN

    def _evidence(self, record: Record) -> Evidence:
        ran = record.kind is Kind.RUN
        statuses = [(check.status.value, check.message) for check in record.checks]
        words = {True: "pass", False: "fail", None: "not decided"}
        statuses += [(words[t.ok], f"{t.metric} {t.op} {t.limit:g}") for t in record.thresholds]
        return Evidence(
            run=record.run_id,
            kind=record.kind.value,
            started=record.started,
            age=age(record.started, self.now),
            verdict=record.verdict.value,
            command=_command(record) if ran else "",
            duration=record.duration_s if ran else None,
            exit_code=record.exit_code if ran else None,
            commit=(record.git.sha or "")[:12],
            tree=(record.git.tree_sha or "")[:12],
            by=record.by,
            note=record.note,
            checks=tuple(statuses),
            log=self._log(record) if ran else None,
        )

    def _log(self, record: Record) -> Log | None:
        artefact = next(iter(record.artefacts), None)
        if artefact is None:
            return None
        path = artefact.path
        # A record could name any file of the project.
        if not path.startswith(_LOGS) or ".." in path.split("/"):
            return Log(path, remark="it lies in no place for logs, and is not shown")
        try:
            content = self.repository.content(path, _LOG_BYTES)
        except UnreadableError:
            return Log(path, remark="it is not here: logs stay where the gate ran")
        if hashlib.sha256(content).hexdigest() != artefact.sha256:
            return Log(path, remark="it is not what was recorded, and is not shown")
        lines = content.decode("utf-8", "replace").rstrip().split("\n")[-_LOG_LINES:]
        shown = tuple(line if len(line) <= _LINE else f"{line[:_LINE]}…" for line in lines)
        return Log(path, shown if content.strip() else (), "" if content.strip() else "it is empty")


def _command(record: Record) -> str:
    return shlex.join(record.argv) if record.argv else record.subject


def _sections(target: Target) -> Sections:
    there = {match.spec.id for match in target.sections}
    required = list(target.required)
    missing = tuple(spec.title for spec in required if spec.id not in there)
    return Sections(len(required), missing)


def _titles(target: Target) -> list[tuple[int, int, str]]:
    """Return begin, end and title of each section, inner ones after those they are in."""
    return [(each.line, each.end, each.title) for each in target.document.outline.sections]


def _title_above(titles: Sequence[tuple[int, int, str]], line: int) -> str:
    return next((title for begin, end, title in reversed(titles) if begin <= line < end), "")


def age(started: str, now: datetime) -> str:
    """Return how long ago a time was, in its largest unit; “unknown” for what is no time."""
    since = _since(started, now)
    if since is None:
        return "unknown"
    if since < timedelta(0):
        return "in the future"
    seconds = int(since.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return "under a minute"


def _since(started: str, now: datetime) -> timedelta | None:
    try:
        return now - datetime.fromisoformat(started)
    except (TypeError, ValueError, OverflowError):
        return None


# --- Over the phases ------------------------------------------------------------------------


def _series(works: Sequence[_Work]) -> Iterator[Series]:
    """Yield each metric, by name and unit, with what each phase left of it."""
    left = [_left_by(work, number) for work in works if (number := work.standing.number)]
    runs = [(n, run) for work in works if (n := work.standing.number) for run in _runs(work.target)]
    names = {one.name: one.better for _, run in runs for one in run.metrics if one.better}
    # The newest word of each phase counts.
    limits = {
        (t.metric, n, t.op): Limit(n, t.op, t.limit) for n, run in runs for t in run.thresholds
    }
    for key in sorted({key for points in left for key in points}):
        yield Series(
            *key,
            points=tuple(points[key] for points in left if key in points),
            better=names.get(key[0], ""),
            limits=tuple(each for (name, *_), each in limits.items() if name == key[0]),
        )


def _left_by(work: _Work, number: int) -> dict[tuple[str, str], Point]:
    """Return what a phase left of each metric: what its summary says, else its newest record."""
    found: dict[tuple[str, str], Point] = {}
    carried: dict[tuple[str, str, str], Point] = {}
    target = work.target
    proof = target.proof if target else None
    settled = {each.run for each in proof.standings.values() if each.is_settled} if proof else set()
    tree = target.project.tree(()) if target else None
    for record in _runs(target):
        counts = record.run_id in settled or record.git.tree_sha == tree
        mark = Mark.PROVEN if counts else Mark.STALE
        for one in record.metrics:
            if one.value is not None:
                point = Point(number, _float(one.value), mark, record.run_id, one.ci95)
                carried[one.name, one.unit, record.run_id] = point
                found[one.name, one.unit] = point
    told = work.summary
    for metric in told.metrics if told else ():
        key, value = (metric.name, metric.unit), _float(metric.value)
        record_s = carried.get((*key, metric.run))
        if record_s and record_s.value == value:
            # A summary is made from what counted when the phase ended.
            found[key] = replace(record_s, mark=Mark.PROVEN)
        elif value is not None or key not in found:
            found[key] = Point(number, value, Mark.CLAIMED, told.path if told else "")
    return found


def _runs(target: Target | None) -> Iterator[Record]:
    records = target.proof.ledger.of_kind(Kind.RUN) if target else ()
    return (record for record in records if record.verdict is not Verdict.ERROR)


def _float(value: float | None) -> float | None:
    """Return a number as a float; what is too large for one is as good as infinite."""
    try:
        return None if value is None else float(value)
    except OverflowError:
        return math.inf


def _contracts(works: Iterable[_Work], plan: str) -> Iterator[ContractChange]:
    before: tuple[int, frozenset[str]] | None = None
    for work in works:
        number = work.standing.number
        beside = work.standing.prp or plan
        found = frozen_contract(work.checker.seen, work.checker.contracts, beside, number)
        if found is None or number is None:
            continue
        read = contracts.parse(found.text, found.path)
        if read.problems:
            yield ContractChange(number, found.path, problem=read.problems[0].message)
            continue
        here = frozenset(f"{operation.method} {operation.path}" for operation in read.operations)
        since, known = before or (None, frozenset())
        yield ContractChange(
            number, found.path, since, tuple(sorted(here - known)), tuple(sorted(known - here)),
            len(here & known),
        )  # fmt: skip
        before = number, here
