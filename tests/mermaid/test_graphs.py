"""Each graph that is drawn means to Mermaid what the plan says, whatever a phase is called."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from prp_pack.model import Complexity, PhaseType, Place, Plan, PlannedPhase
from prp_pack.render import dependency_map

HERE = Path(__file__).parent

# How Mermaid holds `#35;` between reading and drawing.
_HELD = re.compile("ﬂ°°(\\d+)¶ß")

NAMES = [
    "Store", 'a"] --> b["c', "`code`", "**bold** _x_", "<b>x</b>", "a & b; c", "#35; #x;", "50 % %% 9",
    "%%{init: {'theme': 'dark'}}%%", "{a} (b) [c] |d|", "end", "subgraph x", "graph TD", "style: a#b;",
    "classDef: x#y;z", "click P1 href", "accTitle: x", "---", "é 😀 漢字 \u200fעברית", '\\n \\" \\', "a\nb\tc",
    "P1 --> P2", "~~~", "$$x^2$$", "'", "fa:fa-car", "@{ shape: circle }", "A" * 300, " x ", "\0\u2028",
]  # fmt: skip


@pytest.fixture(scope="module")
def mermaid() -> Path:
    """Install Mermaid, or skip with the reason; with PRP_E2E_REQUIRED set, fail instead."""
    missing = next((name for name in ("node", "npm") if shutil.which(name) is None), None)
    reason = f"{missing} isn't installed" if missing else ""
    if not missing and not (HERE / "node_modules/.package-lock.json").is_file():
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
        reason = done.stderr if done.returncode else ""
    if reason and os.environ.get("PRP_E2E_REQUIRED"):
        pytest.fail(reason)
    if reason:
        pytest.skip(f"Mermaid can't be asked: {reason}")
    return HERE / "parse.mjs"


def plan(*names: str) -> Plan:
    """Return phases that each need every earlier one."""
    level, type_, place = Complexity.LOW, PhaseType.INTEGRATION, Place("PRPs/x.md")
    phases = (
        PlannedPhase(number, name, type_, level, tuple(range(1, number)), place)
        for number, name in enumerate(names, start=1)
    )
    return Plan("PRPs/x.md", phases=tuple(phases))


def read(script: Path, graphs: list[str]) -> list[dict[str, Any]]:
    done = subprocess.run(
        ["node", script], cwd=HERE, input=json.dumps(graphs), capture_output=True, text=True,
        check=True, timeout=120,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def graph(of: Plan) -> str:
    return dependency_map.render(of)["Graph"].removeprefix("```mermaid\n").removesuffix("```\n")


def test_mermaid_reads_the_phases_and_what_they_need(mermaid: Path) -> None:
    plans = [plan(name, "next") for name in NAMES] + [plan(*NAMES), plan("alone")]
    for drawn, seen in zip(plans, read(mermaid, [graph(p) for p in plans]), strict=True):
        name = drawn.phases[0].name
        assert "error" not in seen, (name, seen["error"])
        assert (seen["type"], seen["direction"]) == ("flowchart-v2", "LR"), name
        shown = [[id_, _HELD.sub(lambda m: chr(int(m[1])), text)] for id_, text in seen["nodes"]]
        expected = [[f"P{p.number}", f"Phase {p.number}: {plain(p.name)}"] for p in drawn.phases]
        assert [[id_, text.strip()] for id_, text in shown] == [[i, t.strip()] for i, t in expected]
        edges = [[f"P{n}", f"P{p.number}"] for p in drawn.phases for n in p.depends_on]
        assert sorted(seen["edges"]) == sorted(edges), name


def plain(name: str) -> str:
    return "".join(character for character in " ".join(name.split()) if character.isprintable())


def test_mermaid_refuses_what_is_no_graph(mermaid: Path) -> None:
    (seen,) = read(mermaid, ['graph LR\n  P1["a" --> P2\n'])
    assert "Parse error" in seen["error"]
