"""One shape for contracts that say the same differently, so that a comparison sees it.

specshift reads OpenAPI 3.0 and follows references of schemas and parameters alone. Here Swagger 2
becomes that, other references are put in place, parameters of a path go to its operations, each way
to write “or null” becomes `nullable`, and a path takes the names that the other contract gives its
parameters: callers never see them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from prp_pack.check.endpoints import template_of
from prp_pack.probes.api_contracts.frozen import Json, Specification, followed

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PARAMETER = re.compile(r"\{([^{}]*)\}")
_JSON = "application/json"
_PLACES = ("path", "query", "header", "cookie")
_FORM = "application/x-www-form-urlencoded"
# What of a parameter of Swagger 2 is its schema in OpenAPI 3.
_OF_SCHEMA = ("type", "format", "items", "enum", "default", "pattern", "minimum", "maximum",
              "minLength", "maxLength", "minItems", "maxItems")  # fmt: skip


def shaped(specification: Specification, like: Specification | None = None) -> dict[str, Json]:
    """Return a contract in the shape; paths are named as in `like`, where it has them."""
    document = specification.document
    names = {template_of(each.path): each.path for each in like.operations} if like else {}
    paths = {}
    for path, item in document["paths"].items():
        name = names.get(template_of(path), path)
        renamed = dict(zip(_PARAMETER.findall(path), _PARAMETER.findall(name), strict=False))
        paths[name] = {
            method.lower(): _operation(operation, item, renamed, document)
            for method, operation in item.items()
            if method.lower() in _METHODS and isinstance(operation, dict)
        }
    # Where a service lies is no promise of its contract: it is found otherwise.
    kept = {key: each for key, each in document.items() if key not in ("paths", "servers")}
    return {**_nullable(kept, document), "paths": _nullable(paths, document)}


def _operation(operation: Json, item: Json, renamed: Mapping[str, str], document: Json) -> Json:
    named = {}
    for raw in (*_list(item.get("parameters")), *_list(operation.get("parameters"))):
        parameter = dict(followed(raw, document))
        name, place = str(parameter.get("name")), str(parameter.get("in"))
        parameter["name"] = renamed.get(name, name) if place == "path" else name
        named[parameter["name"], place] = parameter
    parameters = list(named.values())
    if "swagger" in document:
        body = _body(parameters, operation, document)
    else:
        body = followed(operation.get("requestBody"), document)
    responses = operation.get("responses")
    kept = {key: operation[key] for key in ("deprecated", "security") if key in operation}
    return {
        **kept,
        "parameters": [_parameter(each) for each in parameters if each.get("in") in _PLACES],
        **({"requestBody": body} if body else {}),
        "responses": {
            status: _response(followed(each, document), operation, document)
            for status, each in (responses.items() if isinstance(responses, dict) else ())
        },
    }


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _parameter(parameter: Json) -> Json:
    if "schema" in parameter or "content" in parameter:
        return parameter
    return {**parameter, "schema": {k: parameter[k] for k in _OF_SCHEMA if k in parameter}}


def _body(parameters: list[Json], operation: Json, document: Json) -> Json:
    """Return the body that parameters of Swagger 2 describe, as OpenAPI 3 does; empty for none."""
    for each in parameters:
        if each.get("in") == "body":
            content = {kind: {"schema": each.get("schema")} for kind in
                       _kinds("consumes", operation, document)}  # fmt: skip
            return {"required": bool(each.get("required")), "content": content}
    fields = [each for each in parameters if each.get("in") == "formData"]
    if not fields:
        return {}
    required = [each["name"] for each in fields if each.get("required")]
    properties = {each["name"]: _parameter(each)["schema"] for each in fields}
    schema = {"type": "object", "properties": properties, "required": required}
    return {"required": bool(required), "content": {_FORM: {"schema": schema}}}


def _response(response: Json, operation: Json, document: Json) -> Json:
    if "swagger" not in document or "schema" not in response:
        return response
    kinds = _kinds("produces", operation, document)
    return {**response, "content": {kind: {"schema": response["schema"]} for kind in kinds}}


def _kinds(keyword: str, operation: Json, document: Json) -> list[str]:
    found = _list(operation.get(keyword)) or _list(document.get(keyword)) or [_JSON]
    return [str(each) for each in found]


def _nullable(value: Json, document: Json, within: frozenset[str] = frozenset()) -> Json:
    """Return a value in which every way to write “or null” is `nullable: true`."""
    if isinstance(value, list):
        return [_nullable(each, document, within) for each in value]
    if not isinstance(value, dict):
        return value
    kinds = value.get("type")
    if isinstance(kinds, list):
        others = sorted(str(each) for each in kinds if each != "null")
        if others:
            value = {**value, "type": others[0] if len(others) == 1 else others}
        if others and len(others) < len(kinds):
            value["nullable"] = True
    for keyword in ("anyOf", "oneOf"):
        value, within = _without_null(value, keyword, document, within)
    return {key: _nullable(each, document, within) for key, each in value.items()}


def _without_null(
    value: Json, keyword: str, document: Json, within: frozenset[str]
) -> tuple[Json, frozenset[str]]:
    variants = value.get(keyword)
    if not isinstance(variants, list):
        return value, within
    others = [each for each in variants if each != {"type": "null"}]
    if len(others) == len(variants):
        return value, within
    rest = {key: each for key, each in value.items() if key != keyword}
    if len(others) != 1 or not isinstance(others[0], dict):
        return {**rest, keyword: others, "nullable": True}, within
    only = others[0]
    target = only.get("$ref")
    if isinstance(target, str):
        if target in within:
            # A schema that holds itself: once is enough.
            return only, within
        only, within = followed(only, document), within | {target}
    return {**rest, **only, "nullable": True}, within
