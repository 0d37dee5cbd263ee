"""What a compose file says: its services, and which volumes bear a name of their own."""

from __future__ import annotations

from dataclasses import dataclass

from prp_pack.parse import yaml_block
from prp_pack.parse.yaml_block import as_mapping
from prp_pack.repository import Repository, UnreadableError


@dataclass(frozen=True, slots=True)
class ComposeFile:
    """`services` are those that `up` starts. `shared` volumes bear a name of their own.

    Such a volume isn't one of the run's: it may hold what somebody works with.
    """

    path: str
    services: tuple[str, ...]
    shared: tuple[str, ...] = ()


def load(repository: Repository, path: str) -> ComposeFile:
    """Return what a compose file says; raises `UnreadableError` with the line."""
    block = yaml_block.load(repository.read(path).text, 1, path)
    for problem in block.problems:
        raise UnreadableError(path, problem.message, problem.place.line)
    services = as_mapping(block.mapping.get("services"))
    if not services:
        raise UnreadableError(path, "has no services", block.lines.get("services", 1))
    # A service with a profile is started only when that is asked for.
    started = tuple(name for name, said in services.items() if not as_mapping(said).get("profiles"))
    volumes = as_mapping(block.mapping.get("volumes"))
    shared = tuple(name for name, said in volumes.items() if as_mapping(said).get("name"))
    return ComposeFile(path, started, shared)
