"""What a script measured arrives in the record of the gate that ran it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.gate.projects import PRP, Project

# Stands for a script: hands over a result as the real ones do, and ends as it is told.
SCRIPT = """\
import json, os, pathlib, sys

status, verdict, name = sys.argv[1:4]
checks = {
    "pass": [("a", "pass")], "fail": [("a", "fail")], "error": [("a", "error")],
    "skipped": [("a", "skip")], "inconclusive": [("a", "pass")], "broken": [],
}[verdict]
limits = [{"metric": "p95", "op": "<=", "limit": 5, "ok": None}] if verdict == "inconclusive" else []
result = {
    "version": 1, "script": "measure", "invoked_as": name, "subject_phase": None,
    "target_phase": 2, "baseline": None, "tools": {"ruler": "1.0"}, "machine": {"processors": 2},
    "checks": [{"id": i, "status": s, "message": f"said {s}"} for i, s in checks],
    "metrics": [{"name": "p95", "value": 3.5, "unit": "ms", "ci95": [3, 4], "n": 200}],
    "thresholds": limits, "artefacts": [],
}
text = "{" if verdict == "broken" else json.dumps(result)
pathlib.Path(os.environ["PRP_RESULTS"], "1.json").write_text(text)
sys.exit(int(status))
"""


@pytest.fixture
def measured(project: Project) -> Project:
    project.put("scripts/measure.py", SCRIPT)
    project.put("tests/test_labels.py", "def test_it():\n    assert True\n")
    return project


def run(project: Project, command: str, status: int) -> dict[str, object]:
    """Put a command into the PRP, run it, and return its record."""
    project.replace("python check.py\npytest", f"{command}\npytest")
    project.commit()
    folder = project.root / "PRPs/evidence/labels"
    before = {*folder.glob("*.json")}
    project.prp("gate", "run", PRP, "--item", "L1.1", status=status)
    paths = {*folder.glob("*.json")} - before
    records = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    found: dict[str, object] = next(r for r in records if r["item"] == "L1.1")
    return found


def test_numbers_and_checks_become_part_of_the_record(measured: Project) -> None:
    found = run(measured, "python scripts/measure.py 0 pass measure", 0)
    assert found["verdict"] == "pass"
    assert (found["script"], found["target_phase"]) == ("measure", 2)
    assert found["metrics"] == [
        {"name": "p95", "value": 3.5, "unit": "ms", "ci95": [3, 4], "n": 200}
    ]
    assert found["tools"]["ruler"] == "1.0"  # type: ignore[index]
    assert measured.states()["L1.1"] == "proven"
    assert list((measured.root / ".prp/results").iterdir()) == []


@pytest.mark.parametrize(
    ("status", "verdict", "recorded", "state"),
    [
        (1, "fail", "fail", "failed"),
        (3, "error", "error", "failed"),
        (4, "inconclusive", "inconclusive", "inconclusive"),
        (5, "skipped", "skipped", "unrun"),
        # What doesn't fit together counts as the worse of both.
        (0, "fail", "fail", "failed"),
        (1, "pass", "fail", "failed"),
        (0, "broken", "error", "failed"),
    ],
)
def test_the_verdict_is_the_results_and_nothing_better(
    measured: Project, status: int, verdict: str, recorded: str, state: str
) -> None:
    found = run(measured, f"python scripts/measure.py {status} {verdict} measure", 1)
    assert found["verdict"] == recorded
    assert measured.states()["L1.1"] == state


def test_a_failure_that_is_swallowed_is_still_one(measured: Project) -> None:
    found = run(measured, "bash -c 'python scripts/measure.py 1 fail measure; true'", 0)
    assert found["metrics"] == [], "bash -c hides which script it runs"
    measured.replace("bash -c 'python scripts/measure.py 1 fail measure; true'", "python check.py")
    found = run(measured, "python scripts/measure.py 1 fail measure; true", 1)
    assert found["verdict"] == "fail"


def test_what_the_command_does_not_name_is_not_listened_to(measured: Project) -> None:
    measured.put("check.py", SCRIPT)
    found = run(measured, "python check.py 0 pass measure", 0)
    assert (found["metrics"], found["script"]) == ([], "")


def test_a_link_is_no_result(measured: Project, tmp_path: Path) -> None:
    measured.put(
        "scripts/measure.py",
        "import os, pathlib\n"
        f"pathlib.Path(os.environ['PRP_RESULTS'], 'a.json').symlink_to({str(tmp_path / 'x')!r})\n",
    )
    assert run(measured, "python scripts/measure.py", 1)["verdict"] == "error"
