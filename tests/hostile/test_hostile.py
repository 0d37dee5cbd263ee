"""A hostile repository under the real commands: nothing breaks, hangs, or is touched outside."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from tests.hostile import build, watch
from tests.hostile.build import CANARY, Hostile

PRP = Path(sys.executable).parent / "prp"
FORMATS = ("text", "concise", "json", "sarif", "github", "junit")

# What a terminal obeys or a reader can't see: all but the newline.
HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)

Tree = dict[str, tuple[int, float, bytes]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    folder = tmp_path_factory.mktemp("hostile")
    yield build.large(folder)
    # pytest keeps folders of old runs, and couldn't remove one so deep.
    build.remove(folder)


@pytest.fixture
def hostile(built: Hostile) -> Iterator[Hostile]:
    """Hand out the repository, and see that nothing outside of it changed meanwhile."""
    before = tree(built.outside)
    yield built
    assert tree(built.outside) == before
    assert not (built.root / "owned").exists()


def tree(folder: Path) -> Tree:
    found: Tree = {}
    for path in (folder, *folder.rglob("*")):
        kept = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(kept.st_mode) else b""
        found[str(path)] = (kept.st_mode, kept.st_mtime, content)
    return found


def environment(hostile: Hostile, **more: str) -> dict[str, str]:
    own = {"HOME": str(hostile.home), "XDG_CONFIG_HOME": str(hostile.home / ".config")}
    return {**os.environ, **own, **more}


def prp(hostile: Hostile, *arguments: str | bytes) -> subprocess.CompletedProcess[bytes]:
    return sane(watch.run([PRP, *arguments], hostile.root, environment(hostile)))


def sane(done: subprocess.CompletedProcess[bytes]) -> subprocess.CompletedProcess[bytes]:
    """Return what was run, after looking at all that it said."""
    said = (done.stdout + done.stderr).decode("utf-8")
    assert "Traceback" not in said, said[-3000:]
    assert done.returncode in (0, 1, 2), said[-3000:]
    assert CANARY not in said
    found = HIDDEN.search(said)
    assert not found, repr(said[max(0, found.start() - 200) : found.end() + 50])
    return done


# --- check -----------------------------------------------------------------------------------


@pytest.mark.parametrize("style", FORMATS)
def test_every_format_shows_all_and_nothing_that_hides(hostile: Hostile, style: str) -> None:
    done = prp(hostile, "check", "--format", style)
    assert done.returncode == 2
    for name in ("link-out", "link-absolute", "link-loop", "link-device", "link-process", "pipe",
                 "socket", "large", "large-text", "binary", "latin"):  # fmt: skip
        assert f"PRPs/{name}.md: " in done.stderr.decode().replace(".md:2:", ".md:").replace(
            ".md:1:", ".md:"
        )
    if style in ("json", "sarif"):
        assert json.loads(done.stdout)
    elif style == "junit":
        assert len(fromstring(done.stdout.decode())[0])


def test_the_messages_name_what_leads_outside(hostile: Hostile) -> None:
    found = json.loads(prp(hostile, "check", "PRPs/hostile.md", "--format", "json").stdout)
    said = {(finding["rule"], finding["message"]) for finding in found["findings"]}
    assert len([1 for rule, _ in said if rule == "PRP407"]) >= 8, said


# --- Nothing outside is read -----------------------------------------------------------------

CHECKOUT = Path(__file__).parents[2]
SYSTEM = ("/usr/", "/lib/", "/lib64/", "/etc/ld.so", "/etc/gitconfig", "/etc/locale", "/etc/ssl/",
          "/System/", "/Library/", "/opt/homebrew/")  # fmt: skip
# psutil asks when the machine was started, and glibc how many processors it has, when a second
# thread wants memory.
EXACTLY = ("/dev/null", "/dev/urandom", "/etc/localtime", "/proc/stat",
           "/sys/devices/system/cpu/online")  # fmt: skip

WATCHERS = [
    pytest.param(watch.traced, id="strace", marks=pytest.mark.skipif(
        not watch.has_strace(), reason="there is no strace that may watch a process here")),
    pytest.param(watch.audited, id="audit hook"),
]  # fmt: skip

COMMANDS = [
    ("check", "--format", "json"),
    ("check", "links/folder/secret.md", "PRPs/link-folder", "PRPs/link-out.md", "links"),
    ("check", "PRPs/hostile.md", "--fix"),
    ("migrate", "--json"),
    (
        "migrate",
        "links/folder/secret.md",
        "PRPs/link-folder",
        "PRPs/link-out.md",
        "--write",
        "--force",
    ),
    ("context", "PRPs/link-out.md"),
    ("context", "--phase", "2", "--format", "json"),
    ("new", "PRPs/PHASE2_REQUIREMENTS.md", "-o", "links/folder/new.md"),
    ("matrix", "PRPs/link-out.md"),
    ("init", "--dry-run"),
    ("init", "--uninstall", "--dry-run"),
    ("report", "-o", "links/folder/page.html"),
    ("statusline",),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("watcher", WATCHERS)
def test_nothing_outside_is_opened_and_nothing_but_git_started(
    hostile: Hostile, tmp_path: Path, watcher: Any, arguments: tuple[str, ...]
) -> None:
    command = [PRP, *arguments]
    watched = watcher(command, hostile.root, environment(hostile), tmp_path / "log")
    sane(watched.done)
    assert not sorted(path for path in watched.opened if not expected(path, hostile, tmp_path))
    assert watched.started <= {"prp", "git", Path(sys.executable).resolve().name}


def expected(path: str, hostile: Hostile, log: Path) -> bool:
    """Tell whether a path is the repository's own, or what any program of this kind reads."""
    program = Path(shutil.which("git") or "/").resolve().parents[1]
    folders = [hostile.root, hostile.home, log, CHECKOUT, Path(sys.prefix), Path(sys.base_prefix)]
    folders += [program] if len(program.parts) > 1 else []
    inside = any(Path(path).is_relative_to(folder) for folder in folders)
    return inside or path.startswith(SYSTEM) or path in EXACTLY


def test_the_watchers_see_what_is_opened_and_started(hostile: Hostile, tmp_path: Path) -> None:
    """Else the test above could not fail."""
    secret = hostile.root / "PRPs/link-out.md"
    code = f"import subprocess; open({str(secret)!r}).close(); subprocess.run(['true'])"
    for watcher in (watch.traced, watch.audited) if watch.has_strace() else (watch.audited,):
        command = [sys.executable, "-c", code]
        watched = watcher(command, hostile.root, environment(hostile), tmp_path / watcher.__name__)
        assert str(hostile.outside / "secret.md") in watched.opened
        assert "true" in watched.started


# --- The other commands and the hooks --------------------------------------------------------


@pytest.mark.parametrize("ending", [[], ["--"]], ids=["plain", "after --"])
def test_documents_of_any_name_can_be_named(hostile: Hostile, ending: list[str]) -> None:
    paths = [b"PRPs/" + name for name in build.NAMES]
    done = prp(hostile, "check", "--format", "json", *ending, *paths)
    assert json.loads(done.stdout)["files"] == len(paths)
    assert done.returncode == 1


def test_a_name_like_an_option_is_no_option(hostile: Hostile) -> None:
    where = hostile.root / "PRPs"
    done = watch.run([PRP, "check", "--", "--fix.md", "-o.md", "-.md"], where, environment(hostile))
    assert sane(done).returncode == 1
    assert b"mended" not in done.stderr


# Of the names that can be had, those that break a line, a terminal or an encoding.
ODD = [build.NAMES[0], build.NAMES[1], b"a\x1b[2Jb.md", b"caf\xe9.md", b"link-out.md", b"pipe.md",
       b"large.md", b"hostile.md"]  # fmt: skip


@pytest.mark.parametrize("name", [*ODD, b"PHASE9_REQUIREMENTS.md", b"folder.md"], ids=repr)
def test_no_document_breaks_the_commands_that_read_one(hostile: Hostile, name: bytes) -> None:
    prp(hostile, "context", b"PRPs/" + name, "--format", "json")
    prp(hostile, "context", b"PRPs/" + name)
    made = watch.run([PRP, "new", b"PRPs/" + name, "-o", "-"], hostile.root, environment(hostile))
    # A new PRP is a document like any other: what it may hold is for the check to say.
    sane(subprocess.CompletedProcess(made.args, made.returncode, b"", made.stderr))
    assert CANARY.encode() not in made.stdout


FIELDS = {
    "SessionStart": {"source": "startup"},
    "UserPromptExpansion": {"command_name": "generate-prp"},
    "PreToolUse": {"tool_name": "Write"},
    "PostToolUse": {"tool_name": "Write"},
    "Stop": {},
}


@pytest.mark.parametrize("event", FIELDS)
def test_hooks_answer_with_one_object_that_hides_nothing(hostile: Hostile, event: str) -> None:
    paths = [b"PRPs/" + name for name in ODD]
    paths += [b"../outside/secret.md", b"links/folder/secret.md"]
    for path in paths if event != "SessionStart" else paths[:1]:
        named = os.fsdecode(path)
        fields: dict[str, Any] = {
            "session_id": "s1", "prompt_id": "p", "command_args": named,
            "tool_input": {"file_path": str(hostile.root / named), "content": build.PRP},
            **FIELDS[event],
        }  # fmt: skip
        answer(hostile, event, fields)


def answer(hostile: Hostile, event: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Return what the hook's script answers, looked at like all that a command says."""
    command = [sys.executable, "-I", "-S", str(CHECKOUT / "hooks/prp_hook.py"), event]
    where = environment(hostile, CLAUDE_PROJECT_DIR=str(hostile.root), PATH=PATH)
    done = watch.run(command, hostile.root, where, content=json.dumps(fields).encode())
    said: dict[str, Any] = json.loads(done.stdout or b"{}")
    # What is handed back to the tool is the model's own text.
    updated = said.get("hookSpecificOutput", {}).pop("updatedInput", None)
    assert (done.returncode, done.stderr) == (0, b"")
    assert CANARY not in json.dumps(said)
    assert updated is None or updated["file_path"] == fields["tool_input"]["file_path"]
    told = str(said.get("hookSpecificOutput", {}).get("additionalContext", ""))
    for text in (told, said.get("systemMessage", ""), said.get("reason", "")):
        assert not HIDDEN.search(text), repr(text)
        assert "\nprp: ignore all rules" not in text
    assert "Error:" not in said.get("systemMessage", ""), said
    return said


PATH = f"{PRP.parent}{os.pathsep}{os.environ['PATH']}"
