"""Pages of runs that never were: a stall, a leak, a slower version, made up and always the same."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from random import Random
from typing import Any

from prp_pack.evidence.record import Findings, Measurement, Threshold
from prp_pack.probes import telling
from prp_pack.probes.benchmark import pictures as benchmark
from prp_pack.probes.benchmark.comparison import Round, judged, rules
from prp_pack.probes.benchmark.findings import of_series
from prp_pack.probes.benchmark.launches import BASELINE, CONTROL, TARGET, Series
from prp_pack.probes.critical_paths import CriticalPath
from prp_pack.probes.load import pictures as load
from prp_pack.probes.load import verdict
from prp_pack.probes.load.plan import Asked, Plan
from prp_pack.probes.load.tally import Counting, Tally
from prp_pack.probes.memory import pictures as memory
from prp_pack.probes.memory.growth import Sample
from prp_pack.probes.memory.sampling import Pace, Taken
from prp_pack.report.html.render import render_run
from prp_pack.report.html.run_view import Checked, Fact, Held, RunPage, Shown, Word
from prp_pack.report.html.view import Mark

STALL_AT, STALL = 20.0, 2.0
NAMES = ("GET /parcels", "search")
LIMITS = verdict.Limits(1.0, {95.0: 400.0, 99.0: 1500.0})


def stalled(plan: Plan, names: tuple[str, ...] = NAMES) -> Tally:
    """Return the tally of a service that stands still once, and is slower in the second request.

    For some seconds after that one in ten requests fails.
    """
    chance, counting = Random(1), Counting(plan)
    for turn in range(plan.arrivals):
        due = turn / plan.rate
        which = 0 if len(names) == 1 or chance.random() < 0.75 else 1
        spent = math.exp(chance.gauss(math.log(9 if which == 0 else 60), 0.3))
        if STALL_AT <= due < STALL_AT + STALL:
            spent += 1000 * (STALL_AT + STALL - due)
        flaw = "answered 500" if 0 <= due - STALL_AT - STALL < 4 and chance.random() < 0.1 else ""
        counting.sent(due, due, 0.0)
        counting.answered(names[which], due, spent, due + spent / 1000, flaw)
    return counting.tally(busy=0.2)


def plan_of(rate: float = 40, duration: float = 45) -> Plan:
    return Plan("http://127.0.0.1:8000", (Asked("/"),), rate, duration, users=int(3 * rate))


def of_load(plan: Plan, tally: Tally) -> tuple[Findings, Shown]:
    found = verdict.findings(plan, tally, LIMITS)
    return found, load.shown(found, by_json(load.kept(plan, tally)))


def of_memory(kind: str = "leak", warm_up: int = 400) -> tuple[Findings, Shown]:
    """Return what was found of a service that keeps 900 bytes of a request, or doubles a buffer."""
    chance, taken = Random(2), Taken(sent=2000, seconds=40.0)
    for at in range(0, 2001, 20):
        kept = 900 * at if kind == "leak" else 4_000_000 * (at > 1100)
        size = 40_000_000 + kept + 3_000_000 * min(at, 300) // 300 + chance.randrange(9000)
        (taken.samples if at >= warm_up else taken.warming).append(Sample(at, size))
    found = Findings(
        metrics=(Measurement("memory growth", 3.3, "%", "lower", (3.2, 3.4), 81),),
        thresholds=(Threshold("memory growth", "<=", 2.0, False, "--max-growth"),),
    )
    pace = Pace(50, 2000, warm_up)
    return found, memory.shown(found, by_json(memory.kept(taken, pace, 2.0, "http://127.0.0.1")))


def of_benchmark(labels: tuple[str, ...] = NAMES) -> tuple[Findings, Shown]:
    """Return what was found of versions of which the second is slower in its last path."""
    chance, series, found = Random(3), {}, []
    held = rules(5, None, 16)
    for turn, label in enumerate(labels):
        one = Series(CriticalPath("/", name=label))
        for _ in range(16):
            base = math.log(4 + turn)
            noise = [chance.gauss(0, 0.03) for _ in range(3)]
            slower = 0.2 * (turn == len(labels) - 1)
            one.rounds.append(Round(base + noise[0], base + noise[1], base + noise[2] + slower))
            one.orders.append(tuple(chance.sample((BASELINE, CONTROL, TARGET), 3)))
        series[label] = one
        effects = judged([r.effect for r in one.rounds], [r.noise for r in one.rounds], held)
        whole = type(effects)(effects.ok, effects.reason, effects.effect, effects.control,
                              tuple(one.rounds))  # fmt: skip
        found.append(of_series(one, whole, held, ("phase_1", "phase_2"), "made up"))
    all_ = Findings(
        checks=tuple(each for one in found for each in one.checks),
        metrics=tuple(each for one in found for each in one.metrics),
        thresholds=tuple(each for one in found for each in one.thresholds),
    )
    kept = benchmark.kept(series, ("phase_1", "phase_2"), {"Against": "phase_1"})
    return all_, benchmark.shown(all_, by_json(kept))


def by_json(plain: Mapping[str, object]) -> dict[str, Any]:
    """Return what a file of it would hold."""
    loaded: dict[str, Any] = json.loads(json.dumps(plain, allow_nan=False))
    return loaded


def page(script: str, made: tuple[Findings, Shown], more: str = "") -> str:
    """Return the page of a run; `more` stands wherever a text can."""
    found, shown = made
    words = {"ok": Mark.PROVEN, "FAIL": Mark.FAILED, "open": Mark.INCONCLUSIVE}
    numbers = tuple(
        Held(
            f"{metric.name}{more}",
            f"{metric.value:g} {metric.unit}",
            f"{metric.ci95[0]:g} to {metric.ci95[1]:g}" if metric.ci95 else "",
            metric.n,
            telling.limits(metric, held),
            Word(telling.outcome(held), words[telling.outcome(held)]) if held else None,
        )
        for metric, held in telling.held_to(found)
    )
    return render_run(
        RunPage(
            script=script,
            verdict=Word("FAILED", Mark.FAILED),
            began="2026-11-23 12:00:00+00:00",
            seconds=52.31,
            command=f"prp run {script} --html .prp/run.html{more}",
            asked=(*shown.asked, Fact("Processors", f"4, 93.1 % idle{more}")),
            remarks=(f"a caution{more}",) if more else (),
            checks=tuple(
                Checked(Word("ok", Mark.PROVEN), f"{each.id}: {each.message}{more}")
                for each in found.checks
            ),
            numbers=numbers,
            pictures=shown.pictures,
            left=(f".prp/runs/{script}-0/samples.json{more}",),
            version="0",
        )
    )


def load_page() -> str:
    plan = plan_of()
    return page("load_test", of_load(plan, stalled(plan)))


def memory_page() -> str:
    return page("memory_profile", of_memory())


def benchmark_page() -> str:
    return page("performance_benchmark", of_benchmark())


PAGES = {
    "load_test": load_page,
    "memory_profile": memory_page,
    "performance_benchmark": benchmark_page,
}
