"""Write examples of what the next phase consumes, run each, and keep its answer.

For each operation of the frozen contract that phase N+1 consumes (all of them while nobody says
what it does), `PRPs/contracts/phase_N/examples/` gets a Python program over the standard library, a
script for curl and the recorded answer. What is sent comes from [examples] of the configuration, or
from examples and defaults of the contract; no value is made up. Each answer is held against the
contract; one that is wrong fails, and then nothing is written. What differs from one start of the
service to the next is a word in the recorded answer, so that the same service gives the same files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prp_pack.evidence.record import Check, Findings, Status
from prp_pack.evidence.result import Result
from prp_pack.gate import redaction
from prp_pack.probes import quantities, service
from prp_pack.probes.hand_off import calls, consumed, example_files, published
from prp_pack.probes.hand_off.calls import Examples
from prp_pack.probes.hand_off.consumed import Needs
from prp_pack.probes.hand_off.example_files import Example
from prp_pack.probes.hand_off.written import settle
from prp_pack.probes.openapi.operations import Contract, Operation
from prp_pack.probes.probe import CannotRunError, Option, Run

if TYPE_CHECKING:
    from prp_pack.probes.hand_off.running import Outcome

NAME = "create_integration_examples"
_OURS = (".py", ".sh", ".answer.json")
_DECLARE = "write a [[examples.calls]] table into the configuration"

OPTIONS = (
    Option("--target-phase", "The phase that the examples are for: N+1.", quantities.phase, "N+1",
           required=True),
)  # fmt: skip


@dataclass(frozen=True)
class _Task:
    """What is to be shown: of which phase's contract, for whom."""

    contract: Contract
    phase: int
    target: int
    wanted: tuple[Operation, ...]
    checks: tuple[Check, ...]


def plan(run: Run) -> Iterator[str]:
    """Yield which examples would be written and run."""
    yield from service.described(run)
    task = _task(run)
    for example in _examples(run, task):
        missing = ", ".join(example.call.missing)
        yield f"{example.call.operation.name}: {missing or example.call.stem}"


def run(run: Run) -> Result:
    """Write and run them; raises `CannotRunError` without a frozen contract or a service."""
    task = _task(run)
    examples = _examples(run, task)
    checks = list(task.checks)
    checks += [
        Check(each.call.operation.name, Status.FAIL,
              f"nothing gives a value for {', '.join(each.call.missing)}: {_DECLARE}")
        for each in examples if each.call.missing
    ]  # fmt: skip
    ready = [each for each in examples if not each.call.missing]
    if not ready:
        checks.append(Check("examples", Status.FAIL, "there is none that could be run"))
    else:
        checks += _run(run, task, ready, complete=len(ready) == len(examples))
    found = Findings(checks=tuple(checks))
    return Result(NAME, found, subject_phase=task.phase, target_phase=task.target)


def _task(run: Run) -> _Task:
    number: int = run.options["target_phase"]
    needs = consumed.read(run.repository, number, run.prp)
    phase = needs.providers[0] if needs.providers else max(number - 1, 1)
    contract = published.of_phase(run, phase)
    if contract is None:
        path = f"{published.folder_of(run, phase)}/openapi.json"
        help_ = f"freeze it first: prp run generate_api_docs --phase={phase}"
        raise CannotRunError(f"there is no frozen contract {path}", help_)
    wanted, checks = _wanted(needs, contract)
    return _Task(contract, phase, number, wanted, checks)


def _wanted(needs: Needs, contract: Contract) -> tuple[tuple[Operation, ...], tuple[Check, ...]]:
    """Return the operations that are consumed, and failures for those that aren't there."""
    if not needs.stated:
        return contract.operations, ()
    found: dict[str, Operation] = {}
    checks = []
    for need in needs.needs:
        endpoint = need.endpoint
        if endpoint is None or endpoint.method in ("WEBSOCKET", "WS"):
            continue
        operation = contract.find(endpoint.method, endpoint.path)
        if operation:
            found[operation.name] = operation
        else:
            said = f"{need.place} says that it is consumed, and {contract.where} lacks it"
            checks.append(Check(need.words, Status.FAIL, said, str(need.place)))
    return tuple(found.values()), tuple(checks)


def _examples(run: Run, task: _Task) -> tuple[Example, ...]:
    table = run.settings.table("examples", Examples)
    service_ = run.settings.table("service", service.Service)
    made = calls.of_contract(
        task.contract, task.wanted, table, run.settings, service.base_url(run, service_)
    )
    headers = tuple(service_.headers)
    return tuple(Example(call, task.phase, task.target, headers) for call in made)


def _run(run: Run, task: _Task, examples: Sequence[Example], *, complete: bool) -> Iterator[Check]:
    """Run the examples in both languages; write all files when nothing is wrong."""
    from prp_pack.probes.hand_off import running  # noqa: PLC0415 - needs the extra

    texts = _programs(examples)
    for name, text in texts.items():
        (run.artefacts / name).write_text(text, encoding="utf-8")
    document = task.contract.document
    curl = running.curl_is_here(run)
    again: list[running.Outcome] = []
    with service.target(run) as target:
        stage = running.Stage(run, target, document)
        first = list(stage.outcomes(examples, running.PYTHON))
        started = target.process is not None
        if curl and not started:
            again = list(stage.outcomes(examples, running.CURL, only_safe=True))
    if curl and started:
        # On a fresh start, so that what was made before isn't there already.
        with service.target(run, log="service-again") as target:
            again = list(running.Stage(run, target, document).outcomes(examples, running.CURL))
    if not curl:
        yield Check("curl", Status.WARN, "curl or sh is not on PATH: the scripts were not run")
    checks = [*_judged(first, again), *_secrets(run, texts)]
    yield from checks
    if complete and not any(check.status is Status.FAIL for check in (*checks, *task.checks)):
        yield from _written(run, task, first, again, texts)


def _programs(examples: Sequence[Example]) -> dict[str, str]:
    found = {}
    for example in examples:
        found[f"{example.call.stem}.py"] = example_files.python_text(example)
        found[f"{example.call.stem}.sh"] = example_files.curl_text(example)
    return found


def _judged(first: Sequence[Outcome], again: Sequence[Outcome]) -> Iterator[Check]:
    by_stem = {outcome.example.call.stem: outcome for outcome in again}
    for one in first:
        call = one.example.call
        other = by_stem.get(call.stem)
        flaws = [f"{call.stem}.py: {flaw}" for flaw in one.flaws]
        flaws += [f"{call.stem}.sh: {flaw}" for flaw in (other.flaws if other else ())]
        statuses = [str(each.answer.status) for each in (one, other) if each and each.answer]
        if not flaws and len(set(statuses)) > 1:
            flaws = [f"the two examples were answered differently: {' and '.join(statuses)}"]
        for flaw in flaws:
            yield Check(call.operation.name, Status.FAIL, flaw, call.path)
        if not flaws:
            said = f"{call.stem} was answered {statuses[0]}, as the contract has it"
            yield Check(call.operation.name, Status.PASS, said, call.path)
        if other and other.skipped:
            said = f"{call.stem}.sh was not run: {other.skipped}"
            yield Check(call.operation.name, Status.WARN, said, call.path)


def _secrets(run: Run, texts: Mapping[str, str]) -> Iterator[Check]:
    known = redaction.known(run.environment)
    for name, text in texts.items():
        if any(value in text for value in known.labels):
            said = "holds a secret of the environment, and examples are committed: take it from "
            yield Check(name, Status.FAIL, f"{said}[service] headers, or save it from an answer")


def _written(
    run: Run, task: _Task, first: Sequence[Outcome], again: Sequence[Outcome],
    texts: Mapping[str, str],
) -> Iterator[Check]:  # fmt: skip
    from prp_pack.probes.hand_off import answers  # noqa: PLC0415 - needs the extra

    volatile = frozenset(run.settings.table("examples", Examples).volatile)
    known = redaction.known(run.environment)
    others = {outcome.example.call.stem: outcome.answer for outcome in again if outcome.answer}
    folder = f"{published.folder_of(run, task.phase)}/examples"
    files = {f"{folder}/{name}": text for name, text in texts.items()}
    for one in first:
        call = one.example.call
        if one.answer is None:
            continue
        names = {str(value): name for name, value in one.saved.items()}
        same = answers.Same(call.sent, volatile, names)
        received = (one.answer, others.get(call.stem, one.answer))
        text = redaction.redact(answers.recorded(call, received, same), known)
        files[f"{folder}/{call.stem}.answer.json"] = text
    shown = [outcome.example for outcome in first]
    files[f"{folder}/README.md"] = example_files.index_text(task.phase, task.target, shown)
    settled = list(settle(run.repository, files, check=False))
    new = sum(check.message == "written" for check in settled)
    for name in run.repository.names(folder):
        if name.endswith(_OURS) and f"{folder}/{name}" not in files:
            run.repository.remove(f"{folder}/{name}")
            yield Check(name, Status.WARN, "removed: nobody needs this example any more", folder)
    said = f"{len(first)} examples in {folder}, {new} of {len(files)} files written anew"
    yield Check("files", Status.PASS, said, folder)
