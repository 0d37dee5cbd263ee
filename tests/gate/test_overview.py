"""Where a project stands, as `prp status` says it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from prp_pack.evidence.record import Kind, Status
from tests.gate import phases
from tests.gate.phases import SUMMARY, commit, contract, record, seal, settle, work, write
from tests.test_cli import prp


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return phases.project(tmp_path / "project")


def told(root: Path) -> dict[str, Any]:
    done = prp(root, "status", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return dict(json.loads(done.stdout))


def states(root: Path) -> list[str]:
    return [phase["state"] for phase in told(root)["phases"]]


def test_a_phase_goes_from_ready_to_complete_and_opens_the_next(root: Path) -> None:
    assert (states(root), told(root)["next"]) == (
        ["ready", "planned"],
        "/execute-prp PRPs/phase1.md",
    )
    seal(contract(root))
    assert states(root) == ["running", "planned"]
    assert told(root)["next"] == "prp gate run PRPs/phase1.md"
    work(root)
    commit(root, "Store letters")
    settle(contract(root), without=("C.Component.2",))
    assert told(root)["next"] == "prp attest PRPs/phase1.md C.Component.2 --by NAME --note TEXT"
    record(contract(root), "C.Component.2", Kind.ATTESTATION, said="read it")
    assert told(root)["next"] == "prp complete 1"
    assert prp(root, "complete", "1").returncode == 0
    assert states(root) == ["complete", "ready"]
    assert told(root)["next"] == "write PRPs/PHASE2_REQUIREMENTS.md"
    write(root, "PRPs/PHASE2_REQUIREMENTS.md", "---\ntemplate: phase_requirements\nphase: 2\n---\n")
    assert told(root)["next"] == "/generate-prp PRPs/PHASE2_REQUIREMENTS.md"


def test_a_prp_with_errors_is_to_be_mended_before_it_is_executed(root: Path) -> None:
    text = phases.PRP.replace("Letters are stored:", "[TODO: what is stored]:")
    write(root, "PRPs/phase1.md", text)
    first = told(root)["phases"][0]
    assert first["state"] == "ready"
    assert first["remarks"] == ["its PRP has 1 error: mend it first"]
    assert told(root)["next"] == "prp check PRPs/phase1.md"
    assert prp(root, "check", "PRPs/phase1.md").returncode == 1


def test_items_levels_and_deferrals_are_counted(root: Path) -> None:
    record(contract(root), "L1.1")
    record(contract(root), "L2.1", status=Status.FAIL)
    assert prp(root, "complete", "1", "--status", "partial", "--defer", "pages").returncode == 0
    first, second = told(root)["phases"]
    assert first == {
        "number": 1, "name": "Store", "type": "foundation", "state": "partial",
        "prp": "PRPs/phase1.md", "summary": SUMMARY,
        "items": {"proven": 1, "failed": 2, "unrun": 3}, "settled": 1, "total": 6,
        "levels": {"1": "unrun", "2": "failed", "C": "failed", "S": "unrun"},
        "deferred": ["pages"], "remarks": [], "next": "prp gate run PRPs/phase1.md",
    }  # fmt: skip
    assert (second["state"], second["prp"], second["total"]) == ("ready", None, 0)


@pytest.mark.parametrize(("status", "following"), [("blocked", "planned"), ("unverified", "ready")])
def test_nothing_builds_on_what_is_blocked(root: Path, status: str, following: str) -> None:
    options = ("--status", status, "--defer", "x") if status == "blocked" else ("--status", status)
    assert prp(root, "complete", "1", *options).returncode == 0
    assert states(root) == [status, following]


def test_a_summary_that_claims_more_than_is_on_record_is_told_so(root: Path) -> None:
    write(root, SUMMARY, "---\ntemplate: completion_summary\nphase: 1\nstatus: complete\n---\n")
    first = told(root)["phases"][0]
    assert first["remarks"] == [f"{SUMMARY} says complete, and no record does"]
    assert first["next"] == "prp gate run PRPs/phase1.md"


def test_a_phase_that_its_prp_re_opened_says_so(root: Path) -> None:
    settle(contract(root))
    assert prp(root, "complete", "1").returncode == 0
    text = (root / "PRPs/phase1.md").read_text(encoding="utf-8")
    write(root, "PRPs/phase1.md", text.replace("what a letter is", "what letters are"))
    first = told(root)["phases"][0]
    assert first["remarks"] == ["re-opened since it was complete: C.Component.2 has changed"]
    assert first["next"].startswith("prp attest PRPs/phase1.md C.Component.2 ")


def test_a_record_that_is_gone_is_told(root: Path) -> None:
    seal(contract(root))
    gone = record(contract(root), "L1.1")
    (root / f"PRPs/evidence/phase_1/{gone.run_id}.json").unlink()
    (remark,) = told(root)["phases"][0]["remarks"]
    assert remark.startswith(f"ledger: PRPs/evidence/phase_1/{gone.run_id}.json: ")


def test_a_project_without_a_plan_shows_its_features(root: Path) -> None:
    (root / "PRPs/PROJECT_PHASE_PLAN.md").unlink()
    (root / "PRPs/phase1.md").unlink()
    said = told(root)
    assert (said["plan"], said["phases"]) == (None, [])
    (feature,) = said["features"]
    assert (feature["number"], feature["name"], feature["state"]) == (None, "Labels", "ready")
    assert said["next"] == "/execute-prp PRPs/labels.md"
    settle(contract(root, "PRPs/labels.md"))
    assert told(root)["next"] == "prp complete PRPs/labels.md"
    assert prp(root, "complete", "PRPs/labels.md").returncode == 0
    assert (told(root)["features"][0]["state"], told(root)["next"]) == ("complete", None)


def test_a_prp_of_another_track_is_no_phase_of_this_plan(root: Path) -> None:
    plan = phases.PLAN.replace("Letters", "Mobile")
    write(root, "PRPs/mobile/PROJECT_PHASE_PLAN.md", plan)
    write(root, "PRPs/mobile/phase1.md", phases.PRP.replace("name: Store", "name: Screens"))
    said = told(root)
    assert [phase["prp"] for phase in said["phases"]] == ["PRPs/phase1.md", None]
    assert [feature["name"] for feature in said["features"]] == ["Labels", "Screens"]


def test_what_was_put_away_is_not_shown(root: Path) -> None:
    write(root, "PRPs/archive/old.md", phases.FEATURE)
    assert [feature["name"] for feature in told(root)["features"]] == ["Labels"]


def test_it_says_what_there_is_without_git_and_without_documents(tmp_path: Path) -> None:
    (tmp_path / "PRPs").mkdir()
    shown = prp(tmp_path, "status")
    assert (shown.returncode, shown.stdout) == (
        0, "no phase plan and no PRP; write PRPs/INITIAL.md for /generate-prp or `prp new`\n",
    )  # fmt: skip
    write(tmp_path, "PRPs/labels.md", phases.FEATURE)
    assert told(tmp_path)["features"][0]["items"] == {"unrun": 1}


def test_the_terminal_shows_rows_deferrals_and_the_next_command(root: Path) -> None:
    assert (
        prp(root, "complete", "1", "--status", "partial", "--defer", "a \x1b[31mpage").returncode
        == 0
    )
    shown = prp(root, "status").stdout
    assert "PRPs/PROJECT_PHASE_PLAN.md: Letters\n" in shown
    assert "  1  Store  foundation   partial  0/6  6 unrun  PRPs/phase1.md\n" in shown
    assert "      deferred: a \\u{1b}[31mpage\n" in shown
    assert shown.endswith("\nnext: write PRPs/PHASE2_REQUIREMENTS.md\n")
