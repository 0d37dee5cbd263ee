"""Run the whole system of a compose file, its tests among it, and take it down again.

Where there is a container engine that works, it runs the compose file: up, until the first
container ends, then down with its volumes, in a project of its own. Where there is none, the
processes that [compose] declares are started in the order of their dependencies, and the one with
test = true decides. The result says which of both it was; processes are no containers, and nothing
claims that they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prp_pack import __version__
from prp_pack.evidence.record import Check, Findings, Status
from prp_pack.evidence.result import Result
from prp_pack.probes import machine
from prp_pack.probes.compose import compose_file, embedded, engine
from prp_pack.probes.compose.compose_file import ComposeFile
from prp_pack.probes.compose.tables import ENGINES, FILE, Compose, Engine, Process, in_order
from prp_pack.probes.probe import CannotRunError, Option, Run

NAME = "production_simulation"


def _engine(value: str) -> str:
    if value not in ENGINES:
        raise ValueError(f"is none of {', '.join(ENGINES)}")
    return value


OPTIONS = (
    Option("--file", f"The compose file, by default {FILE}.", str, "FILE", short="-f"),
    Option("--abort-on-container-exit", "End with the first container, as is done without it."),
    Option("--exit-code-from", "The service whose end decides.", str, "SERVICE"),
    Option("--engine", f"One of {', '.join(ENGINES)}.", _engine, "NAME", default="auto"),
)  # fmt: skip


def plan(run: Run) -> Iterator[str]:
    """Yield what would be run, and by what."""
    table = run.settings.table("compose", Compose)
    file = _file(run, table)
    wanted = run.options.get("engine") or "auto"
    if wanted != "none":
        decides = _decides(run, table, file)
        yield f"where an engine works ({wanted}): {file.path if file else FILE}, all services"
        yield f"decided by: {decides or 'whichever ends first'}"
    if table.processes and wanted in ("auto", "none"):
        yield "without an engine:"
        for each in in_order(run.settings, table.processes):
            what = "test" if each.test else "once" if each.once else "process"
            yield f"{what} {each.name}: {' '.join(each.command)}"


def run(run: Run) -> Result:
    """Run it; raises `CannotRunError` when there is neither an engine nor a process."""
    table = run.settings.table("compose", Compose)
    file = _file(run, table)
    composer, reasons = _found(run)
    facts = machine.facts()
    if composer:
        if file is None:
            raise CannotRunError(f"{FILE} does not exist", "write it, or name it with --file")
        decides = _decides(run, table, file)
        run.tell(f"{composer.name} up", None)
        found = engine.simulate(run, composer, file, decides, table.timeout)
        said = f"{composer.name} {composer.version} ran {len(file.services)} services"
        check = Check("engine", Status.PASS, said, file.path, {"containers": True})
        return Result(
            NAME, _with(check, found), tools={composer.name: composer.version}, machine=facts
        )
    order = _order(run, table, reasons)
    checks = tuple(_covered(table, file, order))
    if any(check.status is Status.FAIL for check in checks):
        # What isn't the system says nothing about it.
        return Result(NAME, Findings(checks), tools={"embedded runner": __version__}, machine=facts)
    found = embedded.simulate(run, order, table.timeout)
    said = f"no container was started ({'; '.join(reasons)}): {len(order)} processes ran instead"
    check = Check("engine", Status.WARN, said, data={"containers": False})
    return Result(
        NAME, _with(check, found, *checks), tools={"embedded runner": __version__}, machine=facts
    )


def _with(first: Check, found: Findings, *more: Check) -> Findings:
    return Findings((first, *more, *found.checks), found.metrics, found.thresholds, found.artefacts)


def _file(run: Run, table: Compose) -> ComposeFile | None:
    """Return the compose file; None when none is named and the usual one isn't there."""
    path = run.options.get("file") or table.file
    if not path and not run.repository.exists(FILE):
        return None
    return compose_file.load(run.repository, path or FILE)


def _found(run: Run) -> tuple[engine.Composer | None, tuple[str, ...]]:
    wanted: Engine = run.options.get("engine") or "auto"
    if wanted == "none":
        return None, ("--engine=none",)
    composer, reasons = engine.find(run, wanted)
    if composer is None and wanted != "auto":
        raise CannotRunError(f"{wanted} can't run containers: {'; '.join(reasons)}")
    return composer, reasons


def _decides(run: Run, table: Compose, file: ComposeFile | None) -> str:
    """Return the service whose end decides; empty when nothing says which."""
    services = file.services if file else ()
    named: str = run.options.get("exit_code_from") or table.exit_code_from
    if named and named not in services:
        keys = ("compose", "exit_code_from")
        known = ", ".join(services)
        raise run.settings.error(f"“{named}” is no service of the file", keys, f"known: {known}")
    tests = [each.covers for each in table.processes if each.test and each.covers in services]
    return named or (tests[0] if tests else "")


def _order(run: Run, table: Compose, reasons: Sequence[str]) -> tuple[Process, ...]:
    if not table.processes:
        said = f"there is no container engine ({'; '.join(reasons)}), and no process to run instead"
        raise CannotRunError(said, "write [[compose.processes]] tables: docs/scripts.md")
    return in_order(run.settings, table.processes)


def _covered(table: Compose, file: ComposeFile | None, order: Sequence[Process]) -> Iterator[Check]:
    """Yield whether the processes stand for all that the compose file has."""
    id_ = "coverage"
    if file is None:
        yield Check(id_, Status.WARN, f"{FILE} does not exist, so the processes are all there is")
        return
    covered = {each.covers for each in order}
    missing = [name for name in file.services if name not in covered | set(table.left_out)]
    if missing:
        said = f"no process stands for {', '.join(missing)}: declare one, or say why in “left_out”"
        yield Check(id_, Status.FAIL, said, file.path)
    for name, reason in table.left_out.items():
        yield Check(id_, Status.WARN, f"{name} is left out: {reason}", file.path)
    if strange := sorted(covered - set(file.services)):
        said = f"the file has no service {', '.join(strange)}"
        yield Check(id_, Status.WARN, said, file.path)
    if not missing and not table.left_out:
        said = f"a process stands for each of {len(file.services)} services"
        yield Check(id_, Status.PASS, said, file.path)
