"""The project on disk: its root, reading and writing, its documents and files."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.repository import MAX_BYTES, NOT_DOCUMENTS, Repository, UnreadableError, decode

ROOT_USER = os.geteuid() == 0


def put(root: Path, path: str, content: str = "x\n") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return file


def git(root: Path, *arguments: str) -> None:
    config = [
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@example.org",
        "-c",
        "init.defaultBranch=main",
    ]
    subprocess.run(["git", *config, "-C", str(root), *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    (tmp_path / "project/PRPs").mkdir(parents=True)
    return Repository(tmp_path / "project")


CONTAINING = [
    ([], "a/b", "a/b"),
    (["PRPs"], "a/b", ""),
    (["PRPs"], "", ""),
    (["PRPs"], "PRPs", ""),
    (["PRPs"], "PRPs/x.md", ""),
    ([".git"], "a/b", ""),
    (["PRPs", "a/PRPs"], "a/b", "a"),
    ([".git", "a/PRPs"], "a/b", "a"),
    (["PRPs", "a/.git"], "a/b", "a"),
    (["PRPs", ".git"], "a/../b", ""),
]


@pytest.mark.parametrize(("folders", "start", "root"), CONTAINING)
def test_the_root_is_the_nearest_folder_with_prps_or_git(
    tmp_path: Path, folders: list[str], start: str, root: str
) -> None:
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True)
    assert Repository.containing(tmp_path / start) == Repository(tmp_path / root)


def test_a_worktree_has_a_file_called_git(tmp_path: Path) -> None:
    put(tmp_path, ".git", "gitdir: elsewhere\n")
    assert Repository.containing(tmp_path / "a").root == tmp_path


def test_a_file_called_prps_is_no_project(tmp_path: Path) -> None:
    put(tmp_path, "a/PRPs")
    assert Repository.containing(tmp_path / "a/b").root == tmp_path / "a/b"


def test_paths_are_relative_with_slashes_and_outside_absolute(repository: Repository) -> None:
    assert repository.relative(repository.root / "a" / ".." / "b") == "b"
    outside = repository.root.parent / "x"
    assert repository.relative(outside) == outside.as_posix()


def refused(repository: Repository, path: str) -> UnreadableError:
    with pytest.raises(UnreadableError) as caught:
        repository.read(path)
    assert str(caught.value).startswith(path)
    return caught.value


BYTES = {
    "binary": (b"a\nb\0", 2, "is binary, not Markdown", ""),
    "not UTF-8": (b"a\n\n\xe4", 3, "is not UTF-8: byte 0xe4 at offset 3", "save the file as UTF-8"),
    "too large": (b"x" * (MAX_BYTES + 1), 0, "has 4.2 MB; a document of more than 4.2 MB is not read",
                  "split it, or keep data outside of PRPs/"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "line", "reason", "help"), BYTES.values(), ids=BYTES)
def test_what_is_no_text_is_refused_with_its_line(
    repository: Repository, content: bytes, line: int, reason: str, help: str
) -> None:
    (repository.root / "x.md").write_bytes(content)
    error = refused(repository, "x.md")
    assert (error.line, error.reason, error.help) == (line, reason, help)
    assert str(error) == (f"x.md:{line}: {reason}" if line else f"x.md: {reason}")


def test_the_largest_file_allowed_is_read(repository: Repository) -> None:
    (repository.root / "x.md").write_bytes(b"x" * MAX_BYTES)
    assert len(repository.read("x.md").text) == MAX_BYTES


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing.md", "does not exist"),
        ("folder", "is a directory, not a file"),
        ("pipe", "is not a regular file"),
        ("file/x.md", "cannot be read: not a directory"),
        ("n" * 300, "cannot be read: file name too long"),
        ("a\0b", "cannot be resolved: embedded null byte"),
        ("../outside.md", "lies outside of the project"),
        ("missing/../../outside.md", "lies outside of the project"),
        ("folder/../../outside.md", "lies outside of the project"),
        ("linked/repository/../outside.md", "lies outside of the project"),
        ("/etc/hostname", "lies outside of the project"),
        ("link.md", "is a link that leads outside of the project"),
        ("linked/outside.md", "lies outside of the project"),
        ("dangling-out.md", "is a link that leads outside of the project"),
        ("dangling.md", "does not exist"),
        ("loop.md", "cannot be re"),
    ],
)
def test_what_cannot_be_read_says_why(repository: Repository, path: str, reason: str) -> None:
    root = repository.root
    put(root.parent, "outside.md")
    put(root, "file")
    (root / "folder").mkdir()
    os.mkfifo(root / "pipe")
    (root / "link.md").symlink_to("../outside.md")
    (root / "linked").symlink_to("..")
    (root / "dangling-out.md").symlink_to("../missing.md")
    (root / "dangling.md").symlink_to("missing.md")
    (root / "loop.md").symlink_to("loop.md")
    assert refused(repository, path).reason.startswith(reason)


@pytest.mark.skipif(ROOT_USER, reason="root may read everything")
def test_a_file_without_permission_says_so(repository: Repository) -> None:
    put(repository.root, "x.md").chmod(0)
    assert refused(repository, "x.md").reason == "cannot be read: permission denied"


def test_a_link_inside_is_read(repository: Repository) -> None:
    put(repository.root, "a.md", "text")
    (repository.root / "b.md").symlink_to("a.md")
    assert repository.read("b.md").text == "text"


def test_a_folder_that_is_a_link_inside_is_followed(repository: Repository) -> None:
    put(repository.root, "folder/a.md", "text")
    (repository.root / "linked").symlink_to("folder")
    assert repository.read("linked/a.md").text == "text"
    assert repository.holds("linked/a.md")
    (repository.root / "folder/away").symlink_to("../..")
    assert not repository.holds("linked/away")


def test_the_project_itself_may_be_reached_by_a_link(repository: Repository) -> None:
    put(repository.root, "a.md", "text")
    linked = repository.root.parent / "linked"
    linked.symlink_to(repository.root)
    assert Repository(linked).read("a.md").text == "text"


def test_a_file_that_is_not_there_is_none(repository: Repository) -> None:
    put(repository.root, "a.md", "text")
    found = repository.read_if_there("a.md")
    assert found is not None
    assert found.text == "text"
    for path in ("b.md", "n" * 300, "a\0b"):
        assert repository.read_if_there(path) is None


TEXTS = [
    (b"", "", "\n", []),
    (b"a\nb\n", "a\nb\n", "\n", ["a\n", "b\n"]),
    (b"a\r\nb", "a\nb", "\r\n", ["a\r\n", "b"]),
    (b"a\rb\r", "a\nb\n", "\r", ["a\r", "b\r"]),
    (b"a\r\r\nb", "a\n\nb", "\r\n", ["a\r", "\r\n", "b"]),
    (b"\xef\xbb\xbfa\n", "a\n", "\n", ["\ufeffa\n"]),
    ("a\u2028b\x0bc\x85d".encode(), "a\u2028b\x0bc\x85d", "\n", ["a\u2028b\x0bc\x85d"]),
]


@pytest.mark.parametrize(("content", "text", "newline", "lines"), TEXTS)
def test_text_has_plain_newlines_and_raw_stays(
    content: bytes, text: str, newline: str, lines: list[str]
) -> None:
    source = decode(content, "x.md")
    assert (source.text, source.newline, source.raw_lines) == (text, newline, lines)
    assert source.raw == content.decode()


@given(
    st.text(
        st.one_of(
            st.sampled_from("\r\n\ufeff\u2028\x85\x0b"), st.characters(exclude_categories=["Cs"])
        )
    )
)
def test_text_and_raw_lines_split_at_the_same_places(text: str) -> None:
    if "\0" in text:
        return
    source = decode(text.encode(), "x.md")
    bare = [line.rstrip("\r\n").removeprefix("\ufeff" if not number else "")
            for number, line in enumerate(source.raw_lines)]  # fmt: skip
    assert "".join(source.raw_lines) == source.raw
    assert [
        *bare,
        *([""] if source.raw.endswith(("\r", "\n")) or not source.raw else []),
    ] == source.text.split("\n")


def test_writing_keeps_mode_and_every_byte(repository: Repository) -> None:
    file = put(repository.root, "x.sh")
    file.chmod(0o754)
    repository.write("x.sh", "a\r\nb\rü")
    assert file.read_bytes() == "a\r\nb\rü".encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o754


def test_a_new_file_has_the_usual_mode_and_its_folders(repository: Repository) -> None:
    before = os.umask(0o027)
    try:
        repository.write("a/b/x.md", "text")
    finally:
        os.umask(before)
    file = repository.root / "a/b/x.md"
    assert file.read_text(encoding="utf-8") == "text"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["x.md"]


def test_a_file_with_a_long_name_is_written(repository: Repository) -> None:
    repository.write("n" * 250 + ".md", "text")
    assert repository.read("n" * 250 + ".md").text == "text"


def test_writing_through_a_link_keeps_the_link(repository: Repository) -> None:
    put(repository.root, "a.md")
    (repository.root / "b.md").symlink_to("a.md")
    repository.write("b.md", "new")
    assert (repository.root / "b.md").is_symlink()
    assert repository.read("a.md").text == "new"


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("folder", "x", "cannot be written: is a directory"),
        ("file/x.md", "x", "cannot be written: "),
        ("x.md", "a\nb\ud800", "cannot be written: has half of a character"),
        ("../x.md", "x", "lies outside of the project"),
        ("link.md", "x", "is a link that leads outside of the project"),
    ],
)
def test_what_cannot_be_written_says_why_and_leaves_nothing(
    repository: Repository, path: str, content: str, reason: str
) -> None:
    put(repository.root, "file", "old")
    (repository.root / "folder").mkdir()
    (repository.root / "link.md").symlink_to("../x.md")
    before = sorted(repository.root.rglob("*"))
    with pytest.raises(UnreadableError, match=reason):
        repository.write(path, content)
    assert sorted(repository.root.rglob("*")) == before
    assert not (repository.root.parent / "x.md").exists()


@pytest.mark.skipif(ROOT_USER, reason="root may write everywhere")
def test_a_folder_without_permission_says_so(repository: Repository) -> None:
    (repository.root / "PRPs").chmod(0o500)
    with pytest.raises(UnreadableError, match="cannot be written: permission denied"):
        repository.write("PRPs/x.md", "x")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a file system that refuses root")
def test_a_folder_that_takes_no_file_says_so() -> None:
    with pytest.raises(UnreadableError, match="cannot be written"):
        Repository(Path("/proc")).write("self/x.md", "x")


DOCUMENTS = {
    "PRPs/a.md": True,
    "PRPs/B.MD": True,
    "PRPs/sub/c.md": True,
    "PRPs/sub/templates/d.md": True,
    "PRPs/.hidden.md": False,
    "PRPs/.folder/e.md": False,
    **{f"PRPs/{name}/f.md": False for name in NOT_DOCUMENTS},
}


def test_documents_are_the_markdown_files_of_phases(repository: Repository) -> None:
    for path in (*DOCUMENTS, "PRPs/x.txt", "src/x.md", "PRPs/folder.md/x"):
        put(repository.root, path)
    wanted = [path for path, is_document in DOCUMENTS.items() if is_document]
    assert list(repository.documents()) == sorted(wanted)
    assert list(repository.documents(".")) == ["PRPs/B.MD", "PRPs/a.md", "PRPs/sub/c.md",
                                               "PRPs/sub/templates/d.md", "src/x.md"]  # fmt: skip
    assert list(repository.documents("missing")) == []


@pytest.mark.parametrize(
    ("path", "is_document"),
    [*DOCUMENTS.items(), ("PRPs/../src/x.md", False), ("src/x.md", False), ("PRPs", False),
     ("x/PRPs/a.md", False), ("", False)],
)  # fmt: skip
def test_a_path_is_where_documents_are(
    repository: Repository, path: str, *, is_document: bool
) -> None:
    assert repository.is_document(path) is is_document


ODD = ["a\nb.py", 'it\'s "x".py', "-rf.py", "ü.py", "a b.py", "[x].py"]


def test_files_are_those_that_git_knows(tmp_path: Path) -> None:
    git(tmp_path, "init")
    for path in ("tracked.py", "deleted.py", "sub/deep.py", *ODD):
        put(tmp_path, path)
    put(tmp_path, ".gitignore", "ignored.py\nout/\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "x")
    (tmp_path / "deleted.py").unlink()
    for path in ("untracked.py", "ignored.py", "out/x.py"):
        put(tmp_path, path)
    known = [".gitignore", "sub/deep.py", "tracked.py", "untracked.py", *ODD]
    assert Repository(tmp_path).files() == tuple(sorted(known))
    assert Repository(tmp_path / "sub").files() == ("deep.py",)


def test_git_knows_what_a_file_is_called_now(tmp_path: Path) -> None:
    git(tmp_path, "init")
    for path in ("a.py", "gone.py", "back.py"):
        put(tmp_path, path, f"text of {path}\n" * 9)
    moves = [("a.py", "b.py"), ("b.py", "c d.py"), ("gone.py", "away.py"), ("back.py", "x.py"),
             ("x.py", "back.py")]  # fmt: skip
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "x")
    for old, new in moves:
        git(tmp_path, "mv", old, new)
        git(tmp_path, "commit", "-m", f"{old} to {new}")
    (tmp_path / "away.py").unlink()
    assert Repository(tmp_path).renames() == {"a.py": "c d.py", "b.py": "c d.py", "x.py": "back.py"}


def test_without_git_nothing_was_renamed_or_is_ignored(tmp_path: Path) -> None:
    assert Repository(tmp_path).renames() == {}
    assert not Repository(tmp_path).ignores("x.py")


@pytest.mark.parametrize(
    ("path", "ignored"), [("out/x", True), ("x.log", True), ("x.py", False), ("-x.log", True)]
)
def test_git_knows_what_is_ignored(tmp_path: Path, path: str, *, ignored: bool) -> None:
    git(tmp_path, "init")
    put(tmp_path, ".gitignore", "out/\n*.log\n")
    assert Repository(tmp_path).ignores(path) is ignored


@pytest.mark.parametrize(("path", "held"), [("a.py", True), ("b.py", False), ("n" * 300, False)])
def test_a_project_holds_what_is_there(tmp_path: Path, path: str, *, held: bool) -> None:
    put(tmp_path, "a.py")
    assert Repository(tmp_path).holds(path) is held


def test_without_git_files_are_all_but_hidden_ones(tmp_path: Path) -> None:
    for path in ("a.py", "sub/b.py", ".hidden", ".venv/c.py", "node_modules/d.js", "-x"):
        put(tmp_path, path)
    assert Repository(tmp_path).files() == ("-x", "a.py", "sub/b.py")


def test_without_a_git_command_files_are_walked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a.py")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert Repository(tmp_path).files() == ("a.py",)


def test_documents_are_found_deeper_than_pythons_stack(repository: Repository) -> None:
    here = os.open(repository.root / "PRPs", os.O_RDONLY)
    for _ in range(1100):
        os.mkdir("d", dir_fd=here)
        here, above = os.open("d", os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(os.open("x.md", os.O_WRONLY | os.O_CREAT, dir_fd=here))
    os.close(here)
    assert list(repository.documents()) == [f"PRPs/{'d/' * 1100}x.md"]
    assert repository.files() == (f"PRPs/{'d/' * 1100}x.md",)
    # pytest couldn't remove what is so deep.
    subprocess.run(["rm", "-rf", str(repository.root / "PRPs")], check=True)


@pytest.mark.parametrize("target", ["..", "/"])
def test_a_folder_that_leads_outside_is_named_and_not_listed(
    repository: Repository, target: str
) -> None:
    put(repository.root.parent, "secret.md")
    (repository.root / "linked").symlink_to(target)
    assert list(repository.documents("linked")) == ["linked"]
    assert "outside of the project" in refused(repository, "linked").reason


def test_what_is_added_stands_at_the_end(repository: Repository) -> None:
    repository.append("PRPs/log", "a\n")
    repository.append("PRPs/log", "b\udce9\n")
    assert (repository.root / "PRPs/log").read_text() == "a\nb\\udce9\n"


@pytest.mark.parametrize(
    ("path", "reason"),
    [("pipe", "cannot be written"), ("out", "outside of the project"), ("PRPs", "cannot be written"),
     ("held", "cannot be written: is not a regular file")],
)  # fmt: skip
def test_nothing_is_added_to_what_is_no_file_of_the_project(
    repository: Repository, path: str, reason: str
) -> None:
    outside = put(repository.root.parent, "outside.md")
    (repository.root / "out").symlink_to(outside)
    for name in ("pipe", "held"):
        os.mkfifo(repository.root / name)
    # Somebody reads from this one, so that opening it succeeds.
    reader = os.open(repository.root / "held", os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(UnreadableError, match=reason):
        repository.append(path, "x")
    os.close(reader)
    assert outside.read_text() == "x\n"


def test_only_what_lies_inside_is_removed(repository: Repository) -> None:
    outside = put(repository.root.parent, "folder/x")
    put(repository.root, "x")
    (repository.root / "linked").symlink_to("../folder")
    (repository.root / "y").symlink_to("../folder/x")
    for path in ("x", "x", "y"):
        repository.remove(path)
    for path in ("linked/x", "PRPs"):
        with pytest.raises(UnreadableError):
            repository.remove(path)
    assert outside.exists()
    assert not (repository.root / "y").is_symlink()


def test_a_git_that_does_not_answer_is_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "project/a.py")
    asked = tmp_path / "asked"
    program = put(tmp_path, "bin/git", f"#!/bin/sh\necho x >> {asked}\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setattr("prp_pack.repository.GIT_SECONDS", 0.5)
    repository = Repository(tmp_path / "project")
    assert repository.files() == ("a.py",)
    assert not repository.ignores("b.py")
    assert repository.renames() == {}
    assert asked.read_text() == "x\n"
