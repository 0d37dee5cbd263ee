"""Run the gates of a PRP, level by level, and record what came out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from prp_pack import worktree
from prp_pack.check.hazards import hazards
from prp_pack.check.items import Item
from prp_pack.check.placeholders import left_over
from prp_pack.check.registry import Target
from prp_pack.evidence.record import Artefact, Check, Record, Status
from prp_pack.evidence.standing import Standing
from prp_pack.gate import built_in, judgement, process, recording, ticking
from prp_pack.gate.process import CannotRun, Invocation
from prp_pack.gate.recording import Contract
from prp_pack.gate.service import Service
from prp_pack.repository import STATE, UnreadableError

TIMEOUT = 600.0
"""Seconds that a gate may take when it doesn't say."""

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

    def wants(self, item: Item) -> bool:
        of_level = not self.levels or any(_is_in(item.level, level) for level in self.levels)
        return of_level and (not self.ids or item.id in self.ids)


def _is_in(level: str, wanted: str) -> bool:
    """Tell whether a level is the wanted one or a part of it, as 1a is of 1."""
    return level == wanted or level.rstrip("abcdefghijklmnopqrstuvwxyz") == wanted


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
        open_ = tuple(item for item in contract.target().proof.open if item.id in ids)
        if open_ and not plan.keep_going:
            tell(Stopped(level, open_))
            return


def refusal(item: Item, target: Target) -> str:
    """Return why an item must not be run; empty when it may be."""
    if item.step is None or item.gate is None:
        return ""
    last = item.gate.end
    for found in left_over(target, item.gate.line, last):
        return f"line {found.line} still has the placeholder {found.text}"
    for hazard in hazards(item.step, target.lines):
        return f"line {hazard.line}: {hazard.message} (PRP503)"
    return ""


class _Level(ExitStack):
    """The gates of one level while they run, with the services that run beside them."""

    def __init__(
        self, contract: Contract, plan: Plan, tell: Tell, items: Sequence[Item], done: set[str]
    ) -> None:
        super().__init__()
        self.contract, self.plan, self.tell = contract, plan, tell
        self.items = items
        self.done = done
        """The keys that this invocation has run."""
        self.services: dict[str, tuple[Service, Item, Record]] = {}

    def run(self, wanted: Sequence[Item]) -> None:
        proof = self.contract.target().proof
        due = [item for item in wanted if self.is_due(item, proof.standing(item))]
        needed = {gate.id for item in due for gate in item.services}
        for item in self.items:
            if item.gate and item.gate.background and (item in due or item.id in needed):
                self.start(item)
            elif item in due:
                self.run_one(item)
            elif item in wanted:
                self.tell(Settled(item, proof.standing(item)))
        for id_ in tuple(self.services):
            self.end_service(id_)

    def is_due(self, item: Item, standing: Standing) -> bool:
        return not standing.is_settled or (self.plan.again and item.key not in self.done)

    def run_one(self, item: Item) -> None:
        target = self.contract.target()
        standing = target.proof.standing(item)
        if not self.is_due(item, standing):
            # A gate with the same command has just proven it.
            self.tell(Settled(item, standing))
            return
        absent = [gate.id for gate in item.services if gate.id not in self.services]
        reason = refusal(item, target) or (
            f"{absent[0]} is not running beside it" if absent else ""
        )
        if reason:
            self.tell(Refused(item, reason))
            return
        self.tell(Started(item))
        begin = built_in.run if item.is_built_in else _command
        record = begin(self.contract, target, item, self.plan.timeout, self.ticking(item))
        self.done.add(item.key)
        self.end(item, target, record)

    def start(self, item: Item) -> None:
        target = self.contract.target()
        gate = item.gate
        if gate is None:
            return
        if reason := refusal(item, target):
            self.tell(Refused(item, reason))
            return
        self.tell(Started(item))
        invocation = invocation_of(self.contract, item, self.plan.timeout)
        record = recording.begun(self.contract, target, item, invocation.argv)
        record = self.contract.write(target, record)
        service = self.enter_context(Service(replace(invocation, marker=record.run_id), gate.ready))
        failure = service.start(gate.timeout or READY, self.ticking(item))
        if failure:
            checks = [Check("ready", Status.FAIL, failure)]
            self.end(item, target, recording.ended(record, checks, service.elapsed))
        else:
            self.services[item.id] = (service, item, record)

    def end_service(self, id_: str) -> None:
        """Stop a service; that it was up all the time is what its gate says."""
        service, item, record = self.services.pop(id_)
        target = self.contract.target()
        checks = judgement.of_service(service, item)
        outcome = service.stop()
        record = replace(record, artefacts=judgement.artefacts(outcome, self.contract))
        checks += judgement.of_tree(record, self.contract, item)
        self.end(item, target, recording.ended(record, checks, outcome.duration))

    def end(self, item: Item, target: Target, record: Record) -> None:
        written = self.contract.write(target, record)
        ticking.apply(self.contract, {item.key})
        self.tell(Ended(item, written))

    def ticking(self, item: Item) -> Callable[[float], None]:
        return lambda elapsed: self.tell(Running(item, elapsed))
