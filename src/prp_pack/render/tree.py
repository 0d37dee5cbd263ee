"""A list of files as a drawn tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

# More lines than this tell an agent nothing that `ls` wouldn't tell better.
MAX_LINES = 120
# Below so many folders a path is drawn as one name: drawing recurses.
MAX_DEPTH = 50

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


def _depth(folder: _Tree) -> int:
    return 1 + max((_depth(inner) for inner in folder.values() if inner), default=0)


def _lines(folder: _Tree, indent: str, depth: int) -> Iterator[str]:
    entries = sorted(folder.items(), key=lambda entry: (not entry[1], entry[0]))
    for index, (name, inner) in enumerate(entries):
        last = index == len(entries) - 1
        branch, below = ("└── ", "    ") if last else ("├── ", "│   ")
        shown = name.encode("unicode_escape").decode() if not name.isprintable() else name
        if not inner:
            yield f"{indent}{branch}{shown}"
        elif depth == 1:
            count = sum(1 for _ in _leaves(inner))
            yield f"{indent}{branch}{shown}/ ({count} file{'s' if count != 1 else ''})"
        else:
            yield f"{indent}{branch}{shown}/"
            yield from _lines(inner, indent + below, depth - 1)


def _leaves(folder: _Tree) -> Iterator[str]:
    for name, inner in folder.items():
        if inner:
            yield from _leaves(inner)
        else:
            yield name
