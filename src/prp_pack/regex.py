"""Regular expressions of a module, compiled when they are first used.

A check meets half of those that its modules have; compiling them all took more than a start of
Python. A type checker is shown `re.compile`.
"""

from __future__ import annotations

import re

from prp_pack.typed import TYPE_CHECKING

__all__ = ("regex",)


class _Regex:
    """Stands for a compiled expression; each of its methods is looked up once."""

    def __init__(self, source: str | bytes, flags: int = 0) -> None:
        self.source = source
        self.flags_given = flags

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        # What compiles twice, for two methods, is found in the library's own cache.
        found: object = getattr(re.compile(self.source, self.flags_given), name)
        setattr(self, name, found)
        return found


if TYPE_CHECKING:
    from re import compile as regex
else:
    regex = _Regex
