"""/plan-project-phases and /update-phase-plans in the real client: the model plays well, and badly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .client import Run, run
from .play import ROOT, messages, played_out, prp, shell
from .play import write as writing
from .scripted_model import Block, Request, Turn, text, tool_use

PLAN = "PRPs/PROJECT_PHASE_PLAN.md"
MAP = "PRPs/PHASE_DEPENDENCY_MAP.md"
LOG = "PRPs/PHASE_ADAPTATION_LOG.md"
PHASES: tuple[Any, ...] = (
    (1, "Store", "foundation", "medium", [], "GET /parcels/{code}"),
    (2, "Live", "integration", "high", [1], "WebSocket /ws/parcels/{code}"),
    (3, "Speed", "optimization", "low", [1, 2], "GET /parcels in pages"),
)


def plan(phases: tuple[Any, ...] = PHASES) -> str:
    """Return the plan as a model writes it, after the shipped template."""
    entries = "".join(
        f"  - number: {number}\n    name: {name}\n    type: {type_}\n    complexity: {level}\n"
        f"    depends_on: {needs}\n    scope: Parcels.\n    delivers:\n      - {delivers}\n"
        for number, name, type_, level, needs, delivers in phases
    )
    return (
        f"---\ntemplate: phase_plan\nproject: Parcels\nphases:\n{entries}---\n\n"
        "# Parcels: phase plan\n\n## Overview\nParcels, for depots.\n\n"
        "## Status\n<!-- prp:begin status -->\n<!-- prp:end -->\n\n## Risks\nNone known.\n"
    )


def requirements(number: int, name: str = "") -> str:
    phase, planned, type_, level, needs, delivers = PHASES[number - 1]
    return (
        f"---\ntemplate: phase_requirements\nphase: {phase}\nname: {name or planned}\n"
        f"type: {type_}\ncomplexity: {level}\ndepends_on: {needs}\n---\n\n# Phase {phase}\n\n"
        f"## Goal\n`{delivers}` answers.\n\n## Acceptance criteria\n- `pytest tests/` passes\n"
    )


def planning(project: Path, *turns: Turn, plugin: bool = False) -> Run:
    command = "/prp:plan-project-phases" if plugin else "/plan-project-phases"
    return run(project, f"{command} a parcel tracker", turns, plugin_dir=ROOT if plugin else None)


@pytest.fixture
def initialised(project: Path) -> Path:
    """Return an empty project after `prp init`."""
    assert prp(project, "init").returncode == 0
    return project


@pytest.mark.parametrize("plugin", [False, True], ids=["project", "plugin"])
def test_three_phases_are_planned_drawn_and_clean(project: Path, plugin: bool) -> None:
    if not plugin:
        assert prp(project, "init").returncode == 0
    seen = planning(
        project,
        shell("prp plan show"),
        writing(project, PLAN, plan()),
        shell("prp plan check"),
        *(writing(project, f"PRPs/PHASE{n}_REQUIREMENTS.md", requirements(n)) for n in (1, 2, 3)),
        shell("prp check PRPs"),
        shell("prp plan render"),
        shell("prp plan check"),
        [text("Three phases are planned.")],
        plugin=plugin,
    )
    played_out(seen)
    assert "a parcel tracker" in seen.requests[0].text
    assert "has no phase plan" in seen.requests[1].news
    assert f"drawn     {MAP}\ndrawn     {PLAN}" in seen.requests[8].news
    assert "2 files checked, no findings" in seen.requests[9].news
    assert messages(seen) == []
    checked = prp(project, "check", "--strict", "--format", "json", "PRPs")
    assert (checked.returncode, json.loads(checked.stdout)["files"]) == (0, 5)
    shown = json.loads(prp(project, "plan", "show", "--json").stdout)
    assert [phase["depends_on"] for phase in shown["phases"]] == [[], [1], [1, 2]]
    assert shown["next"] == 1
    assert prp(project, "plan", "render", "--check").returncode == 0
    assert "| 2: Live | 1 | waits for 1 |" in (project / PLAN).read_text(encoding="utf-8")


def test_a_cycle_is_named_as_soon_as_it_is_written_and_nothing_is_drawn(initialised: Path) -> None:
    cyclic = ((*PHASES[0][:4], [2], PHASES[0][5]), *PHASES[1:])
    cycle = "phases depend on each other in a cycle: 1 → 2 → 1"

    def mend(request: Request) -> list[Block]:
        assert cycle in request.news
        assert not (initialised / MAP).exists()
        return [
            tool_use(
                "Edit",
                file_path=str(initialised / PLAN),
                old_string="depends_on: [2]",
                new_string="depends_on: []",
            )
        ]

    seen = planning(
        initialised,
        writing(initialised, PLAN, plan(cyclic)),
        shell("prp plan render"),
        mend,
        shell("prp plan render"),
        [text("Mended.")],
    )
    played_out(seen)
    assert f"prp check: {PLAN}: " in seen.requests[1].news
    assert f"error PRP603 {cycle}" in seen.requests[1].news
    assert f"drawn     {MAP}" in seen.requests[4].news
    assert prp(initialised, "plan", "check").returncode == 0


def test_what_somebody_drew_over_is_objected_to(initialised: Path) -> None:
    write(initialised, plan())
    assert prp(initialised, "plan", "render").returncode == 0
    edit = tool_use(
        "Edit",
        file_path=str(initialised / MAP),
        old_string="P1 --> P3",
        new_string="P3 --> P1",
    )
    looking = [tool_use("Read", file_path=str(initialised / MAP))]
    seen = planning(initialised, looking, [edit], shell("prp plan render"), [text("Kept.")])
    played_out(seen)
    assert "and was edited since it was drawn" in seen.requests[2].news
    assert f"kept      {MAP}:" in seen.requests[3].news


def test_a_changed_plan_is_recorded_and_then_clean(initialised: Path) -> None:
    write(initialised, plan())
    for number in (1, 2, 3):
        write(initialised, requirements(number), f"PRPs/PHASE{number}_REQUIREMENTS.md")
    summary = "---\ntemplate: completion_summary\nphase: 1\nname: Store\nstatus: unverified\n---\n# `GET /parcels/{code}`\n"
    write(initialised, summary, "PRPs/PHASE1_COMPLETION_SUMMARY.md")
    assert prp(initialised, "plan", "render").returncode == 0
    third = "PRPs/PHASE3_REQUIREMENTS.md"

    def record(request: Request) -> list[Block]:
        assert "PRP602 “name” is “Quick lists” here but “Speed” at" in request.news
        now = '--now "Quick lists" --because "scans are quick already" --date 2026-03-01'
        return shell(f"prp plan adapt --phase 3 --field name {now}")

    seen = run(
        initialised,
        "/update-phase-plans 1 lists are slow, scans are not",
        [
            shell("prp plan show"),
            writing(initialised, third, requirements(3, "Quick lists")),
            record,
            [tool_use("Read", file_path=str(initialised / PLAN))],
            [
                tool_use(
                    "Edit",
                    file_path=str(initialised / PLAN),
                    old_string="name: Speed",
                    new_string="name: Quick lists",
                )
            ],
            shell("prp plan render"),
            shell("prp plan check"),
            [text("Phase 3 has another name.")],
        ],
    )
    played_out(seen)
    assert "1 lists are slow, scans are not" in seen.requests[0].text
    assert "next: phase 2, “Live”" in seen.requests[1].news
    assert f"recorded  {LOG}" in seen.requests[3].news
    assert "2 files checked, no findings" in seen.requests[7].news
    log = (initialised / LOG).read_text(encoding="utf-8")
    assert "## 2026-03-01: phase 3, name\n- **Phase**: 3\n- **Planned**: Speed\n" in log
    assert prp(initialised, "check", "--strict", "PRPs").returncode == 0


def write(project: Path, content: str, path: str = PLAN) -> None:
    (project / path).write_text(content, encoding="utf-8")
