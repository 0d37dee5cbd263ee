"""The programs that prp-pack works with: Python, git, Claude Code, pre-commit."""

from __future__ import annotations

import platform
import re
import shutil
from pathlib import Path

from prp_pack.doctor.asking import ask
from prp_pack.doctor.result import Here, Results, hint, ok, problem
from prp_pack.install import PRE_COMMIT
from prp_pack.repository import UnreadableError

# The client whose behaviour the tests against the real one hold.
CLIENT = (2, 1, 330)
# `git ls-files --deduplicate` came with it.
GIT = (2, 31)
# What the entry script of the hooks is written for.
ENTRY_PYTHON = (3, 8)

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


def python(here: Here) -> Results:
    """Look at the Python of `prp` itself, and the `python3` that the hooks are started with."""
    yield ok(f"{platform.python_version()} runs prp ({here.python})")
    found = _version(here, "python3", "-I", "-S", "-V")
    if found is None:
        said = "the hooks are started with python3, which isn't on the PATH"
        yield problem(said, "install Python 3.11 or newer, so that `python3 -V` answers")
    elif found < ENTRY_PYTHON:
        said = f"python3 is {_shown(found)}, and the hooks' script needs {_shown(ENTRY_PYTHON)}"
        yield problem(said, "put a newer python3 first on the PATH")


def git(here: Here) -> Results:
    """Look for git: from it come the list of files, renames and three-way merges."""
    found = _version(here, "git", "--version")
    if found is None:
        yield problem("git isn't on the PATH", "install git")
    elif found < GIT:
        yield problem(f"git {_shown(found)} is older than {_shown(GIT)}", "install a newer git")
    else:
        yield ok(_shown(found))
    if here.repository.git("rev-parse", "--git-dir") is None:
        said = f"{here.repository.root} is no git repository: evidence and seals need one"
        yield hint(said, "git init")


def claude_code(here: Here) -> Results:
    """Compare the client's version with the one that the tests ran with."""
    found = _version(here, "claude", "--version")
    known = _shown(CLIENT)
    if found is None:
        yield hint(
            "claude isn't on the PATH; the command line works without it",
            "npm install -g @anthropic-ai/claude-code",
        )
    elif found < CLIENT:
        yield hint(f"{_shown(found)} is older than {known}, which is tested", "claude update")
    elif found > CLIENT:
        yield hint(f"{_shown(found)} is newer than {known}, which is tested; so far that is fine")
    else:
        yield ok(known)


def pre_commit(here: Here) -> Results:
    """Tell whether a commit is checked: the program, the entry, and git's hook."""
    runner = next((n for n in ("pre-commit", "prek") if _found(here, n)), None)
    try:
        config = here.repository.read_if_there(PRE_COMMIT)
    except UnreadableError as error:
        yield problem(str(error), error.help or f"mend {PRE_COMMIT}")
        return
    if config is None or not ("prp-check" in config.text or "prp check" in config.text):
        yield hint(f"{PRE_COMMIT} has no entry for PRPs", "prp init    # adds it, or shows it")
    elif runner is None:
        yield hint("neither pre-commit nor prek is on the PATH", "pip install pre-commit")
    elif not _is_switched_on(here):
        yield hint(f"{runner} is there, but not switched on here", f"{runner} install")
    else:
        yield ok(f"{runner} checks PRPs before each commit")


def _is_switched_on(here: Here) -> bool:
    said = here.repository.git("rev-parse", "--git-common-dir")
    folder = said.decode("utf-8", "replace").strip() if said else ""
    return bool(folder) and (here.repository.root / folder / "hooks/pre-commit").is_file()


def _found(here: Here, name: str) -> str | None:
    """Return the program's place: on the PATH, or beside the Python that runs this."""
    return shutil.which(name, path=here.search_path) or shutil.which(
        name, path=str(here.python.parent)
    )


def _version(here: Here, name: str, *arguments: str) -> tuple[int, ...] | None:
    """Return the version that a program on the PATH says it has; None without one."""
    program = shutil.which(name, path=here.search_path)
    if program is None:
        return None
    # Not in the project, whose files a shim might follow; users of services have no home.
    folder = Path.home() if Path.home().is_dir() else Path(here.python.anchor)
    answer = ask([program, *arguments], here.environment, folder)
    found = _VERSION.search(answer.output)
    return tuple(int(part) for part in found.groups(default="0")) if found else None


def _shown(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
