"""Where the messages of an AsyncAPI document stand, in version 2 and in version 3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError
from jsonschema.validators import validator_for
from referencing import Registry

from prp_pack.parse.yaml_block import YamlBlock, as_mapping
from prp_pack.repository import UnreadableError

ROOT = "file:///"
"""References are resolved against an address; this one stands for the project's root."""

# The library's classes, which are made at run time.
Validator: TypeAlias = Any

_JSON_SCHEMA = ("application/schema", "application/vnd.aai.asyncapi")
# No sound document has longer chains of references.
_MAX_HOPS = 20
_SHOWN = 200


def chosen_for(schema: Any) -> Validator:  # noqa: ANN401 - whatever JSON has
    """Return the class that checks a schema: of its `$schema`, else draft 7 as in AsyncAPI."""
    return validator_for(schema, default=Draft7Validator)


_At = tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """A document that parsed; its methods raise `UnreadableError` with the line."""

    path: str
    block: YamlBlock

    def messages(self, *, newest: bool) -> tuple[dict[str, _At], set[str]]:
        """Return where each message stands, by its name, and the names that the service sends."""
        found: dict[str, _At] = {}
        for name in self._keys(("components", "messages")):
            found[name] = self._followed(("components", "messages", name))
        walk = self._of_version_3() if newest else self._of_version_2()
        sent = set()
        for name, at, is_sent in walk:
            # A message that was seen already keeps its first name.
            known = next((key for key, place in found.items() if place == at), name)
            found.setdefault(known, at)
            if is_sent:
                sent.add(known)
        return found, sent

    def _of_version_2(self) -> Iterator[tuple[str, _At, bool]]:
        for channel in self._keys(("channels",)):
            for action in ("publish", "subscribe"):
                at = self._followed(("channels", channel))
                for each in self._choices((*at, action, "message")):
                    # In version 2 it is the client that subscribes.
                    yield self._name(each), each, action == "subscribe"

    def _of_version_3(self) -> Iterator[tuple[str, _At, bool]]:
        by_channel: dict[_At, list[tuple[str, _At]]] = {}
        for channel in self._keys(("channels",)):
            at = self._followed(("channels", channel))
            for name in self._keys((*at, "messages")):
                place = self._followed((*at, "messages", name))
                by_channel.setdefault(at, []).append((name, place))
                yield name, place, False
        for operation in self._keys(("operations",)):
            at = self._followed(("operations", operation))
            if self._value((*at, "action")) != "send":
                continue
            named = self._value((*at, "messages"))
            if isinstance(named, list):
                for index in range(len(named)):
                    place = self._followed((*at, "messages", str(index)))
                    yield self._name(place), place, True
            else:
                for name, place in by_channel.get(self._followed((*at, "channel")), ()):
                    yield name, place, True

    def validator(self, at: _At, registry: Registry[Any]) -> Validator:
        """Return what checks a message's payload; one without a schema may be anything."""
        payload = as_mapping(self._value((*at, "payload")))
        kind = str(self._value((*at, "schemaFormat")) or "")
        below: _At = ("payload",)
        if "schemaFormat" in payload and "schema" in payload:
            kind, below = str(payload["schemaFormat"]), ("payload", "schema")
        if kind and not kind.startswith(_JSON_SCHEMA):
            said = f"message “{at[-1]}” has a schema in {kind}; only JSON Schema is known"
            raise self._error(said, at)
        schema = self._value((*at, *below))
        if schema is None:
            return Draft7Validator(True)
        chosen = chosen_for(schema)
        try:
            chosen.check_schema(schema)
        except SchemaError as error:
            said = f"message “{at[-1]}”: payload is no JSON schema: {error.message[:_SHOWN]}"
            raise self._error(said, (*at, *below, *map(str, error.absolute_path))) from None
        pointer = "".join(
            f"/{part.replace('~', '~0').replace('/', '~1')}" for part in (*at, *below)
        )
        reference = {"$ref": f"{ROOT}{self.path}#{quote(pointer)}"}
        return chosen(reference, registry=registry, format_checker=chosen.FORMAT_CHECKER)

    def _choices(self, at: _At) -> Iterator[_At]:
        if self._value(at) is None:
            return
        place = self._followed(at)
        several = self._value((*place, "oneOf"))
        if not isinstance(several, list):
            yield place
            return
        for index in range(len(several)):
            yield self._followed((*place, "oneOf", str(index)))

    def _name(self, at: _At) -> str:
        inside = as_mapping(self._value(at))
        if at[:2] == ("components", "messages"):
            return at[2]
        return str(inside.get("messageId") or inside.get("name") or "/".join(at[1:]))

    def _followed(self, at: _At) -> _At:
        """Return where a reference ends; a place without one is its own end."""
        for _ in range(_MAX_HOPS):
            reference = as_mapping(self._value(at)).get("$ref")
            if not isinstance(reference, str):
                return at
            if not reference.startswith("#/"):
                raise self._error(f"refers to {reference}: messages must be in this file", at)
            parts = unquote(reference[2:]).split("/")
            end = tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)
            if self._value(end) is None:
                raise self._error(f"refers to {reference}, which doesn't exist", at)
            at = end
        raise self._error("refers to itself", at)

    def _value(self, at: _At) -> object:
        """Return the value at a place; parts on the way that are references are followed."""
        value: object = self.block.value
        for depth, part in enumerate(at):
            if isinstance(value, list) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            elif isinstance(value, dict) and (inside := as_mapping(value)).get(part) is not None:
                value = inside[part]
            elif depth and "$ref" in as_mapping(value) and part != "$ref":
                return self._value((*self._followed(at[:depth]), *at[depth:]))
            else:
                return None
        return value

    def _keys(self, at: _At) -> tuple[str, ...]:
        return tuple(as_mapping(self._value(at)))

    def _error(self, reason: str, at: _At) -> UnreadableError:
        lines = self.block.lines
        known = (".".join(at[:depth]) for depth in range(len(at), 0, -1))
        line = next((lines[each] for each in known if each in lines), 1)
        return UnreadableError(self.path, reason, line)
