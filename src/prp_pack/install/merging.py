"""Three texts to one: what was installed, what the user made of it, and what is shipped now.

Nothing that the user wrote is lost, and no conflict marker gets into a file: where both changed the
same, the user's stays and ours is given beside it.
"""

from __future__ import annotations

import ast
import difflib
import tempfile
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath

import yaml

from prp_pack import markdown
from prp_pack.install import sections
from prp_pack.install.merged import Lines, Merged
from prp_pack.repository import Repository, Source

THE_FILE = "the file"


def merge(repository: Repository, path: str, base: str, mine: str, new: str) -> Merged:
    """Return `mine` with what changed from `base` to `new`; all three with LF newlines."""
    if new in (base, mine):
        return Merged(mine)
    if mine == base:
        return Merged(new)
    whole = Merged(mine, new, (THE_FILE,))
    lines: Lines = partial(merged_lines, repository)
    suffix = PurePosixPath(path).suffix
    if suffix == ".md":
        merged = sections.merge(base, mine, new, lines)
    else:
        together = lines(base, mine, new)
        merged = whole if together is None else Merged(together)
    # Lines that go together one by one need not make sense together.
    readable = _READABLE.get(suffix)
    if readable and readable(mine) and not readable(merged.text):
        return whole
    return merged


def merged_lines(repository: Repository, base: str, mine: str, new: str) -> str | None:
    """Return all three merged by git; None where both sides changed the same lines, or without git.

    The texts need not end with a newline.
    """
    with tempfile.TemporaryDirectory(prefix="prp-") as folder:
        files = []
        for name, text in (("mine", mine), ("base", base), ("new", new)):
            file = Path(folder, name)
            file.write_bytes(f"{text}\n".encode())
            files.append(str(file))
        output = repository.git("merge-file", "--quiet", "--stdout", *files)
    return None if output is None else output.decode("utf-8").removesuffix("\n")


def as_in(there: Source, text: str) -> str:
    """Return a text with the newlines and the BOM of the file that it replaces.

    Where the file mixes newlines, each line that stays keeps its own.
    """
    bom = "\ufeff" if there.raw.startswith("\ufeff") else ""
    raw = [line.removeprefix("\ufeff") for line in there.raw_lines]
    ends = {line[len(line.rstrip("\r\n")) :] for line in raw} - {""}
    if len(ends) <= 1:
        return bom + text.replace("\n", next(iter(ends), "\n"))
    old, new = ([*_lines(each)] for each in (there.text, text))
    result = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, i, j, k, l_ in matcher.get_opcodes():
        result += raw[i:j] if tag == "equal" else new[k:l_]
    return bom + "".join(result)


def _lines(text: str) -> list[str]:
    rows = [f"{row}\n" for row in text.split("\n")]
    return [*rows[:-1], rows[-1][:-1]] if rows[-1] != "\n" else rows[:-1]


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return False
    return True


def _is_yaml(text: str) -> bool:
    try:
        yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return False
    return True


def _has_front_matter(text: str) -> bool:
    rows = text.split("\n")
    end = markdown.front_matter_end(rows)
    return end is None or _is_yaml("\n".join(rows[1:end]))


_READABLE: dict[str, Callable[[str], bool]] = {
    ".md": _has_front_matter,
    ".py": _is_python,
    ".toml": _is_toml,
    ".yaml": _is_yaml,
}
