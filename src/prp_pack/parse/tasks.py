"""The task list's own grammar: `Task N:`, a verb with its file, and what to do there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prp_pack.parse import path_names
from prp_pack.parse.path_names import PathName
from prp_pack.regex import regex
from prp_pack.values import dataclass, replace

TARGET_VERBS = ("MODIFY", "CREATE", "DELETE", "RENAME", "UPDATE", "ADD", "RUN", "VERIFY", "TEST")
STEP_VERBS = ("FIND", "INJECT", "PRESERVE", "MIRROR", "KEEP", "REPLACE", "REMOVE", "IMPLEMENT",
              "ENSURE", "USE", "INCLUDE", "PATTERN", "FOLLOW", "WRITE", *TARGET_VERBS)  # fmt: skip

_TASK = regex(r"^Task\s+(\d+[a-z]?)\s*(?::|-|–|\.)\s*(.*)$", re.IGNORECASE)
_TARGET = regex(rf"^({'|'.join(TARGET_VERBS)})\s+([^\s:].*)$")
_STEP = regex(r"^\s*[-*]\s+(\S.*)$")
_CONTINUED = regex(r"^\s+\S")
_WORD = regex(r"\w")


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


# --- What the tasks name --------------------------------------------------------------------

# A longer line is no step of a task.
MAX_LINE = 4000
MODIFIES = frozenset({"MODIFY", "UPDATE", "EDIT", "EXTEND", "REFACTOR", "DELETE", "REMOVE"})
CREATES = frozenset({"CREATE", "ADD", "WRITE"})
RENAMES = frozenset({"RENAME", "MOVE"})
_RUNS = frozenset({"RUN", "VERIFY", "TEST"})

_VERBS = "|".join(sorted(MODIFIES | CREATES | RENAMES | _RUNS))
_NAMED = regex(
    rf"^(?P<indent>\s*)(?P<mark>(?:[-*+]|\d{{1,3}}[.)]|\#{{2,6}})[ \t]+)?(?:\[[ xX]\][ \t]+)?"
    rf"[*_`]{{0,3}}(?P<verb>{_VERBS})\b[*_`]{{0,3}}[ \t]*:?[*_]{{0,3}}[ \t]*(?P<colon>)",
    re.IGNORECASE,
)
_MIRROR = regex(r"^\s*(?:[-*+]\s+)?MIRROR\b(?:[^\n]{0,80}?\bfrom\b)?\s*:?\s*(?:pattern\s*:\s*)?")
_BECOMES = regex(r"[`\"']?\s*(?:->|→|\bto\b|\bas\b)\s*")
_ANCHOR = regex(
    r"^\s*(?:[-*+]\s+)?(?P<verb>FIND|INJECT|PRESERVE)\b[:\s]*"
    r"(?:(?:pattern|lines?|containing|the|function|method|class|section|import|block|text|after|"
    r"before|above|below|at)\b[:\s]*){0,6}(?P<quoted>[\"'`“].*)$"
)
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”"}
_ESCAPED = regex(r"\\([\"'`\\])")
# The verbs after which a line of its own names a path, also one without suffix.
_OWN = frozenset({"MODIFY", "CREATE", "DELETE", "RENAME"})


@dataclass(frozen=True, slots=True)
class Anchor:
    """Text that must stand in a target; any of `readings` will do, the first is shown."""

    verb: str
    readings: tuple[str, ...]
    line: int
    column: int

    @property
    def text(self) -> str:
        return self.readings[0]


@dataclass(frozen=True, slots=True)
class TaskTarget:
    """A file that a task works on. `verb` is upper case; `becomes` is where a RENAME leads.

    `mirrors` are the files to follow; `steps` are the other lines below, with their numbers.
    """

    verb: str
    path: str
    line: int
    column: int
    anchors: tuple[Anchor, ...] = ()
    mirrors: tuple[tuple[int, PathName], ...] = ()
    steps: tuple[tuple[int, str], ...] = ()
    becomes: str = ""

    @property
    def creates(self) -> str:
        """The path that is there afterwards and wasn't before; empty without one."""
        return self.path if self.verb in CREATES else self.becomes


def targets(content: str, first_line: int) -> Iterator[TaskTarget]:
    """Yield the targets of a task list with what stands below each, in its order.

    Reads what real lists have beside the template's own form: `MODIFY: path`, `CREATE path:`,
    bullets, numbers, backticks and bold.
    """
    current: tuple[TaskTarget, ...] = ()
    anchors: list[Anchor] = []
    mirrors: list[tuple[int, PathName]] = []
    steps: list[tuple[int, str]] = []

    def closed() -> Iterator[TaskTarget]:
        # Of several files on one line, nobody knows which one an anchor is in.
        own = tuple(anchors) if len(current) == 1 else ()
        for index, target in enumerate(current):
            rest = (tuple(mirrors), tuple(steps)) if index == 0 else ((), ())
            yield replace(target, anchors=own, mirrors=rest[0], steps=rest[1])

    for line, whole in enumerate(content.split("\n"), start=first_line):
        raw = whole[:MAX_LINE]
        if raw.lstrip().startswith("#") and not raw.startswith("##"):
            continue
        opened = _opened(raw, line)
        if opened is not None:
            yield from closed()
            current = opened
            anchors, mirrors, steps = [], [], []
        elif match := _MIRROR.match(raw):
            named = path_names.read(raw, match.end())
            if named and path_names.is_path(named.name, strict=True):
                mirrors.append((line, named))
        elif anchor := _anchor(raw, line):
            anchors.append(anchor)
        elif raw.strip():
            steps.append((line, raw))
    yield from closed()


def _opened(raw: str, line: int) -> tuple[TaskTarget, ...] | None:
    """Return the targets that a line names; None when it goes on with those above."""
    match = _NAMED.match(raw)
    if match is None:
        return () if _TASK.match(raw.strip()) else None
    verb = match["verb"]
    first = path_names.read(raw, match.end())
    plain = verb.isupper() and not match["mark"]
    # Other than in a line of its own, a path must look like one, and a small verb like a target.
    if first is None or not path_names.is_path(first.name, strict=not plain or verb not in _OWN):
        return () if plain and not match["indent"] else None
    quoted = raw[first.column - 2 : first.column - 1] == "`"
    if (not verb.isupper() and not quoted) or first.name.startswith(("/api", "/v1")):
        return None
    if verb.upper() in _RUNS:
        return ()
    if verb.upper() in RENAMES:
        end = first.column - 1 + len(first.name)
        to = _BECOMES.match(raw, end)
        new = path_names.read(raw, to.end()) if to else None
        becomes = new.name if new and path_names.is_path(new.name) else ""
        return (TaskTarget(verb.upper(), first.name, line, first.column, becomes=becomes),)
    return tuple(
        TaskTarget(verb.upper(), named.name, line, named.column)
        for named in path_names.read_all(raw, match.end())
    )


def _anchor(raw: str, line: int) -> Anchor | None:
    match = _ANCHOR.match(raw)
    if match is None:
        return None
    quoted = match["quoted"]
    closing = _QUOTES[quoted[0]]
    last, first = quoted.rfind(closing), quoted.find(closing, 1)
    if last <= 1 or not quoted[1:last].strip():
        return None
    whole = quoted[1:last]
    readings = (_ESCAPED.sub(r"\1", whole), whole, quoted[1:first])
    texts = tuple(dict.fromkeys(text.strip() for text in readings if text.strip()))
    return Anchor(match["verb"], texts, line, match.start("quoted") + 2)
