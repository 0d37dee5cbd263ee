"""A contract, OpenAPI 3 or Swagger 2: its text, its references, which operations it declares."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from prp_pack.model import Place, Problem
from prp_pack.parse import yaml_block
from prp_pack.regex import regex
from prp_pack.typed import Any
from prp_pack.values import dataclass

# A document, or a part of one, as JSON has it.
Json = Any

METHODS = ("get", "head", "post", "put", "patch", "delete", "options", "trace")
PLACE = regex(r"\{([^{}]+)\}")
# A chain of references that is longer goes round in a circle.
_CHAIN = 50


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path; the method is in capitals."""

    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Contract:
    """`bases` are the paths below which the operations' paths are meant, without empty ones."""

    path: str
    operations: tuple[Operation, ...] = ()
    bases: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def parse(text: str, path: str) -> Contract:
    """Return what the contract in a text declares."""
    value, problems = value_of(text, path)
    if problems:
        return Contract(path, problems=problems)
    document = value if isinstance(value, dict) else {}
    paths = mapping(document, document.get("paths"))
    if not paths:
        return Contract(path, problems=(Problem(Place(path, 1), "the contract declares no paths"),))
    operations = tuple(
        Operation(str(method).upper(), str(name))
        for name, item in paths.items()
        for method in mapping(document, item)
        if str(method).lower() in METHODS
    )
    return Contract(path, operations, tuple(filter(None, bases(document))))


def value_of(text: str, path: str) -> tuple[object, tuple[Problem, ...]]:
    """Return the value of a text, and why it has none: JSON by its suffix or looks, else YAML."""
    if path.endswith(".json") or text.lstrip().startswith("{"):
        try:
            return json.loads(text), ()
        except (ValueError, RecursionError) as error:
            # YAML has braces too.
            if not path.endswith((".yaml", ".yml")):
                line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
                reason = error.msg if isinstance(error, json.JSONDecodeError) else "can't be read"
                said = f"JSON doesn't parse: {reason.lower()}"
                return None, (Problem(Place(path, line), said),)
    block = yaml_block.load(text, 1, path)
    return block.value, block.problems


def bases(document: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the paths below which a contract's are meant, in its order; one at least.

    None has a slash at its end: that of a bare address is empty.
    """
    if "swagger" in document:
        urls = [document.get("basePath")]
    else:
        urls = [_url(mapping(document, each)) for each in listed(document.get("servers"))]
    paths = (path_of(url) for url in urls if isinstance(url, str))
    return tuple(dict.fromkeys(paths)) or ("",)


def _url(server: Mapping[str, Json]) -> Json:
    """Return the address of a server, its variables as they are unless somebody sets them."""
    url, variables = server.get("url"), server.get("variables")
    if not isinstance(url, str) or not isinstance(variables, Mapping):
        return url
    given = {name: each.get("default") for name, each in variables.items()
             if isinstance(each, Mapping)}  # fmt: skip
    return PLACE.sub(lambda place: str(given.get(place[1], place[0])), url)


def path_of(url: str) -> str:
    """Return the path of a URL without a slash at its end; empty for what is no URL."""
    try:
        path = urlsplit(url).path.strip("/")
    except ValueError:
        return ""
    return f"/{path}" if path else ""


# --- Within a document --------------------------------------------------------------------------


def resolved(document: Json, value: Json) -> Json:
    """Return what a value means that may be a reference within its document.

    A reference that leads out of it, nowhere or in a circle stays what it is.
    """
    start = value
    for _ in range(_CHAIN):
        if not isinstance(value, Mapping) or not isinstance(value.get("$ref"), str):
            return value
        found = at(document, value["$ref"])
        if found is None:
            return value
        value = found
    return start


def at(document: Json, reference: str) -> Json:
    """Return what is at a reference, such as `#/components/schemas/Item`; None for nothing."""
    if reference != "#" and not reference.startswith("#/"):
        return None
    here = document
    for step in unquote(reference).split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(here, list) and key.isdecimal() and int(key) < len(here):
            here = here[int(key)]
        else:
            here = here.get(key) if isinstance(here, Mapping) else None
    return here


def mapping(document: Json, value: Json) -> Mapping[str, Json]:
    """Return a mapping, followed through references; an empty one for anything else."""
    found = resolved(document, value)
    leads_nowhere = isinstance(found, Mapping) and isinstance(found.get("$ref"), str)
    return found if isinstance(found, Mapping) and not leads_nowhere else {}


def listed(value: Json) -> list[Json]:
    """Return a list, an empty one for anything else."""
    return value if isinstance(value, list) else []
