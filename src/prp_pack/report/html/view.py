"""What the page shows, as values: everything is counted and told before it is drawn.

Texts are raw, as documents and records have them; whoever draws them makes them harmless.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum

from prp_pack.values import dataclass, field


class Mark(StrEnum):
    """What an item is worth to a reader; `CLAIMED` is an unrun one that somebody calls done."""

    PROVEN = "proven"
    ATTESTED = "attested"
    WAIVED = "waived"
    STALE = "stale"
    CLAIMED = "only claimed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    UNRUN = "unrun"

    @property
    def slug(self) -> str:
        """The mark as a name in HTML and CSS."""
        return self.value.replace(" ", "-")


MEANINGS: Mapping[Mark, str] = {
    Mark.PROVEN: "its command passed, on the files of now or when the phase was completed",
    Mark.ATTESTED: "no command can decide it; a named person looked and said so",
    Mark.WAIVED: "it doesn't apply, for a reason that is on record",
    Mark.STALE: "it passed once; a file or the configuration has changed since",
    Mark.CLAIMED: "a tick or a summary says so, and nothing shows it",
    Mark.FAILED: "the last run on these files failed",
    Mark.INCONCLUSIVE: "the last run on these files could not tell",
    Mark.UNRUN: "nobody ran it, and nobody says that it is done",
}
SETTLED = (Mark.PROVEN, Mark.ATTESTED, Mark.WAIVED)


@dataclass(frozen=True, slots=True)
class Amount:
    """How many items have a mark."""

    mark: Mark
    count: int


@dataclass(frozen=True, slots=True)
class Log:
    """The last lines of a run's output; `remark` says why there are none."""

    path: str
    lines: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The record that an item rests on. `duration` is in seconds, None for a person's word."""

    run: str
    kind: str
    started: str
    age: str
    verdict: str
    command: str = ""
    duration: float | None = None
    exit_code: int | None = None
    commit: str = ""
    tree: str = ""
    by: str = ""
    note: str = ""
    checks: tuple[tuple[str, str], ...] = ()
    """Status and message of each check, and of each limit."""
    log: Log | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a PRP. `state` is the ledger's word for it, `line` where it stands in the PRP."""

    id: str
    mark: Mark
    state: str
    line: int
    subject: str
    is_command: bool
    required: bool = True
    ticked: bool = False
    why: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """The items of one section of a PRP, all of one level."""

    level: str
    title: str
    entries: tuple[Entry, ...]

    @property
    def amounts(self) -> tuple[Amount, ...]:
        return amounts(self.entries)

    @property
    def mark(self) -> Mark:
        """The worst mark in it."""
        return min((entry.mark for entry in self.entries), key=_WORST_FIRST.index)

    @property
    def is_urgent(self) -> bool:
        """Whether something in it was run and doesn't hold, and it is short enough to be read."""
        urgent = (Mark.FAILED, Mark.STALE, Mark.INCONCLUSIVE)
        return len(self.entries) <= _READABLE and any(e.mark in urgent for e in self.entries)


_READABLE = 40
_WORST_FIRST = (
    Mark.FAILED, Mark.INCONCLUSIVE, Mark.STALE, Mark.UNRUN, Mark.CLAIMED, Mark.WAIVED,
    Mark.ATTESTED, Mark.PROVEN,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Promise:
    """Something promised; `missing` says what of it isn't there, empty when all of it is."""

    kind: str
    what: str
    place: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Promises:
    """Promised against delivered. `unjudged` is what can't be told, in words."""

    promises: tuple[Promise, ...] = ()
    unplanned: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()

    @property
    def broken(self) -> tuple[Promise, ...]:
        return tuple(promise for promise in self.promises if promise.missing)

    @property
    def kept(self) -> int:
        return len(self.promises) - len(self.broken)


@dataclass(frozen=True, slots=True)
class Sections:
    """How many sections a PRP must have, and the titles of those that it doesn't."""

    required: int = 0
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """A phase, or a feature without one: `number` is None then.

    `states` counts the required items by the ledger's words, `newest` and `oldest` are ages of
    the evidence that counts.
    """

    key: str
    """Its name in links: `phase-2`, `feature-1`."""
    number: int | None
    name: str
    type: str
    state: str
    prp: str
    summary: str
    following: str
    depends_on: tuple[int, ...] = ()
    scope: str = ""
    states: Mapping[str, int] = field(default_factory=dict)
    settled: int = 0
    total: int = 0
    levels: Mapping[str, str] = field(default_factory=dict)
    deferred: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    weakened: tuple[str, ...] = ()
    sections: Sections = Sections()
    parts: tuple[Part, ...] = ()
    promises: Promises = Promises()
    records: int = 0
    newest: str = ""
    oldest: str = ""

    @property
    def title(self) -> str:
        return self.name if self.number is None else f"Phase {self.number}: {self.name}"

    @property
    def amounts(self) -> tuple[Amount, ...]:
        """The required items by mark."""
        return amounts(entry for part in self.parts for entry in part.entries if entry.required)

    @property
    def is_begun(self) -> bool:
        return self.state not in ("planned", "ready")

    @property
    def mark(self) -> Mark | None:
        """What its end is worth; None while it hasn't ended for good or ill."""
        if self.state == "blocked":
            return Mark.FAILED
        if self.state not in ("complete", "unverified"):
            return None
        sound = self.state == "complete" and self.settled == self.total and not self.remarks
        return Mark.PROVEN if sound and self.total else Mark.CLAIMED


@dataclass(frozen=True, slots=True)
class Point:
    """A number that a phase left, None where nothing measured it.

    `mark` is proven where a record that counts carries it, stale where the files have changed
    since, else only claimed. `source` is the run or the document, `ci95` the ends of the confidence
    interval.
    """

    phase: int
    value: float | None
    mark: Mark
    source: str = ""
    ci95: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """What a threshold asked of a metric in a phase."""

    phase: int
    op: str
    value: float

    def __str__(self) -> str:
        signs = {"<=": "≤", ">=": "≥"}
        return f"{signs.get(self.op, self.op)} {self.value:.6g}"


@dataclass(frozen=True, slots=True)
class Series:
    """One metric over the phases; `better` is `lower`, `higher` or empty."""

    name: str
    unit: str
    points: tuple[Point, ...]
    better: str = ""
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class ContractChange:
    """What a phase's frozen contract has, against the contract of the phase before it.

    `since` is None for the first one; operations are written `GET /parcels`.
    """

    phase: int
    path: str
    since: int | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on the page. `made` is when, in words; `edges` of the graph are in `stages`."""

    project: str
    plan: str
    made: str
    following: str
    phases: tuple[Stage, ...] = ()
    features: tuple[Stage, ...] = ()
    critical_path: tuple[int, ...] = ()
    problems: tuple[str, ...] = ()
    """What is wrong with the plan, each with its place."""
    series: tuple[Series, ...] = ()
    contracts: tuple[ContractChange, ...] = ()
    commit: str = ""
    is_dirty: bool = False
    """Whether the files differ from that commit."""
    tree: str = ""
    version: str = ""

    @property
    def stages(self) -> tuple[Stage, ...]:
        return (*self.phases, *self.features)

    @property
    def amounts(self) -> tuple[Amount, ...]:
        return added(stage.amounts for stage in self.stages)

    @property
    def settled(self) -> int:
        return sum(stage.settled for stage in self.stages)

    @property
    def total(self) -> int:
        return sum(stage.total for stage in self.stages)


def amounts(entries: Iterable[Entry]) -> tuple[Amount, ...]:
    """Return how many entries have each mark, without those that none has."""
    counted = Counter(entry.mark for entry in entries)
    return tuple(Amount(mark, counted[mark]) for mark in Mark if counted[mark])


def added(several: Iterable[tuple[Amount, ...]]) -> tuple[Amount, ...]:
    """Return the sum of several counts."""
    counted: Counter[Mark] = Counter()
    for each in several:
        counted.update({amount.mark: amount.count for amount in each})
    return tuple(Amount(mark, counted[mark]) for mark in Mark if counted[mark])
