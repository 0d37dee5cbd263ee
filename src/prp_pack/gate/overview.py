"""Where a project stands: its phases and features, what is settled, and what comes next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from prp_pack import context
from prp_pack.check.engine import Checker
from prp_pack.check.items import Item
from prp_pack.check.neighbours import is_put_away
from prp_pack.check.registry import Target
from prp_pack.evidence.record import Kind as RecordKind
from prp_pack.evidence.standing import State
from prp_pack.gate import completion_facts, orphans, status, summary_document
from prp_pack.model import CompletionSummary, Kind, Plan, PlannedPhase, Requirements, Severity
from prp_pack.parse import document as documents
from prp_pack.parse import front_matter, summary
from prp_pack.repository import Repository, UnreadableError
from prp_pack.shell_words import quoted
from prp_pack.values import dataclass, field

# A phase whose summary says one of these can be built on.
_ENDED = frozenset({"complete", "partial", "unverified"})
_DUE = ("running", "ready", "blocked")
_STARTED = frozenset({RecordKind.SEAL, RecordKind.RUN, RecordKind.ATTESTATION, RecordKind.WAIVER})


@dataclass(frozen=True, slots=True)
class Standing:
    """One phase, or one feature without a phase; `number` is None for that.

    `state` is planned, ready or running, or what its summary says: complete, partial, blocked or
    unverified. `items` count the required items by state.
    """

    number: int | None
    name: str
    type: str
    state: str
    prp: str
    summary: str
    following: str
    """The command that goes on from here; empty when nothing is left to do."""
    items: Mapping[str, int] = field(default_factory=dict)
    settled: int = 0
    total: int = 0
    levels: Mapping[str, str] = field(default_factory=dict)
    deferred: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """`plan` is empty, and `phases` with it, in a project without one."""

    plan: str
    project: str
    phases: tuple[Standing, ...]
    features: tuple[Standing, ...]
    orphans: tuple[str, ...] = ()
    """The files of `PRPs/ai_docs/` that no document names."""

    @property
    def following(self) -> str:
        """The first command that somebody can go on with: what isn't summed up comes first."""
        everything = [each for each in (*self.phases, *self.features) if each.state != "planned"]
        due = [each for each in everything if each.state in _DUE]
        return next((each.following for each in (*due, *everything) if each.following), "")


def overview(repository: Repository, checker: Checker) -> Overview:
    """Return where everything stands; runs nothing, and reads each PRP once.

    Raises `UnreadableError` for a plan that can't be read; other documents are told in remarks.
    """
    found = _Prps(repository, checker)
    plan = context.find_plan(repository, Requirements(path=""))
    known: dict[int, CompletionSummary] = {}
    phases = []
    unnamed = orphans.orphans(checker)
    if plan is None:
        return Overview("", "", (), tuple(found.features()), unnamed)
    for phase in sorted(plan.phases, key=lambda each: each.number):
        standing, told = found.of_phase(plan, phase, known)
        if told:
            known[phase.number] = told
        phases.append(standing)
    return Overview(plan.path, plan.project, tuple(phases), tuple(found.features()), unnamed)


class _Prps:
    """The PRPs of a project, by the phase that each stands for."""

    def __init__(self, repository: Repository, checker: Checker) -> None:
        self.repository = repository
        self.checker = checker
        self.targets: list[Target] = []
        """Those that no phase of the plan has claimed so far."""
        for path in repository.documents():
            try:
                text = repository.read(path).text
            except UnreadableError:
                # The check reports it; an overview is no place for it.
                continue
            is_prp = documents.kind_of(path, front_matter.parse(text, path)) is Kind.PRP
            if is_prp and not is_put_away(path):
                self.targets.append(checker.target(text, path))

    def of_phase(
        self, plan: Plan, phase: PlannedPhase, known: Mapping[int, CompletionSummary]
    ) -> tuple[Standing, CompletionSummary | None]:
        """Return where a phase stands, and its summary; its PRP is no feature's any more."""
        target = next((t for t in self.targets if _stands_for(t, plan, phase.number)), None)
        if target:
            self.targets.remove(target)
        folder = plan.path.rpartition("/")[0]
        name = f"PHASE{phase.number}_COMPLETION_SUMMARY.md"
        path = summary_document.path_of(self.repository, target) if target else f"{folder}/{name}"
        told, remarks = self._summary(path)
        waits = [n for n in phase.depends_on if n not in known or known[n].status not in _ENDED]
        asked = f"{folder}/PHASE{phase.number}_REQUIREMENTS.md".removeprefix("/")
        if target is None:
            state = told.status if told else "planned" if waits else "ready"
            there = self.repository.exists(asked)
            following = f"/generate-prp {asked}" if there else f"write {asked}"
            standing = Standing(
                phase.number, phase.name, phase.type or "", state, "", path if told else "",
                "" if told else following, deferred=told.deferred if told else (),
                remarks=tuple(remarks),
            )  # fmt: skip
            return standing, told
        return self._standing(
            target, phase.name, phase.type or "", told, path, waits, remarks
        ), told

    def features(self) -> Iterator[Standing]:
        """Yield the PRPs of no planned phase."""
        for target in self.targets:
            path = summary_document.path_of(self.repository, target)
            told, remarks = self._summary(path)
            name = target.document.front_matter.text("name")
            phase = target.context.phase
            yield self._standing(
                target, name, phase.type.value if phase else "", told, path, [], remarks
            )

    def _standing(  # noqa: PLR0913, PLR0917 - what a line of the overview is made of
        self,
        target: Target,
        name: str,
        type_: str,
        told: CompletionSummary | None,
        path: str,
        waits: Sequence[int],
        remarks: list[str],
    ) -> Standing:
        proof = target.proof
        required = [item for item in proof.items if item.required]
        states = Counter(proof.standings[item.id].state for item in required)
        begun = any(record.kind in _STARTED for record in proof.ledger.records)
        state = told.status if told else "running" if begun else "planned" if waits else "ready"
        said = list(remarks)
        if told and told.status == "complete" and proof.closed is None:
            said.append(f"{path} says complete, and no record does")
        if proof.closed and (differing := completion_facts.differences(proof, proof.closed)):
            said.append(f"re-opened since it was complete: {'; '.join(differing)}")
        said += [f"ledger: {problem.place}: {problem.message}" for problem in proof.broken]
        following = _following(target, told, proof.open, begun=begun)
        if not begun and told is None and (errors := self._errors(target)):
            said.append(f"its PRP has {errors} error{'s' if errors != 1 else ''}: mend it first")
            following = f"prp check {quoted(target.document.path)}"
        return Standing(
            number=target.number,
            name=name or target.document.path,
            type=type_,
            state=state,
            prp=target.document.path,
            summary=path if told else "",
            following=following,
            items={each.value: states[each] for each in State if states[each]},
            settled=sum(proof.standings[item.id].is_settled for item in required),
            total=len(required),
            levels={level: each.value for level, each in status.levels(proof).items() if level},
            deferred=told.deferred if told else (),
            remarks=tuple(said),
        )

    def _errors(self, target: Target) -> int:
        """Return how many errors keep a PRP from being executed."""
        found = self.checker.check_text(target.document.text, target.document.path)
        return sum(finding.severity is Severity.ERROR for finding in found)

    def _summary(self, path: str) -> tuple[CompletionSummary | None, list[str]]:
        try:
            source = self.repository.read_if_there(path)
        except UnreadableError as error:
            return None, [str(error)]
        return (summary.parse(source.text, path) if source else None), []


def _stands_for(target: Target, plan: Plan, number: int) -> bool:
    if target.number != number:
        return False
    expected = target.expected
    return expected is None or expected.plan in ("", plan.path)


def _following(
    target: Target, told: CompletionSummary | None, open_: tuple[Item, ...], *, begun: bool
) -> str:
    path, proof = target.document.path, target.proof
    if told and told.status == "complete" and proof.closed and not open_:
        return ""
    if not begun and told is None:
        return f"/execute-prp {path}"
    if any(item.is_runnable for item in open_):
        return f"prp gate run {quoted(path)}"
    if open_:
        return f"prp attest {quoted(path)} {open_[0].id} --by NAME --note TEXT"
    return f"prp complete {target.number if target.number is not None else quoted(path)}"
