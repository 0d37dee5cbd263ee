"""`prp check --jobs` and the cache as a user meets them: as processes, that may be killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from prp_pack.workers import FILES_FOR_A_PROCESS
from tests.test_cli import EXAMPLE, PRP, prp

# As Windows and macOS start processes, and Python everywhere from 3.14 on.
SPAWNING = """\
import multiprocessing, sys
from prp_pack.cli import main
if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    main()
"""
COUNT = 2 * FILES_FOR_A_PROCESS


def document(number: int) -> str:
    missing = "## Goal\nTwo.\n" if number % 3 else ""
    return (
        f"---\nname: P{number}\ndescription: It is one of many.\ntrack: t{number // 2}\n"
        f"template: prp_base\n---\n\n# P{number}\n\n## Goal\nOne.\n\n{missing}"
        f"See `src/none_{number}.py`, and “src/parcel_tracker/app.py”.\n"
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    skipped = shutil.ignore_patterns(
        "__pycache__", ".*_cache", "*.db", ".coverage", ".prp", ".venv"
    )
    shutil.copytree(EXAMPLE, folder, ignore=skipped)
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    for number in range(COUNT):
        (folder / f"PRPs/various-{number:03}.md").write_text(document(number), "utf-8")
    (folder / "PRPs/various-007.md").write_bytes(b"\xff")
    # Something to mend.
    stale = (
        (folder / "PRPs/phase3.md").read_text("utf-8").replace("total_phases: 3", "total_phases: 4")
    )
    (folder / "PRPs/phase3.md").write_text(stale, "utf-8")
    return folder


def test_two_jobs_say_what_one_says_in_the_same_order(project: Path) -> None:
    one = prp(project, "check", "--no-cache")
    two = prp(project, "check", "--no-cache", "--jobs", "2")
    assert (one.stdout, one.stderr, one.returncode) == (two.stdout, two.stderr, two.returncode)
    assert one.returncode == 2, "one of the files can't be read"
    assert "various-079.md" in one.stdout


def test_processes_that_share_no_memory_say_the_same(project: Path) -> None:
    script = project.parent / "spawning.py"
    script.write_text(SPAWNING, "utf-8")
    one = prp(project, "check", "--format", "json", "--no-cache")
    two = subprocess.run(
        [sys.executable, script, "check", "--format", "json", "--no-cache", "--jobs", "2"],
        cwd=project, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (one.stdout, one.stderr, one.returncode) == (two.stdout, two.stderr, two.returncode)


def test_two_jobs_mend_what_one_mends(project: Path) -> None:
    other = project.parent / "other"
    shutil.copytree(project, other)
    one = prp(project, "check", "--format", "json", "--fix")
    two = prp(other, "check", "--format", "json", "--fix", "-j", "2")
    assert (one.stdout, one.stderr, one.returncode) == (two.stdout, two.stderr, two.returncode)
    mended = [(folder / "PRPs/phase3.md").read_text("utf-8") for folder in (project, other)]
    assert mended[0] == mended[1]
    assert "total_phases: 3" in mended[0]
    for path in project.rglob("PRPs/*.md"):
        assert path.read_bytes() == (other / path.relative_to(project)).read_bytes()


def test_what_is_mended_sees_what_was_mended_before(project: Path) -> None:
    # Without the character the plan is what the PRPs were filled from, with it it isn't.
    plan = project / "PRPs/PROJECT_PHASE_PLAN.md"
    clean = plan.read_text("utf-8")
    plan.write_text(clean.replace("Store parcels", "Store\u200b parcels"), "utf-8")
    before = (project / "PRPs/phase1.md").read_bytes()
    assert "PRP204" in prp(project, "check", "PRPs/phase1.md").stdout
    done = prp(project, "check", "--fix", "--jobs", "2", "--format", "concise")
    assert "phase1.md" not in done.stdout
    assert (plan.read_text("utf-8"), (project / "PRPs/phase1.md").read_bytes()) == (clean, before)


def test_a_warm_run_says_what_a_cold_one_says(project: Path) -> None:
    names = ["PRPs/phase3.md", *(f"PRPs/various-{number:03}.md" for number in range(10))]
    # SARIF has the fixes, too.
    for style in ("text", "sarif"):
        arguments = ("check", "--format", style, *names)
        anew = prp(project, *arguments, "--no-cache")
        kept = prp(project, *arguments)
        assert (kept.stdout, kept.stderr) == (anew.stdout, anew.stderr)
        assert kept.returncode == anew.returncode


def test_no_cache_keeps_nothing(project: Path) -> None:
    prp(project, "check", "--no-cache")
    assert not (project / ".prp").exists()
    prp(project, "check", "--fix", "PRPs/phase1.md")
    assert not (project / ".prp").exists()
    prp(project, "check", "PRPs/phase1.md")
    assert len(list((project / ".prp/cache").iterdir())) == 1


def test_without_a_place_for_a_key_everything_is_checked_anew(project: Path) -> None:
    (project.parent / "file").write_text("", "utf-8")
    place = str(project.parent / "file")
    found = prp(project, "check", "--format", "json", XDG_CONFIG_HOME=place, HOME=place)
    assert json.loads(found.stdout)["files"]
    if sys.platform == "linux":
        assert not (project / ".prp").exists()


def test_several_at_once_leave_a_whole_cache(project: Path) -> None:
    command: list[str | Path] = [PRP, "check", "--format", "json"]
    names = [f"PRPs/various-{number:03}.md" for number in range(0, 60, 6)]
    running = [
        subprocess.Popen([*command, *names[start:]], cwd=project, stdout=subprocess.PIPE)
        for start in range(4)
    ]
    for process in running:
        process.communicate(timeout=120)
    anew = prp(project, "check", "--format", "json", "--no-cache", *names)
    assert prp(project, "check", "--format", "json", *names).stdout == anew.stdout


def test_a_number_of_jobs_is_a_number_from_0(project: Path) -> None:
    assert prp(project, "check", "--jobs", "-1").returncode == 2
    assert prp(project, "check", "--jobs", "0", "PRPs/phase1.md").returncode == 0


# --- Ends that nobody wished for ----------------------------------------------------------------


def children(process: subprocess.Popen[str]) -> list[int]:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(number) for number in listed.read_text().split()] if listed.exists() else []


@contextmanager
def at_work(project: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """Start a check with two jobs in a session of its own, and wait for its processes."""
    for number in range(COUNT, 8 * COUNT):
        (project / f"PRPs/various-{number:03}.md").write_text(document(number), "utf-8")
    process = subprocess.Popen(
        [PRP, "check", "--jobs", "2", "--no-cache"], cwd=project, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    started: list[int] = []
    until = time.monotonic() + 60
    while len(started) < 2 and process.poll() is None and time.monotonic() < until:
        started = children(process)
        time.sleep(0.01)
    try:
        yield process, started
    finally:
        process.kill()
        process.communicate()


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")


@needs_proc
def test_a_process_that_is_killed_fails_the_check(project: Path) -> None:
    with at_work(project) as (process, started):
        os.kill(started[-1], signal.SIGKILL)
        said, complaint = process.communicate(timeout=60)
    assert (process.returncode, said) == (2, "")
    assert complaint.startswith("prp: a process of --jobs ended before it had checked its files\n")
    assert "Traceback" not in complaint


@needs_proc
def test_an_interrupted_check_ends_without_a_trace(project: Path) -> None:
    with at_work(project) as (process, started):
        # As a terminal does: to all of them.
        os.killpg(process.pid, signal.SIGINT)
        said, complaint = process.communicate(timeout=60)
    assert (process.returncode, said, complaint.strip()) == (1, "", "Aborted!")
    assert not any(Path(f"/proc/{child}").exists() for child in started)
