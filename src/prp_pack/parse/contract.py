"""A frozen OpenAPI contract: which operations it declares."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from prp_pack.model import Place, Problem
from prp_pack.parse import yaml_block
from prp_pack.parse.yaml_block import as_mapping
from prp_pack.values import dataclass

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path; the method is in capitals."""

    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Contract:
    """`bases` are the paths of the servers, below which the operations' paths are meant."""

    path: str
    operations: tuple[Operation, ...] = ()
    bases: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def parse(text: str, path: str) -> Contract:
    """Return what the contract declares; JSON by its suffix, else YAML."""
    value, problems = value_of(text, path, is_json=path.endswith(".json"))
    return Contract(path, problems=problems) if problems else of_value(value, path)


def value_of(text: str, path: str, *, is_json: bool) -> tuple[object, tuple[Problem, ...]]:
    """Return the document that a contract's text is, and why it is none."""
    if not is_json:
        block = yaml_block.load(text, 1, path)
        return block.value, block.problems
    try:
        return json.loads(text), ()
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "can't be read"
        return None, (Problem(Place(path, line), f"JSON doesn't parse: {reason.lower()}"),)


def of_value(value: object, path: str) -> Contract:
    """Return what the document of a contract declares."""
    contract = as_mapping(value)
    paths = as_mapping(contract.get("paths"))
    if not paths:
        return Contract(path, problems=(Problem(Place(path, 1), "the contract declares no paths"),))
    operations = tuple(
        Operation(method.upper(), name)
        for name, methods in paths.items()
        for method in as_mapping(methods)
        if method.lower() in _METHODS
    )
    return Contract(path, operations, tuple(_bases(contract.get("servers"))))


def _bases(servers: object) -> list[str]:
    found = []
    for server in servers if isinstance(servers, list) else []:
        url = as_mapping(server).get("url")
        if isinstance(url, str):
            try:
                base = urlsplit(url).path.rstrip("/")
            except ValueError:
                continue
            found += [base] if base else []
    return found
