"""What is known of a finished phase: from its items, the ledger, git and the contract."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from prp_pack.check.endpoints import template_of
from prp_pack.check.items import BUILT_IN, Item, Proof
from prp_pack.check.registry import Target
from prp_pack.evidence import seal as seals
from prp_pack.evidence.ledger import Ledger
from prp_pack.evidence.record import COMPARISON, Kind, Record, Verdict
from prp_pack.evidence.standing import WORST_FIRST, Standing, State
from prp_pack.gate import recorded_answers
from prp_pack.model import Endpoint, Metric
from prp_pack.parse import contract
from prp_pack.parse.yaml_block import as_mapping
from prp_pack.render.completion_summary import ChangedFiles, GivenWord, ProvenItem
from prp_pack.repository import Repository, UnreadableError
from prp_pack.shell_words import quoted
from prp_pack.values import dataclass, replace
from prp_pack.worktree import Worktree, is_derived

_TEST = re.compile(r"(?:^|/)(?:tests?|__tests__|spec)/|(?:^|/)test_[^/]*$|[._-](?:test|spec)\.\w+$")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_STATES = {Kind.WAIVER: State.WAIVED, Kind.ATTESTATION: State.ATTESTED}


@dataclass(frozen=True, slots=True)
class Moment:
    """The work as it stood: now, or when it was completed.

    `standings` go by item id; `tree` is the digest of all files.
    """

    ledger: Ledger
    standings: Mapping[str, Standing]
    commit: str | None
    uncommitted: bool
    """Whether no commit is known that holds these very files; `commit` is then the one before."""
    tree: str | None
    changes: ChangedFiles | None


# --- Completed before -----------------------------------------------------------------------


def settled_before(closed: Record) -> dict[str, str]:
    """Return what a completion settled: run id by the key of each required item."""
    return _texts(closed.data.get("settled"))


def differences(proof: Proof, closed: Record) -> list[str]:
    """Return how the required items differ from those that a completion settled, in words."""
    settled, keys = settled_before(closed), _texts(closed.data.get("keys"))
    # The built-in gate comes and goes with the project's files, not with the PRP.
    here = [item for item in required(proof) if not item.is_built_in]
    new = [item.id for item in here if item.key not in settled]
    known = {item.key for item in here}
    gone = [id_ for id_, key in keys.items() if key not in known and id_ not in (*new, BUILT_IN)]
    said = [f"{id_} {'has changed' if id_ in keys else 'is new'}" for id_ in new]
    return said + [f"{id_} is gone" for id_ in gone]


def as_completed(target: Target, closed: Record, before: str) -> Moment:
    """Return the work as it stood when it was completed; nothing later counts.

    `before` is the commit that the summary names so far.
    """
    proof = target.proof
    records = proof.ledger.records
    known = records[: records.index(closed)]
    by_id = {record.run_id: record for record in known}
    settled = settled_before(closed)
    standings = {}
    for item in required(proof):
        if run := settled.get(item.key):
            record = by_id.get(run)
            state = _STATES.get(record.kind, State.PROVEN) if record else State.PROVEN
            standings[item.id] = Standing(state, run)
    commit, uncommitted = _commit(target, closed.git.tree_sha, before, closed.git.sha)
    return Moment(
        ledger=replace(proof.ledger, records=known),
        standings=standings,
        commit=commit,
        uncommitted=uncommitted,
        tree=closed.git.tree_sha,
        changes=_changes_from(closed.data.get("changes")),
    )


def _changes_from(value: object) -> ChangedFiles | None:
    said = as_mapping(value)
    if not said:
        return None
    added, changed, deleted = (_list(said.get(key)) for key in ("added", "changed", "deleted"))
    tests = _tests((*added, *changed, *deleted))
    return ChangedFiles(str(said.get("since", "")), added, changed, deleted, tests)


# --- Now ------------------------------------------------------------------------------------


def as_it_stands(target: Target, before: str, status: str) -> Moment:
    """Return the work as it stands now; where git can't say, no commit and no files are known.

    An earlier end of the work settles nothing here, unless it had the same `status` and left
    something open: that goes on from there. `before` is the commit that the summary names.
    """
    proof = target.proof
    goes_on = proof.ended and not proof.closed and proof.ended.data.get("status") == status
    judged = proof if goes_on else proof.afresh
    try:
        now = target.neighbours.worktree
    except UnreadableError:
        return Moment(judged.ledger, judged.standings, None, True, None, None)
    commit, uncommitted = _commit(target, now.digest, before, now.revision)
    changes = _changes(target, now)
    return Moment(judged.ledger, judged.standings, commit, uncommitted, now.digest, changes)


def _commit(
    target: Target, tree: str | None, before: str, otherwise: str | None
) -> tuple[str | None, bool]:
    """Return the commit that holds the files of a digest, or another one and True.

    The one that is named so far stays if it does, so that a later commit changes no summary.
    """
    now = target.neighbours.worktree
    if before and _digest_of(target.neighbours.repository, before) == tree:
        return before, False
    if now.digest == tree and not now.dirty and now.revision:
        return now.revision, False
    return otherwise, True


def unheld(target: Target, moment: Moment) -> str:
    """Return why no commit holds the files of a moment although nothing is left to be committed.

    Empty while something is: then a commit mends it.
    """
    try:
        now = target.neighbours.worktree
    except UnreadableError:
        return ""
    if now.dirty:
        return ""
    left_behind = [path for path in sorted(now.entries) if is_derived(path)]
    if moment.tree != now.digest and left_behind:
        path = left_behind[0]
        said = f"git tracks {path}, which a tool leaves behind and each run changes"
        return f"{said}: git rm --cached {quoted(path)}"
    return "the commit that is checked out holds other files than the proven ones"


def _digest_of(repository: Repository, commit: str) -> str | None:
    if not _COMMIT.fullmatch(commit):
        return None
    try:
        return Worktree(None, dirty=False, entries=seals.files_of(repository, commit)).digest
    except UnreadableError:
        return None


def _changes(target: Target, now: Worktree) -> ChangedFiles | None:
    seal = target.neighbours.seal(target.proof.ledger)
    if seal is None:
        return None
    paths = seal.changed(now)
    return ChangedFiles(
        since=seal.record.started,
        added=tuple(path for path in paths if path not in seal.paths),
        changed=tuple(path for path in paths if path in seal.paths and path in now.entries),
        deleted=tuple(path for path in paths if path not in now.entries),
        tests=_tests(paths),
    )


# --- What a summary says of it --------------------------------------------------------------


def required(proof: Proof) -> tuple[Item, ...]:
    return tuple(item for item in proof.items if item.required)


def items(proof: Proof, moment: Moment) -> tuple[ProvenItem, ...]:
    """Return the required items with their states, without those that weren't there then."""
    return tuple(
        ProvenItem(
            id=item.id,
            level=item.level,
            state=moment.standings[item.id].state.value,
            run=moment.standings[item.id].run,
            subject=item.subject,
            command=item.is_runnable and not item.is_built_in,
        )
        for item in required(proof)
        if item.id in moment.standings
    )


def levels(found: Iterable[ProvenItem]) -> dict[str, str]:
    """Return the state of each level, which is the worst of its items'."""
    worst: dict[str, State] = {}
    for item in found:
        state = State(item.state)
        worst[item.level] = min(worst.get(item.level, state), state, key=WORST_FIRST.index)
    return {level: state.value for level, state in worst.items()}


def words(proof: Proof, moment: Moment) -> Iterator[GivenWord]:
    """Yield what persons have said that still counts: of items, lost records, and the seal."""
    by_id = {record.run_id: record for record in moment.ledger.records}
    for item in required(proof):
        standing = moment.standings.get(item.id)
        record = by_id.get(standing.run) if standing else None
        if record and standing and standing.state in _STATES.values():
            yield GivenWord(standing.state.value, item.id, record.note, record.by)
    for record in moment.ledger.of_kind(Kind.WAIVER):
        # One about a record, and no item.
        if record.item == record.key:
            yield GivenWord("waived", record.item, record.note, record.by)
    for record in moment.ledger.of_kind(Kind.ACCEPTANCE):
        yield GivenWord("accepted", record.subject, record.note, record.by)


def metrics(moment: Moment) -> tuple[Metric, ...]:
    """Return what was measured of the phase, by the newest record of each name that still counts.

    A number that was measured on other files is none of this work: its value is None.
    """
    runs = {standing.run for standing in moment.standings.values() if standing.is_settled}
    found: dict[str, Metric] = {}
    for record in moment.ledger.of_kind(Kind.RUN):
        if record.verdict is Verdict.ERROR:
            continue
        counts = record.run_id in runs or record.git.tree_sha == moment.tree
        for one in record.metrics:
            if one.role == COMPARISON:
                continue
            if counts and one.value is not None:
                found[one.name] = Metric(one.name, one.value, one.unit, record.run_id)
            else:
                found.setdefault(one.name, Metric(one.name, None, one.unit))
    return tuple(found.values())


def endpoints(target: Target, path: str, known: Sequence[Endpoint]) -> tuple[Endpoint, ...] | None:
    """Return what the phase's frozen contract declares, in the words of the endpoints known so far.

    An example that nobody gave is the recorded answer. WebSockets, which no such contract can
    declare, stay. None without a contract; raises `UnreadableError` for one that can't be read.
    """
    found = target.frozen_contract(path)
    if found is None:
        return None
    frozen = contract.parse(found.text, found.path)
    for problem in frozen.problems:
        hint = "freeze the contract again"
        raise UnreadableError(problem.place.path, problem.message, problem.place.line, hint)
    base = frozen.bases[0] if len(frozen.bases) == 1 else ""
    answers = recorded_answers.of_contract(target.project, found)
    declared = []
    for operation in frozen.operations:
        ways = {template_of(f"{each}{operation.path}") for each in ("", *frozen.bases)}
        same = (e for e in known if e.method.upper() == operation.method
                and template_of(e.path) in ways)  # fmt: skip
        new = Endpoint("http", f"{base}{operation.path}", operation.method)
        endpoint = next(same, new)
        if not endpoint.example:
            answer = answers.get((operation.method, template_of(operation.path)), "")
            endpoint = replace(endpoint, example=answer)
        declared.append(endpoint)
    return (*declared, *(endpoint for endpoint in known if endpoint.kind == "websocket"))


def _tests(paths: Iterable[str]) -> frozenset[str]:
    return frozenset(path for path in paths if _TEST.search(path))


def _texts(value: object) -> dict[str, str]:
    return {key: text for key, text in as_mapping(value).items() if isinstance(text, str)}


def _list(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list) else ()
