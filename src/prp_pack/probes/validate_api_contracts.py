"""Check that the running service still keeps what an earlier phase promised.

The promise is the contract that was frozen when that phase was complete:
PRPs/contracts/phase_N/openapi.json or .yaml. Valid requests made up from it are sent to the
service, and each answer is held against it. The contract that the service publishes now must be
valid, and is compared with it; what is added is noted, what breaks a caller fails. Requests change
data: the service should be one for tests, and is on this machine or among allowed_hosts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from prp_pack.evidence.record import Artefact, Check, Findings, Status
from prp_pack.evidence.result import Result
from prp_pack.parse import document as documents
from prp_pack.probes import quantities, service
from prp_pack.probes.api_contracts import base, changes, findings, frozen, judging, traffic
from prp_pack.probes.api_contracts.frozen import Contracts
from prp_pack.probes.api_contracts.traffic import Requests
from prp_pack.probes.http import NoAnswerError
from prp_pack.probes.openapi import reading
from prp_pack.probes.openapi.operations import Contract
from prp_pack.probes.probe import CannotRunError, Option, Run
from prp_pack.probes.service import Service, Target
from prp_pack.repository import UnreadableError

NAME = "validate_api_contracts"
_OK = 200


def _phase(value: object) -> int:
    return 0 if str(value).strip() in ("0", "phase_0") else quantities.phase(value)


def _mode(value: object) -> str:
    if value not in ("positive", "all"):
        raise ValueError("is neither positive nor all")
    return str(value)


OPTIONS = (
    Option("--phase", "The phase whose contract is held; without it the one before the PRP's.",
           _phase, "N"),
    Option("--examples", "Valid requests made up for each operation.", quantities.count, "N"),
    Option("--mode", "positive sends valid requests; all sends invalid ones too.", _mode,
           "MODE", default="positive"),
    Option("--contract", "A contract in place of the frozen one of the phase.", str, "FILE"),
)  # fmt: skip


def plan(run: Run) -> Iterator[str]:
    """Yield what would be checked."""
    contracts = _contracts(run)
    phase, why = _phase_of(run)
    if phase < 1 and not run.options.get("contract"):
        yield f"nothing: {why}"
        return
    contract = _contract(run, phase)
    yield from service.described(run)
    yield f"contract: {contract.where}, {findings.summary(contract)}"
    yield _requests(run, contracts, contract, "").described
    yield f"compared with: {run.settings.table('service', Service).openapi or 'nothing'}"


def run(run: Run) -> Result:
    """Check; raises `CannotRunError` when there is no service that the contract could be of."""
    contracts = _contracts(run)
    phase, why = _phase_of(run)
    if phase < 1 and not run.options.get("contract"):
        return Result(NAME, Findings((Check("phase", Status.SKIP, why),)))
    contract = _contract(run, phase)
    described = run.settings.table("service", Service)
    service.expect_allowed(run, service.base_url(run, described), described.allowed_hosts)
    checks = [_validity(contract)]
    with service.target(run) as target:
        published, problem = _published(run, target)
        excluded = _requests(run, contracts, contract, "").excluded
        url = base.find(target, contract, published, excluded, run.timeout)
        events = traffic.send(run, contract, _requests(run, contracts, contract, url))
    with events.open(encoding="utf-8") as lines:
        seen, ended = judging.observed(lines)
    if not ended:
        raise CannotRunError("schemathesis stopped before all operations were asked")
    asked = [each for each in contract.operations if each.name not in excluded]
    checks += findings.conformance(contract, seen, excluded)
    checks += findings.confirmation(asked, seen)
    checks += problem
    tools = {name: version(name) for name in ("openapi-spec-validator", "schemathesis")}
    if published:
        flaws = reading.flaws(published.document)
        try:
            comparison = changes.compare(run, contract, published, contracts.compare)
        except CannotRunError as error:
            if not flaws:
                raise
            checks.append(findings.incomparable(published, flaws, error))
        else:
            checks += findings.comparison(comparison, published, flaws)
            tools[comparison.tool] = comparison.version
    metrics, thresholds = findings.numbers(asked, seen, contracts)
    artefacts = (_artefact(run, events, "schemathesis events"),)
    return Result(
        NAME,
        Findings(tuple(checks), metrics, thresholds, artefacts),
        subject_phase=phase or None,
        tools=tools,
    )


def _contracts(run: Run) -> Contracts:
    contracts = run.settings.table("contracts", Contracts)
    examples = run.options.get("examples")
    return replace(contracts, examples=examples) if examples else contracts


def _phase_of(run: Run) -> tuple[int, str]:
    """Return the phase to hold, 0 for none and then why."""
    given = run.options.get("phase")
    if given:
        return given, ""
    first = "before phase 1 nothing was promised"
    if given == 0:
        return 0, first
    if run.options.get("contract"):
        return 0, ""
    if not run.prp:
        help_ = "give --phase=N, or --prp"
        raise UnreadableError("PRPs", "nothing says which phase's contract is meant", 0, help_)
    stated = documents.parse(run.repository.read(run.prp).text, run.prp).block.context
    if not stated or not stated.phase:
        return 0, f"{run.prp} belongs to no phase; --phase=N names one"
    return stated.phase.number - 1, first


def _contract(run: Run, phase: int) -> Contract:
    named = run.options.get("contract")
    path = named or frozen.find(run, phase)
    return frozen.load(run.repository, path)


def _requests(run: Run, contracts: Contracts, contract: Contract, url: str) -> Requests:
    known = {each.name for each in contract.operations}
    for each in contracts.exclude:
        if each not in known:
            help_ = "write it as the contract has it: METHOD /path"
            said = f"{contract.where} has no operation “{each}”"
            raise run.settings.error(said, ("contracts", "exclude"), help_)
    headers = run.settings.table("service", Service).headers
    excluded = frozenset(contracts.exclude)
    return Requests(url, headers, contracts, excluded, run.options.get("mode") or "positive")


def _validity(contract: Contract) -> Check:
    flaws = reading.flaws(contract.document)
    status = Status.FAIL if flaws else Status.PASS
    return Check("contract", status, findings.described(contract, flaws), contract.where)


def _published(run: Run, target: Target) -> tuple[Contract | None, list[Check]]:
    """Return the contract that the service publishes now, or the check that says why not."""
    where = target.service.openapi
    name = "published contract"
    if not where:
        return None, [Check(name, Status.SKIP, "[service] openapi is empty: not compared")]
    help_ = 'write openapi = "/openapi.json", or its file, into [service]; "" where there is none'
    try:
        if not where.startswith("/"):
            return frozen.load(run.repository, where), []
        with target.client(run.timeout) as client:
            answer = client.ask("GET", where)
        if answer.status != _OK:
            said = f"{where} answered {answer.status}; {help_}"
            return None, [Check(name, Status.ERROR, said, where)]
        return frozen.read(answer.text, where), []
    except NoAnswerError as error:
        return None, [Check(name, Status.ERROR, f"{where}: {error}; {help_}", where)]
    except UnreadableError as error:
        return None, [Check(name, Status.ERROR, f"{error}; {help_}", where)]


def _artefact(run: Run, path: Path, kind: str) -> Artefact:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return Artefact(f"{run.folder}/{path.name}", digest, kind)
