"""A repository whose own git configuration would start programs, or look elsewhere, when asked."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prp_pack.repository import Repository
from tests.hostile import build
from tests.hostile.build import CANARY, Hostile, git
from tests.hostile.test_hostile import prp, tree


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Hostile]:
    yield (made := build.small(tmp_path))
    build.remove(made.root)


def _rename(hostile: Hostile) -> None:
    """Commit a file under another name and text, so that git has to read both to see it."""
    git(hostile, "mv", "src/gone.py", "src/come.py")
    with (hostile.root / "src/come.py").open("a") as file:
        file.write("one more\n")
    git(hostile, "commit", "--quiet", "--all", "--message", "renamed")


def _config(key: str, value: str = "{program}") -> Callable[[Hostile], None]:
    def set_(hostile: Hostile) -> None:
        filled = value.format(program=hostile.program, outside=hostile.outside)
        git(hostile, "config", key, filled)

    return set_


def _hooks(hostile: Hostile) -> None:
    folder = hostile.root / "hooks"
    folder.mkdir()
    for name in (
        "post-index-change",
        "fsmonitor-watchman",
        "reference-transaction",
        "post-checkout",
    ):
        shutil.copy(hostile.program, folder / name)
        shutil.copy(hostile.program, hostile.root / ".git/hooks" / name)
    git(hostile, "config", "core.hooksPath", str(folder))


def _signed(hostile: Hostile) -> None:
    """Give the last commit a signature, which git is configured to show."""
    text = git(hostile, "cat-file", "commit", "HEAD")
    head, _, message = text.partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
    made = hostile.home / "commit"
    made.write_text(f"{head}\n{signature}\n\n{message}\n")
    git(hostile, "update-ref", "HEAD", git(hostile, "hash-object", "-t", "commit", "-w", str(made)))
    git(hostile, "config", "log.showSignature", "true")
    git(hostile, "config", "gpg.program", str(hostile.program))


def _partial(url: str) -> Callable[[Hostile], None]:
    """Leave out an object that is to be fetched, by a program that the configuration names."""

    def leave_out(hostile: Hostile) -> None:
        blob = git(hostile, "rev-parse", "HEAD~1:src/gone.py")
        (hostile.root / f".git/objects/{blob[:2]}/{blob[2:]}").unlink()
        for key, value in {
            "core.repositoryFormatVersion": "1",
            "extensions.partialClone": "origin",
            "remote.origin.promisor": "true",
            "remote.origin.url": url.format(program=hostile.program, outside=hostile.outside),
            "remote.origin.uploadpack": str(hostile.program),
            "core.sshCommand": str(hostile.program),
            "core.gitProxy": str(hostile.program),
            "protocol.ext.allow": "always",
            "protocol.allow": "always",
        }.items():
            git(hostile, "config", key, value)

    return leave_out


def _attributes(hostile: Hostile) -> None:
    attributes = "* filter=x diff=x merge=x\n*.py textconv\n"
    (hostile.root / ".gitattributes").write_text(attributes)
    for key in ("filter.x.clean", "filter.x.smudge", "filter.x.process", "diff.x.command",
                "diff.x.textconv", "diff.external", "merge.x.driver"):  # fmt: skip
        git(hostile, "config", key, str(hostile.program))
    (hostile.root / "src/come.py").write_text("changed\n")


def _aliases(hostile: Hostile) -> None:
    for name in ("ls-files", "log", "check-ignore"):
        git(hostile, "config", f"alias.{name}", f"!{hostile.program}")


PROGRAMS: dict[str, Callable[[Hostile], None]] = {
    "fsmonitor": _config("core.fsmonitor"),
    "hooks": _hooks,
    "signature": _signed,
    "fetch from a path": _partial("{outside}"),
    "fetch by ssh": _partial("ssh://example.invalid/x"),
    "fetch by ext": _partial("ext::{program}"),
    "fetch by git": _partial("git://example.invalid/x"),
    "attributes": _attributes,
    "aliases": _aliases,
    "pager": _config("core.pager"),
    "pager of log": _config("pager.log"),
    "editor": _config("core.editor"),
    "credentials": _config("credential.helper", "!{program}"),
    "included": _config("include.path", "{outside}/settings.json"),
}


@pytest.mark.parametrize("configure", PROGRAMS.values(), ids=PROGRAMS)
def test_no_program_of_the_configuration_is_started(
    hostile: Hostile, configure: Callable[[Hostile], None]
) -> None:
    _rename(hostile)
    configure(hostile)
    assert not hostile.ran.exists()
    index = (hostile.root / ".git/index").read_bytes()
    done = prp(hostile, "check", "PRPs/hostile.md", "--format", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["findings"]
    prp(hostile, "new", "PRPs/PHASE2_REQUIREMENTS.md", "-o", "-")
    assert not hostile.ran.exists()
    assert (hostile.root / ".git/index").read_bytes() == index


def _other_repository(hostile: Hostile) -> Path:
    """Build a repository outside whose file names and history nobody may hear of."""
    other = Hostile(hostile.outside / "other", hostile.outside, hostile.home)
    other.root.mkdir()
    git(other, "init", "--quiet")
    (other.root / f"{CANARY}.py").write_text("".join(f"line {n}\n" for n in range(99)))
    git(other, "add", "--all")
    git(other, "commit", "--quiet", "--message", "x")
    git(other, "mv", f"{CANARY}.py", "gone.py")
    git(other, "commit", "--quiet", "--message", "y")
    return other.root / ".git"


def _replaced(content: str) -> Callable[[Hostile], None]:
    def replace(hostile: Hostile) -> None:
        other = _other_repository(hostile)
        build.remove(hostile.root / ".git")
        (hostile.root / ".git").write_text(content.format(other=other))

    return replace


def _linked(hostile: Hostile) -> None:
    build.remove(hostile.root / ".git")
    (hostile.root / ".git").symlink_to(_other_repository(hostile))


def _as_pipe(name: str) -> Callable[[Hostile], None]:
    def pipe(hostile: Hostile) -> None:
        build.remove(hostile.root / name)
        os.mkfifo(hostile.root / name)

    return pipe


def _spoilt(name: str) -> Callable[[Hostile], None]:
    def spoil(hostile: Hostile) -> None:
        (hostile.root / ".git" / name).write_bytes(b"\0\xff\x1b[2J")

    return spoil


def _emptied(hostile: Hostile) -> None:
    build.remove(hostile.root / ".git")
    (hostile.root / ".git").mkdir()


BROKEN: dict[str, Callable[[Hostile], None]] = {
    "no HEAD": lambda hostile: (hostile.root / ".git/HEAD").unlink(),
    "no objects": lambda hostile: shutil.rmtree(hostile.root / ".git/objects"),
    "empty": _emptied,
    "spoilt HEAD": _spoilt("HEAD"),
    "spoilt index": _spoilt("index"),
    "spoilt configuration": _spoilt("config"),
    "an empty file": _replaced(""),
    "a file to nowhere": _replaced("gitdir: /does/not/exist\n"),
    "a file to itself": _replaced("gitdir: .git\n"),
    "a file to another": _replaced("gitdir: {other}\n"),
    "a file of escapes": _replaced("gitdir: \x1b[2J\n"),
    "a link to another": _linked,
    "a pipe": _as_pipe(".git"),
    "a pipe in it": _as_pipe(".git/HEAD"),
    "another work tree": _config("core.worktree", "{outside}"),
    "the whole disk as work tree": _config("core.worktree", "/"),
    "a bare repository": _config("core.bare", "true"),
}  # fmt: skip


@pytest.mark.parametrize("break_", BROKEN.values(), ids=BROKEN)
def test_a_repository_that_git_cannot_read_or_that_is_elsewhere_is_checked_all_the_same(
    hostile: Hostile, break_: Callable[[Hostile], None]
) -> None:
    break_(hostile)
    before = tree(hostile.outside)
    done = prp(hostile, "check", "PRPs/hostile.md", "--format", "json")
    assert done.returncode == 1
    assert "src/gone.py" not in [f["message"] for f in json.loads(done.stdout)["findings"]]
    made = prp(hostile, "new", "PRPs/PHASE2_REQUIREMENTS.md", "-o", "-")
    assert b"Hostile" not in made.stderr
    assert tree(hostile.outside) == before


@pytest.mark.parametrize("where", ["{outside}", "/"])
def test_a_work_tree_elsewhere_is_not_listed(
    hostile: Hostile, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setenv("HOME", str(hostile.home))
    known = Repository(hostile.root).files()
    _config("core.worktree", where)(hostile)
    assert Repository(hostile.root).files() == known


def test_a_bare_repository_inside_of_another_is_not_asked(hostile: Hostile) -> None:
    """It can be committed as it is, configuration included."""
    inner = hostile.root / "inner"
    build.remove(inner)
    shutil.copytree(hostile.root / ".git", inner)
    shutil.copytree(hostile.root / "PRPs", inner / "PRPs")
    _config("core.bare", "true")
    config = inner / "config"
    config.write_text(f"[core]\n\tbare = true\n\tfsmonitor = {hostile.program}\n\tworktree = .\n")
    done = prp(hostile, "check", "inner/PRPs/hostile.md", "--format", "json")
    assert done.returncode == 1
    assert not hostile.ran.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a repository to somebody else")
def test_a_repository_of_somebody_else_is_walked(
    hostile: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(hostile.home))
    known = Repository(hostile.root).files()
    for path in (hostile.root, hostile.root / ".git"):
        os.chown(path, 65534, 65534)
    walked = Repository(hostile.root).files()
    assert set(walked) == {
        name for name in known if not any(p.startswith(".") for p in name.split("/"))
    }
    assert prp(hostile, "check", "PRPs/hostile.md").returncode == 1
