"""What a phase consumes of earlier ones, as its requirements, the plan and their summaries say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from prp_pack import context, phase_status
from prp_pack.check.endpoints import WrittenEndpoint, endpoint_in
from prp_pack.model import CompletionSummary, Place, Plan, PlannedPhase, Requirements
from prp_pack.parse import requirements
from prp_pack.repository import Repository, UnreadableError


@dataclass(frozen=True, slots=True)
class Need:
    """Something that is consumed, in the words of a document, and where it says so."""

    words: str
    place: Place

    @property
    def endpoint(self) -> WrittenEndpoint | None:
        """The endpoint that it is; None for what is none, such as a table."""
        return endpoint_in(self.words)


@dataclass(frozen=True)
class Needs:
    """What phase `number` consumes of the phases `providers`, the latest of which comes first.

    `stated` tells whether anybody said what it consumes; else it is all that they hand over.
    """

    number: int
    providers: tuple[int, ...]
    needs: tuple[Need, ...]
    stated: bool
    summaries: tuple[CompletionSummary, ...] = ()

    @property
    def source(self) -> str:
        """The documents that say it."""
        return " and ".join(dict.fromkeys(need.place.path for need in self.needs))


def read(repository: Repository, number: int, beside: str = "") -> Needs:
    """Return what a phase consumes; `beside` is a document of its track.

    What the requirements (`consumes:`) and the plan (`consumes:` of the phase) say counts. Without
    both it is what the earlier phases hand over: what their summaries have, else what the plan
    says that they deliver. Raises `UnreadableError` for a phase that the plan lacks.
    """
    plan = context.find_plan(repository, Requirements(path=beside))
    entry = plan.phase(number) if plan else None
    if plan and plan.phases and entry is None:
        listed = ", ".join(str(phase.number) for phase in plan.phases)
        help_ = "the last phase hands nothing on: leave this gate out of its PRP"
        said = f"phase {number} is not in the plan, which has {listed}"
        raise UnreadableError(plan.path, said, help=help_)
    before = (number - 1,) if number > 1 else ()
    providers = tuple(sorted(entry.depends_on if entry else before, reverse=True))
    summaries = _summaries(repository, plan, providers)
    stated = tuple(_once(_stated(repository, number, plan, entry)))
    handed = tuple(_once(_handed_over(plan, summaries, providers)))
    return Needs(number, providers, stated or handed, bool(stated), summaries)


def _stated(
    repository: Repository, number: int, plan: Plan | None, entry: PlannedPhase | None
) -> Iterator[Need]:
    folder = PurePosixPath(plan.path).parent.as_posix() if plan else "PRPs"
    path = f"{folder}/PHASE{number}_REQUIREMENTS.md".removeprefix("./")
    if source := repository.read_if_there(path):
        asked = requirements.parse(source.text, path)
        for words in asked.consumes:
            yield Need(words, asked.places.get("consumes", Place(path)))
    for words in entry.consumes if entry else ():
        yield Need(words, entry.places.get("consumes", entry.place) if entry else Place(""))


def _summaries(
    repository: Repository, plan: Plan | None, providers: tuple[int, ...]
) -> tuple[CompletionSummary, ...]:
    known = phase_status.summaries_of(repository, plan) if plan else {}
    return tuple(known[number] for number in providers if number in known)


def _handed_over(
    plan: Plan | None, summaries: tuple[CompletionSummary, ...], providers: tuple[int, ...]
) -> Iterator[Need]:
    by_number = {summary.number: summary for summary in summaries}
    for number in providers:
        summary = by_number.get(number)
        for index, one in enumerate(summary.endpoints if summary else ()):
            method = "WebSocket" if one.kind == "websocket" else one.method.upper() or "GET"
            place = summary.places.get(f"endpoints.{index}") if summary else None
            yield Need(f"{method} {one.path}", place or Place(summary.path if summary else ""))
        delivering = plan.phase(number) if plan and not (summary and summary.endpoints) else None
        for words in delivering.delivers if delivering else ():
            # A plan also promises what is no interface, such as pages or speed.
            if endpoint_in(words) and delivering:
                yield Need(words, delivering.places.get("delivers", delivering.place))


def _once(needs: Iterator[Need]) -> Iterator[Need]:
    seen = set()
    for need in needs:
        # What the template leaves to be said is nothing.
        if need.words not in seen and not need.words.startswith("["):
            seen.add(need.words)
            yield need
