"""What a PRP's context block must say: read from plan, requirements and completion summaries.

Nothing here is guessed. Each value carries the place it was read from; where two documents
disagree there is a problem that names both, and no value is to be written anywhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath

from prp_pack.model import (
    CompletionSummary,
    Kind,
    Metric,
    Phase,
    PhaseContext,
    Place,
    Plan,
    PlannedPhase,
    Problem,
    Requirements,
    Severity,
)
from prp_pack.parse import baselines, document, front_matter, plan, requirements, summary
from prp_pack.repository import Repository, UnreadableError
from prp_pack.values import dataclass, field, replace

PLAN_NAME = "PROJECT_PHASE_PLAN.md"
_WRITE_A_PLAN = f"write PRPs/{PLAN_NAME} (template: PRPs/templates/project_phase_plan.md)"


@dataclass(frozen=True)
class ResolvedContext:
    """The facts for one PRP. `context` is None when they can't be known; `problems` say why.

    `sources` maps a name such as `phase_info.number` to where the value stands.
    """

    context: PhaseContext | None
    problems: tuple[Problem, ...] = ()
    sources: Mapping[str, Place] = field(default_factory=dict)
    requirements: str = ""
    plan: str = ""
    name: str = ""
    scope: str = ""
    delivers: tuple[str, ...] = ()
    outputs: tuple[CompletionSummary, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)

    @property
    def is_sound(self) -> bool:
        """Whether the values may be written into a document."""
        return self.context is not None and not self.errors

    @property
    def baselines(self) -> tuple[Metric, ...]:
        """What earlier phases measured; a value is never anything but measured."""
        return tuple(metric for output in self.outputs for metric in output.metrics)

    @cached_property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change when a fact changes, and not when a line moves."""
        facts = [
            _plain(self.context.phase) if self.context else None,
            [self.name, self.scope, *self.delivers],
            [
                [o.path, o.number, o.status, [_plain(e) for e in o.endpoints],
                 [_plain(m) for m in o.metrics], sorted(o.provides.items()), o.deferred]
                for o in self.outputs
            ],
        ]  # fmt: skip
        text = json.dumps(facts, sort_keys=True, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _plain(value: object) -> object:
    slots = getattr(type(value), "__slots__", ())
    return {name: getattr(value, name) for name in slots} if slots else value


def resolve(
    repository: Repository, requirements_path: str = "", number: int | None = None
) -> ResolvedContext:
    """Return the context for a requirements file, for a phase number, or for neither.

    Raises `UnreadableError` when a named file can't be read.
    """
    asked = Requirements(path="")
    kind = Kind.OTHER
    if requirements_path:
        source = repository.read(requirements_path)
        front = front_matter.parse(source.text, requirements_path)
        kind = document.kind_of(requirements_path, front)
        asked = requirements.parse(source.text, requirements_path)
    elif number is not None:
        asked = _requirements_of(repository, number) or asked
    number = number if number is not None else asked.number
    if kind is Kind.INITIAL:
        return _simple(asked, Place(requirements_path))
    if asked.plan and not repository.exists(asked.plan):
        said = f"the plan {asked.plan} that is named here does not exist"
        problem = Problem(asked.places["plan"], said, help=_WRITE_A_PLAN)
        return ResolvedContext(None, (*asked.problems, problem), requirements=asked.path)
    planned = find_plan(repository, asked)
    if number is None:
        return _without_number(asked, planned)
    return _phase(repository, asked, number, planned)


def feature_in_words() -> ResolvedContext:
    """Return the context of a feature that a user asks for in words, without any file."""
    return ResolvedContext(PhaseContext(), sources={"project_type": Place("the user's words")})


def _requirements_of(repository: Repository, number: int) -> Requirements | None:
    path = f"PRPs/PHASE{number}_REQUIREMENTS.md"
    source = repository.read_if_there(path)
    return requirements.parse(source.text, path) if source else None


def find_plan(repository: Repository, asked: Requirements) -> Plan | None:
    """Return the plan that a requirements file belongs to.

    The one it names under `plan:`, else the nearest `PROJECT_PHASE_PLAN.md` upwards from it,
    else the project's own.
    """
    folders = [f.as_posix() for f in PurePosixPath(asked.path).parents] if asked.path else []
    candidates = [asked.plan] if asked.plan else []
    candidates += [f"{folder}/{PLAN_NAME}".removeprefix("./") for folder in folders]
    candidates.append(f"PRPs/{PLAN_NAME}")
    for path in candidates:
        if source := repository.read_if_there(path):
            return plan.parse(source.text, path)
    return None


def _simple(asked: Requirements, source: Place, *problems: Problem) -> ResolvedContext:
    return ResolvedContext(
        PhaseContext(),
        problems=(*asked.problems, *problems),
        sources={"project_type": source},
        requirements=asked.path,
        name=asked.name,
    )


def _without_number(asked: Requirements, planned: Plan | None) -> ResolvedContext:
    if planned is None or asked.path:
        notes = []
        if planned and planned.phases:
            said = f"names no phase of {planned.path}; it is read as a simple feature"
            notes.append(Problem(Place(asked.path), said, Severity.NOTE, "add `phase: N`"))
        return _simple(asked, Place(asked.path or "PRPs"), *notes)
    listed = ", ".join(str(phase.number) for phase in planned.phases) or "none"
    problem = Problem(
        Place(planned.path),
        f"the plan has several phases ({listed}) and nothing says which one is meant",
        help="name a requirements file, or a phase with --phase N",
    )
    return ResolvedContext(None, (*planned.problems, problem), plan=planned.path)


def _phase(
    repository: Repository, asked: Requirements, number: int, planned: Plan | None
) -> ResolvedContext:
    if planned is None:
        place = asked.places.get("phase", Place(asked.path or "PRPs"))
        said = f"phase {number} is asked for but there is no phase plan"
        problem = Problem(place, said, help=_WRITE_A_PLAN)
        return ResolvedContext(None, (*asked.problems, problem), requirements=asked.path)
    entry = planned.phase(number)
    problems = [*asked.problems, *planned.problems]
    if entry is None:
        if planned.phases:
            listed = ", ".join(str(phase.number) for phase in planned.phases)
            place = asked.places.get("phase", Place(planned.path))
            said = f"phase {number} is not in {planned.path}, which has {listed}"
            problems.append(Problem(place, said))
        return ResolvedContext(None, tuple(problems), requirements=asked.path, plan=planned.path)
    problems += _conflicts(asked, entry, number)
    outputs, unreadable = _outputs(repository, asked, planned, entry.depends_on)
    problems += unreadable
    problems += [problem for output in outputs for problem in output.problems]
    context = None
    if entry.type and entry.complexity:
        total = max(phase.number for phase in planned.phases)
        context = PhaseContext(
            Phase(number, total, entry.type, entry.depends_on, planned.path, entry.complexity)
        )
    return ResolvedContext(
        context,
        problems=tuple(problems),
        sources=_sources(asked, planned, entry),
        requirements=asked.path,
        plan=planned.path,
        name=entry.name,
        scope=entry.scope,
        delivers=entry.delivers,
        outputs=outputs,
    )


def _conflicts(asked: Requirements, entry: PlannedPhase, number: int) -> Iterator[Problem]:
    """Yield where the requirements say something else than the plan; each names both places."""
    if asked.number is not None and asked.number != number:
        place = asked.places["phase"]
        yield Problem(place, f"phase {asked.number} stands here but phase {number} was asked for")
    pairs = (
        ("phase type", "type", asked.type, entry.type),
        ("complexity", "complexity", asked.complexity, entry.complexity),
        ("dependencies", "depends_on", asked.depends_on, entry.depends_on),
    )
    for label, key, here, there in pairs:
        if here is not None and there is not None and here != there:
            place, other = asked.places[key], entry.places.get(key, entry.place)
            one, two = _shown(here), _shown(there)
            yield Problem(
                place,
                f"{label} is {one} here but {two} at {other}",
                help="correct the one that is wrong; the plan is where phases are decided",
            )


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return f"“{', '.join(str(item) for item in value) or 'none'}”"
    return f"“{value}”"


def _sources(asked: Requirements, planned: Plan, entry: PlannedPhase) -> dict[str, Place]:
    last = max(planned.phases, key=lambda phase: phase.number)
    return {
        "project_type": entry.place,
        "phase_info.number": asked.places.get("phase", entry.places["number"]),
        "phase_info.total_phases": last.places["number"],
        "phase_info.phase_type": entry.places.get("type", entry.place),
        "phase_info.previous_phases": entry.places.get("depends_on", entry.place),
        "phase_info.template_source": Place(planned.path),
        "phase_info.complexity_level": entry.places.get("complexity", entry.place),
    }


def _outputs(
    repository: Repository, asked: Requirements, planned: Plan, numbers: Iterable[int]
) -> tuple[tuple[CompletionSummary, ...], list[Problem]]:
    """Return the summaries of the phases this one depends on, and what keeps others away."""
    folders = dict.fromkeys(
        PurePosixPath(path).parent.as_posix() for path in (asked.path, planned.path) if path
    )
    found, problems = [], []
    for number in numbers:
        name = f"PHASE{number}_COMPLETION_SUMMARY.md"
        paths = [f"{folder}/{name}".removeprefix("./") for folder in folders]
        path = next((path for path in paths if repository.exists(path)), None)
        if path is None:
            said = f"phase {number} has no completion summary {name}"
            at = planned.path
            problems.append(Problem(Place(at), said, Severity.NOTE, "write it when it is done"))
            continue
        try:
            output = summary.parse(repository.read(path).text, path)
            found.append(_with_baselines(repository, output, folders, number))
        except UnreadableError as error:
            problems.append(Problem(Place(path, error.line), error.reason, help=error.help))
    return tuple(found), problems


def _with_baselines(
    repository: Repository, output: CompletionSummary, folders: Iterable[str], number: int
) -> CompletionSummary:
    """Return a summary with the documented numbers that it lacks itself.

    Where both have one and they differ, the summary's stays, and a problem names both.
    """
    paths = dict.fromkeys(baselines.path_of(folder, number) for folder in (*folders, "PRPs"))
    path = next((path for path in paths if repository.exists(path)), None)
    if path is None:
        return output
    read = baselines.parse(repository.read(path).text, path)
    metrics, places = list(output.metrics), dict(output.places)
    problems = [*output.problems, *read.problems]
    at = {metric.name: index for index, metric in enumerate(metrics)}
    for one in read.metrics:
        index = at.setdefault(one.name, len(metrics))
        known = metrics[index].value if index < len(metrics) else None
        if known is None:
            metrics[index : index + 1] = [Metric(one.name, one.value, one.unit, one.run)]
            places[f"metrics.{index}"] = one.place
        elif known != one.value:
            place = places.get(f"metrics.{index}", Place(output.path))
            said = f"“{one.name}” is {one.value} here but {known} at {place}"
            help_ = "document the baselines again, or complete the phase again"
            problems.append(Problem(one.place, said, Severity.WARNING, help_))
    return replace(output, metrics=tuple(metrics), places=places, problems=tuple(problems))
