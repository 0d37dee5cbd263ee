"""Contracts in files and as a service publishes them: OpenAPI 3 and Swagger 2."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from prp_pack.parse import contract
from prp_pack.parse.contract import Operation
from prp_pack.parse.yaml_block import MAX_DEPTH
from prp_pack.probes import quantities
from prp_pack.probes.quantities import Count, Percent, Seconds
from prp_pack.probes.settings import Settings
from prp_pack.repository import Repository, UnreadableError

# A document as JSON has it.
Json: TypeAlias = Any

FOLDER = "PRPs/contracts"
NAMES = ("openapi.json", "openapi.yaml", "openapi.yml")
# Of an invalid contract more errors tell nobody more.
_SHOWN = 5
_VERSION = re.compile(r"3\.[0-2]\.\d+.*")


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


@dataclass(frozen=True)
class Specification:
    """One contract; `path` is its file, or its address on the service."""

    path: str
    document: Mapping[str, Json]
    operations: tuple[Operation, ...]

    @property
    def version(self) -> str:
        if "swagger" in self.document:
            return f"Swagger {self.document['swagger']}"
        return f"OpenAPI {self.document['openapi']}"

    @property
    def bases(self) -> tuple[str, ...]:
        """The paths below which the operations' paths are meant; a bare address is an empty one."""
        if "swagger" in self.document:
            return (str(self.document.get("basePath", "")).rstrip("/"),)
        servers = self.document.get("servers")
        found: list[str] = []
        for server in servers if isinstance(servers, list) else []:
            with suppress(ValueError, AttributeError):
                found.append(urlsplit(server.get("url", "")).path.rstrip("/"))
        return tuple(dict.fromkeys(found)) or ("",)

    def item(self, operation: Operation) -> Mapping[str, Json]:
        """Return what the contract says of an operation."""
        methods = self.document["paths"].get(operation.path, {})
        found: Json = next((v for k, v in methods.items() if k.upper() == operation.method), {})
        return found if isinstance(found, dict) else {}

    def documented(self, operation: Operation) -> frozenset[str]:
        """Return the statuses that an operation documents: `200`, `4XX`, `default`."""
        responses = self.item(operation).get("responses")
        return frozenset(responses if isinstance(responses, dict) else ())

    def media(self, operation: Operation) -> frozenset[str]:
        """Return the media types that an operation documents for its answers."""
        item = self.item(operation)
        found = {str(each) for each in item.get("produces") or self.document.get("produces") or ()}
        for response in followed(item.get("responses"), self.document).values():
            found.update(followed(followed(response, self.document).get("content"), self.document))
        return frozenset(found)


def label(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def find(repository: Repository, settings: Settings, contracts: Contracts, phase: int) -> str:
    """Return the path of a phase's frozen contract; raises `UnreadableError` when there is none."""
    for key, named in contracts.files.items():
        try:
            number = quantities.phase(key)
        except ValueError as error:
            raise settings.error(f"“{key}” {error}", ("contracts", "files", key)) from None
        if number == phase:
            return named
    folder = f"{contracts.folder.rstrip('/')}/phase_{phase}"
    for name in NAMES:
        if repository.exists(f"{folder}/{name}"):
            return f"{folder}/{name}"
    help_ = f"freeze it from the service as it was then: prp run generate_api_docs --phase={phase}"
    raise UnreadableError(f"{folder}/{NAMES[0]}", f"phase {phase} has no frozen contract", 0, help_)


def load(repository: Repository, path: str) -> Specification:
    """Return the contract in a file; raises `UnreadableError` for what is none, with its line."""
    return read(repository.read(path).text, path)


def read(text: str, path: str) -> Specification:
    """Return the contract in a text, JSON or YAML; raises `UnreadableError` for what is none."""
    is_json = path.endswith(".json") or text.lstrip().startswith("{")
    value, problems = contract.value_of(text, path, is_json=is_json)
    if problems:
        raise UnreadableError(path, problems[0].message, problems[0].place.line)
    if not _is_shallow(value):
        raise UnreadableError(path, f"nests more than {MAX_DEPTH} levels")
    document = _plain(value)
    if not isinstance(document, dict) or not _is_known(document):
        said = "is no contract: it names neither OpenAPI 3.0 to 3.2 nor Swagger 2.0"
        raise UnreadableError(path, said, 1)
    for target in _references(document):
        if not target.startswith("#"):
            help_ = "write everything that it needs into one file"
            raise UnreadableError(path, f"refers to “{target}”, outside of it", 0, help_)
    paths = document.get("paths")
    if isinstance(paths, dict):
        items = {name: followed(item, document) for name, item in paths.items()}
        document = {**document, "paths": items}
    parsed = contract.of_value(document, path)
    if parsed.problems:
        raise UnreadableError(path, parsed.problems[0].message, parsed.problems[0].place.line)
    return Specification(path, document, parsed.operations)


def _is_known(document: Json) -> bool:
    if "swagger" in document:
        document["swagger"] = str(document["swagger"])
        return str(document["swagger"]) == "2.0"
    return _VERSION.fullmatch(str(document.get("openapi"))) is not None


def flaws(specification: Specification) -> tuple[str, ...]:
    """Return what the standard doesn't allow in a contract, a line each; at most a few."""
    document = specification.document
    missing = sorted({each for each in _references(document) if resolved(each, document) is None})
    if missing:
        return tuple(f"nothing is at {each}" for each in missing[:_SHOWN])
    from jsonschema_path import SchemaPath  # noqa: PLC0415 - of the extra
    from openapi_spec_validator.shortcuts import get_validator_cls  # noqa: PLC0415

    validator = get_validator_cls(document)(SchemaPath.from_dict(dict(document)))
    found: list[str] = []
    for error in validator.iter_errors():
        where = "/".join(map(str, error.absolute_path))
        said = error.message.partition("\n")[0]
        found.append(f"{where}: {said}" if where else said)
        if len(found) == _SHOWN:
            break
    return tuple(found)


def _is_shallow(value: object) -> bool:
    """Tell whether a document is one that may be walked by recursion."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            each
            for above in level
            if isinstance(above, dict | list)
            for each in (above.values() if isinstance(above, dict) else above)
        ]
    return not level


def _plain(value: object) -> Json:
    """Return a value as JSON can have it: YAML has dates, and numbers as keys (`200:`)."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def _references(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        target = value.get("$ref")
        if isinstance(target, str):
            yield target
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def followed(value: Json, document: Json) -> dict[str, Json]:
    """Return the mapping that a value is or refers to; an empty one for anything else."""
    seen = set()
    while isinstance(value, dict) and isinstance(value.get("$ref"), str):
        if value["$ref"] in seen:
            return {}
        seen.add(value["$ref"])
        value = resolved(value["$ref"], document)
    return value if isinstance(value, dict) else {}


def resolved(reference: str, document: Json) -> Json:
    """Return what a reference within a document (`#/components/…`) means; None for nothing."""
    found = document
    for part in reference.removeprefix("#").strip("/").split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        elif isinstance(found, dict) and name in found:
            found = found[name]
        elif name:
            return None
    return found
