"""Writers that are killed, disks that are full, trees that can't be written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from prp_pack.evidence import ledger
from prp_pack.repository import Repository
from tests.evidence.conftest import git
from tests.gate.projects import PRP, Project, begin, environment, unmeasured

KILLS = 1_000
FOLDER = "PRPs/evidence/labels"
TEXT = """\
---
template: prp_base
name: Labels
---

## Validation Loop

### Level 1: Component Validation
```bash
touch ran.log
```

## Final Validation Checklist
- [ ] There is a source: `test -f src/labels.py`
"""


@pytest.fixture
def quick(tmp_path: Path) -> Project:
    """Return a project whose gates take no time."""
    files = [(PRP, TEXT), ("src/labels.py", "x = 1\n"), (".gitignore", "*.log\n")]
    return begin(tmp_path / "quick", files)


def test_a_thousand_kills_lose_nothing_that_was_written(tmp_path: Path) -> None:
    root = tmp_path / "project"
    git(tmp_path, "init", "-q", str(root))
    command = [sys.executable, "-m", "tests.gate.killed_writers", str(root), str(KILLS)]
    done = subprocess.run(
        command, env=unmeasured(), capture_output=True, text=True, timeout=500, check=False
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    kills, records = (int(word) for word in done.stderr.split() if word.isdigit())
    assert kills == KILLS
    assert records > KILLS / 10, "the writers were killed before they had written anything"
    left = {path.name for path in root.rglob("*") if path.is_file() and ".git/" not in str(path)}
    left -= {"written.log", ".gitignore"}
    assert {name for name in left if not name.startswith(".prp.")} == {
        name for name in left if name.endswith(".json")
    }
    seen = git(root, "status", "--porcelain", "-uall").splitlines()
    assert [line for line in seen if not line.endswith((".json", "evidence/.gitignore"))] == []


# --- No room --------------------------------------------------------------------------------


def limited(project: Project, kilobytes: int) -> subprocess.CompletedProcess[str]:
    """Run the gates in a shell where no file may grow beyond a size, as on a disk that is full."""
    script = f'ulimit -f {kilobytes} && exec "$0" -m prp_pack gate run {PRP}'
    return subprocess.run(
        ["bash", "-c", script, sys.executable],
        cwd=project.root,
        env=unmeasured(PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def expect_one_line(run: subprocess.CompletedProcess[str], path: str, reason: str) -> None:
    """Assert that a run ended with status 2 and one line on what could not be written, and why."""
    assert run.returncode == 2, run.stdout + run.stderr
    said = [line for line in run.stderr.splitlines() if line.startswith("prp: ")]
    assert len(said) == 1, run.stderr
    assert path in said[0]
    assert said[0].endswith(f"cannot be written: {reason}")
    assert "Traceback" not in run.stderr


def test_a_record_that_finds_no_room_is_no_record(quick: Project) -> None:
    run = limited(quick, 0)
    expect_one_line(run, "PRPs/evidence/.gitignore", "file too large")
    quick.put("PRPs/evidence/.gitignore", ".prp.*\n")
    quick.put(".prp/.gitignore", "*\n")
    expect_one_line(limited(quick, 0), FOLDER, "file too large")
    assert not (quick.root / "ran.log").exists(), "what can't be recorded isn't run"
    assert list((quick.root / FOLDER).iterdir()) == []
    assert quick.text() == TEXT
    quick.prp("gate", "run", PRP, status=0)


def test_half_a_line_in_the_list_of_records_takes_no_other_with_it(quick: Project) -> None:
    old = f"{'0' * 64} PRPs/evidence/other/20261123T000000Z-00000000.json\n"
    quick.put(".prp/.gitignore", "*\n")
    quick.put(".prp/written.log", old * (8 * 1024 // len(old)))
    expect_one_line(limited(quick, 8), ".prp/written.log", "file too large")
    assert (quick.root / ".prp/written.log").stat().st_size == 8 * 1024
    assert quick.text() == TEXT, "nothing is ticked that isn't recorded"
    assert ledger.read(Repository(quick.root), FOLDER).problems == ()
    quick.prp("gate", "run", PRP, "--item", "C.1", status=0)
    assert quick.text().count("[x]") == 1
    records = ledger.read(Repository(quick.root), FOLDER).records
    assert quick.status()["ledger"] == []
    (quick.root / FOLDER / f"{records[-1].run_id}.json").unlink()
    assert "written here and is gone" in quick.status()["ledger"][0]


# --- In a mount namespace of its own --------------------------------------------------------


def _mounting() -> list[str]:
    """Return what starts a shell that may mount; nothing where that is not to be had."""
    for options in ("-m", "-rm"):
        try:
            probe = ["unshare", options, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
            if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
                return ["unshare", options, "bash", "-euc"]
        except FileNotFoundError:
            break
    return []


MOUNTING = _mounting()
needs_mounts = pytest.mark.skipif(not MOUNTING, reason="nothing can be mounted here")


def mounted(project: Project, script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell's script in the project; it may mount, and `$PRP` is the program."""
    return subprocess.run(
        [*MOUNTING, script],
        cwd=project.root,
        env=environment(PRP=f"{sys.executable} -m prp_pack"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@needs_mounts
def test_a_full_disk_is_said_in_a_line(quick: Project) -> None:
    (quick.root / FOLDER).mkdir(parents=True)
    full = "mount -t tmpfs -o size=16k tmpfs PRPs/evidence; head -c 64k /dev/zero > PRPs/evidence/x"
    full += " || true"
    expect_one_line(
        mounted(quick, f"{full}; $PRP gate run {PRP}"), "PRPs/evidence", "no space left on device"
    )
    assert quick.text() == TEXT
    assert not (quick.root / "ran.log").exists()
    kept = "mkdir .prp; mount -t tmpfs -o size=16k tmpfs .prp; echo '*' > .prp/.gitignore; "
    kept += "head -c 64k /dev/zero > .prp/x || true"
    run = mounted(quick, f"{kept}; $PRP gate run {PRP}")
    expect_one_line(run, ".prp/written.log", "no space left on device")
    assert quick.text() == TEXT
    assert ledger.read(Repository(quick.root), FOLDER).problems == ()


READ_ONLY = 'mount --bind "$PWD" "$PWD"; mount -o remount,bind,ro "$PWD"; cd "$PWD"; '


@needs_mounts
def test_in_a_read_only_tree_nothing_runs_and_the_rest_works(quick: Project) -> None:
    quick.prp("gate", "run", PRP, status=0)
    (quick.root / "ran.log").unlink()
    quick.commit()
    run = mounted(quick, f"{READ_ONLY} $PRP gate run {PRP} --again")
    expect_one_line(run, FOLDER, "read-only file system")
    assert not (quick.root / "ran.log").exists()
    shown = mounted(quick, f"{READ_ONLY} $PRP gate status {PRP}")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "3 of 3 items settled (3 proven)" in shown.stdout
    checked = mounted(quick, f"{READ_ONLY} $PRP check {PRP} --select PRP505,PRP506,PRP509")
    assert (checked.returncode, checked.stderr) == (0, "1 file checked, no findings\n")
    everything = mounted(quick, f"{READ_ONLY} $PRP check {PRP}")
    assert everything.returncode == 1
    assert "cannot be written" not in everything.stderr
