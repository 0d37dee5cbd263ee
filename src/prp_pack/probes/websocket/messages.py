"""The messages of an AsyncAPI 2 or 3 document, and whether something received is one of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from jsonschema.exceptions import SchemaError, best_match
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT7

from prp_pack.parse import yaml_block
from prp_pack.probes.websocket.asyncapi import ROOT, Document, Validator, chosen_for
from prp_pack.repository import Repository, UnreadableError

_SHOWN = 200


@dataclass(frozen=True)
class Messages:
    """What is known of messages: validators by name, and the names that the service sends."""

    validators: Mapping[str, Validator] = field(default_factory=dict)
    sent: frozenset[str] = frozenset()
    path: str = ""
    version: str = ""

    def flaw(self, name: str, value: object) -> str:
        """Return what keeps a value from being the message of a name; empty when it is one."""
        return _flaw(self.validators[name], value, self.path)

    def names_of(self, value: object) -> tuple[str, ...]:
        """Return the names of all messages that a value could be."""
        return tuple(name for name in self.validators if not self.flaw(name, value))


def flaw_by(schema: object, value: object) -> str:
    """Return what keeps a value from fitting a JSON schema; empty when it fits.

    Raises `ValueError` for what is no schema.
    """
    kind = chosen_for(schema)
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"is no JSON schema: {error.message[:_SHOWN]}") from None
    try:
        return _flaw(kind(schema, format_checker=kind.FORMAT_CHECKER), value, "")
    except UnreadableError as error:
        raise ValueError(error.reason) from None


def _flaw(validator: Validator, value: object, path: str) -> str:
    try:
        error = best_match(validator.iter_errors(value))
    except Unresolvable as unknown:
        raise UnreadableError(path, f"refers to {unknown.ref}, which doesn't exist") from None
    if error is None:
        return ""
    where = "/".join(str(part) for part in error.absolute_path)
    return f"{f'{where}: ' if where else ''}{error.message[:_SHOWN]}"


def load(repository: Repository, path: str) -> Messages:
    """Return the messages of a document; raises `UnreadableError` with the line."""
    block = yaml_block.load(repository.read(path).text, 1, path)
    for problem in block.problems:
        raise UnreadableError(path, problem.message, problem.place.line)
    version = str(block.mapping.get("asyncapi", ""))
    if version.partition(".")[0] not in ("2", "3"):
        said = f"is of AsyncAPI {version}" if version else "has no key “asyncapi”"
        raise UnreadableError(path, f"{said}; 2 and 3 are known", block.lines.get("asyncapi", 1))
    document = Document(path, block)
    found, sent = document.messages(newest=version.startswith("3"))
    registry: Registry[Any] = Registry(
        retrieve=lambda uri: _retrieved(repository, uri)  # type: ignore[call-arg]
    )
    registry = registry.with_resource(ROOT + path, DRAFT7.create_resource(block.value))
    validators = {name: document.validator(at, registry) for name, at in found.items()}
    return Messages(validators, frozenset(sent), path, version)


def _retrieved(repository: Repository, uri: str) -> Resource[Any]:
    parts = urlsplit(uri)
    path = unquote(parts.path).removeprefix("/")
    if parts.scheme != "file" or parts.netloc:
        raise UnreadableError(path, f"{uri} is outside of the project, and is not fetched")
    block = yaml_block.load(repository.read(path).text, 1, path)
    for problem in block.problems:
        raise UnreadableError(path, problem.message, problem.place.line)
    return Resource.from_contents(block.value, default_specification=DRAFT7)


def decoded(said: str | bytes) -> object:
    """Return the JSON of a message; raises `ValueError` for what is none."""
    loaded: object = json.loads(said)
    return loaded
