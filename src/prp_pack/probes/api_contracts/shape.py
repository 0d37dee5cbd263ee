"""One shape for contracts that say the same differently, so that a comparison sees it.

specshift reads OpenAPI 3.0 and follows references of schemas and parameters alone. Here Swagger 2
becomes that, other references are put in place, parameters of a path go to its operations, each way
to write “or null” becomes `nullable`, and a path takes the names that the other contract gives its
parameters: callers never see them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from prp_pack.check.endpoints import template_of
from prp_pack.parse.contract import METHODS, Json, listed, mapping
from prp_pack.probes.openapi.operations import (
    PLACES,
    Content,
    Contract,
    body_of,
    contents_of,
    parameter_names,
    schema_of,
)


def shaped(contract: Contract, like: Contract | None = None) -> dict[str, Json]:
    """Return a contract in the shape; paths are named as in `like`, where it has them."""
    document = contract.document
    names = {template_of(each.path): each.path for each in like.operations} if like else {}
    paths = {}
    for path in document["paths"]:
        item = mapping(document, document["paths"][path])
        name = names.get(template_of(path), path)
        renamed = dict(zip(parameter_names(path), parameter_names(name), strict=False))
        paths[name] = {
            method.lower(): _operation(operation, item, renamed, document)
            for method, operation in item.items()
            if method.lower() in METHODS and isinstance(operation, dict)
        }
    # Where a service lies is no promise of its contract: it is found otherwise.
    kept = {key: each for key, each in document.items() if key not in ("paths", "servers")}
    return {**_nullable(kept, document), "paths": _nullable(paths, document)}


def _operation(operation: Json, item: Json, renamed: Mapping[str, str], document: Json) -> Json:
    named = {}
    for raw in (*listed(item.get("parameters")), *listed(operation.get("parameters"))):
        parameter = dict(mapping(document, raw))
        name, place = str(parameter.get("name")), str(parameter.get("in"))
        parameter["name"] = renamed.get(name, name) if place == "path" else name
        named[parameter["name"], place] = parameter
    parameters = list(named.values())
    if "swagger" in document:
        body = _body(parameters, operation, document)
    else:
        body = mapping(document, operation.get("requestBody"))
    responses = mapping(document, operation.get("responses"))
    kept = {key: operation[key] for key in ("deprecated", "security") if key in operation}
    return {
        **kept,
        "parameters": [_parameter(each) for each in parameters if each.get("in") in PLACES],
        **({"requestBody": body} if body else {}),
        "responses": {
            status: _response(mapping(document, each), operation, document)
            for status, each in responses.items()
        },
    }


def _parameter(parameter: Json) -> Json:
    if "schema" in parameter or "content" in parameter:
        return parameter
    return {**parameter, "schema": schema_of(parameter)}


def _body(parameters: Sequence[Json], operation: Json, document: Json) -> Json:
    """Return the body that parameters of Swagger 2 describe, as OpenAPI 3 does; empty for none."""
    body = body_of(document, operation, parameters)
    return {"required": body.required, "content": _content(body.contents)} if body else {}


def _response(response: Mapping[str, Json], operation: Json, document: Json) -> Json:
    if "swagger" not in document or "schema" not in response:
        return response
    return {**response, "content": _content(contents_of(document, operation, response))}


def _content(contents: Sequence[Content]) -> Json:
    return {each.kind: {"schema": each.schema} for each in contents}


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
        only, within = dict(mapping(document, only)), within | {target}
    return {**rest, **only, "nullable": True}, within
