"""The parts of validate_api_contracts that need no service."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.evidence.record import Status
from prp_pack.probes.api_contracts import changes, frozen
from prp_pack.probes.api_contracts.changes import Change, Comparison, Weight
from prp_pack.probes.api_contracts.judging import Flaw, Observed, check_of, observed
from prp_pack.probes.api_contracts.shape import shaped
from prp_pack.probes.openapi import reading
from prp_pack.probes.openapi.operations import Contract, Operation, Reply
from prp_pack.probes.probe import Run
from prp_pack.probes.settings import Settings
from prp_pack.repository import Repository, UnreadableError

ITEM = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


def openapi(paths: dict[str, Any], schemas: dict[str, Any] | None = None) -> dict[str, Any]:
    info = {"title": "Lamps", "version": "1"}
    components = {"components": {"schemas": schemas}} if schemas else {}
    return {"openapi": "3.1.0", "info": info, "paths": paths, **components}


def answering(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a contract whose GET /items answers with a schema."""
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": "ok", "content": content}}
    return openapi({"/items": {"get": {"responses": responses, **more}}})


def taking(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a contract whose POST /items takes a schema."""
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    done = {"201": {"description": "done"}}
    return openapi({"/items": {"post": {"requestBody": body, "responses": done}}})


def contract(document: dict[str, Any]) -> Contract:
    return frozen.read(json.dumps(document), "openapi.json")


def compared(tmp_path: Path, old: dict[str, Any], new: dict[str, Any]) -> Comparison:
    settings = Settings("PRPs/prp.toml", "", {}, {})
    # The processes of a run are ended by its name, also those of the test beside this one.
    folder = f"run-{uuid4().hex}"
    run = Run(Repository(tmp_path), settings, {}, {"PATH": ""}, folder=folder)
    return changes.compare(run, contract(old), contract(new), None)


# --- Reading ----------------------------------------------------------------------------------


SWAGGER = """\
swagger: "2.0"
info: {title: Lamps, version: "1"}
basePath: /api
paths:
  /items:
    get:
      responses:
        200: {description: ok, schema: {type: array, items: {$ref: "#/definitions/Item"}}}
definitions:
  Item: {type: object, example: {made: 2024-01-02}, properties: {name: {type: string}}}
"""


def test_swagger_in_yaml_is_read_as_json_has_it() -> None:
    found = frozen.read(SWAGGER, "openapi.yaml")
    assert (found.version, found.bases) == ("Swagger 2.0", ("/api",))
    (operation,) = found.operations
    assert (operation.name, [each.status for each in operation.replies]) == ("GET /items", ["200"])
    assert json.loads(json.dumps(found.document)) == found.document
    assert reading.flaws(found.document) == ()


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_each_openapi_is_valid_and_an_error_in_it_is_told(version: str) -> None:
    document = {**answering(ITEM), "openapi": version}
    assert reading.flaws(contract(document).document) == ()
    del document["info"]["version"]
    (said,) = reading.flaws(contract(document).document)
    assert said.startswith("info: ")
    assert said.endswith("is a required property")


def test_a_reference_to_nothing_is_told() -> None:
    found = contract(answering({"$ref": "#/components/schemas/Item"}))
    assert reading.flaws(found.document) == ("nothing is at #/components/schemas/Item",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"openapi": "3.1.0",\n "paths": ]}', "openapi.json:2: JSON doesn't parse"),
        ('{"openapi": "3.1.0", "paths": {}}', "declares no paths"),
        ('{"openapi": "1.2", "paths": {"/": {"get": {}}}}', "neither OpenAPI"),
        ("[1]", "neither OpenAPI"),
        (f'{{"openapi": "3.1.0", "x": {"[" * 300}{"]" * 300}}}', "nests more than 100 levels"),
        (json.dumps(answering({"$ref": "item.json"})), "“item.json”, outside of it"),
        (json.dumps(answering({"$ref": "http://localhost/x"})), "outside of it"),
    ],
)
def test_what_is_no_contract_is_refused(text: str, said: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        frozen.read(text, "openapi.json")
    assert said in str(raised.value)


def test_an_alias_that_holds_itself_is_refused() -> None:
    with pytest.raises(UnreadableError):
        frozen.read("openapi: 3.1.0\npaths: &a\n  /items: *a\n", "openapi.yaml")


def test_a_path_that_is_a_reference_has_its_operations() -> None:
    document = answering(ITEM)
    item = document["paths"]["/items"]
    document["paths"] = {"/items": {"$ref": "#/components/pathItems/items"}}
    document["components"] = {"pathItems": {"items": item}}
    found = contract(document)
    (operation,) = found.operations
    assert (operation.name, [each.status for each in operation.replies]) == ("GET /items", ["200"])


# --- Judging ----------------------------------------------------------------------------------


def seen(*flaws: Flaw, ok: int = 3, **statuses: int) -> Observed:
    found = Observed(flaws=list(flaws))
    found.statuses.update({200: ok} if ok else {})
    found.statuses.update({int(name[1:]): n for name, n in statuses.items()})
    return found


def flaw(kind: str, status: int) -> Flaw:
    return Flaw(kind, status, "GET /x", "as said")


def documenting(operation: Operation, statuses: frozenset[str]) -> Operation:
    return replace(operation, replies=tuple(Reply(status, "") for status in statuses))


LIST, ONE = Operation("GET", "/items"), Operation("GET", "/items/{id}")
DOCUMENTED = frozenset({"200", "422"})


@pytest.mark.parametrize(
    ("operation", "found", "documented", "status"),
    [
        (LIST, seen(), DOCUMENTED, Status.PASS),
        (LIST, None, DOCUMENTED, Status.FAIL),
        (LIST, seen(ok=0), DOCUMENTED, Status.FAIL),
        (LIST, seen(flaw("JsonSchemaError", 200)), DOCUMENTED, Status.FAIL),
        # A documented 503 is an answer, a documented 500 is still a breakdown.
        (LIST, seen(flaw("ServerError", 503)), DOCUMENTED | {"503"}, Status.PASS),
        (LIST, seen(flaw("ServerError", 503)), DOCUMENTED | {"5XX"}, Status.FAIL),
        (LIST, seen(flaw("ServerError", 500)), DOCUMENTED | {"500"}, Status.FAIL),
        (LIST, seen(flaw("UndefinedStatusCode", 404)), DOCUMENTED, Status.FAIL),
        (ONE, seen(flaw("UndefinedStatusCode", 404)), DOCUMENTED, Status.WARN),
        (ONE, seen(flaw("UndefinedStatusCode", 403)), DOCUMENTED, Status.FAIL),
        (ONE, seen(flaw("UndefinedContentType", 404)), DOCUMENTED | {"404"}, Status.WARN),
        (LIST, seen(flaw("UndefinedContentType", 404)), DOCUMENTED | {"404"}, Status.FAIL),
        (LIST, seen(flaw("UndefinedStatusCode", 409)), DOCUMENTED, Status.WARN),
        (LIST, seen(flaw("UndefinedStatusCode", 429)), DOCUMENTED, Status.WARN),
        (LIST, seen(flaw("MissingContentType", 302)), DOCUMENTED | {"302"}, Status.PASS),
        (LIST, seen(flaw("MissingContentType", 200)), DOCUMENTED, Status.FAIL),
        # Nothing was wrong, and nothing was seen to work.
        (LIST, seen(ok=0, s422=5), DOCUMENTED, Status.WARN),
        (LIST, seen(ok=0, s302=5), frozenset({"302"}), Status.PASS),
    ],
)
def test_an_answer_counts_as_the_contract_has_it(
    operation: Operation, found: Observed | None, documented: frozenset[str], status: Status
) -> None:
    check = check_of(documenting(operation, documented), found)
    assert check.status is status, check.message
    assert check.where == f"{operation.method} {operation.path}"


def test_the_most_frequent_flaw_stands_first_and_many_are_counted() -> None:
    flaws = [flaw("JsonSchemaError", 200), *(flaw("ServerError", s) for s in (500, 501, 502, 502))]
    said = check_of(documenting(LIST, DOCUMENTED), seen(*flaws)).message
    assert said.startswith("GET /x answered 502, 2 times: as said; ")
    assert said.endswith("; and 1 more")


def test_events_of_an_interrupted_run_are_not_all() -> None:
    ended = json.dumps({"EngineFinished": {"stop_reason": "completed"}})
    error = {"label": "GET /slow", "related_to_operation": True, "value": {"message": "too late"}}
    lines = [json.dumps({"NonFatalError": error}), ended]
    assert observed(lines[:1])[1] is False
    found, is_all = observed(lines)
    assert is_all
    slow = documenting(Operation("GET", "/slow"), DOCUMENTED)
    check = check_of(slow, found["GET /slow"])
    assert check.status is Status.FAIL
    assert "1 requests without an answer: too late" in check.message


# --- Comparing --------------------------------------------------------------------------------

NULL = {"type": "null"}
TEXT = {"type": "string"}


def of(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {"name": schema}, "required": ["name"]}


COMPARED: list[tuple[str, dict[str, Any], dict[str, Any], Weight | None]] = [
    ("an optional field more", answering(ITEM), answering(
        {**ITEM, "properties": {**ITEM["properties"], "size": TEXT}}), Weight.HARMLESS),  # type: ignore[dict-item]
    ("a field less", answering(ITEM), answering({"type": "object"}), Weight.BREAKING),
    ("an answer that may be null", answering(of(TEXT)),
     answering(of({"type": ["string", "null"]})), Weight.BREAKING),
    ("the same by a variant", answering(of(TEXT)), answering(of({"anyOf": [TEXT, NULL]})),
     Weight.BREAKING),
    ("null said in another way", answering(of({"type": ["string", "null"]})),
     answering(of({"anyOf": [TEXT, NULL]})), None),
    ("an answer that is never null any more", answering(of({"anyOf": [TEXT, NULL]})),
     answering(of(TEXT)), Weight.HARMLESS),
    ("a body that may be null", taking(of(TEXT)), taking(of({"anyOf": [TEXT, NULL]})),
     Weight.HARMLESS),
    ("a body that may be null no more", taking(of({"anyOf": [TEXT, NULL]})), taking(of(TEXT)),
     Weight.BREAKING),
    ("a narrower answer", answering(of({**TEXT, "maxLength": 9})),
     answering(of({**TEXT, "maxLength": 5})), Weight.HARMLESS),
    ("a narrower body", taking(of({**TEXT, "maxLength": 9})),
     taking(of({**TEXT, "maxLength": 5})), Weight.BREAKING),
    ("a word less in answers", answering(of({**TEXT, "enum": ["a", "b"]})),
     answering(of({**TEXT, "enum": ["a"]})), Weight.HARMLESS),
    ("a word more in answers", answering(of({**TEXT, "enum": ["a"]})),
     answering(of({**TEXT, "enum": ["a", "b"]})), Weight.DOUBTFUL),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "weight"), [each[1:] for each in COMPARED], ids=[each[0] for each in COMPARED]
)
def test_a_change_weighs_what_it_means_to_a_caller(
    tmp_path: Path, old: dict[str, Any], new: dict[str, Any], weight: Weight | None
) -> None:
    found = compared(tmp_path, old, new)
    assert found.tool == "specshift"
    assert (found.changes[0].weight if found.changes else None) is weight, found.changes


def with_parameters(path: str, *parameters: dict[str, Any], shared: bool = False) -> dict[str, Any]:
    operation: dict[str, Any] = {"responses": {"204": {"description": "done"}}}
    if shared:
        return openapi({path: {"parameters": list(parameters), "get": operation}})
    return openapi({path: {"get": {**operation, "parameters": list(parameters)}}})


def test_another_name_of_a_path_s_parameter_and_another_place_to_say_it_change_nothing(
    tmp_path: Path,
) -> None:
    def parameter(name: str) -> dict[str, Any]:
        return {"name": name, "in": "path", "required": True, "schema": TEXT}

    old = with_parameters("/items/{id}", parameter("id"))
    new = with_parameters("/items/{item}", parameter("item"), shared=True)
    assert compared(tmp_path, old, new).changes == ()


def test_swagger_2_is_compared_to_its_fields(tmp_path: Path) -> None:
    def swagger(name: str) -> dict[str, Any]:
        answer = {"description": "ok", "schema": {"$ref": "#/definitions/Item"}}
        body = {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/Item"}}
        query = {"name": "q", "in": "query", "type": "string", "required": name == "new"}
        items = {"get": {"parameters": [query], "responses": {"200": answer}}}
        items["put"] = {"parameters": [body], "responses": {"200": {"description": "ok"}}}
        definition = {"type": "object", "properties": {name: TEXT}, "required": [name]}
        return {"swagger": "2.0", "info": {"title": "L", "version": "1"},
                "paths": {"/items": items}, "definitions": {"Item": definition}}  # fmt: skip

    found = compared(tmp_path, swagger("old"), swagger("new"))
    said = "\n".join(f"{each.where}: {each.message}" for each in found.of(Weight.BREAKING))
    assert "GET /items > response 200 > field 'old'" in said
    assert "Parameter 'q' is now required" in said
    assert "PUT /items > request body > field 'new'" in said


def test_what_oasdiff_prints_is_read() -> None:
    listed = [
        {"id": "a", "text": "removed", "level": 3, "operation": "GET", "path": "/items"},
        {"id": "b", "level": 1, "section": "components"},
    ]
    text = f"a newer version is there\n{json.dumps(listed)}\n"
    assert list(changes.of_oasdiff(text)) == [
        Change(Weight.BREAKING, "GET /items", "removed"),
        Change(Weight.HARMLESS, "components", "b"),
    ]
    assert list(changes.of_oasdiff("[]\n")) == []


words = st.sampled_from(
    ["type", "properties", "anyOf", "$ref", "items", "parameters", "name", "in", "path", "body",
     "formData", "schema", "responses", "requestBody", "content", "get", "#/paths", "null", "200"]
)  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=25,
)


@given(st.dictionaries(st.sampled_from(["get", "parameters", "put"]), values), st.booleans())
def test_no_document_makes_the_shaping_raise(item: dict[str, Any], is_old: bool) -> None:
    document: dict[str, Any] = {"paths": {"/items/{id}": {"get": {}}, "/x": item}}
    document |= {"swagger": "2.0"} if is_old else {"openapi": "3.1.0"}
    try:
        found = contract(document)
    except UnreadableError:
        return
    assert json.dumps(shaped(found)) == json.dumps(shaped(found, found))
