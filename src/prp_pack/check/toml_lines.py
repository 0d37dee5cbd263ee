"""Where a key of a TOML text stands: the standard library's reader keeps no lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from prp_pack.regex import regex

_KEY = r"""(?:"[^"\n]*"|'[^'\n]*'|[\w-]+)"""
_KEYS = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_TABLE = regex(rf"[ \t]*(\[\[?)[ \t]*({_KEYS})[ \t]*\]")
_VALUE = regex(rf"[ \t]*({_KEYS})[ \t]*=")
_AT = regex(r"\(at line (\d+), column (\d+)\)$")


def line_of(text: str, keys: Sequence[str], word: str = "") -> int:
    """Return the line on which a key stands, or the nearest table above it, counted from 1.

    A table of an array is named by its position: `("check", "per-file", "0", "paths")`. With
    `word` it is the line on which the word stands first, from the key on.
    """
    best, deepest = 1, 0
    for line, path in _paths(text):
        depth = len(path)
        if depth > deepest and tuple(keys[:depth]) == path:
            best, deepest = line, depth
    if word:
        lines = text.split("\n")
        quoted = (f'"{word}"', f"'{word}'")
        inside = (n for n in range(best, len(lines) + 1) if any(q in lines[n - 1] for q in quoted))
        return next(inside, best)
    return best


def _paths(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the line and the full path of each table and key."""
    table: tuple[str, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if found := _TABLE.match(line):
            table = _parts(found[2])
            if found[1] == "[[":
                position = counts[table] = counts.get(table, -1) + 1
                table = (*table, str(position))
            yield number, table
        elif found := _VALUE.match(line):
            yield number, (*table, *_parts(found[1]))


def _parts(keys: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_KEY, keys))


def place_in(message: str, text: str) -> tuple[str, int]:
    """Return what the reader complains of, and the line that it names at the end."""
    found = _AT.search(message)
    if found:
        return f"{message[: found.start()].rstrip()} (column {found[2]})", int(found[1])
    return message.removesuffix(" (at end of document)"), text.rstrip("\n").count("\n") + 1
