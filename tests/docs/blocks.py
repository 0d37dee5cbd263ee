"""The fenced blocks of the docs, and whether what a block shows is what a program said."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from prp_pack.evidence.result import from_json
from prp_pack.probes import telling

ROOT = Path(__file__).parents[2]
PAGES = tuple(
    str(page.relative_to(ROOT))
    for page in (
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / "examples").glob("*/README.md")),
    )
)
_FENCE = re.compile(r"^(`{3,})([\w-]*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
GAP = "…"
# Lines of a difference; the rest helps nobody.
_SHOWN = 40


@dataclass(frozen=True)
class Block:
    """A fenced block; `line` is that of its opening fence."""

    page: str
    line: int
    language: str
    text: str

    @property
    def first(self) -> str:
        """The first line; with the page it names the block."""
        return self.text.partition("\n")[0]

    @property
    def key(self) -> tuple[str, str]:
        return self.page, self.first

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    def transcript(self) -> Iterator[tuple[str, str]]:
        """Yield each command after a `$`, and what is shown below it."""
        for part in re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            yield command, shown


@cache
def blocks() -> tuple[Block, ...]:
    found = []
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for fence in _FENCE.finditer(text):
            line = text.count("\n", 0, fence.start()) + 1
            found.append(Block(page, line, fence[2], fence[3]))
    return tuple(found)


def block(page: str, first: str) -> Block:
    """Return the block of a page with this first line; there must be exactly one."""
    found = [each for each in blocks() if each.key == (page, first)]
    assert len(found) == 1, f"{page} has {len(found)} blocks that begin with: {first}"
    return found[0]


# --- What a block shows against what was said -----------------------------------------------------

# What differs from run to run and from machine to machine.
_VARYING = (
    (r"\b\d{8}T\d{6}Z-[0-9a-f]{8}\b", "<run>"),
    (r"(?<=/runs/)(\w+)-[0-9a-f]{8}\b", r"\1-<id>"),
    (r"(?<=commit )[0-9a-f]{12}\b|(?<=`)[0-9a-f]{12}(?=`)", "<commit>"),
    (r"(?<= in )\d+\.\d+ s\b", "<time>"),
    (r"(?m)^\[ *\d+ s\]", "[<time>]"),
    (r"(?<=repository in )\S+", "<path>"),
    (r"(?<=: )\d+\.\d+\.\d+\b", "<version>"),
    (r"(?<=\()/[^()\s]+(?=\))", "<path>"),
)
# A measured number; a status is none.
_NUMBER = r"(?<!answered )(?<!status )(?<!with )(?<!phase_)(?<!phase=)(?<![\w.])p?\d[\d,]*(?:\.\d+)?(?!\w)"
# What else is another one in another project: the place of an allocation, where a commit is named,
# the folder of a record; whether there were enough numbers for an interval.
_ELSEWHERE = (
    (r"\bat \S+:\d+, \w+", "at <place>"),
    (r"(?<=commit <commit> )\([^()]*\)", "(<source>)"),
    (r"(?<=PRPs/evidence/)[\w-]+(?=/<run>)", "<folder>"),
    (_NUMBER, "<n>"),
    (r" \(<n> to <n>(?:, n <n>)?\)", ""),
)


def normalised(text: str, *, measured: bool = False) -> str:
    """Return a text without what varies; `measured` takes all measured numbers for one."""
    for pattern, name in _VARYING:
        text = re.sub(pattern, name, text)
    if measured:
        for pattern, name in _ELSEWHERE:
            text = re.sub(pattern, name, text)
    return "\n".join(line.rstrip() for line in text.rstrip("\n").split("\n"))


def disagreement(shown: str, said: str, *, measured: bool = False) -> str:
    """Return how a transcript differs from what was said; empty when it agrees.

    A line that holds only `…` stands for any lines, a `…` in a line for anything within it.
    """
    shown, said = (normalised(text, measured=measured) for text in (shown, said))
    parts = []
    for line in shown.split("\n"):
        if line.strip() == GAP:
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(re.escape(line).replace(re.escape(GAP), ".*") + r"\n")
    if re.fullmatch("".join(parts), f"{said}\n"):
        return ""
    agreed = next(n for n in range(len(parts), -1, -1) if re.match("".join(parts[:n]), f"{said}\n"))
    first = shown.split("\n")[agreed] if agreed < len(parts) else "the end"
    lines = [f"not said there: {first}"]
    lines += [
        *difflib.unified_diff(shown.split("\n"), said.split("\n"), "page", "now", lineterm="")
    ]
    return "\n".join(lines[:_SHOWN])


def holds(page: str, command: str, found: dict[str, Any]) -> None:
    """Assert that a page's transcript of a script's run shows what a run of now found.

    `found` is the script's JSON. Numbers may differ, since they are measured.
    """
    ((_, shown),) = [
        each
        for one in blocks()
        if one.page == page
        for each in one.transcript()
        if each[0] == command
    ]
    said = telling.text(
        from_json(json.dumps(found)), found["seconds"], found["record"], colour=False
    )
    assert not (differs := disagreement(shown, said, measured=True)), differs
