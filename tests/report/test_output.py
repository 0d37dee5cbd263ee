"""`prp check --format` and `--output`, as a process: what is written, where, and what never is."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from prp_pack.report.formats import FORMATS

PRP = Path(sys.executable).parent / "prp"
EXAMPLE = Path(__file__).parents[2] / "examples/parcel-tracker"
PHASE = "PRPs/phase3.md"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    skipped = shutil.ignore_patterns("__pycache__", ".*_cache", "*.db", ".coverage", ".prp")
    shutil.copytree(EXAMPLE, folder, ignore=skipped)
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    path = folder / PHASE
    text = path.read_text(encoding="utf-8").replace("total_phases: 3", "total_phases: 4")
    path.write_text(text, encoding="utf-8")
    return folder


def check(where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [PRP, "check", *arguments], cwd=where, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.mark.parametrize("style", FORMATS)
def test_a_file_gets_what_would_have_been_printed(project: Path, style: str) -> None:
    printed = check(project, "--format", style)
    written = check(project, "--format", style, "--output", "reports/prp.out")
    assert (printed.returncode, written.returncode, written.stdout) == (1, 1, "")
    assert (project / "reports/prp.out").read_text(encoding="utf-8") == printed.stdout
    assert written.stderr == printed.stderr


@pytest.mark.parametrize("style", ["json", "sarif", "github", "junit"])
def test_a_program_gets_no_summary_for_people(project: Path, style: str) -> None:
    assert check(project, "--format", style).stderr == ""


def test_text_shows_the_source_and_concise_does_not(project: Path) -> None:
    assert "\n        | ^^^^^" in check(project).stdout
    assert "^" not in check(project, "--format", "concise").stdout


REFUSED = [PHASE, "PRPs/new.md", "PRPs", "/dev/null"]


@pytest.mark.parametrize("output", REFUSED)
def test_a_report_never_replaces_a_document_or_a_device(project: Path, output: str) -> None:
    before = {path: path.read_bytes() for path in (project / "PRPs").rglob("*.md")}
    done = check(project, "--output", output)
    assert done.returncode == 2
    assert f"prp: {output}: is " in done.stderr
    assert before == {path: path.read_bytes() for path in (project / "PRPs").rglob("*.md")}
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_file_that_was_named_is_not_written_over(project: Path) -> None:
    (project / "notes.md").write_text("## Goal\n", encoding="utf-8")
    assert check(project, "notes.md", "-o", "notes.md").returncode == 2
    assert (project / "notes.md").read_text(encoding="utf-8") == "## Goal\n"


def test_files_that_cannot_be_read_are_in_the_reports(project: Path) -> None:
    (project / "PRPs/bad.md").write_bytes(b"# a\n\0")
    made = json.loads(check(project, "--format", "sarif").stdout)["runs"][0]["invocations"][0]
    assert made["executionSuccessful"] is False
    suite = fromstring(check(project, "--format", "junit").stdout)[0]
    assert suite.get("errors") == "1"
    done = check(project, "--format", "github")
    assert "::error file=PRPs/bad.md,line=2,title=not checked::is binary" in done.stdout
    assert "prp: PRPs/bad.md:2: is binary, not Markdown" in done.stderr
    assert done.returncode == 2


def test_paths_are_those_of_where_it_ran(project: Path) -> None:
    made = json.loads(check(project / "PRPs", "phase3.md", "--format", "sarif").stdout)
    place = made["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "phase3.md"
