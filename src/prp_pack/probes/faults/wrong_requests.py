"""Requests that are wrong, and must be refused as such: nothing here breaks anything.

Where JSON is taken says the service's OpenAPI document. Only operations without parameters in
their path are sent broken JSON: one that doesn't look at its body may act on what the path names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

from prp_pack.evidence.record import Check, Status
from prp_pack.parse.contract import Operation
from prp_pack.probes.faults import asking
from prp_pack.probes.faults.asking import ask
from prp_pack.probes.faults.tables import Faults
from prp_pack.probes.http import NoAnswerError
from prp_pack.probes.openapi import reading
from prp_pack.probes.openapi.operations import Contract
from prp_pack.probes.probe import Run
from prp_pack.probes.request import Request
from prp_pack.probes.service import Target
from prp_pack.repository import UnreadableError
from prp_pack.values import replace

NOBODY = "/prp-nobody-is-here"
# No method of HTTP; a service that knows none of that name says 405 or 501.
UNKNOWN_METHOD = "PRPTEST"
BROKEN_JSON = '{"'
_MOST_OPERATIONS = 20
_MOST_BYTES = 64 * 1024 * 1024
_WRITING = ("POST", "PUT", "PATCH")

_CLIENT_ERRORS = range(400, 500)
_NOT_TAKEN = (400, 413, 415, 422)
_NO_METHOD = (400, 401, 403, 404, 405, 501)
# What says that the body wasn't looked at.
_NOT_REACHED = (401, 403, 404, 405, 429)


def checked(run: Run, table: Faults, target: Target) -> Iterator[Check]:
    """Yield what the service makes of each wrong request."""
    for check in _checked(run, table, target):
        reason = table.accepted.get(check.id)
        if reason and check.status is Status.FAIL:
            said = f"{check.message} (accepted: {reason})"
            yield replace(check, status=Status.WARN, message=said)
        else:
            yield check


def _checked(run: Run, table: Faults, target: Target) -> Iterator[Check]:
    timeout = run.timeout
    yield _refused("unknown path", target, Request(NOBODY), timeout, (404, 410))
    method = Request("/", method=UNKNOWN_METHOD)
    yield _refused("unknown method", target, method, timeout, _NO_METHOD)
    try:
        operations = taking_json(_contract(run, target), target.base_url)[:_MOST_OPERATIONS]
    except (UnreadableError, NoAnswerError) as error:
        said = f"no OpenAPI document says where JSON is taken: {error}"
        yield Check("broken JSON", Status.SKIP, said)
        operations = ()
    for each in operations:
        yield _broken_json(target, each, timeout)
    yield from _too_long(table, target, operations, timeout)
    for wrong in table.requests:
        name = wrong.name or f"{wrong.method} {wrong.path}"
        statuses = (wrong.status,) if wrong.status else _CLIENT_ERRORS
        yield _refused(name, target, wrong, timeout, statuses)
    yield from _afterwards(target, timeout)


def _afterwards(target: Target, timeout: float) -> Iterator[Check]:
    ready = urlsplit(target.service.ready)
    if ready.scheme in ("http", "https"):
        path = ready.path or "/"
        reply = ask(target, Request(path), timeout)
        flaw = asking.flaw(reply, range(100, 500))
        said = flaw or f"{path} is answered as before"
        yield Check("afterwards", Status.FAIL if flaw else Status.PASS, said, path)


def _refused(
    id_: str,
    target: Target,
    request: Request,
    timeout: float,
    statuses: tuple[int, ...] | range,
) -> Check:
    reply = ask(target, request, timeout)
    where = f"{request.method} {request.path}"
    flaw = asking.flaw(reply, statuses)
    if not flaw and reply.answer and request.contains not in reply.answer.text:
        flaw = f"answered {reply.answer.status} without “{request.contains}”"
    if flaw or reply.answer is None:
        return Check(id_, Status.FAIL, flaw, where)
    return Check(id_, Status.PASS, f"answered {reply.answer.status}", where)


def _broken_json(target: Target, operation: Operation, timeout: float) -> Check:
    where = f"{operation.method} {operation.path}"
    headers = {"content-type": "application/json"}
    request = Request(operation.path, operation.method, BROKEN_JSON, headers)
    reply = ask(target, request, timeout)
    flaw = asking.flaw(reply, (*_NOT_TAKEN, *_NOT_REACHED))
    if flaw:
        return Check(f"broken JSON: {where}", Status.FAIL, flaw, where)
    status = reply.answer.status if reply.answer else 0
    if status in _NOT_REACHED:
        said = f"answered {status}, so that nobody looked at the body"
        return Check(f"broken JSON: {where}", Status.WARN, said, where)
    return Check(f"broken JSON: {where}", Status.PASS, f"answered {status}", where)


def _too_long(
    table: Faults, target: Target, operations: tuple[Operation, ...], timeout: float
) -> Iterator[Check]:
    if not table.max_body:
        yield Check("too long a body", Status.SKIP, "[faults] has no “max_body”")
        return
    if not operations:
        yield Check("too long a body", Status.SKIP, "it isn't known where a body is taken")
        return
    first = operations[0]
    where = f"{first.method} {first.path}"
    size = min(table.max_body, _MOST_BYTES) + 1
    body = json.dumps({"prp": "x" * (size - len('{"prp": ""}'))})
    request = Request(first.path, first.method, body, {"content-type": "application/json"})
    reply = ask(target, request, timeout)
    id_ = f"too long a body: {size} bytes"
    if reply.answer is None and "within" not in reply.said:
        # A service may close while it is still being written to; the answer is lost with that.
        yield Check(id_, Status.WARN, f"closed before it was read: {reply.said}", where)
        return
    flaw = asking.flaw(reply, (413,))
    yield Check(id_, Status.FAIL if flaw else Status.PASS, flaw or "answered 413", where)


def _contract(run: Run, target: Target) -> Contract:
    path = target.service.openapi
    if not path.startswith("/"):
        return reading.read(run.repository.read(path).text, path)
    with target.client(run.timeout) as client:
        answer = client.ask("GET", path)
    if answer.status != 200:  # noqa: PLR2004 - HTTP
        raise NoAnswerError(f"{path} answers {answer.status}")
    return reading.read(answer.text, path)


def taking_json(contract: Contract, base_url: str = "") -> tuple[Operation, ...]:
    """Return the operations of a contract that take JSON at a fixed path.

    Their paths are below the base URL, which may already have the path of the document's server.
    """
    base = contract.base_below(base_url)
    return tuple(
        Operation(each.method, base + each.path)
        for each in contract.operations
        if each.method in _WRITING and "{" not in each.path and each.body
        if any("json" in content.kind for content in each.body.contents)
    )
