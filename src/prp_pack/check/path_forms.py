"""What a path is by its form alone, before anybody looks for it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from prp_pack.parse import path_names
from prp_pack.regex import regex

# No file system allows longer names.
MAX_NAME = 255
_MAX_ALTERNATIVES = 64

_ELSEWHERE = regex(r"^~|^\$|\$\{|\$\w|%\w+%|^[a-zA-Z][\w+.-]+://|\{\{")
_PLACEHOLDER = regex(
    r"\.{3}|…|<[^>]*>|\[[^\]]*\s[^\]]*\]|^\[[^\]]*\]$|\[[NX]\b[^\]]*\]|\bYOUR[_-]|\bXXX|\{\w+\}|^\[|^path/to/|"
    r"\*\*$|^[/*.{}()-]*$", re.IGNORECASE,
)  # fmt: skip
_DRIVE = regex(r"^[A-Za-z]:[\\/]|^\\\\|^//\w")
_GLOB = regex(r"[*?]|\{[^{}]*,[^{}]*\}")
_BRACES = regex(r"\{([^{}]*,[^{}]*)\}")


def is_speakable(name: str) -> bool:
    """Tell whether a system could have a file of this name."""
    if not name or len(name) > path_names.MAX_LENGTH or not name.isprintable():
        return False
    return all(len(part.encode("utf-8", "replace")) <= MAX_NAME for part in name.split("/"))


def normal(name: str) -> str:
    """Return a path with `/`, without `./`, `@` and a slash at its end."""
    path = name.replace("\\", "/")
    if path.startswith("@") and not path.startswith("@/"):
        path = path[1:]
    path = posixpath.normpath(path) if path else ""
    return "" if path == "." else path


def folder_name(path: str) -> str:
    """Return the name of the folder that the path lies in; empty at the root."""
    return posixpath.basename(posixpath.dirname(path))


def leaves(path: str) -> bool:
    """Tell whether a normal path leads out of the folder it starts in."""
    return path == ".." or path.startswith("../")


def is_absolute(name: str) -> bool:
    return name.startswith(("/", "\\")) or _DRIVE.match(name) is not None


def is_elsewhere(name: str) -> bool:
    """Tell whether a name is outside of any repository by its form: `~`, a variable, an address."""
    return _ELSEWHERE.search(name) is not None


def is_unfilled(name: str) -> bool:
    """Tell whether a name is still a placeholder, or leaves something out."""
    return _PLACEHOLDER.search(name) is not None


def is_pattern(name: str) -> bool:
    return _GLOB.search(name) is not None


def matches(pattern: str, paths: Iterable[str]) -> bool:
    """Tell whether a pattern with `*`, `**`, `?` or `{a,b}` is the form of one of the paths."""
    patterns = [alternative.split("/") for alternative in _alternatives(pattern)]
    return any(_glob(wanted, path.split("/")) for path in paths for wanted in patterns)


def _alternatives(pattern: str) -> list[str]:
    """Return the patterns that `{a,b}` stands for."""
    done: list[str] = []
    todo = [pattern]
    while todo and len(todo) + len(done) < _MAX_ALTERNATIVES:
        one = todo.pop()
        if braces := _BRACES.search(one):
            options = braces[1].split(",")
            todo += [one[: braces.start()] + o.strip() + one[braces.end() :] for o in options]
        else:
            done.append(one.replace("[", "[[]"))
    return done


def _glob(pattern: list[str], parts: list[str]) -> bool:
    """Tell whether the parts of a path match those of a pattern; `**` is any number of them."""
    reached = {0}
    for step in pattern:
        if step == "**":
            reached = set(range(min(reached), len(parts) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(parts) and fnmatchcase(parts[at], step)}
        if not reached:
            return False
    return len(parts) in reached
