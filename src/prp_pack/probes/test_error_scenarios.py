"""Test how a service answers what is wrong, and what it does when something that it needs fails.

Wrong requests are always sent: an unknown path and method, broken JSON where the OpenAPI document
says that JSON is taken, what [faults] declares. They break nothing.

With --simulate-failures the service is started with a proxy before each declared dependency, which
refuses, resets, holds back, delays, trickles, cuts off or garbles; a dependency whose start is
declared is killed and started again. In each fault the service must answer as declared within its
time, and be well again soon after. At last it is asked to end while a request is under way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack

from prp_pack.evidence.record import Check, Findings, Status
from prp_pack.evidence.result import Result
from prp_pack.probes import machine, service
from prp_pack.probes.faults import shutdown, simulation, wrong_requests
from prp_pack.probes.faults.dependency import Reached
from prp_pack.probes.faults.proxy import looping
from prp_pack.probes.faults.tables import MODES, Dependency, Faults, Mode
from prp_pack.probes.probe import CannotRunError, Option, Run
from prp_pack.probes.service import Service, Target

NAME = "test_error_scenarios"


def _mode(value: str) -> str:
    if value not in MODES:
        raise ValueError(f"is none of {', '.join(MODES)}")
    return value


OPTIONS = (
    Option("--simulate-failures", "Break the dependencies that [faults] declares."),
    Option("--dependency", "Break this one alone.", str, "NAME"),
    Option("--mode", f"In this way alone: {', '.join(MODES)}.", _mode, "MODE"),
)  # fmt: skip


def plan(run: Run) -> Iterator[str]:
    """Yield what would be done."""
    yield from service.described(run)
    faults = run.settings.table("faults", Faults)
    yield "wrong requests: unknown path and method, broken JSON, too long a body"
    for wrong in faults.requests:
        yield f"wrong request: {wrong.method} {wrong.path}"
    if not run.options.get("simulate_failures"):
        yield "nothing is broken without --simulate-failures"
        return
    for each in _dependencies(run, faults):
        host, port = each.target
        yield f"{each.name} at {host}:{port}: {', '.join(_modes(run, each))}"
    yield "the service is asked to end with a request under way"


def run(run: Run) -> Result:
    """Test; raises `CannotRunError` when there is nothing sound to begin with."""
    faults = run.settings.table("faults", Faults)
    declared = run.settings.table("service", Service)
    url = service.base_url(run, declared)
    service.expect_allowed(run, url, declared.allowed_hosts)
    simulates = bool(run.options.get("simulate_failures"))
    dependencies = _dependencies(run, faults) if simulates else ()
    for each in dependencies:
        for host, _ in (each.target, each.listen):
            service.expect_allowed(run, f"tcp://{host}", declared.allowed_hosts)
    facts = machine.facts()
    found: list[Findings] = []
    with ExitStack() as stack:
        loop = stack.enter_context(looping()) if dependencies else None
        reached = [stack.enter_context(Reached(run, each, loop)) for each in dependencies if loop]
        environment = {k: v for each in reached for k, v in each.environment.items()}
        try:
            with service.target(run, environment=environment) as target:
                found += (
                    Findings((check,)) for check in wrong_requests.checked(run, faults, target)
                )
                _simulate(run, faults, target, reached, found)
        except CannotRunError as error:
            # A service that a fault has ended is a finding, not a lack of one.
            if not any(check.status is Status.FAIL for one in found for check in one.checks):
                raise
            found.append(Findings((Check("service", Status.FAIL, error.reason),)))
        else:
            if simulates:
                found.append(_ended(run, faults, declared, reached, environment))
    return Result(NAME, _joined(found), machine=facts)


def _simulate(
    run: Run, faults: Faults, target: Target, reached: Sequence[Reached], found: list[Findings]
) -> None:
    """Break each dependency in each way; `found` grows as findings come."""
    for each in reached:
        simulation.expect_sound(target, each)
    for each in reached:
        modes = _modes(run, each.dependency)
        for index, mode in enumerate(modes):
            run.tell(f"{each.dependency.name}: {mode}", None)
            found.extend(simulation.broken(target, each, mode, faults.alive))
            if not simulation.is_sound(target, each) and (left := modes[index + 1 :]):
                # In a service that is ill already nothing is due to the next fault.
                said = f"not tried, as the service isn't well since {mode}: {', '.join(left)}"
                check = Check(each.dependency.name, Status.SKIP, said)
                found.append(Findings((check,)))
                return


def _ended(
    run: Run,
    faults: Faults,
    declared: Service,
    reached: Sequence[Reached],
    environment: Mapping[str, str],
) -> Findings:
    if not service.starts(run, declared):
        said = "not ended: it wasn't started here"
        return Findings((Check("graceful shutdown", Status.SKIP, said),))
    run.tell("ending the service", None)
    return shutdown.checked(run, faults.shutdown, reached, environment)


def _joined(found: list[Findings]) -> Findings:
    return Findings(
        checks=tuple(check for each in found for check in each.checks),
        metrics=tuple(one for each in found for one in each.metrics),
        thresholds=tuple(one for each in found for one in each.thresholds),
    )


def _dependencies(run: Run, faults: Faults) -> tuple[Dependency, ...]:
    """Return what is to be broken; raises `UnreadableError` where that isn't said."""
    if faults.dependencies is None:
        help_ = "write [[faults.dependencies]] tables, or dependencies = [] if there are none"
        said = "nothing says what the service depends on"
        raise run.settings.error(said, ("faults",), help_)
    name = run.options.get("dependency")
    found = tuple(each for each in faults.dependencies if name in (None, each.name))
    if name and not found:
        known = ", ".join(each.name for each in faults.dependencies)
        said = f"there is no dependency “{name}”"
        raise run.settings.error(said, ("faults", "dependencies"), f"known are {known}")
    for index, each in enumerate(faults.dependencies):
        keys = ("faults", "dependencies", str(index))
        if not each.env and not each.listen[1]:
            help_ = 'write env = "…", the variable that holds its address, or a fixed “listen”'
            raise run.settings.error(f"{each.name} can't be led to the proxy", keys, help_)
        for mode in each.expect.modes:
            if mode not in MODES:
                said = f"“{mode}” is none of {', '.join(MODES)}"
                raise run.settings.error(said, (*keys, "expect", "modes", mode))
    return found


def _modes(run: Run, dependency: Dependency) -> tuple[Mode, ...]:
    only = run.options.get("mode")
    return tuple(mode for mode in dependency.modes if only in (None, mode))
