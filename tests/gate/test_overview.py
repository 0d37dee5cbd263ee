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


# --- Documents for the agent that nobody sends it to ----------------------------------------


def test_a_document_for_the_agent_that_nothing_names_is_an_orphan(root: Path) -> None:
    for name in ("README.md", "lost.md", "deep/lost too.txt", ".gitkeep", "kept.log"):
        write(root, f"PRPs/ai_docs/{name}", "Letters.\n")
    write(root, ".gitignore", "*.log\n")
    assert told(root)["orphans"] == ["PRPs/ai_docs/deep/lost too.txt", "PRPs/ai_docs/lost.md"]
    shown = prp(root, "status").stdout
    assert "\nPRPs/ai_docs/: no document names deep/lost too.txt, lost.md\n\nnext: " in shown
    for number in range(5):
        write(root, f"PRPs/ai_docs/z{number}.md", "Letters.\n")
    assert "lost.md, z0.md, z1.md, z2.md, and 2 more\n" in prp(root, "status").stdout


def refers(root: Path, lines: str) -> None:
    section = f"### Documentation & References\n```yaml\n{lines}```\n\n### Desired Codebase tree"
    write(root, "PRPs/phase1.md", phases.PRP.replace("### Desired Codebase tree", section))


@pytest.mark.parametrize(
    "line",
    [
        '- docfile: "PRPs/ai_docs/my letters.md"',
        "- file: PRPs/ai_docs/my letters.md  # the format",
        "- docfile: [the format](ai_docs/my%20letters.md)",
        "- docfile: `ai_docs/my letters.md`",
        "- docfile: PRPs/ai_docs/my*.md",
    ],
)
def test_a_reference_of_a_prp_names_it(root: Path, line: str) -> None:
    write(root, "PRPs/ai_docs/my letters.md", "Letters.\n")
    refers(root, "- docfile: PRPs/ai_docs/\n  why: all there is\n")
    assert told(root)["orphans"] == ["PRPs/ai_docs/my letters.md"]
    refers(root, f"{line}\n  why: the format\n")
    assert told(root)["orphans"] == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("PRPs/INITIAL.md", "## DOCUMENTATION\n- ai_docs/post/letters.md: the format\n"),
        ("PRPs/INITIAL.md", "- **PRPs/ai_docs/post/letters.md**.\n"),
        ("PRPs/INITIAL.md", "- All of PRPs/ai_docs/post/\n"),
        ("PRPs/mobile/PHASE1_REQUIREMENTS.md", "[The format](../ai_docs/post/letters.md#stamps)\n"),
        ("PRPs/ai_docs/README.md", "- [The format](post/letters.md)\n"),
        ("PRPs/ai_docs/post/letters.md", "[Below](letters.md#stamps)\n"),
        ("README.md", "[The format](PRPs/ai_docs/post/letters.md)\n"),
        ("PRPs/INITIAL.md", "- ai_docs/post/letters.mdx and PRPs/ai_docs/.\n"),
    ],
)
def test_running_text_and_links_name_it_and_it_doesn_t_name_itself(
    root: Path, path: str, text: str
) -> None:
    write(root, "PRPs/ai_docs/post/letters.md", "Letters.\n")
    write(root, path, text)
    named = path not in ("README.md", "PRPs/ai_docs/post/letters.md") and "mdx" not in text
    assert told(root)["orphans"] == ([] if named else ["PRPs/ai_docs/post/letters.md"])


def test_a_reference_to_its_old_name_names_it(root: Path) -> None:
    text = "".join(f"{number}. A letter has a stamp.\n" for number in range(20))
    write(root, "PRPs/ai_docs/letters.md", text)
    refers(root, "- docfile: PRPs/ai_docs/letters.md\n  why: the format\n")
    commit(root, "Describe letters")
    (root / "PRPs/ai_docs/letters.md").rename(root / "PRPs/ai_docs/post.md")
    commit(root, "Rename")
    assert told(root)["orphans"] == []


def test_a_picture_and_a_link_to_the_outside_break_nothing(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("ai_docs/stamp.png\n", encoding="utf-8")
    write(root, "PRPs/ai_docs/a.md", "![a stamp](stamp.png)\n")
    (root / "PRPs/ai_docs/stamp.png").write_bytes(b"\x89PNG\0")
    (root / "PRPs/ai_docs/out.md").symlink_to(tmp_path / "secret.md")
    assert told(root)["orphans"] == ["PRPs/ai_docs/a.md", "PRPs/ai_docs/out.md"]
