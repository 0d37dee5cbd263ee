"""The items of a PRP: what must be proven, attested or waived before it is done.

An item is a gate of the Validation Loop, a box of the checklist, or the built-in first gate.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import groupby

from prp_pack.check.gates import CHECKLIST, CRITERIA, Boxed, Gates, Step, boxes_of
from prp_pack.evidence.ledger import Ledger
from prp_pack.evidence.record import Kind, Record
from prp_pack.evidence.standing import WORST_FIRST, Standing, State, standing
from prp_pack.model import Checkbox, Document, Gate, Problem
from prp_pack.regex import regex
from prp_pack.schema.sections import Located
from prp_pack.values import dataclass, replace

BUILT_IN = "L1.0"
BUILT_IN_SUBJECT = "every Python file parses, every test file collects"

_BOX = regex(r"\s*[-*+]\s")


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `step` is None for what no command can prove; `box` is None in the levels.

    `key` binds records to it: to the command with all that decides what it does, or to the text of
    the box. So two items with one command share a run, and a changed command has none.
    """

    id: str
    level: str
    line: int
    subject: str
    key: str
    step: Step | None = None
    box: Checkbox | None = None
    services: tuple[Gate, ...] = ()
    """The background gates of its level that run beside it."""
    required: bool = True

    @property
    def gate(self) -> Gate | None:
        return self.step.gate if self.step else None

    @property
    def is_built_in(self) -> bool:
        return self.id == BUILT_IN

    @property
    def is_runnable(self) -> bool:
        return self.gate is not None or self.is_built_in

    @property
    def scope(self) -> tuple[str, ...]:
        return self.gate.scope if self.gate else ()


def items_of(
    document: Document, located: Located, gates: Gates, *, has_python: bool
) -> tuple[Item, ...]:
    """Return the items in the order in which they run: levels first, then the checklist.

    `has_python` tells whether the project has Python files, for the built-in gate.
    """
    found = [_built_in()] if has_python and gates.steps else []
    found += _of_levels(gates)
    for section in (CHECKLIST, CRITERIA):
        found += [_of_box(boxed, document) for boxed in boxes_of(document, located, section)]
    return tuple(found)


def _built_in() -> Item:
    return Item(BUILT_IN, "1", 1, BUILT_IN_SUBJECT, _digest("built-in", BUILT_IN_SUBJECT))


def _of_levels(gates: Gates) -> Iterator[Item]:
    of_levels = [step for step in gates.steps if step.gate.level != "C"]
    for level, together in groupby(of_levels, key=lambda step: step.gate.level):
        services: tuple[Gate, ...] = ()
        for step in together:
            yield _of_step(step, services, required=bool(level))
            if step.gate.background:
                services = (*services, step.gate)


def _of_step(step: Step, services: tuple[Gate, ...], *, required: bool = True) -> Item:
    gate = step.gate
    beside = [[*each.setup, each.command, each.ready] for each in services]
    key = _digest("gate", gate.setup, gate.command, gate.background, gate.ready, gate.scope, beside)
    return Item(gate.id, gate.level, gate.line, gate.command, key, step, services=services,
                required=required)  # fmt: skip


def _of_box(boxed: Boxed, document: Document) -> Item:
    if boxed.step:
        return replace(_of_step(boxed.step, ()), box=boxed.box)
    text = _whole(boxed.box, document)
    return Item(boxed.id, boxed.level, boxed.box.line, text, _digest("box", text), box=boxed.box)


def _whole(box: Checkbox, document: Document) -> str:
    """Return the text of a box with the lines on which it goes on."""
    said = [box.text]
    for line in document.lines[box.line :]:
        if not line.strip() or not line.startswith((" ", "\t")) or _BOX.match(line):
            break
        said.append(line)
    return " ".join(" ".join(said).split())


def _digest(*said: object) -> str:
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _run_of(problem: Problem) -> str:
    """Return the run id of the record that a problem is about."""
    return problem.place.path.rpartition("/")[2].partition(".")[0]


@dataclass(frozen=True)
class Proof:
    """The items of one PRP and where each of them stands now; what nobody asks for isn't read."""

    ledger: Ledger
    read_items: Callable[[], tuple[Item, ...]]
    read_config: Callable[[], str]
    tree_of: Callable[[Sequence[str]], str | None]
    """The digest of the files in a scope; None where git can't say."""
    losses: Callable[[], tuple[Problem, ...]] = tuple
    """What was in the ledger once; asked only when somebody wants to know."""

    @cached_property
    def items(self) -> tuple[Item, ...]:
        return self.read_items()

    @cached_property
    def config(self) -> str:
        """The digest of the configuration that a run depends on."""
        return self.read_config()

    @cached_property
    def standings(self) -> dict[str, Standing]:
        """By the item's id."""
        return {item.id: self.standing(item) for item in self.items}

    def standing(self, item: Item) -> Standing:
        found = standing(self._sound, item.key, self.tree_of(item.scope), self.config)
        if found.is_settled or self.ended is None:
            return found
        # What a later run says of a phase that is still open, it says of this phase.
        if not self.closed and found.state is not State.STALE:
            return found
        runs = self.ended.data.get("settled")
        run = runs.get(item.key) if isinstance(runs, dict) else None
        if not isinstance(run, str):
            return found
        how = "it was completed" if self.closed else f"it ended {self.ended.data.get('status')}"
        return Standing(State.PROVEN, run, f"settled when {how}, {self.ended.started}")

    @property
    def levels(self) -> dict[str, State]:
        """The state of each level, which is the worst of its required items'."""
        found: dict[str, State] = {}
        for item in self.items:
            state = self.standings[item.id].state
            if item.required:
                found[item.level] = min(found.get(item.level, state), state, key=WORST_FIRST.index)
        return found

    @cached_property
    def ended(self) -> Record | None:
        """The last word that this PRP's work has ended, complete or not."""
        return next(iter(reversed(self._sound.of_kind(Kind.COMPLETION))), None)

    @cached_property
    def closed(self) -> Record | None:
        """The word that this PRP's work is complete, unless a later one has taken it back."""
        last = self.ended
        return last if last and last.data.get("status", "complete") == "complete" else None

    @property
    def afresh(self) -> Proof:
        """The same items on the files of now alone: no end of the work settles anything."""
        left = tuple(r for r in self.ledger.records if r.kind is not Kind.COMPLETION)
        return replace(self, ledger=replace(self.ledger, records=left), losses=lambda: self._lost)

    @cached_property
    def broken(self) -> tuple[Problem, ...]:
        """What is wrong with the ledger, without what somebody has given a reason for."""
        excused = {record.item for record in self._sound.of_kind(Kind.WAIVER)}
        found = (*self.ledger.problems, *self._lost)
        return tuple(problem for problem in found if _run_of(problem) not in excused)

    @cached_property
    def _lost(self) -> tuple[Problem, ...]:
        return self.losses()

    @cached_property
    def _sound(self) -> Ledger:
        """The ledger without altered records: a reason may excuse one, but it proves nothing."""
        if not self.ledger.records:
            return self.ledger
        altered = {_run_of(problem) for problem in (*self.ledger.problems, *self._lost)}
        left = tuple(record for record in self.ledger.records if record.run_id not in altered)
        return replace(self.ledger, records=left)

    @property
    def open(self) -> tuple[Item, ...]:
        """The required items that are neither proven, nor attested, nor waived."""
        return tuple(
            item for item in self.items if item.required and not self.standings[item.id].is_settled
        )
