"""What an edit does to what is checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# The longest piece of a file that a message repeats.
SHOWN = 80
# How a message ends when a change counts as weakened for want of knowing better.
UNKNOWN = "whether that checks less can't be told"


class Effect(StrEnum):
    """Whether after an edit less, as much, or more is checked than before."""

    WEAKENED = "weakened"
    NEUTRAL = "neutral"
    STRENGTHENED = "strengthened"


@dataclass(frozen=True, slots=True)
class Change:
    """One edit and its effect.

    `line` counts from 1 in the new file; 0 where the edit left no line there. `kind` is a stable
    name such as `skip-added`, for a person or a program to refer to.
    """

    path: str
    line: int
    effect: Effect
    kind: str
    message: str


def weakened(path: str, line: int, kind: str, message: str) -> Change:
    return Change(path, line, Effect.WEAKENED, kind, message)


def neutral(path: str, line: int, kind: str, message: str) -> Change:
    return Change(path, line, Effect.NEUTRAL, kind, message)


def strengthened(path: str, line: int, kind: str, message: str) -> Change:
    return Change(path, line, Effect.STRENGTHENED, kind, message)


def shown(value: object) -> str:
    """Return a value on one line, in quotes, as messages name it."""
    text = " ".join(str(value).split())
    return f"“{text[: SHOWN - 1]}…”" if len(text) > SHOWN else f"“{text}”"
