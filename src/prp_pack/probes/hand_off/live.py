"""Asks the service for what is consumed. Needs jsonschema, to hold answers against the contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

from prp_pack.parse.contract import Json
from prp_pack.probes.hand_off import answers
from prp_pack.probes.hand_off.answers import Received
from prp_pack.probes.hand_off.calls import Call, filled
from prp_pack.probes.http import Client, NoAnswerError
from prp_pack.probes.openapi.operations import FORM

_SWITCHED = 101
# Sixteen bytes, as the protocol wants them; which ones says nothing.
_HANDSHAKE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "cHJwLXBhY2sgcHJvYmUhIQ==",
}


def ask(
    client: Client, document: Json, calls: Sequence[Call], saved: dict[str, Json]
) -> Iterator[tuple[Call, tuple[str, ...]]]:
    """Yield each call in turn with what is wrong with its answer; `saved` gets what they save."""
    for call in calls:
        lost = [name for name in call.variables if name not in saved]
        if call.missing:
            yield call, (f"was not asked: nothing gives a value for {', '.join(call.missing)}",)
        elif lost:
            yield call, (f"was not asked: no call before it has saved {', '.join(lost)}",)
        else:
            yield call, tuple(_flaws(client, document, call, saved))


def _flaws(client: Client, document: Json, call: Call, saved: dict[str, Json]) -> Iterator[str]:
    body = filled(call.body, saved)
    if call.kind == FORM and isinstance(body, Mapping):
        body = urlencode(body)
    headers = {name: str(filled(value, saved)) for name, value in call.headers.items()}
    if call.has_body:
        headers["content-type"] = call.kind
    try:
        said = client.ask(call.operation.method, call.target(saved), body, headers)
    except NoAnswerError as error:
        yield f"gave no answer: {error}"
        return
    answer = Received(said.status, said.headers.get("content-type", ""), said.body)
    yield from answers.flaws(document, call, answer)
    found, missed = answers.saved(call, answer)
    saved |= found
    yield from missed


def handshake(client: Client, path: str) -> str:
    """Open a WebSocket and close it; return what is wrong, empty when it was accepted."""
    try:
        answer = client.ask("GET", path, headers=_HANDSHAKE)
    except NoAnswerError as error:
        return f"gave no answer: {error}"
    finally:
        client.close()
    if answer.status != _SWITCHED:
        return f"answered {answer.status} in place of 101: {answer.text[:120]}"
    return ""
