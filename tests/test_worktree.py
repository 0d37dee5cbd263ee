"""The digest of the working tree: what changes it, and what must not."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from prp_pack import worktree
from prp_pack.repository import Repository, UnreadableError
from tests.evidence.conftest import git
from tests.evidence.conftest import repository as repository  # noqa: PLC0414 - a fixture


def digest(repository: Repository, *scope: str) -> str:
    return worktree.read(repository).scoped(scope)


def put(root: Path, path: str, content: str = "x\n") -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(content)


def link(root: Path, path: str, target: str) -> None:
    (root / path).unlink(missing_ok=True)
    (root / path).symlink_to(target)


CHANGES: dict[str, Callable[[Path], object]] = {
    "an edit": lambda root: (root / "src/a.py").write_text("a = 2\n"),
    "an edit of the same size": lambda root: (root / "src/a.py").write_text("b = 1\n"),
    "a new file": lambda root: (root / "src/b.py").write_text("b = 1\n"),
    "a new file in a new folder": lambda root: put(root, "lib/x/b.py"),
    "a file less": lambda root: (root / "src/a.py").replace(root / "PRPs/a.py"),
    "another name": lambda root: (root / "src/a.py").rename(root / "src/b.py"),
    "a file made executable": lambda root: (root / "src/a.py").chmod(0o755),
    "a link in place of a file": lambda root: link(root, "src/a.py", "../tests/test_a.py"),
    "a new link": lambda root: link(root, "src/link", "a.py"),
    "a name with a newline": lambda root: (root / "src/b\nc.py").write_text("b\n"),
    "a name that begins with a dash": lambda root: (root / "-o").write_text("b\n"),
    "a name outside of ASCII": lambda root: (root / "größe.py").write_text("b\n"),
    "a new .gitignore": lambda root: (root / ".gitignore").write_text("x\n"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_a_test_could_see_changes_the_digest_and_committing_it_doesnt(
    repository: Repository, change: Callable[[Path], object]
) -> None:
    before = digest(repository)
    change(repository.root)
    changed = digest(repository)
    assert changed != before
    assert worktree.read(repository).dirty

    git(repository.root, "add", "-A")
    assert digest(repository) == changed, "staging changes nothing that a test could see"
    git(repository.root, "commit", "-qm", "Change")
    assert digest(repository) == changed, "nor does a commit"
    assert not worktree.read(repository).dirty

    git(repository.root, "revert", "--no-edit", "HEAD")
    assert digest(repository) == before


NO_CHANGES: dict[str, Callable[[Path], object]] = {
    "a document": lambda root: (root / "PRPs/p.md").write_text("# q\n"),
    "a record": lambda root: put(root, "PRPs/evidence/r.json"),
    "a document of a project inside": lambda root: put(root, "src/PRPs/r.md"),
    "compiled Python": lambda root: put(root, "src/__pycache__/a.cpython-311.pyc"),
    "what coverage leaves": lambda root: put(root, ".coverage"),
    "what coverage leaves of each process": lambda root: put(root, ".coverage.host.1"),
    "what prp keeps": lambda root: put(root, ".prp/x"),
    "a touch": lambda root: os.utime(root / "src/a.py", (1, 1)),
    "an empty folder": lambda root: subprocess.run(
        ["mkdir", "-p", root / "empty/inside"], check=True
    ),
}


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES)
def test_documents_records_and_what_tools_leave_change_nothing(
    repository: Repository, change: Callable[[Path], object]
) -> None:
    before = worktree.read(repository)
    change(repository.root)
    after = worktree.read(repository)
    assert (after.digest, after.dirty) == (before.digest, False)


def test_what_git_ignores_changes_nothing(repository: Repository) -> None:
    (repository.root / ".gitignore").write_text("*.log\n")
    before = digest(repository)
    (repository.root / "x.log").write_text("x\n")
    assert digest(repository) == before


@pytest.mark.parametrize("pattern", ["x.py", "/src/", "*"])
def test_what_only_this_clone_ignores_is_seen(repository: Repository, pattern: str) -> None:
    (repository.root / ".gitignore").write_text("*.log\n")
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "Ignore")
    (repository.root / ".git/info/exclude").write_text(f"# of this clone\n{pattern}\n")
    before = worktree.read(repository)
    assert not before.dirty
    (repository.root / "src/x.log").write_text("x\n")
    put(repository.root, "src/__pycache__/x.cpython-311.pyc")
    assert digest(repository) == before.digest
    (repository.root / "src/x.py").write_text("x = 1\n")
    hidden = worktree.read(repository)
    assert (hidden.digest != before.digest, hidden.dirty) == (True, True)
    (repository.root / ".git/info/exclude").unlink()
    assert digest(repository) == hidden.digest


def test_a_linked_worktree_sees_what_its_clone_ignores(
    repository: Repository, tmp_path: Path
) -> None:
    git(repository.root, "worktree", "add", "-q", str(tmp_path / "linked"))
    (repository.root / ".git/info/exclude").write_text("x.py\n")
    linked = Repository(tmp_path / "linked")
    before = digest(linked)
    (linked.root / "x.py").write_text("x = 1\n")
    assert digest(linked) != before


def test_what_its_user_always_ignores_is_not_seen(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    put(tmp_path, "home/git/ignore", "*.swp\n")
    before = digest(repository)
    (repository.root / "a.swp").write_text("x\n")
    assert digest(repository) == before


def test_derived_names_count_where_they_are_tracked(repository: Repository) -> None:
    (repository.root / ".coverage").write_text("kept on purpose\n")
    git(repository.root, "add", "-f", ".coverage")
    before = digest(repository)
    (repository.root / ".coverage").write_text("changed\n")
    assert digest(repository) != before


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_change_that_git_was_told_to_overlook_is_seen(repository: Repository, flag: str) -> None:
    git(repository.root, "update-index", flag, "src/a.py")
    before = digest(repository)
    (repository.root / "src/a.py").write_text("a = 2\n")
    assert digest(repository) != before


def test_a_clone_has_the_same_digest(repository: Repository, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(repository.root), str(tmp_path / "clone"))
    assert digest(Repository(tmp_path / "clone")) == digest(repository)


def test_a_scope_sees_its_own_files_only(repository: Repository) -> None:
    before = {scope: digest(repository, scope) for scope in ("src", "src/", "tests/", "*.py", "no")}
    (repository.root / "tests/test_b.py").write_text("x\n")
    after = {scope: digest(repository, scope) for scope in before}
    assert {scope for scope in before if before[scope] != after[scope]} == {"tests/", "*.py"}
    assert before["src"] == before["src/"]
    assert digest(repository, "no") != digest(repository, "nothing")


def test_a_project_inside_of_a_repository_sees_its_own_files(repository: Repository) -> None:
    inner = Repository(repository.root / "src")
    before = worktree.read(inner)
    assert list(before.entries) == ["a.py"]
    (repository.root / "tests/test_a.py").write_text("changed\n")
    assert worktree.read(inner).digest == before.digest
    (repository.root / "src/a.py").write_text("changed\n")
    assert worktree.read(inner).digest != before.digest


def test_a_submodule_counts_by_what_is_in_it(repository: Repository, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(repository.root), str(tmp_path / "other"))
    allow = ("-c", "protocol.file.allow=always")
    git(repository.root, *allow, "submodule", "add", "-q", str(tmp_path / "other"), "vendor")
    git(repository.root, "commit", "-qm", "Add a submodule")
    before = digest(repository)
    (repository.root / "vendor/src/a.py").write_text("changed\n")
    assert digest(repository) != before


def test_before_the_first_commit_there_is_a_tree_and_no_revision(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("a\n")
    tree = worktree.read(Repository(tmp_path))
    assert (tree.revision, tree.dirty, list(tree.entries)) == (None, True, ["a.py"])


def test_a_file_that_git_cant_read_is_told_from_one_it_can(repository: Repository) -> None:
    before = digest(repository)
    (repository.root / "src/a.py").unlink()
    os.mkfifo(repository.root / "src/a.py")
    assert digest(repository) != before


def test_without_git_there_is_no_tree(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="can't tell the state"):
        worktree.read(Repository(tmp_path))
