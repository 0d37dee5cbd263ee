"""A shell script as values: its statements, the simple commands in them, their words."""

from __future__ import annotations

import posixpath

from prp_pack.regex import regex
from prp_pack.values import dataclass

PROMPT = regex(r"^\$ ")


@dataclass(frozen=True, slots=True)
class Word:
    """`value` is the word after quoting; None when it depends on an expansion."""

    line: int
    column: int
    raw: str
    value: str | None
    glob: bool = False
    """Whether the shell would match it against files."""


@dataclass(frozen=True, slots=True)
class Redirection:
    """`placeholder` when `<Xms`, `>90%` or `<name>` was meant and not a file."""

    operator: str
    target: Word | None
    line: int
    column: int
    placeholder: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    name: str
    value: str | None
    raw: str


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command, or a line of assignments, which has no words.

    `folder` is where it runs, relative to where the script starts; None when that isn't known.
    `cd x && y` moves the rest of its own list, `cd x` on a line of its own all that follows.
    """

    line: int
    column: int
    end: int
    raw: str
    words: tuple[Word, ...] = ()
    redirections: tuple[Redirection, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    folder: str | None = ""
    joined: str = ""
    """What stands before it in its list: `&&`, `||`, `|`, or `;` on the same line."""
    into: tuple[str | None, ...] = ()
    """The words of the command that its output is piped into."""
    background: bool = False
    substituted: bool = False
    """Whether its output becomes part of another command: `$(…)`, `<(…)`."""
    tested: bool = False
    """Whether it is a condition, so that its failure is an answer."""
    defined: bool = False
    """Whether it calls a function or an alias of the same script."""
    broken: bool = False
    """Whether it stands on a line that doesn't parse."""

    @property
    def argv(self) -> tuple[str | None, ...]:
        return tuple(word.value for word in self.words)

    @property
    def program(self) -> str:
        return (self.words[0].value or "") if self.words else ""


@dataclass(frozen=True, slots=True)
class Comment:
    line: int
    text: str
    alone: bool
    """Whether nothing else stands on its line."""


@dataclass(frozen=True, slots=True)
class Problem:
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What stands at the top of the script: a command, a list, a loop. Lines are `[line, end)`."""

    line: int
    end: int
    text: str
    kind: str
    commands: tuple[Command, ...] = ()
    background: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    statements: tuple[Statement, ...] = ()
    comments: tuple[Comment, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def commands(self) -> tuple[Command, ...]:
        return tuple(command for one in self.statements for command in one.commands)


def without_output(content: str) -> str:
    """Return a console's text with prompts and output blanked; all lines keep their places."""
    lines = content.split("\n")
    if not any(PROMPT.match(line) for line in lines):
        return content
    kept, continued = [], False
    for line in lines:
        said = PROMPT.sub("  ", line)
        shown = said != line or continued
        kept.append(said if shown else "")
        continued = shown and line.endswith("\\")
    return "\n".join(kept)


def join(folder: str | None, path: str | None) -> str | None:
    """Return a path from the script's start; None when it isn't known or leads outside."""
    if folder is None or path is None or path.startswith(("/", "~", "-")) or "\\" in path:
        return None
    joined = posixpath.normpath(posixpath.join(folder, path)) if path else folder
    if joined == ".." or joined.startswith("../"):
        return None
    return "" if joined == "." else joined
