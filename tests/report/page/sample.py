"""A made-up project with something of everything that the page can show, in a real repository.

Four phases: one complete, one under way, one that is only claimed, one to come; and a feature.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from prp_pack.check.engine import Checker
from prp_pack.evidence.record import (
    Artefact,
    Check,
    Kind,
    Measurement,
    Record,
    Status,
    Threshold,
    verdict_of,
)
from prp_pack.gate import completion
from prp_pack.gate.completion import Asked
from prp_pack.gate.recording import Contract
from prp_pack.report.html.render import render
from prp_pack.reporting import gather
from prp_pack.repository import Repository
from prp_pack.values import replace
from tests.gate.phases import commit, git, seal, write

NOW = datetime.fromisoformat("2026-11-23T10:00:00+00:00")

PLAN = """\
---
template: phase_plan
project: Parcel tracker
phases:
  - {number: 1, name: Tracking core, type: foundation, complexity: medium, depends_on: [],
     scope: "store parcels and scans, and answer where a parcel is",
     delivers: ["POST /parcels", "GET /parcels/{code}"]}
  - {number: 2, name: Live updates, type: integration, complexity: high, depends_on: [1],
     scope: "tell listeners at once when a parcel is scanned", delivers: ["GET /parcels/{code}/events"]}
  - {number: 3, name: Invoices, type: integration, complexity: low, depends_on: [1],
     scope: "one invoice a month and customer"}
  - {number: 4, name: Busy depots, type: optimization, complexity: medium, depends_on: [2, 3],
     scope: "keep answers under 50 ms while a depot scans 200 parcels a second"}
---
"""

_PRP = """\
---
template: prp_base
name: {name}
---

## Goal
{goal}

## Project Context
```yaml
PROJECT_TYPE: complex_multi_phase
PHASE_INFO:
  number: {number}
  total_phases: 4
  phase_type: {type}
  previous_phases: {previous}
  template_source: PRPs/PROJECT_PHASE_PLAN.md
  complexity_level: medium
```

## What
### Success Criteria
- [ ] {criterion}: `pytest tests/test_{stem}.py`

## All Needed Context
### Desired Codebase tree
```bash
src/{stem}.py  # {goal}
tests/test_{stem}.py  # tests it
docs/{stem}.md  # says how it is used
```

## Validation Loop
### Level 1: Syntax and style
```bash
ruff check src tests
mypy src
```
### Level 2: Unit and integration tests
```bash
pytest tests --cov --cov-fail-under=90 -q
pytest tests/test_{stem}.py -q
```
### Level 3: Performance
```bash
python scripts/performance_benchmark.py --baseline --target-phase={number}
python scripts/load_test.py --target-rps=200 --duration=60
```
### Level 4: Error scenarios
```bash
python scripts/test_error_scenarios.py --simulate-failures
```

## Final Validation Checklist
### Component Level
- [ ] All tests pass: `pytest tests --cov --cov-fail-under=90 -q`
- [ ] The README names every setting
- [ ] Error messages tell the caller what to do
### System Level
- [ ] A second depot can be added without a restart
- [ ] The container image was simulated
"""

FEATURE = """\
---
template: prp_base
name: Parcel labels
---

## Goal
Each parcel has a label of twelve digits.

## Validation Loop
### Level 1: Syntax and style
```bash
ruff check src tests
```

## Final Validation Checklist
- [ ] Tests pass: `pytest tests/test_labels.py`
- [ ] A label was printed and read by a scanner
"""

_FAILED_LOG = """\
============================= test session starts ==============================
collected 41 items

tests/test_store.py ...................                                   [ 46%]
tests/test_live.py ..................F..F                                 [100%]

=================================== FAILURES ===================================
______________________ test_a_scan_reaches_every_listener ______________________
    assert received == [scan] * 3
E   AssertionError: assert [scan, scan] == [scan, scan, scan]
=========================== short test summary info ============================
FAILED tests/test_live.py::test_a_scan_reaches_every_listener
FAILED tests/test_live.py::test_a_slow_listener_is_left_behind
========================= 2 failed, 39 passed in 6.21s =========================
"""


def prp(  # noqa: PLR0917 - one argument a place of the text
    number: int, name: str, type_: str, stem: str, goal: str, criterion: str
) -> str:
    """Return the PRP of a phase."""
    previous = list(range(1, number))
    return _PRP.format(number=number, name=name, type=type_, stem=stem, goal=goal,
                       criterion=criterion, previous=previous)  # fmt: skip


def at(root: Path, path: str, ago: timedelta) -> Contract:
    """Return a PRP as something to be proven, some time before `NOW`."""
    repository = Repository(root)
    return Contract(repository, path, lambda: Checker(repository), lambda: NOW - ago, {})


def ran(  # noqa: PLR0917 - what a record says
    contract: Contract,
    id_: str,
    status: Status = Status.PASS,
    said: str = "exit status 0",
    metrics: Sequence[Measurement] = (),
    thresholds: Sequence[Threshold] = (),
    log: str = "",
    seconds: float = 1.4,
) -> Record:
    """Write the record of a run, and its log."""
    target = contract.target()
    item = next(item for item in target.proof.items if item.id == id_)
    checks = (Check("exit", status, said),)
    drafted = contract.draft(target, Kind.RUN, item.id, item.key, item.subject)
    made = replace(
        drafted, level=item.level, argv=tuple(item.subject.split()), checks=checks,
        metrics=tuple(metrics), thresholds=tuple(thresholds), duration_s=seconds,
        verdict=verdict_of(checks, thresholds), exit_code=0 if status is Status.PASS else 1,
    )  # fmt: skip
    text = log or f"$ {item.subject}\n{said}\n"
    path = f".prp/logs/{made.run_id}.log"
    write(contract.repository.root, path, text)
    artefact = Artefact(path, hashlib.sha256(text.encode()).hexdigest(), "log")
    return contract.write(target, replace(made, artefacts=(artefact,)))


def word(contract: Contract, id_: str, kind: Kind, note: str) -> Record:
    """Write an attestation or a waiver."""
    target = contract.target()
    item = next(item for item in target.proof.items if item.id == id_)
    checks = (Check("word", Status.PASS, note),)
    made = contract.draft(target, kind, item.id, item.key, item.subject)
    return contract.write(
        target, replace(made, checks=checks, verdict=verdict_of(checks), by="Ada", note=note)
    )


def build(root: Path) -> Path:
    """Make the project; its records are real, its numbers are made up."""
    store = prp(1, "Tracking core", "foundation", "store", "parcels and their scans",
                "A scan is stored once")  # fmt: skip
    live = prp(2, "Live updates", "integration", "live", "listeners of a parcel",
               "A scan reaches each listener within 200 ms")  # fmt: skip
    bill = prp(3, "Invoices", "integration", "invoice", "an invoice a month",
               "Each parcel is on one invoice")  # fmt: skip
    files = {
        ".gitignore": ".prp/\n", "PRPs/PROJECT_PHASE_PLAN.md": PLAN, "PRPs/phase1.md": store,
        "PRPs/phase2.md": live, "PRPs/phase3.md": bill, "PRPs/parcel-labels.md": FEATURE,
        "README.md": "Parcels.\n", "src/app.py": "a = 1\n",
        # Its PRPs have only the sections that matter here, and its gates are never run.
        "PRPs/prp.toml": '[check]\nignore = ["PRP101", "PRP104", "PRP502"]\n',
        "PRPs/PHASE4_REQUIREMENTS.md": "---\ntemplate: phase_requirements\nphase: 4\n---\n",
    }  # fmt: skip
    for path, text in files.items():
        write(root, path, text)
    git(root, "init", "-q", "-b", "main")
    commit(root, "Begin")
    _first(root)
    _second(root)
    _third(root)
    return root


def _measured(
    latency: float, rate: float, memory: float | None, target: float
) -> tuple[tuple[Measurement, ...], tuple[Threshold, ...]]:
    metrics = (
        Measurement("p95 latency", latency, "ms", "lower", (latency - 9, latency + 11), 500),
        Measurement("throughput", rate, "requests/s", "higher"),
        Measurement("memory growth", memory, "MB", "lower"),
    )
    return metrics, (Threshold("p95 latency", "<=", target, latency <= target),)


def _contract(root: Path, number: int, *operations: str) -> None:
    paths: dict[str, dict[str, object]] = {}
    for method, path in (operation.split() for operation in operations):
        paths.setdefault(path, {})[method.lower()] = {"responses": {}}
    said = {
        "openapi": "3.1.0",
        "info": {"title": "Parcels", "version": str(number)},
        "paths": paths,
    }
    write(root, f"PRPs/contracts/phase_{number}/openapi.json", json.dumps(said, indent=1) + "\n")


def _first(root: Path) -> None:
    path = "PRPs/phase1.md"
    seal(at(root, path, timedelta(days=19)))
    for name in ("src/store.py", "docs/store.md"):
        write(root, name, "s = 1\n")
    write(root, "tests/test_store.py", "def test_store():\n    assert True\n")
    commit(root, "Store parcels")
    done = at(root, path, timedelta(days=17, hours=3))
    metrics, limits = _measured(86.2, 140.0, 3.1, 200)
    for id_ in ("L1.0", "L1.1", "L1.2", "L2.1", "L2.2", "L3.2", "L4.1", "S.1"):
        ran(done, id_)
    ran(done, "L3.1", metrics=metrics, thresholds=limits, seconds=61.8)
    word(done, "C.Component.2", Kind.ATTESTATION, "read the README, section Settings")
    word(done, "C.Component.3", Kind.ATTESTATION, "tried the five errors by hand")
    word(done, "C.System.1", Kind.ATTESTATION, "added a depot while scans came in")
    word(done, "C.System.2", Kind.WAIVER, "there is no container before phase 4")
    _contract(root, 1, "POST /parcels", "GET /parcels/{code}", "GET /parcels/{code}/history")
    completion.complete(done, Asked("complete"), lambda _: {})
    commit(root, "Complete phase 1")


def _second(root: Path) -> None:
    path = "PRPs/phase2.md"
    seal(at(root, path, timedelta(days=4)))
    write(root, "src/live.py", "a = 1\n")
    commit(root, "Tell listeners")
    before = at(root, path, timedelta(days=2, hours=5))
    metrics, limits = _measured(121.7, 205.0, None, 150)
    ran(before, "L3.1", metrics=metrics, thresholds=limits, seconds=62.4)
    ran(before, "L4.1")
    write(root, "src/live.py", "a = 2\n")
    write(root, "src/scratch.py", "x = 1\n")
    write(root, "tests/test_live.py", "def test_live():\n    assert True\n")
    text = (root / path).read_text(encoding="utf-8")
    ticked = "- [x] Error messages tell"
    write(root, path, text.replace("- [ ] Error messages tell", ticked))
    commit(root, "Leave slow listeners behind")
    now = at(root, path, timedelta(hours=2))
    for id_ in ("L1.0", "L1.1", "L1.2"):
        ran(now, id_, seconds=0.8)
    ran(now, "L2.1", Status.FAIL, "pytest: 2 failed, 39 passed", log=_FAILED_LOG, seconds=6.9)
    unsure = (Threshold("throughput", ">=", 200, ok=None),)
    ran(now, "L3.2", thresholds=unsure, seconds=60.2)
    word(now, "C.Component.2", Kind.ATTESTATION, "read the README, section Live")
    word(now, "C.System.2", Kind.WAIVER, "there is no container before phase 4")
    _contract(root, 2, "POST /parcels", "GET /parcels/{code}", "GET /parcels/{code}/events")


def _third(root: Path) -> None:
    write(
        root,
        "PRPs/PHASE3_COMPLETION_SUMMARY.md",
        """\
---
template: completion_summary
phase: 3
name: Invoices
status: unverified
metrics:
  - {metric: p95 latency, value: 64, unit: ms}
  - {metric: throughput, value: 310, unit: requests/s}
deferred: ["invoices in other currencies: phase 4", "a reminder for invoices that are not paid"]
---

# Phase 3 completion summary: Invoices
""",
    )
    commit(root, "Sum up phase 3")


def page(root: Path, now: datetime = NOW) -> str:
    """Return the page of a project at a time."""
    repository = Repository(root)
    return render(gather(repository, Checker(repository), now, "0.1.0"))
