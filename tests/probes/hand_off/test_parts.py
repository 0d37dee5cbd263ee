"""What needs no service: operations, samples, answers, the texts of examples, the page."""

from __future__ import annotations

import ast
import json
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.parse.contract import resolved
from prp_pack.probes.hand_off import answers, channels, page, published
from prp_pack.probes.hand_off.answers import Received, Same
from prp_pack.probes.hand_off.calls import Call
from prp_pack.probes.hand_off.conformance import flaws
from prp_pack.probes.hand_off.example_files import Example, curl_text, python_text
from prp_pack.probes.hand_off.schemas import gaps, in_words, properties, sample
from prp_pack.probes.openapi.operations import Contract, Operation, Reply, fits, operations
from tests.probes.handoff_target import contract

Json = Any
_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
)
_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | _TEXT,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(_TEXT, below, max_size=3),
    max_leaves=8,
)
# Documents that are nearly contracts: the keys are right, the values anything.
_KEYS = st.sampled_from(
    ["openapi", "swagger", "paths", "/a", "/a/{b}", "get", "post", "parameters", "in", "name",
     "schema", "$ref", "#/paths", "responses", "200", "content", "application/json", "properties",
     "allOf", "oneOf", "items", "type", "required", "examples", "example", "security", "servers",
     "components", "schemas", "definitions", "requestBody", "channels", "messages", "payload"],
)  # fmt: skip
_DOCUMENT = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | _KEYS | _TEXT,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(_KEYS, below, max_size=5),
    max_leaves=30,
).filter(lambda value: isinstance(value, dict))


@settings(max_examples=120)
@given(_DOCUMENT)
def test_no_document_makes_the_reading_raise(document: Json) -> None:
    frozen = published.frozen(document)
    assert json.loads(published.to_text(frozen)) == frozen
    for operation in Contract("x", frozen).operations:
        gaps(frozen, operation)
    assert Contract("x", frozen).find("GET", "/a") is None or frozen["paths"]
    list(channels.channels(frozen))
    assert page.render(1, frozen, frozen, page.Reader(["GET /a"], "x")).startswith("# Phase 1 API")


@given(_DOCUMENT)
def test_freezing_twice_is_freezing_once(document: Json) -> None:
    once = published.frozen(document)
    assert published.to_text(published.frozen(once)) == published.to_text(once)


def test_schemas_that_hold_themselves_end() -> None:
    branches = {"type": "object", "allOf": [{"$ref": "#/components/schemas/T"}] * 3,
                "properties": {name: {"$ref": "#/components/schemas/T"} for name in "abcdefgh"}}  # fmt: skip
    document = {"components": {"schemas": {"T": branches, "R": {"$ref": "#/components/schemas/R"}}}}
    reference = {"$ref": "#/components/schemas/T"}
    assert sample(document, reference) == ()
    assert len(list(properties(document, reference))) == 8
    assert resolved(document, {"$ref": "#/components/schemas/R"}) == {
        "$ref": "#/components/schemas/R"
    }
    assert resolved(document, {"$ref": "#/nowhere"}) == {"$ref": "#/nowhere"}


@pytest.mark.parametrize(
    ("schema", "words", "given"),
    [
        ({"type": "integer", "minimum": 1, "default": 3}, "integer, ≥ 1, default 3", (3,)),
        ({"type": ["string", "null"]}, "string or null", ()),
        ({"enum": ["a", "b"]}, 'one of "a", "b"', ("a",)),
        (
            {"type": "array", "items": {"type": "string", "example": "x"}},
            "list of string",
            (["x"],),
        ),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer or null", ()),
        ({"type": "string", "nullable": True}, "string or null", ()),
        ({"type": "object", "required": ["a"], "properties": {"b": {"const": 1}}}, "object", ()),
        ({"type": "object", "properties": {"b": {"const": 1}}}, "object", ({"b": 1},)),
        ({}, "anything", ()),
    ],
)
def test_a_schema_in_words_and_its_example(schema: Json, words: str, given: Json) -> None:
    assert in_words(schema) == words
    assert sample({}, schema) == given


@pytest.mark.parametrize(
    "version", [{"openapi": "3.0.3"}, {"openapi": "3.1.0"}, {"swagger": "2.0"}]
)
def test_values_are_held_against_schemas_of_each_version(version: Json) -> None:
    document = {**version, "components": {"schemas": {"N": {"type": "integer"}}}}
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/N"}}
    assert flaws(document, schema, [1, 2]) == []
    assert flaws(document, schema, [1, "2"]) == ["$[1]: '2' is not of type 'integer'"]
    assert "can't be followed" in flaws(document, {"$ref": "#/components/schemas/M"}, 1)[0]
    old = {"type": "integer", "nullable": True, "minimum": 3, "exclusiveMinimum": True}
    if "3.1" not in str(version):
        assert flaws(document, old, None) == []
        assert flaws(document, old, 3) != []


@given(_VALUE)
def test_what_is_the_same_is_kept(value: Json) -> None:
    sent = frozenset(_singles(value))
    assert Same(sent).of(value, value) == value


def _singles(value: Json) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _singles(each)]
    if isinstance(value, list):
        return [text for each in value for text in _singles(each)]
    return [str(value)]


def test_what_differs_each_time_is_a_word() -> None:
    one = {"id": 4, "token": "abc", "at": "on 2026-11-23T10:00:00Z", "created_at": 1.5, "n": [1],
           "key": "d9428888-122b-11e1-b85c-61cd3cbb3210", "secret": 1, "due": "2026-01-01"}  # fmt: skip
    two = {**one, "id": 5, "token": "abd", "at": "on 2026-11-24T10:00:00Z", "n": [1, 2],
           "key": "d9428888-122b-11e1-b85c-61cd3cbb3211"}  # fmt: skip
    same = Same(frozenset({"2026-01-01"}), frozenset({"secret"}))
    assert same.of(one, two) == {
        "id": "<number, differs>", "token": "<differs>", "at": "on <time>", "created_at": "<time>",
        "n": "<list, differs>", "key": "<uuid>", "secret": "<number>", "due": "2026-01-01",
    }  # fmt: skip


def test_bodies_that_are_no_json_are_kept_as_text_or_by_their_digest() -> None:
    call = Call(Operation("GET", "/a"), "a", "/a")
    text = answers.recorded(call, [Received(200, "text/plain", b"at 2026-11-23")], Same())
    assert json.loads(text)["body"] == "at <time>"
    binary = answers.recorded(call, [Received(200, "image/png", b"\x89PNG\xff")], Same())
    assert json.loads(binary)["body"]["bytes"] == 5


def test_an_answer_of_another_media_type_or_status_is_wrong() -> None:
    document = contract(1)
    (post,) = [each for each in operations(document) if each.name == "POST /letters"]
    call = Call(post, "post", "/v1/letters")
    assert list(answers.flaws(document, call, Received(201, "text/html", b"<p>"))) == [
        "answered text/html, declared is application/json"
    ]
    said = list(answers.flaws(document, call, Received(201, "application/json", b"{")))
    assert said[0].startswith("answered what is no JSON")
    assert "without the body" in next(answers.flaws(document, call, Received(201, "", b"")))
    assert "in place of 2xx" in next(answers.flaws(document, call, Received(409, "", b"")))


@settings(max_examples=40)
@given(_VALUE.filter(lambda value: value is not None), _TEXT, _TEXT)
def test_both_programs_send_what_was_declared(body: Json, summary: str, header: str) -> None:
    """Read it back: from Python's own tree, and from what a shell makes of the words."""
    operation = Operation("POST", "/a", summary=summary, replies=(Reply("201", ""),))
    sent = {"x-note": "".join(c for c in header if c.isprintable())}
    call = Call(operation, "a", "/a", headers=sent, body=body, kind="application/json")
    example = Example(call, 1, 2)
    tree = ast.parse(python_text(example))
    literals = [
        ast.literal_eval(node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "dumps"
    ]
    if isinstance(body, str):
        assert body in {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    else:
        assert literals == [body]
    words = _words(curl_text(example))
    data = words[words.index("--data-raw") + 1]
    assert data == body if isinstance(body, str) else json.loads(data) == body
    assert f"x-note: {sent['x-note']}" in words


def _words(script: str) -> list[str]:
    """Return what curl would be called with."""
    if "\0" in script:
        return _words(script.replace("\0", ""))
    shown = "curl() { for word; do printf '%s\\0' \"$word\"; done; }\n"
    done = subprocess.run(
        ["sh", "-c", shown + script], capture_output=True, check=True, env={"BASE_URL": "http://x"}
    )
    return done.stdout.decode().split("\0")


@pytest.mark.parametrize(
    ("path", "template", "does"),
    [
        ("/a/1", "/a/{id}", True),
        ("/a/1/", "/a/{id}", True),
        ("/a/1/b", "/a/{id}", False),
        ("/a", "/a/{id}", False),
        ("/a.b", "/a+b", False),
        ("/x/1/y/2", "/x/{a}/y/{b}", True),
    ],
)
def test_a_path_fits_a_template(path: str, template: str, does: bool) -> None:
    assert fits(path, template) is does


def test_channels_of_both_versions_of_asyncapi() -> None:
    message = {"payload": {"type": "object", "example": {"a": 1}}, "summary": "A scan."}
    three = {
        "asyncapi": "3.0.0",
        "channels": {"scans": {"address": "/ws/{code}", "messages": {"scan": message}}},
        "operations": {"s": {"channel": {"$ref": "#/channels/scans"}, "summary": "Each scan."}},
    }
    two = {
        "asyncapi": "2.6.0",
        "channels": {"/ws/{code}": {"publish": {"message": {"oneOf": [message]}}}},
    }
    for document in (three, two):
        found = channels.find(document, "/ws/:id")
        assert found is not None
        assert found.gaps() == []
    assert channels.find(two, "/other") is None
    bare = {"channels": {"/ws": {"publish": {"message": {"payload": None}}}}}
    found = channels.find(bare, "/ws")
    assert found is not None
    assert found.gaps() == ["description", "schema", "example"]


@settings(max_examples=150)
@given(_DOCUMENT, st.integers(0, 5))
def test_no_operation_makes_the_reading_raise(said: Json, spot: int) -> None:
    schema = {"type": "object", **said}
    operation = [
        said,
        {"parameters": [{"in": "query", "name": "a", **said}]},
        {"responses": {"200": said}},
        {"requestBody": said},
        {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}},
        {"security": [said, 3], "parameters": [{"in": "body", "schema": schema}], "consumes": [3]},
    ][spot]
    document = published.frozen({"openapi": "3.1.0", "paths": {"/a": {"get": operation}}})
    (found,) = operations(document)
    gaps(document, found)
    assert "## GET /a\n" in page.render(1, document, None, None)
