"""The pre-commit hooks: which files they match, and what the real runners do with them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from prp_pack.repository import Repository

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/parcel-tracker"
PHASE = "PRPs/phase3.md"
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

PATHS = [
    ("PRPs/phase2.md", True),
    ("PRPs/PROJECT_PHASE_PLAN.md", True),
    ("PRPs/PHASE1_REQUIREMENTS.md", True),
    ("PRPs/PHASE1_COMPLETION_SUMMARY.md", True),
    ("PRPs/INITIAL.md", True),
    ("PRPs/done/phase1.md", True),
    ("PRPs/a b.md", True),
    ("PRPs/ümlaut.md", True),
    ("PRPs/NAME.MD", True),
    ("services/shop/PRPs/phase1.md", True),
    ("PRPs/done/templates/x.md", True),
    ("PRPs/templates/prp_base.md", False),
    ("PRPs/ai_docs/stripe.md", False),
    ("PRPs/evidence/phase_1/run.md", False),
    ("PRPs/contracts/phase_1/api.md", False),
    ("PRPs/baselines/table.md", False),
    ("PRPs/.hidden.md", False),
    ("PRPs/.cache/x.md", False),
    ("PRPs/phase2.txt", False),
    ("PRPs/phase2.md.bak", False),
    ("PRPs.md", False),
    ("docs/PRPs.md", False),
    ("MyPRPs/phase2.md", False),
    ("prps/phase2.md", False),
    ("README.md", False),
    ("src/PRPs_of_mine/x.md", False),
]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
@pytest.mark.parametrize(("path", "matches"), PATHS)
def test_the_hooks_match_documents_and_nothing_else(
    hook: dict[str, str], path: str, matches: bool
) -> None:
    assert bool(re.search(hook["files"], path)) == matches


@pytest.mark.parametrize(("path", "matches"), PATHS)
def test_prp_check_and_the_hooks_agree_on_what_a_document_is(path: str, matches: bool) -> None:
    inside = path.removeprefix("services/shop/")
    markdown = inside.lower().endswith(".md")
    assert (markdown and Repository(ROOT).is_document(inside)) == matches


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return this checkout's files as a repository of their own, uncommitted changes included."""
    folder = tmp_path_factory.mktemp("pack") / "prp-pack"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split(b"\0")):
        source = ROOT / os.fsdecode(name)
        if source.is_file():
            target = folder / os.fsdecode(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    commit(folder)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the example's documents and code, committed."""
    folder = tmp_path / "project"
    skipped = shutil.ignore_patterns("__pycache__", ".*_cache", "*.db", ".coverage", ".prp")
    shutil.copytree(EXAMPLE, folder, ignore=skipped)
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["config", "user.name", "Somebody"],
        ["config", "user.email", "somebody@example.invalid"],
        ["add", "--all"],
        ["commit", "--quiet", "--no-verify", "--message=Begin"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)


def try_hook(
    runner: str, pack: Path, project: Path, hook: str = "prp-check"
) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / runner
    caches = pack.parent / "caches"
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
        "PRE_COMMIT_HOME": str(caches / "pre-commit"),
        "PREK_HOME": str(caches / "prek"),
        "NO_COLOR": "1",
    }
    return subprocess.run(
        [str(program), "try-repo", str(pack), hook],
        cwd=project, env=environment, capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip


def stage(project: Path) -> None:
    subprocess.run(["git", "add", "--all"], cwd=project, check=True)


# prek installs uv with the system's Python, which on Debian may have no pip.
_PIP = subprocess.run(["python3", "-m", "pip", "--version"], capture_output=True, check=False)
_PREK = pytest.param(
    "prek", marks=pytest.mark.skipif(_PIP.returncode != 0, reason="python3 has no pip for prek")
)
RUNNERS = pytest.mark.parametrize("runner", ["pre-commit", _PREK])


@RUNNERS
def test_a_staged_prp_that_is_broken_is_refused(runner: str, pack: Path, project: Path) -> None:
    path = project / PHASE
    clean = path.read_text(encoding="utf-8")
    path.write_text(clean.replace("total_phases: 3", "total_phases: 9"), encoding="utf-8")
    stage(project)
    # What lies in the working tree doesn't count: only what would be committed.
    path.write_text(clean, encoding="utf-8")
    run = try_hook(runner, pack, project)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "error PRP201 “total_phases” is 9 here but 3 at PRPs/PROJECT_PHASE_PLAN.md" in run.stdout
    assert path.read_text(encoding="utf-8") == clean


@RUNNERS
def test_a_staged_prp_that_is_clean_passes(runner: str, pack: Path, project: Path) -> None:
    path = project / PHASE
    clean = path.read_text(encoding="utf-8")
    path.write_text(clean + "\nOne more line.\n", encoding="utf-8")
    stage(project)
    path.write_text("# broken in the working tree only\n", encoding="utf-8")
    run = try_hook(runner, pack, project)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Passed" in run.stdout


@RUNNERS
def test_other_files_are_skipped(runner: str, pack: Path, project: Path) -> None:
    (project / "notes.md").write_text("# Notes\n", encoding="utf-8")
    stage(project)
    run = try_hook(runner, pack, project)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "no files to check" in run.stdout.lower()


@RUNNERS
def test_prp_fix_mends_and_fails_so_that_the_change_is_looked_at(
    runner: str, pack: Path, project: Path
) -> None:
    path = project / PHASE
    clean = path.read_text(encoding="utf-8")
    path.write_text(clean.replace("total_phases: 3", "total_phases: 9"), encoding="utf-8")
    stage(project)
    run = try_hook(runner, pack, project, "prp-fix")
    assert run.returncode == 1, run.stdout + run.stderr
    assert "files were modified by this hook" in run.stdout.lower()
    assert path.read_text(encoding="utf-8") == clean
