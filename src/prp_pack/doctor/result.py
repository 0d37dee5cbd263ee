"""What a check of `prp doctor` is given, and what it gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from prp_pack.repository import Repository
from prp_pack.values import dataclass


class State(StrEnum):
    OK = "ok"
    PROBLEM = "problem"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Here:
    """Where `prp doctor` was asked: `python` runs it, `client_folder` is the user's `~/.claude`."""

    repository: Repository
    environment: Mapping[str, str]
    client_folder: Path
    python: Path

    @property
    def search_path(self) -> str:
        return self.environment.get("PATH", "")


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that was looked at; `mend` is the command, or the step, that mends it."""

    state: State
    said: str
    mend: str = ""
    check: str = ""

    def __str__(self) -> str:
        line = f"{self.state:<8} {self.check}: {self.said}"
        return f"{line}\n         mend: {self.mend}" if self.mend else line


Results = Iterator[Result]


def ok(said: str) -> Result:
    return Result(State.OK, said)


def problem(said: str, mend: str) -> Result:
    """Return what keeps prp-pack from working; it makes the exit status 1."""
    return Result(State.PROBLEM, said, mend)


def hint(said: str, mend: str = "") -> Result:
    """Return what works, and could do more or will not work for long."""
    return Result(State.HINT, said, mend)
