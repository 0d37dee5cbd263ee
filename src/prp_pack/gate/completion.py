"""Complete a phase: its summary from what is on record, and the record that it is complete."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from prp_pack.check.items import Item
from prp_pack.check.registry import Target
from prp_pack.evidence.record import Check, Kind, Record, Status, Verdict
from prp_pack.evidence.standing import Standing
from prp_pack.gate import completion_facts as known
from prp_pack.gate import summary_document
from prp_pack.gate.completion_facts import Moment
from prp_pack.gate.recording import Contract
from prp_pack.model import CompletionSummary, Endpoint, Finding, FrontMatter, Severity
from prp_pack.model import Kind as DocumentKind
from prp_pack.parse import document as documents
from prp_pack.parse import front_matter, summary
from prp_pack.render.completion_summary import SummaryFacts, parts, values
from prp_pack.repository import Source, UnreadableError
from prp_pack.values import dataclass, replace

VERSION = 1
COMPLETE = "complete"
# These leave something open, and say what.
UNFINISHED = ("partial", "blocked")

# A phase isn't done while its PRP itself isn't sound. What rules say of work to come, of boxes and
# of the other documents is not meant: the first is history by now, boxes are named one by one.
_SOUND = ("PRP1", "PRP2", "PRP3", "PRP501", "PRP502", "PRP503", "PRP504", "PRP7")

Weakened = Callable[[Target], Mapping[str, str]]
"""Returns the goalposts that were weakened since the seal, in words, by the key of each change."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the summary is to say. With `force`, parts that were edited are drawn over."""

    status: str = COMPLETE
    deferrals: tuple[str, ...] = ()
    force: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps a phase from being complete, and the command that mends it."""

    what: str
    mend: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """What came of it. `before` and `after` are the summary's raw text; equal when refused."""

    prp: str
    path: str
    status: str
    before: str | None
    after: str | None
    obstacles: tuple[Obstacle, ...] = ()
    reopened: tuple[str, ...] = ()
    """How the items differ from those of an earlier completion."""
    closed: Record | None = None
    """That earlier completion."""
    record: Record | None = None
    """What was written into the ledger, if anything was."""
    deferred: tuple[str, ...] = ()
    unfilled: tuple[int, ...] = ()
    """Lines of the summary that still are the template's."""
    uncommitted: bool = False

    @property
    def is_refused(self) -> bool:
        return bool(self.obstacles)

    @property
    def changes(self) -> bool:
        return self.before != self.after


def complete(contract: Contract, asked: Asked, weakened: Weakened) -> Completion:
    """Write the summary of a PRP, and the record of its completion when it is complete.

    Nothing is written when that is refused, or in a dry run. Raises `UnreadableError`, for a
    summary that can't be understood with its line.
    """
    target = contract.target()
    repository = contract.repository
    path = summary_document.path_of(repository, target)
    source = repository.read_if_there(path)
    front = front_matter.parse(source.text, path) if source else FrontMatter()
    old = _read(source, front) if source else CompletionSummary(path)
    deferred = _deferred(contract, old, asked)
    closed = target.proof.closed
    reopened = tuple(known.differences(target.proof, closed)) if closed else ()
    stands = asked.status == COMPLETE and closed is not None and not reopened
    before = front.text("commit")
    moment = (
        known.as_completed(target, closed, before)
        if stands and closed
        else known.as_it_stands(target, before, asked.status)
    )
    raw = source.raw if source else None
    here = Completion(
        target.document.path, path, asked.status, raw, raw,
        closed=closed, reopened=reopened, deferred=deferred,
    )  # fmt: skip
    if asked.status == COMPLETE:
        flaws = [] if stands else _flaws(contract, target)
        obstacles = tuple(_obstacles(target, moment, weakened(target), flaws))
        if obstacles:
            return replace(here, obstacles=obstacles)
    facts = _facts(target, moment, asked.status, old, deferred, path)
    base = source or summary_document.begun(repository, path, target.number, facts.name)
    yaml = values(facts)
    if "endpoints" in front.values and not target.frozen_contract(path):
        # Nobody but a person has said them.
        del yaml["endpoints"]
    after = summary_document.updated(base, yaml, parts(facts), force=asked.force)
    record = None if stands else _record(contract, target, moment, asked.status)
    unfilled = tuple(summary_document.placeholders(documents.parse(after, path)))
    here = replace(here, after=after, unfilled=unfilled, uncommitted=moment.uncommitted)
    if asked.dry_run:
        return here
    now = repository.read_if_there(path)
    if (now.raw if now else None) != here.before:
        raise UnreadableError(path, "has changed meanwhile", help="run it again")
    if record:
        record = contract.write(target, record)
    if here.changes:
        repository.write(path, after)
    return replace(here, record=record)


def _read(source: Source, front: FrontMatter) -> CompletionSummary:
    """Return the summary that is there; raises `UnreadableError` where people's part is broken."""
    path = source.path
    if documents.kind_of(path, front) is not DocumentKind.SUMMARY:
        line = front.lines.get("template", 1)
        raise UnreadableError(path, "is not a completion summary", line, "move it away")
    read = summary.parse(source.text, path)
    for problem in (*front.problems, *read.problems):
        if problem in front.problems or problem.message.startswith(("an end", "an entry of `end")):
            raise UnreadableError(path, problem.message, problem.place.line, problem.help)
    return read


def _deferred(contract: Contract, old: CompletionSummary, asked: Asked) -> tuple[str, ...]:
    new = (" ".join(contract.redacted(text).split()) for text in asked.deferrals)
    deferred = tuple(dict.fromkeys(text for text in (*old.deferred, *new) if text))
    if asked.status in UNFINISHED and not deferred:
        said = f"{asked.status} needs a word on what is left"
        raise UnreadableError(contract.path, said, help="say it, as often as needed: --defer TEXT")
    return deferred


# --- What keeps it from being complete ------------------------------------------------------


def _flaws(contract: Contract, target: Target) -> list[Finding]:
    """Return the errors that are in the PRP itself."""
    document = target.document
    found = contract.checker().check_text(document.text, document.path)
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    return [finding for finding in errors if finding.rule.startswith(_SOUND)]


def _obstacles(
    target: Target, moment: Moment, weakened: Mapping[str, str], flaws: Iterable[Finding]
) -> Iterator[Obstacle]:
    path = target.document.path
    for flaw in flaws:
        said = f"line {flaw.line}: {flaw.rule} {flaw.message}"
        yield Obstacle(f"the PRP has an error: {said}", f"mend it: prp check {path}")
    if not known.required(target.proof):
        mend = f"give it gates and a checklist: prp check {path}"
        yield Obstacle("it has no gate and no box that could be proven", mend)
    for problem in target.proof.broken:
        run = problem.place.path.rpartition("/")[2].partition(".")[0]
        mend = f"bring the record back with git, or: prp waive {path} {run} --reason TEXT"
        yield Obstacle(f"the ledger is broken: {problem.place}: {problem.message}", mend)
    for key, said in weakened.items():
        mend = f"take it back, or a person accepts it: prp gate accept {path} {key} --by NAME"
        yield Obstacle(f"weakened since the seal: {said}", f"{mend} --reason TEXT")
    for item in known.required(target.proof):
        standing = moment.standings.get(item.id)
        if standing and not standing.is_settled:
            yield Obstacle(_open(item, standing), _mend(item, path), item.id)


def _open(item: Item, standing: Standing) -> str:
    why = f" ({standing.why})" if standing.why else ""
    return f"{item.id} {standing.state}: {' '.join(item.subject.split())}{why}"


def _mend(item: Item, path: str) -> str:
    if item.is_runnable:
        return f"prp gate run {path} --item {item.id}"
    return f"prp attest {path} {item.id} --by NAME --note TEXT"


# --- What is written ------------------------------------------------------------------------


def _facts(  # noqa: PLR0913, PLR0917 - what a summary is made of
    target: Target,
    moment: Moment,
    status: str,
    old: CompletionSummary,
    deferred: tuple[str, ...],
    path: str,
) -> SummaryFacts:
    proof, document = target.proof, target.document
    items = known.items(proof, moment)
    offered: tuple[Endpoint, ...] | None = known.endpoints(target, path, old.endpoints)
    expected = target.expected.name if target.expected else ""
    return SummaryFacts(
        prp=document.path,
        phase=target.number,
        track=document.front_matter.text("track"),
        name=expected or document.front_matter.text("name") or old.name or "unnamed",
        status=status,
        commit=moment.commit,
        uncommitted=moment.uncommitted,
        levels=known.levels(items),
        items=items,
        open=tuple(item for item in items if not _is_settled(moment, item.id)),
        words=tuple(known.words(proof, moment)),
        endpoints=old.endpoints if offered is None else offered,
        metrics=known.metrics(moment),
        deferred=deferred,
        changes=moment.changes,
    )


def _is_settled(moment: Moment, id_: str) -> bool:
    standing = moment.standings.get(id_)
    return standing is not None and standing.is_settled


def _record(contract: Contract, target: Target, moment: Moment, status: str) -> Record | None:
    """Return the record of how the work ended; None when the ledger says no less already.

    What was settled then stays settled for the PRP's ticks, whatever later phases change; only
    `complete` asks for everything anew.
    """
    required = [i for i in known.required(target.proof) if moment.standings[i.id].is_settled]
    settled = {item.key: moment.standings[item.id].run for item in required}
    if status != COMPLETE and not _says_more(target.proof.ended, status, settled):
        return None
    changes = moment.changes
    draft = contract.draft(target, Kind.COMPLETION, "", "completion", contract.path)
    return replace(
        draft,
        verdict=Verdict.PASS,
        checks=(Check("completion", Status.PASS, f"{status}: {len(required)} items settled"),),
        data={
            "settled": settled,
            "keys": {item.id: item.key for item in required},
            "commit": moment.commit,
            "status": status,
            "changes": {
                "since": changes.since,
                "added": list(changes.added),
                "changed": list(changes.changed),
                "deleted": list(changes.deleted),
            }
            if changes
            else None,
        },
    )


def _says_more(ended: Record | None, status: str, settled: Mapping[str, str]) -> bool:
    if ended is None:
        return bool(settled)
    return ended.data.get("status") != status or bool(
        settled.items() - known.settled_before(ended).items()
    )


# --- Told -----------------------------------------------------------------------------------


def to_json(done: Completion, *, dry_run: bool) -> str:
    """Return the outcome as a document of a stable shape."""
    said = {
        "version": VERSION,
        "prp": done.prp,
        "summary": done.path,
        "status": done.status,
        "refused": done.is_refused,
        "changes": done.changes,
        "written": done.changes and not dry_run,
        "record": done.record.run_id if done.record else None,
        "obstacles": [{"what": o.what, "item": o.item, "mend": o.mend} for o in done.obstacles],
        "reopened": list(done.reopened),
        "deferred": list(done.deferred),
        "unfilled": list(done.unfilled),
        "uncommitted": done.uncommitted,
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"
