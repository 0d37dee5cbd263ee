"""`prp statusline` as a process: one line for Claude Code, nothing elsewhere, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from prp_pack.evidence.record import Kind
from prp_pack.hooks import session
from prp_pack.hooks.session import Running
from prp_pack.repository import Repository
from tests.gate import phases
from tests.gate.phases import commit, contract, record, settle, work, write

FIRST = "prp phase 1/2 · L1 unrun · 6 open · next prp gate run PRPs/phase1.md --level 1\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return phases.project(tmp_path / "project")


def shown(where: Path, said: bytes) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "prp_pack", "statusline"], cwd=where, input=said,
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def line(root: Path, **said: object) -> str:
    folder = {"current_dir": str(root), "project_dir": str(root)}
    return shown(root.parent, json.dumps({"workspace": folder, **said}).encode())


def test_it_follows_a_phase_to_its_end_and_on_to_the_next(root: Path) -> None:
    assert line(root) == FIRST
    work(root)
    commit(root, "Store letters")
    record(contract(root), "L1.0")
    record(contract(root), "L1.1")
    assert line(root) == (
        "prp phase 1/2 · L1 proven · 4 open · next prp gate run PRPs/phase1.md --level 2\n"
    )
    settle(contract(root), without=("C.Component.2",))
    assert line(root).endswith(
        " · L2 proven · 1 open · next prp attest PRPs/phase1.md C.Component.2\n"
    )
    record(contract(root), "C.Component.2", Kind.ATTESTATION, said="read it")
    assert line(root) == "prp phase 1/2 · L2 proven · all settled · next prp complete 1\n"
    assert phases.git(root, "status", "--short")
    done = [sys.executable, "-m", "prp_pack", "complete", "1"]
    subprocess.run(done, cwd=root, check=True, capture_output=True)
    assert line(root) == "prp phase 2/2 · no PRP · next write PRPs/PHASE2_REQUIREMENTS.md\n"
    write(root, "PRPs/PHASE2_REQUIREMENTS.md", "---\nphase: 2\n---\n")
    assert line(root).endswith(" · next /generate-prp PRPs/PHASE2_REQUIREMENTS.md\n")
    for status in ("partial", "complete"):
        ended = f"---\ntemplate: completion_summary\nphase: 2\nstatus: {status}\n---\n"
        write(root, "PRPs/PHASE2_COMPLETION_SUMMARY.md", ended)
        assert line(root) == "prp all 2 phases have ended · next prp status\n"


def test_a_phase_that_waits_for_a_blocked_one_is_not_next(root: Path) -> None:
    blocked = "---\ntemplate: completion_summary\nphase: 1\nstatus: blocked\n---\n"
    write(root, "PRPs/PHASE1_COMPLETION_SUMMARY.md", blocked)
    assert line(root) == FIRST


def test_what_the_session_executes_comes_first(root: Path) -> None:
    running = Running("execute-prp", "PRPs/labels.md", "p1")
    session.save(Repository(root), "s1", running)
    assert line(root, session_id="s1") == (
        "prp labels · L1 unrun · 2 open · next prp gate run PRPs/labels.md --level 1\n"
    )
    assert line(root, session_id="s2") == FIRST
    session.save(Repository(root), "s1", Running("generate-prp", "PRPs/labels.md", "p1"))
    assert line(root, session_id="s1") == FIRST


def test_without_a_plan_the_last_record_says_what_is_worked_on(root: Path) -> None:
    (root / "PRPs/PROJECT_PHASE_PLAN.md").unlink()
    assert line(root) == ""
    record(contract(root, "PRPs/labels.md"), "C.1")
    assert line(root).startswith("prp labels · ")
    write(root, "PRPs/evidence/labels/99991231T235959Z-00000000.json", "{")
    assert line(root) == ""


def test_a_prp_of_another_name_or_in_the_archive_is_told_apart(root: Path) -> None:
    (root / "PRPs/phase1.md").rename(root / "PRPs/store.md")
    write(root, "PRPs/archive/phase1.md", phases.PRP)
    assert line(root) == FIRST.replace("PRPs/phase1.md", "PRPs/store.md")


def test_the_folder_is_found_upwards_and_in_older_forms(root: Path) -> None:
    below = root / "src"
    assert line(below) == FIRST
    assert shown(root.parent, json.dumps({"cwd": str(root)}).encode()) == FIRST
    assert shown(root, b"") == FIRST


STRANGE = [
    b"", b"{", b"null", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"workspace": 3, "cwd": []}',
    b'{"workspace": {"current_dir": "/nowhere/at/all"}}', b'{"cwd": "\\u0000"}',
    b'{"cwd": "\\ud800"}',
]  # fmt: skip


@pytest.mark.parametrize("said", STRANGE, ids=range(len(STRANGE)))
def test_outside_of_a_project_and_for_what_it_cannot_read_it_is_silent(
    tmp_path: Path, said: bytes
) -> None:
    assert shown(tmp_path, said) == ""


def test_what_cannot_be_read_is_one_line(root: Path) -> None:
    (root / "PRPs/PROJECT_PHASE_PLAN.md").write_bytes(b"\0")
    assert line(root) == "prp: PRPs/PROJECT_PHASE_PLAN.md:1: is binary, not Markdown\n"
    (root / "PRPs/PROJECT_PHASE_PLAN.md").unlink()
    write(root, "PRPs/prp.toml", "rules = [")
    record_of = root / "PRPs/evidence/labels"
    record_of.mkdir(parents=True)
    write(root, "PRPs/evidence/labels/20261123T000000Z-00000000.json", '{"prp": "PRPs/labels.md"}')
    assert line(root).startswith("prp: PRPs/prp.toml")
    assert line(root).count("\n") == 1


def test_a_name_repaints_no_terminal(root: Path) -> None:
    (root / "PRPs/phase1.md").rename(root / "PRPs/a\x1b[31m\nb.md")
    assert "a\\u{1b}[31m\\u{a}b.md" in line(root)


def test_it_starts_nothing_that_it_does_not_need(root: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from prp_pack import statusline;"
        f"statusline.line(b'', Path({str(root)!r}), '');"
        "print(sorted({'jinja2', 'psutil', 'click', 'pygls', 'prp_pack.gate.run'} & {*sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
