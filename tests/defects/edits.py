"""Edits of a Markdown text, as functions from text to text.

They know headings and fences and nothing of `prp_pack`, so that a defect is never made by the
code that has to find it. A title stands for the heading that begins with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Edit = Callable[[str], str]

FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
HEADING = re.compile(r"(#{1,6}) +(.*)")


def fenced(lines: list[str]) -> list[bool]:
    """Tell of each line whether it belongs to a fence or to the front matter."""
    inside: list[bool] = []
    marker = ""
    front = bool(lines) and lines[0] == "---"
    for number, line in enumerate(lines):
        if front:
            inside.append(True)
            front = number == 0 or line != "---"
            continue
        found = FENCE.match(line)
        inside.append(bool(marker or found))
        if found and not marker:
            marker = found[1]
        elif found and found[1].startswith(marker) and line.strip() == found[1]:
            marker = ""
    return inside


def headings(text: str) -> list[tuple[int, int, str]]:
    """Return line index, level and title of each heading."""
    lines = text.split("\n")
    code = fenced(lines)
    found = ((n, HEADING.match(line)) for n, line in enumerate(lines) if not code[n])
    return [(n, len(match[1]), match[2]) for n, match in found if match]


def span(text: str, title: str) -> tuple[int, int]:
    """Return the lines `[start, end)` of a section with its subsections."""
    every = headings(text)
    at = next(i for i, (_, _, named) in enumerate(every) if named.startswith(title))
    start, level, _ = every[at]
    after = (line for line, other, _ in every[at + 1 :] if other <= level)
    return start, next(after, len(text.split("\n")))


def _splice(text: str, start: int, end: int, *between: str) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[:start], *between, *lines[end:]])


def _lines(text: str, start: int, end: int) -> list[str]:
    return text.split("\n")[start:end]


def swap(old: str, new: str) -> Edit:
    """Replace the first occurrence; a text that lacks it stays as it is, which the test refuses."""
    return lambda text: text.replace(old, new, 1)


def every(old: str, new: str) -> Edit:
    return lambda text: text.replace(old, new)


def chain(*edits: Edit) -> Edit:
    def edit(text: str) -> str:
        for one in edits:
            text = one(text)
        return text

    return edit


def remove(title: str) -> Edit:
    return lambda text: _splice(text, *span(text, title))


def empty(title: str) -> Edit:
    def edit(text: str) -> str:
        start, end = span(text, title)
        return _splice(text, start + 1, end, "")

    return edit


def body(title: str, *lines: str) -> Edit:
    """Replace everything below a heading, subsections included."""

    def edit(text: str) -> str:
        start, end = span(text, title)
        return _splice(text, start + 1, end, *lines, "")

    return edit


def top(title: str, *lines: str) -> Edit:
    """Insert lines directly below a heading."""

    def edit(text: str) -> str:
        start, _ = span(text, title)
        return _splice(text, start + 1, start + 1, *lines)

    return edit


def before(title: str, *lines: str) -> Edit:
    def edit(text: str) -> str:
        start, _ = span(text, title)
        return _splice(text, start, start, *lines)

    return edit


def twice(title: str) -> Edit:
    def edit(text: str) -> str:
        start, end = span(text, title)
        return _splice(text, end, end, *_lines(text, start, end))

    return edit


def move(title: str, above: str) -> Edit:
    """Move a section above another one."""

    def edit(text: str) -> str:
        start, end = span(text, title)
        moved = _lines(text, start, end)
        return before(above, *moved)(_splice(text, start, end))

    return edit


def rename(title: str, new: str) -> Edit:
    def edit(text: str) -> str:
        at = span(text, title)[0]
        line = _lines(text, at, at + 1)[0]
        return _splice(text, at, at + 1, line.replace(title, new, 1))

    return edit


def at_level(title: str, level: int) -> Edit:
    def edit(text: str) -> str:
        at = span(text, title)[0]
        line = _lines(text, at, at + 1)[0]
        return _splice(text, at, at + 1, "#" * level + line[line.index(" ") :])

    return edit


def wrap(title: str, opening: str, closing: str) -> Edit:
    """Put a section between two lines."""

    def edit(text: str) -> str:
        start, end = span(text, title)
        return _splice(text, start, end, opening, *_lines(text, start, end), closing, "")

    return edit


def in_fence(title: str) -> Edit:
    return wrap(title, "`````text", "`````")


def in_comment(title: str) -> Edit:
    return wrap(title, "<!--", "-->")


def unclosed(title: str) -> Edit:
    """Drop the line that closes the first fence of a section."""

    def edit(text: str) -> str:
        lines = text.split("\n")
        start, end = span(text, title)
        opening = next(n for n in range(start, end) if lines[n].startswith("```"))
        closing = next(n for n in range(opening + 1, end) if lines[n] == "```")
        return _splice(text, closing, closing + 1)

    return edit


def gate(command: str) -> Edit:
    """Put a command first into Level 1."""
    return swap("```bash\nruff check .\n", f"```bash\n{command}\nruff check .\n")


def block(*lines: str) -> Edit:
    """Replace the fence of the project context."""
    return body("Project Context", "```yaml", *lines, "```")


def add_end(*lines: str) -> Edit:
    return lambda text: text + "\n" + "\n".join(lines) + "\n"


def prose(change: Callable[[str], str]) -> Edit:
    """Change each line that stands in no fence and not in the front matter."""

    def edit(text: str) -> str:
        lines = text.split("\n")
        code = fenced(lines)
        return "\n".join(
            line if inside else change(line) for line, inside in zip(lines, code, strict=True)
        )

    return edit
