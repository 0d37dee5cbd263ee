"""`prp migrate` as a user meets it: as a process, in a repository, with real files."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from prp_pack.check.engine import Checker
from prp_pack.migration import files
from prp_pack.migration.steps import Migration, migrate
from prp_pack.repository import Repository, UnreadableError
from tests.migration.test_steps import HEADER, OLDER, TREE, V3
from tests.test_cli import prp

LEGACY = HEADER + V3


def git(where: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *who, *arguments], cwd=where, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "PRPs").mkdir()
    for name, text in {"tracking": LEGACY, "search": OLDER, "notes": "# Notes\nAsk.\n"}.items():
        (tmp_path / f"PRPs/{name}.md").write_text(text, encoding="utf-8")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "All")
    return tmp_path


def texts(project: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (project / "PRPs").iterdir()}


def test_without_write_it_shows_a_diff_and_writes_nothing(project: Path) -> None:
    before = texts(project)
    done = prp(project, "migrate")
    assert done.returncode == 1
    assert texts(project) == before
    assert done.stdout.count("\n--- a/PRPs/") + done.stdout.startswith("--- a/PRPs/") == 2
    assert "+template: prp_base\n" in done.stdout
    assert "would migrate PRPs/search.md: the sections of today's template\n" in done.stderr
    assert (
        "    no place  “Overview” (2 lines), kept under “Kept from the older document”\n"
        in done.stderr
    )
    assert "left PRPs/notes.md: has no form that is known" in done.stderr
    assert done.stderr.endswith("3 files: 2 to migrate; nothing was written, --write does it\n")


@pytest.mark.parametrize("end", ["", "\n", "\n\nA\x0cB\u2028C\n## Goal\nMore", "\n## Goal\nMore\n"])
def test_the_diff_is_what_git_would_apply(project: Path, end: str) -> None:
    (project / "PRPs/tracking.md").write_text(LEGACY.rstrip() + end, encoding="utf-8")
    git(project, "commit", "--allow-empty", "-am", "Another end")
    diff = json.loads(prp(project, "migrate", "PRPs/tracking.md", "--json").stdout)["files"][0][
        "diff"
    ]
    (project / "the.diff").write_text(diff, encoding="utf-8")
    git(project, "apply", "the.diff")
    applied = texts(project)["tracking.md"]
    git(project, "checkout", "PRPs")
    assert prp(project, "migrate", "PRPs/tracking.md", "--write").returncode == 0
    assert texts(project)["tracking.md"] == applied


def test_with_write_it_writes_and_then_has_nothing_to_do(project: Path) -> None:
    done = prp(project, "migrate", "--write")
    assert done.returncode == 0
    assert done.stdout == ""
    assert done.stderr.endswith("3 files: 2 of 2 migrated\n")
    again = prp(project, "migrate")
    assert again.returncode == 0
    assert again.stdout == ""
    assert "3 files: 0 to migrate" in again.stderr
    found = json.loads(prp(project, "check", "--format", "json").stdout)["findings"]
    assert not {"PRP103", "PRP106", "PRP108", "PRP109"} & {finding["rule"] for finding in found}


def test_what_git_could_not_bring_back_is_refused(project: Path) -> None:
    changed = project / "PRPs/tracking.md"
    changed.write_text(LEGACY + "\nOne more line.\n", encoding="utf-8")
    (project / "PRPs/new.md").write_text(LEGACY, encoding="utf-8")
    (project / ".gitignore").write_text("PRPs/hidden.md\n", encoding="utf-8")
    (project / "PRPs/hidden.md").write_text(LEGACY, encoding="utf-8")
    before = texts(project)
    done = prp(project, "migrate", "--write")
    assert done.returncode == 2
    for name in ("tracking.md", "new.md", "hidden.md"):
        assert texts(project)[name] == before[name]
        assert f"prp: PRPs/{name}: has changes that git doesn't have\n" in done.stderr
    # The others are not kept back by it.
    assert texts(project)["search.md"] != before["search.md"]
    assert prp(project, "migrate", "--write", "--force").returncode == 0
    assert b"One more line." in changed.read_bytes()
    assert b"template: prp_base" in changed.read_bytes()


def test_a_link_is_refused_for_what_it_leads_to(project: Path) -> None:
    (project / "real.md").write_text(LEGACY, encoding="utf-8")
    (project / "PRPs/link.md").symlink_to("../real.md")
    git(project, "add", ".")
    git(project, "commit", "-m", "A link")
    (project / "real.md").write_text(LEGACY + "\nMore.\n", encoding="utf-8")
    done = prp(project, "migrate", "PRPs/link.md", "--write")
    assert done.returncode == 2
    assert (project / "real.md").read_text(encoding="utf-8") == LEGACY + "\nMore.\n"
    git(project, "commit", "-am", "More")
    assert prp(project, "migrate", "PRPs/link.md", "--write").returncode == 0
    assert (project / "PRPs/link.md").is_symlink()
    assert "template: prp_base" in (project / "real.md").read_text(encoding="utf-8")


def test_without_git_nothing_is_written_unless_forced(tmp_path: Path) -> None:
    file = tmp_path / "old.md"
    file.write_text(LEGACY, encoding="utf-8")
    done = prp(tmp_path, "migrate", "old.md", "--write")
    assert done.returncode == 2
    assert "is not in a git repository" in done.stderr
    assert file.read_text(encoding="utf-8") == LEGACY
    assert prp(tmp_path, "migrate", "old.md", "--write", "--force").returncode == 0


@pytest.mark.parametrize("content", [b"name: x\xff\n", b"name: \0\n", b"n" * (4 * 1024 * 1024 + 1)])
def test_what_is_no_text_is_never_touched(project: Path, content: bytes) -> None:
    file = project / "PRPs/odd.md"
    file.write_bytes(content)
    done = prp(project, "migrate", "--write", "--force")
    assert done.returncode == 2
    assert "prp: PRPs/odd.md: " in done.stderr
    assert file.read_bytes() == content
    assert b"template: prp_base" in texts(project)["tracking.md"]


def read(project: Path) -> tuple[Repository, Migration]:
    repository = Repository(project)
    return repository, migrate(Checker(repository), repository.read("PRPs/tracking.md"))


def test_a_file_that_changed_meanwhile_is_not_touched(project: Path) -> None:
    repository, made = read(project)
    file = project / "PRPs/tracking.md"
    file.write_text("Somebody was faster.\n", encoding="utf-8")
    with pytest.raises(UnreadableError, match="has changed meanwhile"):
        files.write(repository, made, force=True)
    git(project, "commit", "-am", "Faster")
    with pytest.raises(UnreadableError, match="has changed meanwhile"):
        files.write(repository, made)
    assert file.read_text(encoding="utf-8") == "Somebody was faster.\n"


def test_a_name_that_git_would_read_as_a_pattern_is_a_name(project: Path) -> None:
    (project / "PRPs/[t]racking.md").write_text(LEGACY, encoding="utf-8")
    done = prp(project, "migrate", "PRPs/[t]racking.md", "--write")
    assert done.returncode == 2
    assert "has changes that git doesn't have" in done.stderr


def test_it_works_from_below_the_root_of_a_repository(project: Path) -> None:
    (project / "service/PRPs").mkdir(parents=True)
    file = project / "service/PRPs/tracking.md"
    file.write_text(LEGACY, encoding="utf-8")
    assert prp(project / "service", "migrate", "--write").returncode == 2
    git(project, "add", ".")
    git(project, "commit", "-m", "Service")
    assert prp(project / "service/PRPs", "migrate", "tracking.md", "--write").returncode == 0


def test_which_phase_is_asked_for_where_nothing_says_it(project: Path) -> None:
    (project / "PRPs/phase2.md").write_text(OLDER, encoding="utf-8")
    done = prp(project, "migrate", "PRPs/phase2.md")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "the file name says phase 2, and no plan says which phase that is" in done.stderr
    assert "help: say it with --to simple or --to 'phase N'" in done.stderr
    tree = TREE.replace("Dependencies: Phase 1", "Complexity: low\n└── Dependencies: Phase 1")
    (project / "PRPs/PROJECT_PHASE_PLAN.md").write_text(tree, encoding="utf-8")
    assert "+  number: 2" in prp(project, "migrate", "PRPs/phase2.md").stdout
    assert (
        "+PROJECT_TYPE: simple"
        in prp(project, "migrate", "PRPs/phase2.md", "--to", "simple").stdout
    )
    told = prp(project, "migrate", "PRPs/search.md", "--to", "phase 1").stdout
    assert "+  number: 1" in told
    assert "+  phase_type: foundation" in told


@pytest.mark.parametrize("word", ["complex", "phase", "phase 0", "2x", ""])
def test_a_destination_that_is_none_is_a_usage_error(project: Path, word: str) -> None:
    done = prp(project, "migrate", "--to", word)
    assert done.returncode == 2
    assert "is neither “simple” nor “phase N”" in done.stderr


def test_json_says_it_all(project: Path) -> None:
    (project / "PRPs/odd.md").write_bytes(b"\xff")
    done = prp(project, "migrate", "--json")
    assert done.returncode == 2
    said = json.loads(done.stdout)
    assert said["version"] == 1
    found = {one["path"]: one for one in said["files"]}
    assert found["PRPs/odd.md"]["error"].startswith("is not UTF-8")
    assert found["PRPs/search.md"]["steps"] == ["older-template"]
    assert {"title": "Overview", "lines": 2} in found["PRPs/search.md"]["unplaced"]
    assert found["PRPs/tracking.md"]["diff"].startswith("--- a/PRPs/tracking.md\n")
    assert found["PRPs/tracking.md"]["renamed"][1] == {
        "old": "Level 3: Integration Test (needs a depot)", "new": "Level 1b: Service smoke test",
    }  # fmt: skip
    assert [one["severity"] for one in found["PRPs/notes.md"]["left"]] == ["note"]
    assert not any(one["written"] for one in said["files"])
    again = json.loads(prp(project, "migrate", "PRPs/search.md", "--write", "--json").stdout)
    assert [one["written"] for one in again["files"]] == [True]


def test_nothing_to_migrate_is_said(tmp_path: Path) -> None:
    done = prp(tmp_path, "migrate")
    assert done.returncode == 2
    assert "PRPs: does not exist here or above" in done.stderr


def test_what_a_document_hides_does_not_reach_the_terminal(project: Path) -> None:
    text = OLDER.replace("## Overview", "## Over\x1b[31mview \u202e")
    (project / "PRPs/search.md").write_text(text, encoding="utf-8")
    done = prp(project, "migrate", "PRPs/search.md")
    assert "\x1b" not in done.stdout + done.stderr
    assert "\u202e" not in done.stdout + done.stderr
