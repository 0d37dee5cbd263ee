"""One reader of contracts: what it makes of references, addresses, media types, and of nonsense."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.parse import contract
from prp_pack.probes.hand_off import published
from prp_pack.probes.openapi import reading
from prp_pack.probes.openapi.operations import Contract
from prp_pack.repository import UnreadableError

INFO = {"title": "Lamps", "version": "1"}
OK = {"200": {"description": "ok", "content": {"application/json": {"schema": {}}}}}
TO_NOWHERE = {"$ref": "#/components/schemas/No"}


def with_paths(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": INFO, "paths": paths, **more}


def answering(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": "ok", "content": content}}
    return with_paths({"/a": {"get": {"responses": responses}}}, **more)


# --- References -------------------------------------------------------------------------------


def test_a_reference_may_be_encoded_and_lead_into_a_list() -> None:
    name = {"name": "b", "in": "path", "required": True, "schema": {"type": "string"}}
    document = with_paths({
        "/a/{b}": {"get": {"parameters": [name], "responses": OK}},
        "/c/{b}": {"get": {
            "parameters": [{"$ref": "#/paths/~1a~1%7Bb%7D/get/parameters/0"}],
            "responses": {"200": {"$ref": "#/paths/~1a~1%7Bb%7D/get/responses/200"}},
        }},
    })  # fmt: skip
    first, second = Contract("x", document).operations
    assert second.parameters == first.parameters
    assert second.media == {"application/json"}
    assert reading.flaws(document) == ()


@pytest.mark.parametrize(
    "reference", ["#/components/schemas/No", "#/info/", "#No", "#/info/title/x", "#/components/A"]
)
def test_a_reference_to_nothing_and_one_in_a_circle_are_flaws(reference: str) -> None:
    components = {"A": {"$ref": "#/components/B"}, "B": {"$ref": "#/components/A"}}
    document = answering({"$ref": reference}, components=components)
    assert f"nothing is at {reference}" in reading.flaws(document)


def test_what_leads_nowhere_has_no_keys_of_its_own() -> None:
    document = answering({})
    document["paths"]["/a"]["get"]["responses"]["200"]["content"] = TO_NOWHERE
    (operation,) = Contract("x", document).operations
    assert operation.media == frozenset()


def test_a_path_that_is_a_reference_declares_its_operations() -> None:
    item: dict[str, Any] = {"pathItems": {"A": {"get": {}}}}
    document = with_paths({"/a": {"$ref": "#/components/pathItems/A"}}, components=item)
    found = contract.parse(json.dumps(document), "openapi.json")
    assert found.operations == (contract.Operation("GET", "/a"),)


# --- Addresses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "bases"),
    [
        ({}, ("",)),
        ({"servers": [{"url": "http://a.example/v1/"}]}, ("/v1",)),
        # The first counts, also where it is the bare one.
        ({"servers": [{"url": "/"}, {"url": "/api"}, {"url": "/api/"}]}, ("", "/api")),
        ({"servers": [{"url": "api/v1"}]}, ("/api/v1",)),
        ({"servers": [{"url": None}, {"url": "http://[::1"}, 5]}, ("",)),
        ({"servers": [{"url": "{scheme}://{host}/{v}/x", "variables": {
            "scheme": {"default": "https"}, "host": {"default": "a.example"},
            "v": {"default": "v3", "enum": ["v3"]}}}]}, ("/v3/x",)),
        ({"servers": [{"url": "/{v}", "variables": {"v": 1}}]}, ("/{v}",)),
        ({"swagger": "2.0", "basePath": "/api/"}, ("/api",)),
        ({"swagger": "2.0", "basePath": None}, ("",)),
    ],
)  # fmt: skip
def test_bases_are_those_of_the_standard(said: dict[str, Any], bases: tuple[str, ...]) -> None:
    assert Contract("x", said).bases == bases
    parsed = contract.parse(json.dumps({**said, "paths": {"/a": {"get": {}}}}), "openapi.json")
    assert parsed.bases == tuple(filter(None, bases))


def test_requests_go_below_the_first_server() -> None:
    servers = [{"url": "/"}, {"url": "/api"}]
    assert Contract("x", {"servers": servers}).base_below("http://127.0.0.1:1") == ""
    below = Contract("x", {"servers": servers[::-1]})
    assert below.base_below("http://127.0.0.1:1") == "/api"
    assert below.base_below("http://127.0.0.1:1/api/") == ""


def test_of_a_server_with_variables_its_path_is_frozen() -> None:
    server = {"url": "https://{host}/api/{v}", "variables": {"v": {"default": "v3"}}}
    assert published.frozen({"servers": [server]})["servers"] == [{"url": "/api/v3"}]


# --- Media types ------------------------------------------------------------------------------


def test_swagger_names_media_types_for_all_operations_or_for_one() -> None:
    text = {"name": "b", "in": "formData", "type": "string", "required": True}
    body = {"in": "body", "name": "b", "schema": {"type": "object"}}
    paths = {
        "/a": {
            "post": {"parameters": [body], "responses": {"200": {"description": "ok"}}},
            "put": {"parameters": [text], "responses": {"200": {"description": "", "schema": {}}}},
        },
        "/b": {"post": {"parameters": [body], "consumes": ["text/csv"], "responses": OK}},
    }
    both = ["application/json", "application/xml"]
    document = {"swagger": "2.0", "consumes": both, "produces": ["text/html"], "paths": paths}
    found = {each.name: each for each in Contract("x", document).operations}
    taken = {name: [content.kind for content in each.body.contents] if each.body else []
             for name, each in found.items()}  # fmt: skip
    assert taken == {
        "POST /a": both,
        # A form is no JSON, whatever the document says of all operations.
        "PUT /a": ["application/x-www-form-urlencoded"],
        "POST /b": ["text/csv"],
    }
    assert [found[name].media for name in ("POST /a", "PUT /a")] == [{"text/html"}] * 2


# --- Texts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["openapi.yaml", "openapi.json", "http://127.0.0.1:1/spec"])
def test_json_is_read_under_any_name(where: str) -> None:
    assert reading.read(json.dumps(answering({})), where).version == "OpenAPI 3.1.0"


def test_yaml_may_have_braces_numbers_and_dates() -> None:
    text = "{swagger: 2.0, info: {version: 2026-01-02}, paths: {/a: {get: {responses: {200: {}}}}}}"
    found = reading.read(text, "openapi.yaml")
    assert found.version == "Swagger 2.0"
    assert json.loads(json.dumps(found.document)) == found.document
    assert [each.status for each in found.operations[0].replies] == ["200"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"openapi": "3.1.0",\n "paths": ]}', "spec:2: JSON doesn't parse"),
        (f'{{"openapi": "3.1.0", "x": {"[" * 600}{"]" * 600}}}', "nests more than 100 levels"),
        ('{"paths": {"/a": {}}}', "neither OpenAPI nor Swagger"),
        ('{"openapi": "3.1.0", "paths": {}}', "declares no paths"),
        ("openapi: 3.1.0\npaths: &a\n  /items: *a\n", "aliases repeat more than"),
    ],
)
def test_what_is_no_contract_says_why(text: str, said: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        reading.read(text, "spec")
    assert said in str(raised.value)


# --- Flaws ------------------------------------------------------------------------------------


def test_what_is_wrong_is_told_with_its_place() -> None:
    document = answering({}, servers=[{}])
    (said,) = reading.flaws(document)
    assert said == 'servers/0: "url" is a required property'
    assert reading.flaws({**document, "openapi": "4.0.0"}) == ("version 4.0.0 is not known",)


def test_a_path_that_is_no_mapping_is_a_flaw() -> None:
    assert reading.flaws(with_paths({"/a": {"get": {"responses": OK}}, "/b": 5}))


# Documents that are nearly contracts: the keys are right, the values anything.
KEYS = st.sampled_from(
    ["parameters", "in", "name", "schema", "$ref", "#/paths/~1a/get", "responses", "200", "content",
     "application/json", "properties", "allOf", "items", "type", "required", "default", "security",
     "requestBody", "path", "string", "operationId", "description", "{a}", "enum"],
)  # fmt: skip
NEARLY = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | KEYS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=5),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(NEARLY, st.sampled_from(["openapi", "swagger"]), st.integers(0, 3))
def test_no_document_makes_the_validation_raise(said: Any, key: str, spot: int) -> None:
    operation = [
        said,
        {"responses": {"200": said}},
        {"responses": OK, "parameters": [said, {"name": "a", "in": "query", "schema": said}]},
        {"responses": {"200": {"description": "", "content": {"application/json": {
            "schema": said, "example": said}}}}},
    ][spot]  # fmt: skip
    versions = {"swagger": "2.0", "openapi": "3.0.3"}
    document = {key: versions[key], "info": INFO, "paths": {"/a": {"get": operation}}}
    found = reading.document(json.dumps(document), "openapi.json")
    if not reading.outside(found):
        assert isinstance(reading.flaws(found), tuple)
