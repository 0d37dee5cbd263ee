"""A session begins in a project with `PRPs/`: one line of where it stands and what comes next."""

from __future__ import annotations

from pathlib import Path

from prp_pack import context
from prp_pack.hooks import proving, session
from prp_pack.hooks.command_start import EXECUTE
from prp_pack.hooks.event import Event, Reply
from prp_pack.hooks.session import Running
from prp_pack.model import Kind, Plan, Requirements
from prp_pack.parse import document, summary
from prp_pack.report.visible import visible
from prp_pack.repository import Repository, UnreadableError
from prp_pack.values import replace


def session_start(event: Event, repository: Repository) -> Reply:
    """Return the state in one line; after a compaction also the command that still runs."""
    lines = [visible(_state(repository))]
    running = session.load(repository, event.session)
    if running and event.text("source") in ("compact", "resume"):
        session.save(repository, event.session, replace(running, prompt=""))
        lines.append(_going_on(event, running, repository))
    return Reply(context="\n".join(line for line in lines if line), message=_twice(event))


def _twice(event: Event) -> str:
    """Return what the user is told where the plugin and the project's own hooks are both active."""
    if "CLAUDE_PLUGIN_ROOT" not in event.environment:
        return ""
    began = Repository(Path(event.root))
    for path in (".claude/settings.json", ".claude/settings.local.json"):
        try:
            source = began.read_if_there(path)
        except UnreadableError:
            # The client can't read it either, so nothing in it is active.
            continue
        if source and "prp_hook.py" in source.text:
            return (
                f"the plugin is active, and {path} registers the hooks as well, so each runs "
                "twice: keep the plugin with `prp init --uninstall`, or the project's own with "
                "`claude plugin disable prp@prp-pack`"
            )
    return ""


def _going_on(event: Event, running: Running, repository: Repository) -> str:
    """Return what a session that lost its memory must know of its command."""
    if running.command != EXECUTE:
        command = f"/{running.command} {running.seen(running.arguments)}"
        return (
            f"prp: {command} is running in this session; it ends when "
            "`prp check` finds no error in the PRP it writes."
        )
    path = running.seen(running.arguments)
    project = session.project_of(repository, running)
    try:
        target = event.contract(project, running.arguments).target()
    except UnreadableError as error:
        return f"prp: /{EXECUTE} {path} is running in this session, but {error}"
    said = f"prp: /{EXECUTE} {path} is running in this session. {proving.told(path, target.proof)}"
    points = proving.open_points(target)
    return f"{said} Open:\n{proving.shortened(points)}" if points else said


def _state(repository: Repository) -> str:
    try:
        plan = context.find_plan(repository, Requirements(path=""))
    except UnreadableError as error:
        return f"prp: {error}"
    if plan is None or not plan.phases:
        return "prp: no phase plan; /generate-prp takes a feature from PRPs/INITIAL.md"
    prps = _prps_by_phase(repository)
    told = {phase.number: _status(repository, plan, phase.number) for phase in plan.phases}
    open_ = [phase for phase in plan.phases if told[phase.number] is None]
    name = f" of “{plan.project}”" if plan.project else ""
    if not open_:
        return f"prp: all {len(plan.phases)} phases{name} have a completion summary"
    blocked = [number for number, status in told.items() if status == "blocked"]
    free = [phase for phase in open_ if not {*phase.depends_on} & {*blocked}]
    if not free:
        said = ", ".join(str(number) for number in sorted(blocked))
        waits = f"prp: every phase{name} that is left waits for what is blocked: {said}"
        return f"{waits}; see `prp status`"
    phase = min(free, key=lambda each: each.number)
    if phase.number in prps:
        following = f"/execute-prp {prps[phase.number]}"
    else:
        asked = f"PRPs/PHASE{phase.number}_REQUIREMENTS.md"
        there = repository.exists(asked)
        following = f"/generate-prp {asked}" if there else f"write {asked} first"
    position = f"phase {phase.number} of {len(plan.phases)}{name}"
    return f"prp: {position}, “{phase.name}”, is next: {following}"


def _status(repository: Repository, plan: Plan, number: int) -> str | None:
    """Return what a phase's completion summary says it is; None without one."""
    folder = plan.path.rpartition("/")[0]
    path = f"{folder}/PHASE{number}_COMPLETION_SUMMARY.md"
    try:
        source = repository.read_if_there(path)
    except UnreadableError:
        # The check reports it; there is one.
        return ""
    return summary.parse(source.text, path).status if source else None


def _prps_by_phase(repository: Repository) -> dict[int, str]:
    found: dict[int, str] = {}
    for path in repository.documents():
        try:
            parsed = document.parse(repository.read(path).text, path)
        except UnreadableError:
            # The check reports it; a line of state is no place for it.
            continue
        stated = parsed.block.context
        if parsed.kind is Kind.PRP and stated and stated.phase:
            found.setdefault(stated.phase.number, path)
    return found
