"""Whether a value is what a schema of a contract says. The only module that imports jsonschema."""

from __future__ import annotations

from collections.abc import Mapping

from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError
from referencing.exceptions import Unresolvable

from prp_pack.parse.contract import Json

_SHOWN = 160
_MOST = 3
_FORMATS = FormatChecker()


def flaws(document: Json, schema: Json, value: Json) -> list[str]:
    """Return what of a value isn't as a schema of a contract says, a line each; the first few."""
    if schema is None or schema is True:
        return []
    # References are meant from the document's root.
    whole = {**document, "allOf": [schema]}
    validator: Draft202012Validator | Draft4Validator
    if "swagger" in document or str(document.get("openapi", "")).startswith("3.0"):
        validator = Draft4Validator(_without_nullable(whole), format_checker=_FORMATS)
    else:
        validator = Draft202012Validator(whole, format_checker=_FORMATS)
    try:
        errors = sorted(validator.iter_errors(value), key=lambda each: each.json_path)
    except (Unresolvable, SchemaError, RecursionError) as error:
        return [f"the contract's schema can't be followed: {error}"[:_SHOWN]]
    return [_said(each) for each in errors[:_MOST]]


def _said(error: ValidationError) -> str:
    return f"{error.json_path}: {error.message}"[:_SHOWN]


def _without_nullable(value: Json) -> Json:
    """Return schemas of OpenAPI 3.0 and Swagger 2 in plain JSON Schema."""
    if isinstance(value, list):
        return [_without_nullable(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    found = {key: _without_nullable(each) for key, each in value.items()}
    if value.get("nullable") is True or value.get("x-nullable") is True:
        return {"anyOf": [{"type": "null"}, found]}
    return found
