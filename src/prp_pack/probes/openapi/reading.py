"""From a text to a contract, and what the standard doesn't allow in one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from prp_pack.parse import contract
from prp_pack.parse.contract import Json, mapping, resolved
from prp_pack.parse.yaml_block import MAX_DEPTH
from prp_pack.probes.openapi.operations import Contract
from prp_pack.repository import UnreadableError

if TYPE_CHECKING:
    from jsonschema import ValidationError

# Of an invalid contract more errors tell nobody more.
_MOST, _SHOWN = 5, 200
_VERSION = re.compile(r"3\.[0-2]\.\d+.*")


def document(text: str, where: str) -> Json:
    """Return the value of a text, JSON or YAML, as JSON has it.

    Raises `UnreadableError`, with the line, for what is neither or nests too deeply.
    """
    value, problems = contract.value_of(text, where)
    if problems:
        raise UnreadableError(where, problems[0].message, problems[0].place.line)
    if not _is_shallow(value):
        raise UnreadableError(where, f"nests more than {MAX_DEPTH} levels")
    return _plain(value)


def read(text: str, where: str) -> Contract:
    """Return the contract in a text; raises `UnreadableError` for what is none."""
    found = document(text, where)
    if not isinstance(found, dict) or not found.keys() & {"openapi", "swagger"}:
        raise UnreadableError(where, "is no contract: it names neither OpenAPI nor Swagger", 1)
    if "swagger" in found:
        # In YAML a number.
        found["swagger"] = str(found["swagger"])
    if not mapping(found, found.get("paths")):
        raise UnreadableError(where, "the contract declares no paths", 1)
    return Contract(where, found)


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


# --- Validity -----------------------------------------------------------------------------------


def is_known(found: Json) -> bool:
    """Tell whether a contract is of a version that the tools know."""
    if "swagger" in found:
        return bool(found["swagger"] == "2.0")
    return _VERSION.fullmatch(str(found.get("openapi"))) is not None


def outside(found: Json) -> tuple[str, ...]:
    """Return what a contract refers to outside of it; a validator would fetch that."""
    return tuple(sorted({each for each in _references(found) if not each.startswith("#")}))


def flaws(found: Json) -> tuple[str, ...]:
    """Return what the standard doesn't allow in a contract, a line each; at most a few.

    Needs the extra, and a contract that refers to nothing outside of it.
    """
    if not is_known(found):
        return (f"version {found.get('openapi', found.get('swagger'))} is not known",)
    lost = sorted({each for each in _references(found) if not _leads_somewhere(found, each)})
    if lost:
        return tuple(f"nothing is at {each}" for each in lost[:_MOST])
    from jsonschema_path import SchemaPath  # noqa: PLC0415 - of the extra
    from openapi_spec_validator.shortcuts import get_validator_cls  # noqa: PLC0415

    path = SchemaPath.from_dict(dict(found))
    validator = get_validator_cls(found)(path)
    # What else must hold is looked at in documents of the right shape; others make it raise.
    errors = list(islice(validator.schema_validator.iter_errors(found), _MOST))
    errors = errors or list(islice(validator.root_validator(path), _MOST))
    return tuple(map(_said, errors))


def _said(error: ValidationError) -> str:
    where = "/".join(map(str, error.absolute_path))
    said = error.message.partition("\n")[0][:_SHOWN]
    return f"{where}: {said}" if where else said


def _leads_somewhere(found: Json, reference: str) -> bool:
    value = resolved(found, {"$ref": reference})
    return not (isinstance(value, dict) and isinstance(value.get("$ref"), str))


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
