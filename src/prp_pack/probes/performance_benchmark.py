"""Tell whether the service of a phase is slower than that of an earlier one.

Both versions are started anew in every round, the older one from a checkout of the commit that its
phase ended with, each launch on a port of its own: `[service]` takes it as ${PORT}. The older one
is up twice, so that what it differs from itself is known from the same run. A path is slower when
the whole interval of the ratio lies above 1 + tolerance, the control doesn't move likewise, and
fresh rounds confirm it. While the limit lies within the interval, more is measured, and in the end
nothing is claimed.

With --from and --against, times of hyperfine or pytest-benchmark are compared instead.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from prp_pack.evidence.record import Check, Findings, Status
from prp_pack.evidence.result import Result
from prp_pack.probes import machine, quantities, samples, service
from prp_pack.probes.benchmark import files, revisions
from prp_pack.probes.benchmark import pictures as drawing
from prp_pack.probes.benchmark.checkout import built, checked_out
from prp_pack.probes.benchmark.comparison import FEWEST, PATIENCE, Rules, compared, rules
from prp_pack.probes.benchmark.findings import of_series, of_times
from prp_pack.probes.benchmark.launches import BASELINE, TARGET, Launches, Started, at_port
from prp_pack.probes.benchmark.revisions import Version
from prp_pack.probes.critical_paths import CriticalPath, Performance
from prp_pack.probes.probe import Option, Run
from prp_pack.report.html.run_view import Shown
from prp_pack.repository import UnreadableError
from prp_pack.values import replace

NAME = "performance_benchmark"


def _phase_or_none(value: object) -> int:
    """Return a phase's number; 0 for the one before the first."""
    return 0 if str(value).strip().lower() in ("phase_0", "0") else quantities.phase(value)


def _improvement(value: object) -> float:
    found = quantities.percent(value)
    if not 0 < found < 100:  # noqa: PLR2004 - per cent
        raise ValueError("is not a share such as 20%, of the time that is saved")
    return found


OPTIONS = (
    Option("--baseline", "The phase to compare with, such as phase_1.", _phase_or_none, "PHASE"),
    Option("--target-phase", "The phase to judge; its commit, or the working tree before it is "
           "complete.", quantities.phase, "PHASE"),
    Option("--baseline-rev", "The commit to compare with.", str, "REV"),
    Option("--target-rev", "The commit to judge.", str, "REV"),
    Option("--tolerance", "How much slower is still good; 5% without it and [performance].",
           quantities.percent, "SHARE"),
    Option("--min-improvement", "Demand that so much time is saved.", _improvement, "SHARE"),
    Option("--path", "Measure this path alone, with GET.", str, "PATH"),
    Option("--rounds", "Rounds before deciding.", quantities.count, "N"),
    Option("--requests", "Requests to each path in each launch.", quantities.count, "N"),
    Option("--from", "Judge these times: JSON files, with commas between.", str, "FILES"),
    Option("--against", "Compare them with these.", str, "FILES"),
)  # fmt: skip


def plan(run: Run) -> Iterator[str]:
    """Yield what would be compared."""
    if _names_files(run):
        yield f"{run.options['from']} against {run.options['against']}"
        return
    baseline, target = _phases(run)
    if baseline == 0:
        yield f"phase {target} has no predecessor: nothing to compare"
        return
    performance = _performance(run)
    _expect_ports(run, performance)
    yield revisions.baseline(run, performance, baseline).described
    yield revisions.target(run, performance, target).described
    yield (
        f"{performance.rounds} to {2 * PATIENCE * performance.rounds} rounds of three launches, "
        f"{performance.requests_per_launch} requests to each path in each"
    )
    limit = math.exp(_rules(run, performance).limit)
    for path in performance.critical_paths:
        yield f"{path.method} {path.path}: {path.label} ratio ≤ {limit:g}"


def run(run: Run) -> Result:
    """Compare; raises `CannotRunError` when a version can't be had, built or started."""
    if _names_files(run):
        return _of_files(run)
    before, after = _phases(run)
    if before == 0:
        said = f"phase {after} has no predecessor: nothing to compare"
        skipped = Check("baseline", Status.SKIP, said)
        return Result(NAME, Findings((skipped,)), subject_phase=after)
    performance = _performance(run)
    _expect_ports(run, performance)
    baseline = revisions.baseline(run, performance, before)
    target = revisions.target(run, performance, after)
    facts = machine.facts()
    with ExitStack() as stack:
        versions = {
            BASELINE: Started(
                _folder(run, performance, baseline, stack, BASELINE), performance.baseline_start
            ),
            TARGET: Started(_folder(run, performance, target, stack, TARGET)),
        }
        launches = Launches(run, performance, versions, performance.requests_per_launch)
        held = _rules(run, performance)
        judged = compared(tuple(launches.series), launches.take, held)
    said = f"{target.described}, against {baseline.described}"
    names = (baseline.label, target.label)
    asked = _asked(baseline, target, performance, held)
    found = [
        of_series(series, judged.get(label), held, names, said)
        for label, series in launches.series.items()
    ]
    return Result(
        NAME,
        Findings(
            checks=(*_remarks(baseline, target), *(each for one in found for each in one.checks)),
            metrics=tuple(each for one in found for each in one.metrics),
            thresholds=tuple(each for one in found for each in one.thresholds),
            artefacts=(samples.keep(run, drawing.kept(launches.series, names, asked)),),
        ),
        subject_phase=after,
        baseline=f"{baseline.label} at {baseline.commit}",
        machine=facts,
    )


def pictures(found: Findings, measured: Mapping[str, Any]) -> Shown:
    """Return what the samples of a comparison show."""
    return drawing.shown(found, measured)


def _asked(
    baseline: Version, target: Version, performance: Performance, held: Rules
) -> dict[str, str]:
    return {
        "Judged": target.described,
        "Against": baseline.described,
        "Requests": f"{performance.requests_per_launch} to each path in each launch",
        "Limit": f"{math.exp(held.limit):.4g} times as long",
    }


def _folder(
    run: Run, performance: Performance, version: Version, stack: ExitStack, role: str
) -> Path:
    """Return where a version lies; a checkout stays until the stack is left."""
    if version.commit is None:
        return run.repository.root
    run.tell(f"checking out {version.label}", None)
    folder = stack.enter_context(checked_out(run, version.commit, role))
    built(run, folder, performance.build, performance.build_timeout, role)
    return folder


def _remarks(baseline: Version, target: Version) -> Iterator[Check]:
    for version in (baseline, target):
        if version.caution:
            yield Check(version.label, Status.WARN, version.caution)
    if baseline.commit == target.commit:
        yield Check("versions", Status.WARN, "both are the same commit")


def _phases(run: Run) -> tuple[int | None, int | None]:
    """Return the phases to compare; 0 as the first is the one before phase 1."""
    before, after = run.options.get("baseline"), run.options.get("target_phase")
    if before is None and after is None and not run.options.get("baseline_rev"):
        help_ = "give --baseline=phase_1 --target-phase=2, or --baseline-rev, or --from"
        raise UnreadableError(NAME, "nothing says what to compare", help=help_)
    if before is None and after is not None:
        before = after - 1
    if before and after is None:
        after = before + 1
    if run.options.get("baseline_rev"):
        before = before or None
    return before, after


def _performance(run: Run) -> Performance:
    """Return the settings with what the command line says in their place."""
    found = run.settings.table("performance", Performance)
    named = run.options.get("path")
    paths = (CriticalPath(path=named),) if named else found.critical_paths
    if not paths:
        help_ = "write [[performance.critical_paths]] tables, or give --path"
        raise run.settings.error("there is no critical path", ("performance",), help_)
    labels = [path.label for path in paths]
    for at, label in enumerate(labels):
        if label in labels[:at]:
            keys = ("performance", "critical_paths", str(at))
            raise run.settings.error(f"two paths are called “{label}”", keys, "give each a name")
    rounds = run.options.get("rounds") or found.rounds
    if rounds < FEWEST:
        help_ = f"take at least {FEWEST}"
        raise run.settings.error(
            f"{rounds} rounds decide nothing", ("performance", "rounds"), help_
        )
    return replace(
        found,
        critical_paths=paths,
        rounds=rounds,
        requests_per_launch=run.options.get("requests") or found.requests_per_launch,
    )


def _rules(run: Run, performance: Performance) -> Rules:
    given = run.options.get("tolerance")
    tolerance = performance.tolerance if given is None else given
    return rules(tolerance, run.options.get("min_improvement"), performance.rounds, run.seed)


def _expect_ports(run: Run, performance: Performance) -> None:
    """Raise `UnreadableError` unless each launch can be given a port of its own."""
    variable = performance.port_variable
    if run.base_url or run.start is False:
        flag = "--base-url" if run.base_url else "--no-start"
        help_ = "leave it out: both versions are started here, at ports of their own"
        raise UnreadableError(NAME, f"{flag} can't be given", help=help_)
    here = [at_port(run, variable, port, Started(run.repository.root)) for port in (2001, 2002)]
    tables = [each.settings.table("service", service.Service) for each in here]
    if not tables[0].start:
        service.starts(replace(run, start=True), tables[0])
    urls = {service.base_url(one, table) for one, table in zip(here, tables, strict=True)}
    if len(urls) == 1:
        help_ = f'write base_url = "http://127.0.0.1:${{{variable}:-8000}}", and so in ready'
        said = f"base_url doesn't take its port from {variable}, so that two can't be up"
        raise run.settings.error(said, ("service", "base_url"), help_)


def _names_files(run: Run) -> bool:
    named = [bool(run.options.get(each)) for each in ("from", "against")]
    if any(named) and not all(named):
        raise UnreadableError(NAME, "--from and --against belong together")
    return all(named)


def _of_files(run: Run) -> Result:
    performance = run.settings.table("performance", Performance)
    after, before = (_paths(run.options[each]) for each in ("from", "against"))
    if len(after) != len(before):
        raise UnreadableError(NAME, f"--from has {len(after)} files, --against {len(before)}")
    read = [[files.read(run.repository, path) for path in side] for side in (before, after)]
    held = _rules(run, performance)
    judged = files.compared(read[0], read[1], held)
    asked = {
        "Judged": ", ".join(after),
        "Against": ", ".join(before),
        "Limit": f"{math.exp(held.limit):.4g} times as long",
    }
    measured = samples.keep(run, drawing.kept_of_files(tuple(judged), read[0], read[1], asked))
    found = replace(of_times(judged, read[0], read[1], held), artefacts=(measured,))
    return Result(NAME, found, baseline=",".join(before), machine=machine.facts())


def _paths(value: str) -> Sequence[str]:
    return [path.strip() for path in value.split(",") if path.strip()]
