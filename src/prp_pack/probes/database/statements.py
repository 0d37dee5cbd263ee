"""SQL as far as it must be understood here: how many statements, and what each begins with.

What a statement may do is for the database to refuse. But some only look harmless to it: SQLite
writes a file for `VACUUM INTO` from a database that is open for reading.
"""

from __future__ import annotations

import re

READING = frozenset({"SELECT", "WITH", "VALUES", "TABLE"})
"""First words of statements that return rows and are not meant to change any."""
_CHANGING = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "INTO"})

_TOKEN = re.compile(
    r"""
    --[^\n]*                                   # a comment
  | /\*.*?(?:\*/|\Z)
  | (?<!\w)[eE]'(?:[^'\\]|\\.|'')*'            # texts and names, which may hold anything
  | '(?:[^']|'')*'
  | "(?:[^"]|"")*"
  | `[^`]*`
  | \$(?P<tag>[A-Za-z_]\w*|)\$.*?\$(?P=tag)\$
  | (?P<word>[^\W\d]\w*)
  | (?P<end>;)
    """,
    re.VERBOSE | re.DOTALL,
)


def first_words(sql: str) -> tuple[str, ...]:
    """Return the first word of each statement, in capitals."""
    found: list[str] = []
    begun = False
    for token in _TOKEN.finditer(sql):
        if token["end"]:
            begun = False
        elif token["word"] and not begun:
            found.append(token["word"].upper())
            begun = True
    return tuple(found)


def only_reads(sql: str) -> bool:
    """Tell whether no word of a statement stands for a change; in doubt it isn't so."""
    words = {token["word"].upper() for token in _TOKEN.finditer(sql) if token["word"]}
    return set(first_words(sql)) <= READING and not words & _CHANGING
