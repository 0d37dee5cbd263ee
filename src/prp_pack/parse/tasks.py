"""The task list's own grammar: `Task N:`, a verb with its file, and what to do there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TARGET_VERBS = ("MODIFY", "CREATE", "DELETE", "RENAME", "UPDATE", "ADD", "RUN", "VERIFY", "TEST")
STEP_VERBS = ("FIND", "INJECT", "PRESERVE", "MIRROR", "KEEP", "REPLACE", "REMOVE", "IMPLEMENT",
              "ENSURE", "USE", "INCLUDE", "PATTERN", "FOLLOW", "WRITE", *TARGET_VERBS)  # fmt: skip

_TASK = re.compile(r"^Task\s+(\d+[a-z]?)\s*(?::|-|–|\.)\s*(.*)$", re.IGNORECASE)
_TARGET = re.compile(rf"^({'|'.join(TARGET_VERBS)})\s+([^\s:].*)$")
_STEP = re.compile(r"^\s*[-*]\s+(\S.*)$")
_CONTINUED = re.compile(r"^\s+\S")
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One line of a task list; `kind` is task, target, step, text, or unreadable."""

    kind: str
    line: int
    verb: str = ""
    text: str = ""


def parse(content: str, first_line: int) -> Iterator[TaskLine]:
    """Yield the lines of a task list that say something; comments and blanks don't."""
    for line, raw in enumerate(content.split("\n"), start=first_line):
        stripped = raw.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if _is_ellipsis(stripped):
            yield TaskLine("unreadable", line, text=stripped)
        elif match := _TASK.match(stripped):
            yield TaskLine("task", line, verb=match[1], text=match[2].strip())
        elif match := _TARGET.match(raw):
            named = match[2].rstrip().removesuffix(":").rstrip()
            yield TaskLine("target", line, verb=match[1], text=named)
        elif match := _STEP.match(raw):
            verb = match[1].split(maxsplit=1)[0].rstrip(":")
            yield TaskLine("step", line, verb=verb if verb in STEP_VERBS else "", text=match[1])
        elif _CONTINUED.match(raw):
            yield TaskLine("text", line, text=stripped)
        else:
            yield TaskLine("unreadable", line, text=stripped)


def _is_ellipsis(line: str) -> bool:
    return ("..." in line or "…" in line) and not _WORD.search(line)
