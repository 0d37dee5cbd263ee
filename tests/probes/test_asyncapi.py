"""Messages of AsyncAPI documents: where they stand in both versions, and what fits them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.probes.websocket import messages
from prp_pack.probes.websocket.messages import Messages, flaw_by
from prp_pack.probes.websocket.scenario import is_part
from prp_pack.repository import Repository, UnreadableError

VERSION_2 = """\
asyncapi: 2.6.0
channels:
  /ws:
    subscribe:
      message:
        oneOf:
          - $ref: '#/components/messages/added'
          - {messageId: removed, payload: {type: object, required: [id]}}
  /other:
    publish:
      message: {name: hello, payload: {const: hello}}
components:
  messages:
    added: {payload: {$ref: '#/components/schemas/a~1b'}}
  schemas:
    a/b: {type: object, required: [item]}
"""

VERSION_3 = """\
asyncapi: 3.0.0
channels:
  items:
    address: /ws
    messages:
      added: {$ref: '#/components/messages/added'}
      removed:
        payload:
          schemaFormat: application/schema+json;version=draft-07
          schema: {type: object, required: [id]}
  greeting:
    address: /other
    messages:
      hello: {payload: {const: hello}}
operations:
  tell: {action: send, channel: {$ref: '#/channels/items'}}
  hear: {action: receive, channel: {$ref: '#/channels/greeting'}}
components:
  messages:
    added: {payload: {$ref: 'schemas.yaml#/added'}}
"""


def load(folder: Path, text: str) -> Messages:
    (folder / "api.yaml").write_text(text, encoding="utf-8")
    (folder / "schemas.yaml").write_text("added: {type: object, required: [item]}\n")
    return messages.load(Repository(folder), "api.yaml")


@pytest.mark.parametrize("text", [VERSION_2, VERSION_3])
def test_both_versions_say_the_same(tmp_path: Path, text: str) -> None:
    found = load(tmp_path, text)
    assert set(found.validators) == {"added", "removed", "hello"}
    assert found.sent == {"added", "removed"}
    assert found.flaw("added", {"item": 1}) == ""
    assert "'item' is a required property" in found.flaw("added", {})
    assert found.names_of({"id": 1}) == ("removed",)
    assert found.names_of("hello") == ("hello",)


def test_an_operation_that_names_its_messages_sends_only_those(tmp_path: Path) -> None:
    named = "{$ref: '#/channels/items'}, messages: [{$ref: '#/channels/items/messages/removed'}]"
    text = VERSION_3.replace("{$ref: '#/channels/items'}", named, 1)
    assert load(tmp_path, text).sent == {"removed"}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("asyncapi: 1.2.0\n", 1, "is of AsyncAPI 1.2.0"),
        ("openapi: 3.0.0\n", 1, "has no key “asyncapi”"),
        ("asyncapi: [\n", 2, "YAML doesn't parse"),
        (VERSION_2.replace("messages/added", "messages/aded"), 7, "which doesn't exist"),
        (VERSION_2.replace("{const: hello}", "{type: strnig}"), 11, "is no JSON schema"),
        (VERSION_2.replace("'#/components/messages/added'", "'other.yaml#/x'"), 7, "in this file"),
        (VERSION_3.replace("application/schema+json;version=draft-07", "application/avro"), 7,
         "message “removed” has a schema in application/avro"),
        (VERSION_2.replace("{payload: {$ref: '#/components/schemas/a~1b'}}",
                           "{$ref: '#/components/messages/added'}"), 14, "refers to itself"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    with pytest.raises(UnreadableError) as error:
        load(tmp_path, text)
    assert said in error.value.reason
    assert error.value.line == line


def test_a_schema_that_is_not_there_is_said_when_it_is_needed(tmp_path: Path) -> None:
    found = load(tmp_path, VERSION_3.replace("schemas.yaml#/added", "none.yaml#/added"))
    with pytest.raises(UnreadableError, match=r"none\.yaml"):
        found.flaw("added", {})


def test_an_address_on_the_network_is_not_asked(tmp_path: Path) -> None:
    found = load(tmp_path, VERSION_3.replace("schemas.yaml#/added", "http://127.0.0.1:9/x#/y"))
    with pytest.raises(UnreadableError, match=r"127\.0\.0\.1"):
        found.flaw("added", {})


def test_a_schema_in_a_scenario_is_checked_as_it_is() -> None:
    assert flaw_by({"type": "integer"}, 3) == ""
    assert "is not of type" in flaw_by({"type": "integer"}, "3")
    with pytest.raises(ValueError, match="no JSON schema"):
        flaw_by({"type": "intger"}, 3)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)


@given(JSON)
def test_a_value_is_part_of_itself(value: object) -> None:
    assert is_part(value, value)


@given(st.dictionaries(st.text(max_size=2), JSON, min_size=1), st.data())
def test_a_part_may_lack_keys_but_add_none(whole: dict[str, object], data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(whole)))
    part = {name: value for name, value in whole.items() if name != key}
    assert is_part(part, whole)
    assert not is_part(whole, part)


def test_true_is_not_one() -> None:
    assert not is_part({"a": True}, {"a": 1})
    assert not is_part([1], [1, 2])
