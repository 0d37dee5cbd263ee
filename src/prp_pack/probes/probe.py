"""What a probe is given, and how it says that it could not do its work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prp_pack.probes.settings import Settings
from prp_pack.repository import Repository

Tell = Callable[[str, float | None], None]
"""Shows what is being done, and how much of it is done, from 0 to 1, where that is known."""


class CannotRunError(Exception):
    """A probe that could not measure anything: exit status 3; prints as one line."""

    def __init__(self, reason: str, help: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.help = help


class ServiceEndedError(CannotRunError):
    """A service that was ready and then ended: exit status 1, for it has failed."""


@dataclass(frozen=True, slots=True)
class Option:
    """A flag of a script. `read` takes its text, raising `ValueError`; None makes it a switch.

    The value is found under the flag's name without dashes: `target_rps` for `--target-rps`.
    `short` is a second spelling, such as `-f`.
    """

    flag: str
    help: str
    read: Callable[[str], object] | None = None
    metavar: str = ""
    default: object = None
    required: bool = False
    short: str = ""

    @property
    def name(self) -> str:
        return self.flag.removeprefix("--").replace("-", "_")


@dataclass(frozen=True)
class Run:
    """One call of a script.

    `timeout` is in seconds, for one request or step. `folder` takes what the run leaves, such as
    logs; it is relative to the project's root. `base_url` is empty and `start` None where the
    command line says nothing. Random numbers come from `seed` alone. `prp` is the PRP that the
    run belongs to, empty where it isn't known.
    """

    repository: Repository
    settings: Settings
    options: Mapping[str, Any]
    environment: Mapping[str, str]
    folder: str
    timeout: float = 10.0
    base_url: str = ""
    start: bool | None = None
    seed: int = 0
    prp: str = ""
    tell: Tell = field(default=lambda _said, _share: None)

    @property
    def artefacts(self) -> Path:
        """The folder on disk, made when it isn't there."""
        path = self.repository.root / self.folder
        path.mkdir(parents=True, exist_ok=True)
        return path
