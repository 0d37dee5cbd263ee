from __future__ import annotations

from typing import Any

import pytest

from tests.docs.blocks import holds
from tests.probes.site import Site

SCRIPT = "test_websocket_integration"

ASYNCAPI = """\
asyncapi: 2.6.0
info: {title: Chat, version: 1.0.0}
channels:
  /ws:
    publish:
      message:
        $ref: '#/components/messages/subscribe'
    subscribe:
      message:
        oneOf:
          - $ref: '#/components/messages/subscribed'
          - $ref: '#/components/messages/snapshot'
          - $ref: '#/components/messages/added'
          - messageId: failed
            payload:
              type: object
              properties: {type: {const: error}, reason: {type: string}}
              required: [type, reason]
components:
  messages:
    subscribe:
      payload:
        type: object
        properties: {type: {const: subscribe}}
        required: [type]
    subscribed:
      payload:
        type: object
        properties: {type: {const: subscribed}, topic: {type: string}}
        required: [type, topic]
    snapshot:
      payload:
        type: object
        properties: {type: {const: snapshot}, items: {type: array, items: {type: string}}}
        required: [type, items]
    added:
      payload:
        type: object
        properties:
          type: {const: added}
          item: {$ref: 'schemas/item.yaml#/Item'}
        required: [type, item]
"""

ITEM = "Item: {type: object, properties: {name: {type: string}}, required: [name]}\n"

TABLES = """
[websocket]
asyncapi = "asyncapi.yaml"
connections = 12
max_message = 1000
max_ping = "60ms"
percentile = "50"
pings = 40
refused = ["/nothing?token=x"]
auth = { value = "${TOKEN:-Bearer sesame}" }

[[websocket.scenarios]]
name = "an item is told"
path = "/ws"
subprotocols = ["chat.v1"]
close = 4000
[[websocket.scenarios.steps]]
send = { type = "subscribe" }
[[websocket.scenarios.steps]]
expect = "subscribed"
contains = { topic = "items" }
within = "5s"
[[websocket.scenarios.steps]]
expect = { type = "object", required = ["items"], properties = { items = { type = "array" } } }
contains = "lamp"
[[websocket.scenarios.steps]]
http = { method = "POST", path = "/items", body = { name = "chair" }, status = 201 }
[[websocket.scenarios.steps]]
expect = "added"
contains = { item = { name = "chair" } }
within = "2s"
[[websocket.scenarios.steps]]
quiet = "100ms"
[[websocket.scenarios.steps]]
send = '{"type": "bye"}'

[[websocket.scenarios]]
name = "what is not understood"
path = "/ws"
at_once = true
[[websocket.scenarios.steps]]
send = "hello"
[[websocket.scenarios.steps]]
expect = ["failed"]
"""


def configure(site: Site, tables: str = TABLES) -> None:
    site.configure(tables)
    text = (site.root / "PRPs/prp.toml").read_text(encoding="utf-8")
    site.put("PRPs/prp.toml", text.replace("probes.target", "probes.socket_target"))
    site.put("asyncapi.yaml", ASYNCAPI)
    site.put("schemas/item.yaml", ITEM)


@pytest.fixture
def chat(site: Site) -> Site:
    configure(site)
    return site


def failed(found: dict[str, Any]) -> dict[str, str]:
    return {each["id"]: each["message"] for each in found["checks"] if each["status"] == "fail"}


def test_a_sound_service_passes(chat: Site) -> None:
    found = chat.result(SCRIPT, status=0)
    checks = {each["id"]: each for each in found["checks"]}
    assert {each["status"] for each in found["checks"]} == {"pass"}
    assert checks["handshake /ws (chat.v1)"]["message"].endswith("subprotocol chat.v1")
    assert checks["auth without a token"]["message"] == "answered 403"
    assert checks["refused /nothing"]["message"] == "answered 403"
    assert checks["an item is told"]["message"] == "7 steps, each as it should be"
    assert checks["what is not understood, 12 at once"]["status"] == "pass"
    assert "1007" in checks["malformed: a text that is no UTF-8"]["message"]
    assert "1009" in checks["malformed: 1001 bytes"]["message"]
    (metric,) = found["metrics"]
    assert (metric["name"], metric["unit"]) == ("ping p50", "ms")
    assert metric["ci95"][0] <= metric["value"] <= metric["ci95"][1]
    assert found["tools"]["websockets"]
    shown = "prp run test_websocket_integration --max-ping=100ms"
    holds("docs/scripts/test_websocket_integration.md", shown, found)


@pytest.mark.parametrize(
    ("knob", "check", "said"),
    [
        ("dropped_socket", "an item is told", "expect a message: closed with 1006"),
        ("wrong_order", "an item is told", "out of order: "),
        ("wrong_schema", "an item is told", "items: 'lamp' is not of type 'array'"),
        ("silent", "an item is told", "expect added: nothing came within 2 s"),
        ("wrong_code", "an item is told", "closed with 1011, not with 4000"),
        ("open_door", "auth with a wrong token", "the connection was accepted"),
        ("any_path", "refused /nothing", "the connection was accepted"),
        ("crash", "malformed: no JSON", "closed with 1006"),
        ("exit", "malformed: no JSON", "afterwards nobody gets in"),
        ("any_length", "malformed: 1001 bytes", "the connection is still open"),
        ("few", "connections", "of 12 failed: answered 403"),
        ("no_return", "reconnect", "after a drop: answered 403"),
    ],
)
def test_a_defect_is_found(chat: Site, knob: str, check: str, said: str) -> None:
    found = failed(chat.result(SCRIPT, status=1, knobs=knob))
    assert said in found[check], found


def test_a_service_that_stands_still_is_too_slow_to_pong(chat: Site) -> None:
    found = chat.result(SCRIPT, status=1, knobs="stall")
    (threshold,) = found["thresholds"]
    assert threshold["ok"] is False
    assert found["metrics"][0]["value"] > 60


def test_too_few_pings_decide_nothing(chat: Site) -> None:
    configure(chat, TABLES.replace("pings = 40", "pings = 3").replace('"50"', '"99"'))
    found = chat.result(SCRIPT, status=4)
    assert found["thresholds"][0]["ok"] is None
    assert found["metrics"][0]["n"] == 24


def test_a_service_that_is_down_is_not_tested(chat: Site) -> None:
    assert "nothing answers at" in chat.run(SCRIPT, "--no-start", status=3).stderr


def test_a_token_in_the_address_is_in_no_record(chat: Site) -> None:
    configure(chat, TABLES.replace("auth = {", 'auth = { query = "token",', 1))
    found = chat.result(SCRIPT, status=0)
    assert "sesame" not in (chat.root / found["record"]).read_text(encoding="utf-8")
    assert {each.get("where", "/ws") for each in found["checks"]} <= {"/ws", "/nothing"}


def test_the_alias_is_the_same_script(chat: Site) -> None:
    said = chat.run("test_websocket", "--dry-run", status=0).stdout
    assert "scenario an item is told: /ws, 7 steps" in said
    assert "12 connections at once" in said


@pytest.mark.parametrize("flag", ["--max-ping=[<Xms]", "--connections=[N]"])
def test_a_placeholder_is_named(chat: Site, flag: str) -> None:
    assert "placeholder" in chat.run(SCRIPT, flag, status=2).stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('expect = "added"', 'expect = "aded"', "there is no message “aded”"),
        ("quiet =", 'send = "x"\nquiet =', "a step does one thing"),
        ('properties = { items = { type = "array"', 'properties = { items = { type = "aray"',
         "“expect” is no JSON schema"),
        ("within", "whithin", "did you mean “within”"),
    ],
)  # fmt: skip
def test_a_scenario_that_makes_no_sense_is_said_with_its_line(
    chat: Site, old: str, new: str, said: str
) -> None:
    configure(chat, TABLES.replace(old, new, 1))
    done = chat.run(SCRIPT, status=2)
    assert said in done.stderr
    assert "PRPs/prp.toml:" in done.stderr


def test_without_a_scenario_nothing_is_tested(site: Site) -> None:
    assert "there is no scenario" in site.run(SCRIPT, status=2).stderr


def test_other_peoples_services_are_left_alone(chat: Site) -> None:
    done = chat.run(SCRIPT, "--no-start", "--base-url=http://service.invalid", status=2)
    assert "not among the allowed hosts" in done.stderr
