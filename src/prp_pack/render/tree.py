"""A list of files as a drawn tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prp_pack.model import SCRIPT_ALIASES, SCRIPTS

# More lines than this tell an agent nothing that `ls` wouldn't tell better.
MAX_LINES = 120
# Below so many folders a path is drawn as one name: drawing recurses.
MAX_DEPTH = 50

# The project's own tree is what an agent must know; these folders are about the documents.
NOT_CODE = ("PRPs/", ".claude/", ".prp/")
# The scripts that `prp init` installs, where this one is beside them, are no code of the project.
_FINDER = "scripts/_prp.py"
_INSTALLED = frozenset((_FINDER, *(f"scripts/{name}.py" for name in (*SCRIPTS, *SCRIPT_ALIASES))))
# What stands where a project has no files yet.
NO_FILES = "(no files yet)"

_Tree = dict[str, "_Tree"]


def render(paths: Iterable[str], max_lines: int = MAX_LINES) -> str:
    """Return the tree of `paths`, folders first; the deepest folders fold into a count.

    Deterministic: the same paths give the same text. Empty without paths.
    """
    root: _Tree = {}
    for path in paths:
        folder = root
        for part in path.split("/", MAX_DEPTH):
            folder = folder.setdefault(part, {})
    depth = _depth(root)
    lines = list(_lines(root, "", depth))
    while len(lines) > max_lines and depth > 1:
        depth -= 1
        lines = list(_lines(root, "", depth))
    if len(lines) > max_lines:
        lines = [*lines[: max_lines - 1], f"└── … {len(lines) - max_lines + 1} more"]
    return "\n".join(lines)


def of_code(files: Iterable[str]) -> str:
    """Return the current tree as a PRP shows it: the code, without the documents about it."""
    return render(code_of(files))


def code_of(files: Iterable[str]) -> list[str]:
    """Return the files that are the project's code: neither documents nor what we installed."""
    code = [path for path in files if not path.startswith(NOT_CODE)]
    return [path for path in code if path not in _INSTALLED] if _FINDER in code else code


def shown(name: str) -> str:
    """Return a name as the tree shows it: on one line, whatever it is."""
    return name.encode("unicode_escape").decode() if not name.isprintable() else name


def _depth(folder: _Tree) -> int:
    return 1 + max((_depth(inner) for inner in folder.values() if inner), default=0)


def _lines(folder: _Tree, indent: str, depth: int) -> Iterator[str]:
    entries = sorted(folder.items(), key=lambda entry: (not entry[1], entry[0]))
    for index, (name, inner) in enumerate(entries):
        last = index == len(entries) - 1
        branch, below = ("└── ", "    ") if last else ("├── ", "│   ")
        if not inner:
            yield f"{indent}{branch}{shown(name)}"
        elif depth == 1:
            count = sum(1 for _ in _leaves(inner))
            yield f"{indent}{branch}{shown(name)}/ ({count} file{'s' if count != 1 else ''})"
        else:
            yield f"{indent}{branch}{shown(name)}/"
            yield from _lines(inner, indent + below, depth - 1)


def _leaves(folder: _Tree) -> Iterator[str]:
    for name, inner in folder.items():
        if inner:
            yield from _leaves(inner)
        else:
            yield name
