"""Freeze the contract that the service publishes, and draw it as a page for the next phase.

`PRPs/contracts/phase_N/openapi.json` is the contract in a fixed order, without hosts and ports;
`asyncapi.json` is that of the messages, where [websocket] names one; `API.md` shows both to
whoever builds on them. The same service gives the same files, byte for byte. A contract that isn't
valid, or that differs from one request to the next, is not frozen, and that of a completed phase
stays as it is. What an operation doesn't say of itself is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prp_pack import context, phase_status
from prp_pack.evidence.record import Check, Findings, Status
from prp_pack.evidence.result import Result
from prp_pack.model import Requirements
from prp_pack.parse.contract import Json
from prp_pack.probes import quantities, service
from prp_pack.probes.hand_off import consumed, published
from prp_pack.probes.hand_off.schemas import gaps
from prp_pack.probes.hand_off.written import settle
from prp_pack.probes.openapi import reading
from prp_pack.probes.openapi.operations import operations
from prp_pack.probes.probe import Option, Run
from prp_pack.repository import UnreadableError

NAME = "generate_api_docs"
FOR_NEXT, PLAIN = "next-phase-integration", "markdown"
_MOST = 5


def _format(value: str) -> str:
    if value not in (FOR_NEXT, PLAIN):
        raise ValueError(f"is neither {FOR_NEXT} nor {PLAIN}")
    return value


OPTIONS = (
    Option("--phase", "The phase whose contract is frozen.", quantities.phase, "N", required=True),
    Option("--format", f"{FOR_NEXT}, or {PLAIN}: the page without what is for the next phase.",
           _format, "FORMAT", default=FOR_NEXT),
    Option("--check", "Write nothing; fail when something would be written anew."),
    Option("--refreeze", "Also when the phase is complete."),
)  # fmt: skip


@dataclass(frozen=True)
class _Published:
    contract: Json
    channels: Json
    checks: list[Check]


def plan(run: Run) -> Iterator[str]:
    """Yield what would be read and written."""
    yield from service.described(run)
    yield f"contract: {run.settings.table('service', service.Service).openapi}"
    yield f"written: {published.folder_of(run, run.options['phase'])}/openapi.json and API.md"


def run(run: Run) -> Result:
    """Freeze and draw; raises `CannotRunError` when there is no contract to be had."""
    from prp_pack.probes.hand_off import page  # noqa: PLC0415 - needs the extra

    number: int = run.options["phase"]
    for_next = run.options["format"] == FOR_NEXT
    reader = None
    if for_next:
        needs = _needs(run, number + 1)
        reader = page.Reader([need.words for need in needs.needs], needs.source)
    found = _read(run)
    checks = found.checks
    if not any(check.status is Status.FAIL for check in checks):
        folder = published.folder_of(run, number)
        text = published.to_text(found.contract)
        files = {f"{folder}/openapi.json": text}
        if found.channels:
            files[f"{folder}/asyncapi.json"] = published.to_text(found.channels)
        files[f"{folder}/API.md"] = page.render(number, found.contract, found.channels, reader)
        checks += _gaps(found.contract)
        checks += _kept(run, number, files) or settle(
            run.repository, files, check=bool(run.options.get("check"))
        )
    target = number + 1 if for_next else None
    return Result(NAME, Findings(checks=tuple(checks)), subject_phase=number, target_phase=target)


def _needs(run: Run, number: int) -> consumed.Needs:
    try:
        needs = consumed.read(run.repository, number, run.prp)
    except UnreadableError:
        # The last phase has no next one, and its contract can be frozen all the same.
        return consumed.Needs(number, (), (), stated=False)
    return needs if needs.stated else consumed.Needs(number, (), (), stated=False)


def _read(run: Run) -> _Published:
    with service.target(run) as target:
        run.tell("reading the contract", None)
        first, where = published.fetch(run, target)
        again, _ = published.fetch(run, target)
    contract = published.frozen(first)
    checks = list(_validity(contract, where))
    if published.to_text(contract) != published.to_text(published.frozen(again)):
        said = "differs from one request to the next, so that it can't be frozen"
        checks.append(Check("published contract", Status.FAIL, said, where))
    channels = published.channels_of(run)
    messages = published.frozen_channels(channels) if channels else None
    return _Published(contract, messages, checks)


def _validity(contract: Json, where: str) -> Iterator[Check]:
    """Yield whether a contract is a valid one, and the whole of one."""
    outside = reading.outside(contract)[:_MOST]
    errors = [f"refers to {each}: publish it as one document" for each in outside]
    # A validator would fetch what is referred to.
    errors = errors or [f"is not valid: {each}" for each in reading.flaws(contract)]
    for error in errors:
        yield Check("published contract", Status.FAIL, error, where)
    if not errors:
        count = len(operations(contract))
        version = contract.get("openapi", contract.get("swagger"))
        said = f"is valid, version {version}, {count} operation{'s' if count != 1 else ''}"
        yield Check("published contract", Status.PASS if count else Status.FAIL, said, where)


def _gaps(contract: Json) -> Iterator[Check]:
    for operation in operations(contract):
        if lacks := gaps(contract, operation):
            yield Check(operation.name, Status.WARN, f"has no {', no '.join(lacks)}")


def _kept(run: Run, number: int, files: Mapping[str, str]) -> list[Check]:
    """Return a failure for a contract that is frozen for good; nothing where it may be written."""
    plan = context.find_plan(run.repository, Requirements(path=run.prp))
    status = phase_status.statuses_of(run.repository, plan).get(number) if plan else None
    if status != "complete" or run.options.get("refreeze") or run.options.get("check"):
        return []
    path = f"{published.folder_of(run, number)}/openapi.json"
    source = run.repository.read_if_there(path)
    if source is None or source.raw == files[path]:
        return []
    said = f"phase {number} is complete, and what it promised stays; what the service publishes now"
    said += " is another contract: freeze it for the phase in work, or give --refreeze"
    return [Check(path, Status.FAIL, said, path)]
