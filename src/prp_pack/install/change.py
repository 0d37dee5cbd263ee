"""What happens to one file of a project, as a value that can be shown before it is done."""

from __future__ import annotations

import difflib
from enum import StrEnum
from io import StringIO

from prp_pack.values import dataclass


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    MERGE = "merge"
    REMOVE = "remove"
    UNCHANGED = "unchanged"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one file; prints as one line.

    `before` is the file's raw text now, None where there is none; `content` is what it will be.
    `ours` says that what is there is as an install left it.
    """

    path: str
    action: Action
    content: str
    before: str | None = None
    reason: str = ""
    help: str = ""
    ours: bool = False

    def __str__(self) -> str:
        line = f"{self.action:<9} {self.path}"
        return f"{line}: {self.reason}" if self.reason else line

    @property
    def writes(self) -> bool:
        return self.action in (Action.CREATE, Action.UPDATE, Action.MERGE)

    @property
    def removes(self) -> bool:
        return self.action is Action.REMOVE

    @property
    def touches_yours(self) -> bool:
        """Whether something is changed or removed that the user has a part in."""
        return (self.writes or self.removes) and self.before is not None and not self.ours

    @property
    def size(self) -> str:
        """How large the file will be, in kilobytes."""
        return f"{len(self.content.encode()) / 1000:.1f} kB"

    @property
    def diff(self) -> str:
        """The change as a unified diff; empty when nothing is written or removed."""
        if not (self.writes or self.removes):
            return ""
        old = "/dev/null" if self.before is None else f"a/{self.path}"
        new = "/dev/null" if self.removes else f"b/{self.path}"
        before, after = StringIO(self.before or "").readlines(), StringIO(self.content).readlines()
        lines = difflib.unified_diff(before, after, old, new)
        ended = (x if x.endswith("\n") else f"{x}\n\\ No newline at end of file\n" for x in lines)
        return "".join(ended)
