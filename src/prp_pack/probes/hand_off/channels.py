"""The channels of an AsyncAPI document, 2 or 3, with their messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prp_pack.check.endpoints import template_of
from prp_pack.parse.contract import Json, listed, mapping
from prp_pack.probes.hand_off.schemas import DESCRIPTION, EXAMPLE, SCHEMA, sample
from prp_pack.probes.openapi.operations import Content


@dataclass(frozen=True, slots=True)
class Message:
    """`payload` has its schema, and the examples that the document gives of it."""

    name: str
    about: str
    payload: Content


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel by its address, such as `/ws/parcels/{code}`."""

    name: str
    about: str
    messages: tuple[Message, ...]
    document: Json

    def gaps(self) -> list[str]:
        """Return what it doesn't say of itself: description, schema, example."""
        lacks = []
        if not self.about and not all(each.about for each in self.messages):
            lacks.append(DESCRIPTION)
        if not self.messages or any(each.payload.schema is None for each in self.messages):
            lacks.append(SCHEMA)
        if any(
            not each.payload.examples and not sample(self.document, each.payload.schema)
            for each in self.messages
        ):
            lacks.append(EXAMPLE)
        return lacks


def channels(document: Json) -> Iterator[Channel]:
    """Yield the channels in the order of their names."""
    named = mapping(document, document.get("channels"))
    for name in sorted(named):
        channel = mapping(document, named[name])
        address = channel.get("address")
        yield Channel(
            address if isinstance(address, str) else name,
            _about(channel) or _about_operations(document, name, channel),
            tuple(_messages(document, channel)),
            document,
        )


def find(document: Json, path: str) -> Channel | None:
    """Return the channel of a path, whatever its parameters are called."""
    wanted = template_of(path).lstrip("/")
    found = (each for each in channels(document) if template_of(each.name).lstrip("/") == wanted)
    return next(found, None)


def _about(said: Mapping[str, Json]) -> str:
    for key in ("description", "summary", "title"):
        if isinstance(said.get(key), str) and said[key].strip():
            return str(said[key]).strip()
    return ""


def _about_operations(document: Json, name: str, channel: Mapping[str, Json]) -> str:
    """Return what is said of what is done on a channel: below it in AsyncAPI 2, apart in 3."""
    below = [mapping(document, channel.get(each)) for each in ("publish", "subscribe")]
    apart = [
        mapping(document, each)
        for each in mapping(document, document.get("operations")).values()
        if str(_channel_of(document, each).get("$ref")).rpartition("/")[2] == name
    ]
    return next(filter(None, map(_about, (*below, *apart))), "")


def _channel_of(document: Json, operation: Json) -> Mapping[str, Json]:
    channel = mapping(document, operation).get("channel")
    return channel if isinstance(channel, Mapping) else {}


def _messages(document: Json, channel: Mapping[str, Json]) -> Iterator[Message]:
    for name, raw in sorted(mapping(document, channel.get("messages")).items()):
        yield _message(name, mapping(document, raw))
    for direction in ("publish", "subscribe"):
        operation = mapping(document, channel.get(direction))
        message = mapping(document, operation.get("message"))
        for each in listed(message.get("oneOf")) or ([message] if message else ()):
            found = mapping(document, each)
            yield _message(f"{direction} {found.get('name', '')}".strip(), found)


def _message(name: str, said: Mapping[str, Json]) -> Message:
    examples = (each for each in listed(said.get("examples")) if isinstance(each, Mapping))
    given = tuple(each["payload"] for each in examples if "payload" in each)
    return Message(name, _about(said), Content("payload", said.get("payload"), given))
