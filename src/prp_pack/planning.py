"""Work on a phase plan: find it, draw what is drawn from it, record how it changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from prp_pack import assets, context, phase_status
from prp_pack.check import fix
from prp_pack.check.engine import FIX_ROUNDS
from prp_pack.check.neighbours import LOG_NAME
from prp_pack.context import PLAN_NAME
from prp_pack.model import Finding, Kind, Plan, PlannedPhase, Requirements
from prp_pack.parse import adaptation_log as recorded
from prp_pack.parse import document as documents
from prp_pack.parse import front_matter
from prp_pack.parse import plan as plans
from prp_pack.render import adaptation_log
from prp_pack.render.adaptation_log import Adaptation
from prp_pack.render.drawn_parts import MAP_TEMPLATE, Drift, drifts
from prp_pack.repository import Repository, Source, UnreadableError, decode
from prp_pack.values import dataclass

MAP_NAME = "PHASE_DEPENDENCY_MAP.md"

# What an entry of the log can quote from the plan.
FIELDS = ("name", "type", "complexity", "depends_on", "scope", "delivers")

_TEMPLATES = {MAP_NAME: "phase_dependency_map.md", LOG_NAME: "phase_adaptation_log.md"}
_PLAN_LINE = re.compile(r"^plan:.*$", re.MULTILINE)
_FIRST_ENTRY = re.compile(r"^## ", re.MULTILINE)


def find(named: Path | None, here: Path) -> tuple[Repository, Plan]:
    """Return a plan and its project: the named one, else the nearest from a folder upwards.

    Where neither the folders nor `PRPs/` hold one, the only one below `PRPs/` is taken. Raises
    `UnreadableError` when there is none, or when nothing says which one is meant.
    """
    if named is not None and not named.is_dir():
        repository = Repository.containing(named.parent)
        return repository, _read(repository, repository.relative(named))
    folder = named or here
    repository = Repository.containing(folder)
    nearest = context.find_plan(repository, Requirements(repository.relative(folder / PLAN_NAME)))
    if nearest:
        return repository, nearest
    others = [path for path in repository.documents() if path.upper().endswith("PHASE_PLAN.MD")]
    if len(others) == 1:
        return repository, _read(repository, others[0])
    if others:
        listed = ", ".join(others)
        raise UnreadableError("PRPs", f"has several phase plans: {listed}", help="name one")
    hint = f"write PRPs/{PLAN_NAME}, or let /plan-project-phases write it"
    raise UnreadableError("PRPs", f"has no phase plan {PLAN_NAME}", help=hint)


def _read(repository: Repository, path: str) -> Plan:
    text = repository.read(path).text
    if documents.kind_of(path, front_matter.parse(text, path)) is not Kind.PLAN:
        hint = "a plan has `template: phase_plan` in its front matter, or is named …PHASE_PLAN.md"
        raise UnreadableError(path, "is not a phase plan", help=hint)
    return plans.parse(text, path)


def beside(plan: Plan, name: str) -> str:
    """Return the path of a file in the plan's folder."""
    return PurePosixPath(plan.path).with_name(name).as_posix()


# --- What is drawn --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drawing:
    """A file with everything drawn that may be; `before` is None where there is none yet.

    Both texts are raw. `left` is what isn't drawn, because somebody wrote what stands there or
    because nothing says where it goes.
    """

    path: str
    before: str | None
    after: str
    left: tuple[Drift, ...] = ()

    @property
    def changes(self) -> bool:
        return self.before != self.after


def draw(repository: Repository, plan: Plan, *, force: bool = False) -> tuple[Drawing, ...]:
    """Return the dependency map and the plan itself as a sound plan gives them; writes nothing.

    With `force`, what somebody wrote into a drawn part is drawn over. Raises `UnreadableError`.
    """
    statuses = phase_status.statuses_of(repository, plan)
    there = _map_of(repository, plan)
    fresh = there or _from_template(repository, plan, MAP_NAME)
    own = repository.read(plan.path)
    return (
        _drawing(fresh, there, plan, statuses, force=force),
        _drawing(own, own, plan, statuses, force=force),
    )


def write(repository: Repository, drawings: Iterable[Drawing]) -> None:
    """Write the files that change, each in one step."""
    for drawing in drawings:
        if drawing.changes:
            repository.write(drawing.path, drawing.after)


def _map_of(repository: Repository, plan: Plan) -> Source | None:
    source = repository.read_if_there(beside(plan, MAP_NAME))
    if source is None:
        return None
    front = front_matter.parse(source.text, source.path)
    if front.text("template") != MAP_TEMPLATE:
        hint = f"add `template: {MAP_TEMPLATE}` to its front matter, or move the file away"
        raise UnreadableError(source.path, "was not made by prp: nothing is drawn there", help=hint)
    named = front.text("plan")
    if named and named != plan.path:
        hint = "give each plan a folder of its own"
        raise UnreadableError(
            source.path, f"is drawn from {named}, not from {plan.path}", help=hint
        )
    return source


def _drawing(
    source: Source, there: Source | None, plan: Plan, statuses: Mapping[int, str], *, force: bool
) -> Drawing:
    left: list[Drift] = []
    for _ in range(FIX_ROUNDS):
        found = list(drifts(documents.parse(source.text, source.path), plan, statuses))
        left = [d for d in found if d.edit is None or (d.by_hand and not force)]
        edits = (Finding(d.line, d.message, fix=d.edit) for d in found if d not in left)
        raw = fix.apply(source, edits)
        if raw == source.raw:
            break
        source = decode(raw.encode(), source.path)
    return Drawing(source.path, there.raw if there else None, source.raw, tuple(left))


def _from_template(repository: Repository, plan: Plan, name: str) -> Source:
    """Return a new file beside the plan: the project's own template, else the shipped one."""
    own = repository.read_if_there(f"PRPs/templates/{_TEMPLATES[name]}")
    shipped = assets.folder("templates") / _TEMPLATES[name]
    text = own.text if own else shipped.read_text(encoding="utf-8")
    text = _PLAN_LINE.sub(lambda _: f"plan: {plan.path}", text, count=1)
    if name == LOG_NAME and (entry := _FIRST_ENTRY.search(text)):
        text = text[: entry.start()]
    path = beside(plan, name)
    return decode(text.replace("\n", own.newline if own else "\n").encode(), path)


# --- What is recorded -----------------------------------------------------------------------


def planned_value(phase: PlannedPhase, field: str) -> str:
    """Return what the plan says of a phase in one of `FIELDS`, “none” where it says nothing."""
    values = {
        "name": phase.name,
        "type": phase.type or "",
        "complexity": phase.complexity or "",
        "depends_on": ", ".join(str(number) for number in phase.depends_on),
        "scope": phase.scope,
        "delivers": "; ".join(phase.delivers),
    }
    return values[field] or "none"


def dependants(plan: Plan, number: int) -> Iterator[int]:
    """Yield the phases that depend on one, directly."""
    return (phase.number for phase in plan.phases if number in phase.depends_on)


def record(repository: Repository, plan: Plan, adaptation: Adaptation) -> tuple[str, bool]:
    """Add an entry to the log beside the plan; returns the log's path, and whether it was added.

    An entry that stands there word for word isn't added again. Raises `UnreadableError`, also
    when an entry at the end of the log would not be read as one.
    """
    path = beside(plan, LOG_NAME)
    there = repository.read_if_there(path) or _from_template(repository, plan, LOG_NAME)
    entry = adaptation_log.render(adaptation)
    if entry in there.text:
        return path, False
    text = f"{there.text.rstrip()}\n\n{entry}"
    before = recorded.parse(there.text, path)
    after = recorded.parse(text, path)
    expected = tuple(sorted({adaptation.phase, *adaptation.affects}))
    if len(after) != len(before) + 1 or after[-1].phases != expected:
        line = there.text.count("\n") + 1
        hint = "close the fence or the comment that is open at its end"
        raise UnreadableError(path, "takes no entry: it would not be read as one", line, hint)
    added = text[len(there.text.rstrip()) :].replace("\n", there.newline)
    repository.write(path, f"{there.raw.rstrip()}{added}")
    return path, True
