from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.endpoints import endpoint_in, names_path, without_parameters
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Kind, Place, PlannedPhase
from prp_pack.regex import regex

_PREFIX = regex(r"^phase \d{1,4} ")
_NOT_WORD = regex(r"[\W_]+")
_HELP = "follow the plan, or record the change for this phase in PHASE_ADAPTATION_LOG.md"


@rule(
    "PRP602",
    name="disagrees-with-plan",
    summary="The document tells another story about its phase than the plan, and no log says why.",
    kinds=(Kind.PRP, Kind.REQUIREMENTS, Kind.SUMMARY),
)
def disagrees_with_plan(target: Target) -> Iterator[Finding]:
    number, plan = target.number, target.followed_plan
    if number is None or plan is None or not plan.phases:
        return
    if any(number in entry.phases for entry in target.neighbours.adaptations_of(plan)):
        return
    front = target.document.front_matter
    planned = plan.phase(number)
    if planned is None:
        # In PRPs and requirements PRP201 says so.
        if target.document.kind is Kind.SUMMARY:
            listed = ", ".join(str(phase.number) for phase in plan.phases)
            message = f"phase {number} is not in {plan.path}, which has {listed}"
            yield Finding(front.lines.get("phase", 1), message, help=_HELP)
        return
    named = front.text("name")
    if named and not named.startswith("[") and _plain(named) != _plain(planned.name):
        message = f"“name” is “{named}” here but “{planned.name}” at {_place(planned, 'name')}"
        yield Finding(front.lines.get("name", 1), message, help=_HELP)
    yield from _deliveries(target, planned)


def _deliveries(target: Target, planned: PlannedPhase) -> Iterator[Finding]:
    """Yield the endpoints that the plan wants delivered and that the document never names."""
    document = target.document
    endpoints = [(said, found) for said in planned.delivers if (found := endpoint_in(said))]
    text = without_parameters(document.text) if endpoints else ""
    for delivery, endpoint in endpoints:
        if not names_path(text, endpoint.path):
            key = "PHASE_INFO.number" if document.kind is Kind.PRP else "phase"
            line = document.front_matter.lines.get(key, document.block.lines.get(key, 1))
            there = f"which phase {planned.number} delivers at {_place(planned, 'delivers')}"
            yield Finding(line, f"nothing here names “{delivery}”, {there}", help=_HELP)


def _plain(name: str) -> str:
    """Return what of a name is compared: no case, no punctuation, no “Phase 2:” before it."""
    return _PREFIX.sub("", _NOT_WORD.sub(" ", name).strip().casefold())


def _place(planned: PlannedPhase, key: str) -> Place:
    return planned.places.get(key, planned.place)
