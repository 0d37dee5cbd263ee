"""The agent wants to stop: a running command of ours doesn't end while something is open.

`/generate-prp` owes a PRP without errors, `/execute-prp` a settled ledger.
"""

from __future__ import annotations

from prp_pack.check.engine import Checker
from prp_pack.hooks import proving, session
from prp_pack.hooks.command_start import EXECUTE
from prp_pack.hooks.event import Event, Reply
from prp_pack.hooks.session import Running
from prp_pack.model import Finding, Kind, Severity
from prp_pack.parse import document
from prp_pack.report import text
from prp_pack.repository import Repository, UnreadableError
from prp_pack.values import replace

# Rounds in a row without fewer open points, after which the agent is let go.
ROUNDS = 3


def stop(event: Event, repository: Repository) -> Reply:
    """Name what is missing, or let go: when it is clean, or when nothing moves any more."""
    running = session.load(repository, event.session)
    if running is None:
        return Reply()
    if running.prompt != event.prompt and running.prompt:
        # The user went on to something else; what they left unfinished is not to hold this.
        if running.command != EXECUTE:
            session.end(repository, event.session)
        return Reply()
    # A session that was resumed, or lost its memory, goes on with its first prompt.
    running = replace(running, prompt=event.prompt)
    if running.command == EXECUTE:
        return _execution(event, running, repository)
    project = session.project_of(repository, running)
    checker = event.checker(project, strict=True)
    open_points = _open_points(checker, running, project)
    if not open_points:
        session.end(repository, event.session)
        return Reply(message=checker.warning)
    if not _goes_on(event, running, repository, len(open_points)):
        first = open_points[0]
        return _let_go(
            running,
            len(open_points),
            f"{running.seen(first.path)}:{first.line}: {first.message}",
            event,
            repository,
        )
    said = f"prp: /{running.command} can't end yet.\n{_told(open_points, running)}"
    return Reply(context=said, message=checker.warning)


def _goes_on(event: Event, running: Running, repository: Repository, points: int) -> bool:
    """Remember the round; tell whether the agent is to go on, or nothing moves any more."""
    improved = running.fewest is None or points < running.fewest
    stalled = 0 if improved else running.stalled + 1
    if stalled >= ROUNDS:
        return False
    fewest = points if improved else running.fewest
    session.save(repository, event.session, replace(running, fewest=fewest, stalled=stalled))
    return True


def _execution(event: Event, running: Running, repository: Repository) -> Reply:
    """Name what the ledger doesn't hold yet, or let go: proven, or nothing moves any more."""
    contract = event.contract(session.project_of(repository, running), running.arguments)
    path = running.seen(running.arguments)
    try:
        target = contract.target()
    except UnreadableError as error:
        # Whoever takes the PRP away has nothing left to prove, and that is said.
        session.end(repository, event.session)
        return Reply(message=f"/{EXECUTE} ended unproven: {error}")
    points = proving.open_points(target)
    if not points:
        session.end(repository, event.session)
        return Reply(message=f"{path}: all {len(target.proof.items)} items are settled")
    if asked := proving.asked_of_a_person(path, target.proof, points):
        # Holding the agent would press it to speak in somebody's place.
        session.end(repository, event.session)
        return Reply(message=asked)
    if _goes_on(event, running, repository, len(points)):
        said = f"prp: /{EXECUTE} {path} can't end yet.\n{proving.shortened(points)}\n"
        return Reply(context=said + proving.told(path, target.proof))
    from prp_pack.gate import sealing  # noqa: PLC0415 - most events write no record

    try:
        sealing.release(contract, target, f"stopped unproven with {len(points)} open")
    except UnreadableError as error:
        return Reply(
            message=f"/{EXECUTE} {path} stopped unproven, and no record could be kept: {error}"
        )
    return _let_go(running, len(points), points[0], event, repository)


def _open_points(checker: Checker, running: Running, repository: Repository) -> list[Finding]:
    """Return the errors in what the command wrote; that it wrote no PRP is one of them."""
    points: list[Finding] = []
    written = 0
    for path, digest in session.snapshot(repository).items():
        if running.before.get(path) == digest:
            continue
        try:
            source = repository.read(path)
        except UnreadableError as error:
            points.append(_open_point(path, error.reason, error.line or 1))
            continue
        written += document.parse(source.text, path).kind is Kind.PRP
        found = checker.check_text(source.text, path)
        points += [finding for finding in found if finding.severity is Severity.ERROR]
    if not written:
        said = "no PRP was written: create one, for instance with `prp new`, and fill it in"
        points.append(_open_point("PRPs", said, 1))
    return points


def _open_point(path: str, said: str, line: int) -> Finding:
    return Finding(line, said, path=path, severity=Severity.ERROR)


def _told(points: list[Finding], running: Running) -> str:
    paths = dict.fromkeys(point.path for point in points)
    return "\n".join(
        text.feedback(running.seen(path), [p for p in points if p.path == path]) for path in paths
    )


def _let_go(
    running: Running, points: int, first: str, event: Event, repository: Repository
) -> Reply:
    count = f"{points} open {'point' if points == 1 else 'points'}"
    session.end(repository, event.session)
    said = f"stopped unproven: /{running.command} {running.seen(running.arguments)}".rstrip()
    try:
        session.record(repository, f"{said} session={event.session} with {count}")
        kept = f"recorded in {session.LOG}"
    except UnreadableError as error:
        kept = f"not recorded, {error}"
    return Reply(
        message=f"{said} ended with {count} after {ROUNDS} rounds without progress ({kept}); "
        f"first: {first}"
    )
