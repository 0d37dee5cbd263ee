"""Frozen contracts: where they lie, and what a check of them needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from prp_pack.check.frozen_contracts import FOLDER, NAMES, Places, places
from prp_pack.parse.contract import mapping, resolved
from prp_pack.probes.openapi import reading
from prp_pack.probes.openapi.operations import Contract
from prp_pack.probes.probe import Run
from prp_pack.probes.quantities import Count, Percent, Seconds
from prp_pack.probes.settings import Settings
from prp_pack.repository import Repository, UnreadableError


@dataclass(frozen=True)
class Contracts:
    """`[contracts]`: where frozen contracts lie, and how the service is asked.

    `files` names the file of a phase (`phase_1`) that lies elsewhere than in `folder`. `examples`
    is how many valid requests are made up for each operation; `parameters` are values to take in
    place of made up ones (`item_id`, `path.item_id`). The operations of `exclude` (`POST
    /shutdown`) are never sent. `confirmed` is the share of operations that must have answered 2xx.
    """

    folder: str = FOLDER
    files: Mapping[str, str] = field(default_factory=dict)
    examples: Count = 20
    exclude: tuple[str, ...] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)
    confirmed: Percent | None = None
    limit: Seconds = 600.0
    compare: Literal["specshift", "oasdiff"] | None = None


def places_in(settings: Settings) -> Places:
    """Return where `[contracts]` says that contracts lie; raises `UnreadableError`."""
    table = settings.table("contracts", Contracts)
    try:
        return places(table.folder, table.files)
    except KeyError as error:
        key = str(error.args[0])
        said = f"“{key}” is not a phase such as phase_2 or 2"
        raise settings.error(said, ("contracts", "files", key)) from None


def find(run: Run, number: int) -> str:
    """Return the path of a phase's frozen contract; raises `UnreadableError` when there is none."""
    known = places_in(run.settings)
    if path := known.find(run.repository.exists, number, run.prp):
        return path
    help_ = f"freeze it from the service as it was then: prp run generate_api_docs --phase={number}"
    path = f"{known.folder_of(number)}/{NAMES[0]}"
    raise UnreadableError(path, f"phase {number} has no frozen contract", 0, help_)


def load(repository: Repository, path: str) -> Contract:
    """Return the contract in a file; raises `UnreadableError` for what is none, with its line."""
    return read(repository.read(path).text, path)


def read(text: str, path: str) -> Contract:
    """Return the contract in a text, whole and of a version that the tools know.

    Raises `UnreadableError` for any other.
    """
    found = reading.read(text, path)
    if not reading.is_known(found.document):
        said = "is no contract: it names neither OpenAPI 3.0 to 3.2 nor Swagger 2.0"
        raise UnreadableError(path, said, 1)
    for target in reading.outside(found.document):
        help_ = "write everything that it needs into one file"
        raise UnreadableError(path, f"refers to “{target}”, outside of it", 0, help_)
    paths = mapping(found.document, found.document["paths"])
    items = {name: resolved(found.document, item) for name, item in paths.items()}
    return Contract(path, {**found.document, "paths": items})
