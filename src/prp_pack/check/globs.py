"""Globs over the paths of a project, as git's ignore files have them."""

from __future__ import annotations

import re
from pathlib import PurePosixPath


def glob(pattern: str) -> re.Pattern[str]:
    """Return a glob as a regular expression: `**` is any folders, `*` stays in one.

    Raises `ValueError`, says why, for what is none.
    """
    if not pattern or pattern.startswith(("/", "./")) or ".." in PurePosixPath(pattern).parts:
        raise ValueError("is not a path from the project's root")
    if "\\" in pattern:
        raise ValueError("has a backslash; folders are parted by “/”")
    parts = pattern.split("/")
    if any("**" in part and part != "**" for part in parts):
        raise ValueError("has “**” beside other characters")
    if "" in parts:
        raise ValueError("has an empty part")
    said = "".join(
        ("(?:[^/]+/)*" if part == "**" else f"{_part(part)}/") for part in parts[:-1]
    )  # fmt: skip
    return re.compile(said + (".+" if parts[-1] == "**" else _part(parts[-1])))


def _part(part: str) -> str:
    found = re.sub(r"\*+", "*", part)
    said = ""
    while found:
        closing = found.find("]", 2)
        if found[0] == "[" and closing < 0:
            raise ValueError("has a “[” that nothing closes")
        if found[0] == "[":
            inside = re.sub(r"([\\\[\]&~|^])", r"\\\1", found[1:closing].removeprefix("!"))
            said += f"[{'^/' if found[1] == '!' else ''}{inside}]"
            found = found[closing + 1 :]
        else:
            said += {"*": "[^/]*", "?": "[^/]"}.get(found[0]) or re.escape(found[0])
            found = found[1:]
    try:
        re.compile(said)
    except re.error:
        raise ValueError("has a range that runs backwards") from None
    return said
