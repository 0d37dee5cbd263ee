"""Answers held against a contract, and made such that the same service gives the same text."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prp_pack.parse.contract import Json
from prp_pack.probes.hand_off.calls import Call
from prp_pack.probes.hand_off.conformance import flaws as flaws_of
from prp_pack.probes.openapi.operations import Content, Operation

_SHOWN = 120
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_TIME = re.compile(
    r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?!\w)"
)
_WORDS = ((_UUID, "uuid"), (_TIME, "time"))
# A number under such a name tells a time, unless somebody sent it.
_OF_TIME = re.compile(r"(?:^|_)(?:at|time|timestamp|date|created|updated|modified|expires)$|At$")
_SUCCESS = 2
_NAMES = {bool: "boolean", int: "number", float: "number", str: "text", list: "list",
          dict: "object"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Received:
    """An answer: its status, the media type with its parameters, the body."""

    status: int
    kind: str
    body: bytes

    @property
    def media(self) -> str:
        """The media type alone, in lower case; empty for none."""
        return self.kind.partition(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        return self.media == "application/json" or self.media.endswith("+json")

    def json(self) -> Json:
        """Return the body's value; raises `ValueError`."""
        return json.loads(self.body)

    def shown(self) -> str:
        return " ".join(self.body[: _SHOWN * 4].decode("utf-8", "replace").split())[:_SHOWN]


def flaws(document: Json, call: Call, answer: Received) -> Iterator[str]:
    """Yield what is wrong with the answer to a call, a line each."""
    operation = call.operation
    wanted = answer.status == call.status if call.status else answer.status // 100 == _SUCCESS
    if not wanted:
        expected = str(call.status or "2xx")
        yield f"answered {answer.status} in place of {expected}: {answer.shown()}"
        return
    reply = operation.reply(answer.status)
    if reply is None:
        yield f"answered {answer.status}, which the contract doesn't declare"
        return
    if not answer.body:
        if reply.contents and operation.method != "HEAD":
            yield f"answered {answer.status} without the body that the contract declares"
        return
    content = _content(operation, answer)
    if content is None:
        if reply.contents:
            known = ", ".join(each.kind for each in reply.contents)
            yield f"answered {answer.media or 'no media type'}, declared is {known}"
        return
    if answer.is_json:
        try:
            value = answer.json()
        except ValueError as error:
            yield f"answered what is no JSON: {error}"
            return
        for flaw in flaws_of(document, content.schema, value):
            yield f"answered what the contract doesn't allow: {flaw}"


def _content(operation: Operation, answer: Received) -> Content | None:
    reply = operation.reply(answer.status)
    for each in reply.contents if reply else ():
        kind = each.kind.partition(";")[0].strip().lower()
        family, _, rest = kind.partition("/")
        if kind in (answer.media, "*/*") or (rest == "*" and answer.media.startswith(f"{family}/")):
            return each
    return None


def saved(call: Call, answer: Received) -> tuple[dict[str, Json], list[str]]:
    """Return the values that a call saves of its answer, and the pointers that lead nowhere."""
    found: dict[str, Json] = {}
    lost = []
    for name, pointer in call.save.items():
        try:
            found[name] = _at(answer.json(), pointer)
        except (ValueError, LookupError, TypeError):
            lost.append(f"the answer has nothing at {pointer} to be saved as {name}")
    return found, lost


def _at(value: Json, pointer: str) -> Json:
    for step in pointer.strip("/").split("/") if pointer.strip("/") else ():
        key = step.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    if isinstance(value, Mapping | list):
        raise TypeError("is no single value")
    return value


# --- What is kept of an answer --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Same:
    """What of an answer is the same each time: not the values of the keys that are `volatile`.

    `sent` are the values of the request, which come back as they are; `saved` are names of texts of
    earlier answers, by the texts.
    """

    sent: frozenset[str] = frozenset()
    volatile: frozenset[str] = frozenset()
    saved: Mapping[str, str] = field(default_factory=dict)

    def of(self, value: Json, other: Json, key: str = "") -> Json:
        if key in self.volatile:
            return f"<{_name(value)}>"
        if isinstance(value, dict) and isinstance(other, dict):
            return {name: self.of(each, other.get(name), name) for name, each in value.items()}
        if isinstance(value, list) and isinstance(other, list) and len(value) == len(other):
            return [self.of(a, b, key) for a, b in zip(value, other, strict=True)]
        return self._single(value, other, key)

    def _single(self, value: Json, other: Json, key: str) -> Json:
        if isinstance(value, dict | list):
            return f"<{_name(value)}, differs>"
        if str(value) in self.sent and value is not None:
            return value
        if isinstance(value, str) and value in self.saved:
            return f"<{self.saved[value]}>"
        if isinstance(value, str):
            marked, also = self._marked(value), self._marked(str(other))
            return marked if marked == also else "<differs>"
        if _OF_TIME.search(key) and isinstance(value, int | float) and not isinstance(value, bool):
            return "<time>"
        return (
            value if value == other and type(value) is type(other) else f"<{_name(value)}, differs>"
        )

    def _marked(self, text: str) -> str:
        for pattern, word in _WORDS:
            text = pattern.sub(lambda m, w=word: m[0] if m[0] in self.sent else f"<{w}>", text)  # type: ignore[misc]
        return text


def recorded(call: Call, answers: Sequence[Received], same: Same) -> str:
    """Return the text that is kept of an answer: what differs each time is a word, such as <uuid>.

    Of several answers, each from another start of the service, the first is kept.
    """
    first = answers[0]
    again = answers[-1]
    said: dict[str, Json] = {
        "operation": call.operation.name,
        "status": first.status,
        "content_type": first.kind or None,
        "body": _body(first, again, same),
    }
    return json.dumps(said, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _body(first: Received, again: Received, same: Same) -> Json:
    if not first.body:
        return None
    if first.is_json:
        try:
            other = again.json()
            return same.of(first.json(), other)
        except ValueError:
            pass
    try:
        text = first.body.decode("utf-8")
        return same.of(text, again.body.decode("utf-8", "replace"))
    except UnicodeDecodeError:
        digest = hashlib.sha256(first.body).hexdigest()
        return {"bytes": len(first.body), "sha256": digest}


def _name(value: Json) -> str:
    return _NAMES.get(type(value), "null")
