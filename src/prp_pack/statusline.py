"""One line for the status line of Claude Code: phase, level, open gates, and what comes next.

Of all PRPs only the one that is worked on is read: this runs after each answer of the model.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from prp_pack import context
from prp_pack.check.engine import Checker
from prp_pack.check.items import Item
from prp_pack.check.neighbours import Neighbours, is_put_away
from prp_pack.check.registry import Target
from prp_pack.evidence import ledger
from prp_pack.evidence.standing import SETTLED
from prp_pack.hooks import session
from prp_pack.hooks.session import Running
from prp_pack.model import Kind, Plan, Requirements
from prp_pack.parse.yaml_block import as_mapping
from prp_pack.phase_graph import in_order, waits_for
from prp_pack.phase_status import statuses_of
from prp_pack.project import CheckedOut
from prp_pack.report.visible import visible
from prp_pack.repository import Repository, UnreadableError
from prp_pack.shell_words import quoted

_BETWEEN = " · "
# A summary that says one of these ends its phase; others leave it to be worked on.
_ENDED = frozenset({"complete", "partial", "unverified"})


def line(content: bytes, here: Path, search_path: str) -> str:
    """Return the line for what the client sent; empty outside of a project with `PRPs/`.

    `here` counts where the client names no folder. What can't be read is told in the line.
    """
    try:
        said = as_mapping(json.loads(content))
    except (ValueError, RecursionError):
        said = {}
    named = as_mapping(said.get("workspace")).get("current_dir") or said.get("cwd")
    folder = Path(named) if isinstance(named, str) and "\0" not in named else here
    repository = Repository.containing(folder)
    if not repository.exists("PRPs"):
        return ""
    session_id = said.get("session_id")
    try:
        parts = _parts(repository, session_id if isinstance(session_id, str) else "", search_path)
        return visible(" ".join(("prp", _BETWEEN.join(parts)))) if parts else ""
    except UnreadableError as error:
        return visible(f"prp: {error}")


def _parts(repository: Repository, session_id: str, search_path: str) -> list[str]:
    checker = Checker(repository, project=CheckedOut(repository, search_path))
    plan = context.find_plan(repository, Requirements(path=""))
    running = session.load(repository, session_id)
    if running and _executes(running) and repository.exists(running.arguments):
        return _of_prp(checker, running.arguments, plan)
    if plan and plan.phases:
        return _of_plan(checker, plan)
    path = _last_recorded(repository)
    return _of_prp(checker, path, None) if path else []


def _executes(running: Running) -> bool:
    from prp_pack.hooks.command_start import EXECUTE  # noqa: PLC0415 - most sessions run no command

    return running.command == EXECUTE


def _of_plan(checker: Checker, plan: Plan) -> list[str]:
    """Return where the first phase stands that isn't summed up and waits for nothing."""
    statuses = statuses_of(checker.repository, plan)
    phases = in_order(plan)
    left = [phase for phase in phases if statuses.get(phase.number) not in _ENDED]
    if not left:
        return [f"all {len(phases)} phases have ended", "next prp status"]
    phase = next((each for each in left if not waits_for(each, statuses)), left[0])
    position = f"phase {phase.number}/{len(phases)}"
    path = _prp_of(checker.neighbours, plan, phase.number)
    if path:
        return _of_prp(checker, path, plan)
    folder = plan.path.rpartition("/")[0]
    asked = f"{folder}/PHASE{phase.number}_REQUIREMENTS.md".removeprefix("/")
    there = checker.repository.exists(asked)
    return [position, "no PRP", f"next {'/generate-prp' if there else 'write'} {asked}"]


def _prp_of(neighbours: Neighbours, plan: Plan, number: int) -> str:
    """Return the PRP of a phase: by its usual name, else by what the documents claim."""
    folder = PurePosixPath(plan.path).parent
    usual = (folder / f"phase{number}.md").as_posix()
    beside = [path for path in neighbours.repository.documents() if not is_put_away(path)]
    for path in sorted(beside, key=lambda each: each != usual):
        if PurePosixPath(path).parent == folder:
            claim = neighbours.claim_at(path)
            if claim and claim.kind is Kind.PRP and claim.number == number:
                return path
    return ""


def _last_recorded(repository: Repository) -> str:
    """Return the PRP that the newest record is about; run ids begin with the time."""
    newest = max(_records(repository), key=lambda each: each[1], default=None)
    if newest is None:
        return ""
    try:
        said = json.loads(repository.read("/".join(newest)).text)
    except (UnreadableError, ValueError):
        return ""
    path = as_mapping(said).get("prp")
    return path if isinstance(path, str) and repository.exists(path) else ""


def _records(repository: Repository) -> Iterator[tuple[str, str]]:
    for name in repository.names(ledger.FOLDER):
        folder = f"{ledger.FOLDER}/{name}"
        for record in repository.names(folder):
            if record.endswith(".json"):
                yield folder, record


def _of_prp(checker: Checker, path: str, plan: Plan | None) -> list[str]:
    target = checker.target(checker.repository.read(path).text, path)
    total = len(plan.phases) if plan else 0
    known = target.number is not None and total
    position = f"phase {target.number}/{total}" if known else PurePosixPath(path).stem
    open_ = target.proof.open
    said = [position, _level(target)]
    said.append(f"{len(open_)} open" if open_ else "all settled")
    said += [f"next {_following(target, open_)}"]
    return [each for each in said if each]


def _level(target: Target) -> str:
    """Return the last level that is settled with all before it, else the first one."""
    states = [(f"L{level}", state) for level, state in target.proof.levels.items()
              if level[:1].isdigit()]  # fmt: skip
    reached = ""
    for level, state in states:
        if state not in SETTLED:
            return reached or f"{level} {state}"
        reached = f"{level} {state}"
    return reached


def _following(target: Target, open_: tuple[Item, ...]) -> str:
    path = target.document.path
    runnable = next((item for item in open_ if item.is_runnable), None)
    if runnable:
        return f"prp gate run {quoted(path)} --level {runnable.level}"
    if open_:
        return f"prp attest {quoted(path)} {open_[0].id}"
    if target.proof.closed:
        return "prp status"
    return f"prp complete {target.number if target.number is not None else quoted(path)}"
