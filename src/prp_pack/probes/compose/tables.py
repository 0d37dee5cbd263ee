"""`[compose]` of the configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from prp_pack.probes.quantities import Seconds, Word
from prp_pack.probes.settings import Settings

FILE = "docker-compose.test.yml"
Engine = Literal["auto", "docker", "podman", "none"]
ENGINES: tuple[Engine, ...] = ("auto", "docker", "podman", "none")


@dataclass(frozen=True)
class Process:
    """What stands for a service of the compose file where there is no engine.

    `service` is its name there, by default the same. `ready` is an address, as in [service]. With
    `once` it runs to its end before others start, as a migration does; with `test` its end
    decides. Times are in seconds.
    """

    name: str
    command: tuple[Word, ...]
    ready: str = ""
    ready_timeout: Seconds = 60.0
    environment: Mapping[str, str] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    service: str = ""
    once: bool = False
    test: bool = False

    @property
    def covers(self) -> str:
        return self.service or self.name


@dataclass(frozen=True)
class Compose:
    """`[compose]`. `exit_code_from` is the service whose end decides.

    `left_out` are services for which no process stands, each with the reason. `timeout` is in
    seconds, for the whole.
    """

    file: str = ""
    exit_code_from: str = ""
    processes: tuple[Process, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    timeout: Seconds = 600.0


def in_order(settings: Settings, processes: Sequence[Process]) -> tuple[Process, ...]:
    """Return processes so that each comes after what it depends on, the test last.

    Raises `UnreadableError` for names that mean nothing, for a circle, and for no or several tests.
    """
    keys = ("compose", "processes")
    named = {each.name: each for each in processes}
    if len(named) < len(processes):
        raise settings.error("two processes have one name", keys)
    tests = [each.name for each in processes if each.test]
    if len(tests) != 1:
        said = f"{len(tests) or 'no'} processes have test = true"
        raise settings.error(said, keys, "write it to the one whose end decides")
    order: list[Process] = []
    left = sorted(processes, key=lambda each: each.test)
    for index, each in enumerate(processes):
        for name in each.depends_on:
            if name not in named:
                here = (*keys, str(index), "depends_on")
                raise settings.error(f"“{name}” is no process", here, f"known: {', '.join(named)}")
    while left:
        done = {each.name for each in order}
        following = next((each for each in left if done.issuperset(each.depends_on)), None)
        if following is None or (following.test and len(left) > 1):
            names = ", ".join(each.name for each in left)
            raise settings.error(f"{names} wait for each other", keys)
        order.append(following)
        left.remove(following)
    return tuple(order)
