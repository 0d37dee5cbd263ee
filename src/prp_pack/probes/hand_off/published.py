"""The contract that a service publishes, read and made such that the same one is the same text."""

from __future__ import annotations

import json
from collections.abc import Mapping

from prp_pack.parse.contract import Json, bases
from prp_pack.probes.api_contracts.frozen import places_in
from prp_pack.probes.http import NoAnswerError
from prp_pack.probes.openapi import reading
from prp_pack.probes.openapi.operations import Contract
from prp_pack.probes.probe import CannotRunError, Run
from prp_pack.probes.service import Target
from prp_pack.probes.websocket.tables import WebSocket
from prp_pack.repository import UnreadableError

_OK = 200
_SCHEMAS = ("required",)


def fetch(run: Run, target: Target) -> tuple[Json, str]:
    """Return the published contract and where it was read: below the base URL, or in a file.

    Raises `CannotRunError` when the service doesn't give one, `UnreadableError` for a file that is
    none.
    """
    where = target.service.openapi
    if not where.startswith("/"):
        return reading.read(run.repository.read(where).text, where).document, where
    help_ = 'write openapi = "/path" or a file into [service]'
    url = f"{target.base_url}{where}"
    try:
        with target.client(run.timeout) as client:
            answer = client.ask("GET", where)
    except NoAnswerError as error:
        raise CannotRunError(f"{url}: {error}", help_) from None
    if answer.status != _OK:
        raise CannotRunError(f"{url} answered {answer.status} and no contract", help_)
    try:
        return reading.read(answer.text, url).document, url
    except UnreadableError as error:
        raise CannotRunError(str(error), error.help or help_) from None


def channels_of(run: Run) -> Json:
    """Return the AsyncAPI document that [websocket] names, None without one.

    Raises `UnreadableError` for one that can't be read.
    """
    path = run.settings.table("websocket", WebSocket).asyncapi
    if not path:
        return None
    document = reading.document(run.repository.read(path).text, path)
    if not isinstance(document, Mapping) or not isinstance(document.get("asyncapi"), str):
        raise UnreadableError(path, "is no AsyncAPI document: it has no key asyncapi")
    return document


def folder_of(run: Run, number: int) -> str:
    """Return where what is frozen of a phase is written."""
    return places_in(run.settings).folder_of(number)


def of_phase(run: Run, number: int) -> Contract | None:
    """Return the frozen contract of a phase, None without one; raises `UnreadableError`."""
    path = places_in(run.settings).find(run.repository.exists, number, run.prp)
    return reading.read(run.repository.read(path).text, path) if path else None


def frozen(document: Json) -> Json:
    """Return a contract without what depends on where and when it was asked for.

    Of servers only their paths stay; hosts, ports and schemes go. Lists of required properties are
    put in order, because some frameworks have them in any.
    """
    found = {key: _in_order(each) for key, each in document.items()}
    if isinstance(found.pop("servers", None), list):
        kept = [{"url": path} for path in bases(document) if path]
        found |= {"servers": kept} if kept else {}
    if "swagger" in found:
        found = {key: each for key, each in found.items() if key not in ("host", "schemes")}
    return found


def frozen_channels(document: Json) -> Json:
    """Return an AsyncAPI document without its servers' addresses."""
    return {key: _in_order(each) for key, each in document.items() if key != "servers"}


def to_text(document: Json) -> str:
    """Return the text that is frozen: the same document gives the same one."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _in_order(value: Json) -> Json:
    if isinstance(value, list):
        return [_in_order(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    found = {key: _in_order(each) for key, each in value.items()}
    for key in _SCHEMAS:
        each = found.get(key)
        if isinstance(each, list) and all(isinstance(one, str) for one in each):
            found[key] = sorted(each)
    return found
