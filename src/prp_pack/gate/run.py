"""Run the gates of a PRP, level by level, and record what came out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import groupby
from pathlib import Path
from threading import Lock

from prp_pack import worktree
from prp_pack.check.hazards import hazards
from prp_pack.check.items import Item, Proof
from prp_pack.check.registry import Target
from prp_pack.evidence import result as handing
from prp_pack.evidence.record import Check, Record
from prp_pack.evidence.result import Result
from prp_pack.evidence.standing import Standing
from prp_pack.gate import built_in, completion_facts, handed_over, judgement, recording, ticking
from prp_pack.gate.parallel import is_safe
from prp_pack.gate.process import CannotRunError, Job, Outcome, Progress, argv_of
from prp_pack.gate.process import run as run_job
from prp_pack.gate.recording import Contract
from prp_pack.gate.service import Service, ServiceError, serving
from prp_pack.repository import STATE, UnreadableError
from prp_pack.shell_words import quoted
from prp_pack.values import dataclass, replace
from prp_pack.worktree import Worktree

TIMEOUT = 600.0
"""Seconds that a gate may take when it doesn't say."""
READY = 60.0
"""Seconds that a service may take until it answers when its gate doesn't say."""

# --- What happens, for whoever shows it ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    item: Item


@dataclass(frozen=True, slots=True)
class Running:
    item: Item
    elapsed: float
    """Seconds."""
    said: str = ""
    """The last line of its output."""


@dataclass(frozen=True, slots=True)
class Ended:
    item: Item
    record: Record
    tail: str = ""
    """The end of its output, without secrets."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing was run, because nothing had to be."""

    item: Item
    standing: Standing


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was run, because it must not be."""

    item: Item
    reason: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The levels after this one were not begun."""

    level: str
    open: tuple[Item, ...]


Event = Started | Running | Ended | Settled | Refused | Stopped
Tell = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is asked for. Empty `levels` and `ids` mean all."""

    levels: Collection[str] = ()
    ids: Collection[str] = ()
    again: bool = False
    """Run what is settled, too."""
    keep_going: bool = False
    """Begin a level although the one before it is not proven."""
    timeout: float = TIMEOUT
    jobs: int = 1

    def wants(self, item: Item) -> bool:
        of_level = not self.levels or any(_is_in(item.level, level) for level in self.levels)
        named = not self.ids or item.id.lower() in {id_.lower() for id_ in self.ids}
        return of_level and named


def _is_in(level: str, wanted: str) -> bool:
    """Tell whether a level is the wanted one or a part of it, as 1a is of 1."""
    return level.lower() == wanted.lower() or (level[:1] == wanted and level[1:].isalpha())


def expect_known(target: Target, plan: Plan) -> None:
    """Raise `UnreadableError` for a level or an item that the PRP doesn't have."""
    items = target.proof.items
    path = target.document.path
    help_ = f"prp gate list {quoted(path)} names them all"
    if not items:
        raise UnreadableError(path, "has no gate and no box: nothing could be proven")
    for level in plan.levels:
        if not any(_is_in(item.level, level) for item in items):
            raise UnreadableError(path, f"has no level {level}", help=help_)
    for id_ in plan.ids:
        if not any(item.id.lower() == id_.lower() for item in items):
            raise UnreadableError(path, f"has no item {id_}", help=help_)


def is_settled(target: Target, plan: Plan) -> bool:
    """Tell whether every command that the plan asked for is settled; a person's word is apart."""
    return not any(item.is_runnable and plan.wants(item) for item in judged(target).open)


def judged(target: Target) -> Proof:
    """Return the proof that a run goes by.

    A complete PRP needs no run, whatever later phases changed. One that ended otherwise, or that
    was re-opened, is proven on the files of now, as its completion will ask for.
    """
    closed = target.proof.closed
    stands = closed is not None and not completion_facts.differences(target.proof, closed)
    return target.proof if stands else target.proof.afresh


def run(contract: Contract, plan: Plan, tell: Tell) -> None:
    """Run what the plan asks for. What is proven afterwards, the contract's target says.

    Raises `UnreadableError` where the PRP can't be read or a record can't be written; the gate that
    ran then doesn't count.
    """
    items = contract.target().proof.items
    done: set[str] = set()
    for level, together in groupby(items, key=lambda item: item.level):
        of_level = tuple(item for item in together if item.is_runnable)
        wanted = [item for item in of_level if plan.wants(item)]
        if not wanted:
            continue
        with _Level(contract, plan, tell, of_level, done) as running:
            running.run(wanted)
        ids = {item.id for item in wanted}
        open_ = tuple(item for item in judged(contract.target()).open if item.id in ids)
        if open_ and not plan.keep_going:
            tell(Stopped(level, open_))
            return


def refusal(item: Item, target: Target) -> str:
    """Return why an item must not be run; empty when it may be."""
    if item.step is None or item.gate is None:
        return ""
    for line in range(item.gate.line, item.gate.end):
        for found in target.placeholders.get(line, ()):
            return f"line {line} still has the placeholder {found.text}"
    for hazard in hazards(item.step, target.lines):
        return f"line {hazard.line}: {hazard.message} (PRP503)"
    return ""


def _changed(contract: Contract, target: Target, now: Worktree) -> tuple[str, ...]:
    """Return the paths that differ from the seal, or from the last commit without one."""
    seal = target.neighbours.seal(target.proof.ledger)
    commit = seal.commit if seal else now.revision
    return worktree.changed_since(contract.repository, commit, now)


def log_of(record: Record) -> str:
    return f"{STATE}/logs/{record.run_id}.log"


class _Level(ExitStack):
    """The gates of one level while they run, with the services that run beside them."""

    def __init__(
        self, contract: Contract, plan: Plan, tell: Tell, items: Sequence[Item], done: set[str]
    ) -> None:
        super().__init__()
        self.contract, self.plan = contract, plan
        self.items = items
        self.done = done
        """The keys that this invocation has run."""
        self.services: dict[str, _Up] = {}
        self.lock = Lock()
        self.said = tell

    def tell(self, event: Event) -> None:
        with self.lock:
            self.said(event)

    def run(self, wanted: Sequence[Item]) -> None:
        proof = judged(self.contract.target())
        due = [item for item in wanted if self.is_due(item, proof.standing(item))]
        needed = {gate.id for item in due for gate in item.services}
        for together in self.batches(due):
            if len(together) > 1:
                with ThreadPoolExecutor(self.plan.jobs) as pool:
                    list(pool.map(self.run_one, together))
                continue
            item = together[0]
            if item.gate and item.gate.background:
                if item in due or item.id in needed:
                    self.start(item)
            elif item in due:
                self.run_one(item)
            elif item in wanted:
                self.tell(Settled(item, proof.standing(item)))
        for up in tuple(self.services.values()):
            self.stop(up)

    def batches(self, due: Sequence[Item]) -> Iterator[tuple[Item, ...]]:
        """Yield the level's items in order, several at once where that is asked for and safe."""
        at_once: list[Item] = []
        for item in self.items:
            if self.plan.jobs > 1 and item in due and is_safe(item):
                at_once.append(item)
                continue
            if at_once:
                yield tuple(at_once)
            at_once = []
            yield (item,)
        if at_once:
            yield tuple(at_once)

    def is_due(self, item: Item, standing: Standing) -> bool:
        return not standing.is_settled or (self.plan.again and item.key not in self.done)

    def run_one(self, item: Item) -> None:
        target = self.contract.target()
        standing = judged(target).standing(item)
        if not self.is_due(item, standing):
            # A gate with the same command has just proven it.
            self.tell(Settled(item, standing))
            return
        absent = [gate.id for gate in item.services if gate.id not in self.services]
        reason = f"{absent[0]} is not running beside it" if absent else refusal(item, target)
        if reason:
            self.tell(Refused(item, reason))
            return
        self.tell(Started(item))
        self.done.add(item.key)
        record, tail = self.command(item, target)
        self.end(item, target, record, tail)

    def command(self, item: Item, target: Target) -> tuple[Record, str]:
        """Run a gate's command to its end; returns its record, not yet written, and its tail."""
        begun = self.begin(item, target)
        job = begun.job(self.plan.timeout)
        try:
            if item.is_built_in:
                changed = _changed(self.contract, target, begun.before)
                sources = begun.before.entries
                checks, outcome = built_in.checks(job, sources, changed, self.ticking(item))
                return begun.ended(checks, outcome), outcome.tail
            with begun.receiving() as folder:
                outcome = run_job(job, self.ticking(item))
                results, wrong = handed_over.take(folder, item.step)
        except CannotRunError as error:
            return recording.ended(begun.record, judgement.not_started(error), 0.0), ""
        checks = handed_over.end(outcome, results, judgement.checks(item, outcome, job.timeout))
        found = [check for result in results for check in result.checks]
        return begun.ended([*checks, *wrong, *found], outcome, results), outcome.tail

    def begin(self, item: Item, target: Target) -> _Begun:
        before = worktree.read(self.contract.repository)
        argv = argv_of(item.gate) if item.gate else ()
        record = recording.begun(self.contract, target, item, argv, before)
        return _Begun(self.contract, item, self.contract.write(target, record), before)

    def start(self, item: Item) -> None:
        target = self.contract.target()
        if reason := refusal(item, target):
            self.tell(Refused(item, reason))
            return
        self.tell(Started(item))
        self.done.add(item.key)
        begun = self.begin(item, target)
        ready = item.gate.ready if item.gate else ""
        stack = ExitStack()
        try:
            service = stack.enter_context(serving(begun.job(READY), ready, self.ticking(item)))
        except (CannotRunError, ServiceError) as error:
            self.fail(begun, target, error)
            return
        self.push(stack)
        self.services[item.id] = _Up(begun, service, stack)

    def stop(self, up: _Up) -> None:
        """Stop a service; that it was up all the time is what its gate says."""
        item = up.begun.item
        del self.services[item.id]
        target = self.contract.target()
        try:
            up.stack.close()
        except ServiceError as error:
            self.fail(up.begun, target, error)
            return
        outcome = up.service.outcome
        if outcome is not None:
            record = up.begun.ended(judgement.of_service(item), outcome)
            self.end(item, target, record, outcome.tail)

    def fail(self, begun: _Begun, target: Target, error: CannotRunError | ServiceError) -> None:
        checks = judgement.not_started(error)
        outcome = error.outcome if isinstance(error, ServiceError) else None
        if outcome is None:
            self.end(begun.item, target, recording.ended(begun.record, checks, 0.0), "")
        else:
            self.end(begun.item, target, begun.ended(checks, outcome), outcome.tail)

    def end(self, item: Item, target: Target, record: Record, tail: str) -> None:
        with self.lock:
            written = self.contract.write(target, record)
            ticking.apply(self.contract, {item.key})
        self.tell(Ended(item, written, tail))

    def ticking(self, item: Item) -> Callable[[Progress], None]:
        return lambda progress: self.tell(Running(item, progress.elapsed, progress.line))


@dataclass(frozen=True, slots=True)
class _Begun:
    """A gate whose run has been announced in the ledger, and the files as they were then."""

    contract: Contract
    item: Item
    record: Record
    before: Worktree

    def job(self, timeout: float) -> Job:
        """Return the gate's command as a job; `timeout` is for a gate that doesn't say."""
        gate = self.item.gate
        root = self.contract.repository.root
        return Job(
            argv=argv_of(gate) if gate else (),
            folder=root,
            environment={**self.contract.environment, handing.VARIABLE: str(self.folder)},
            timeout=(gate.timeout if gate else None) or timeout,
            log=root / log_of(self.record),
            marker=self.record.run_id,
        )

    @property
    def folder(self) -> Path:
        """Where scripts leave their results."""
        return self.contract.repository.root / handed_over.folder_for(self.record.run_id)

    @contextmanager
    def receiving(self) -> Iterator[Path]:
        """Have the folder for results there as long as it is needed."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnreadableError(STATE, f"cannot be written: {error.strerror}") from None
        try:
            yield self.folder
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def ended(
        self, checks: Sequence[Check], outcome: Outcome, results: Sequence[Result] = ()
    ) -> Record:
        """Return the finished record, not yet written."""
        record = recording.ended(handed_over.added(self.record, results), checks, outcome.duration)
        log = judgement.artefacts(log_of(record), outcome)
        record = replace(record, artefacts=(*log, *record.artefacts))
        after = worktree.read(self.contract.repository)
        return judgement.on_tree(self.item, record, self.before, after)


@dataclass(frozen=True, slots=True)
class _Up:
    """A service that is up, and what stops it."""

    begun: _Begun
    service: Service
    stack: ExitStack
