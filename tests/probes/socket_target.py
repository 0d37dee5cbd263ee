"""A small service with WebSockets, and defects that can be switched on: `TARGET_KNOBS=stall`.

Started as `python -m tests.probes.socket_target PORT`. Who connects to /ws with the token may
subscribe, and is told of each item that is posted.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

KNOBS = frozenset(filter(None, os.environ.get("TARGET_KNOBS", "").split(",")))
TOKEN = "Bearer sesame"
# Seconds that everything stands still, again and again; far above the limits of the tests.
STALL = 0.2

_open: set[WebSocket] = set()
_lost: set[str] = set()


def _message(type_: str, **rest: object) -> str:
    return json.dumps({"type": type_, **rest})


async def socket(socket: WebSocket) -> None:
    shown = {socket.headers.get("authorization"), socket.query_params.get("token")}
    if "open_door" not in KNOBS and TOKEN not in shown:
        await socket.close()
        return
    if "few" in KNOBS and len(_open) >= 3:
        await socket.close()
        return
    if "no_return" in KNOBS and _lost:
        await socket.close()
        return
    chosen = "chat.v1" if "chat.v1" in socket.scope["subprotocols"] else None
    await socket.accept(chosen)
    _open.add(socket)
    try:
        while True:
            await _answer(socket, await socket.receive())
    except WebSocketDisconnect as gone:
        if gone.code not in (1000, 1007, 1009, 4000):
            _lost.add("somebody")
    finally:
        _open.discard(socket)


async def _answer(socket: WebSocket, event: MutableMapping[str, Any]) -> None:
    if event["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(int(str(event.get("code", 1005))))
    text = event.get("text")
    if len(str(text or "")) > 1000 and "any_length" not in KNOBS:
        await socket.close(1009)
        raise WebSocketDisconnect(1009)
    kind = _kind(text)
    if kind == "subscribe":
        answers = [_message("subscribed", topic="items"), _message("snapshot", items=["lamp"])]
        if "wrong_order" in KNOBS:
            answers.reverse()
        if "wrong_schema" in KNOBS:
            answers[1] = _message("snapshot", items="lamp")
        for answer in answers:
            await socket.send_text(answer)
            if "dropped_socket" in KNOBS:
                raise RuntimeError("dropped")
    elif kind == "bye":
        await socket.close(1011 if "wrong_code" in KNOBS else 4000)
        raise WebSocketDisconnect(4000)
    else:
        await socket.send_text(_message("error", reason="not understood"))


def _kind(text: object) -> object:
    try:
        said = json.loads(str(text)) if text is not None else None
    except (ValueError, RecursionError):
        if "crash" in KNOBS:
            raise
        if "exit" in KNOBS:
            os._exit(3)
        return None
    return said.get("type") if isinstance(said, dict) else None


async def add(request: Request) -> JSONResponse:
    item = await request.json()
    if "silent" not in KNOBS:
        for each in list(_open):
            await each.send_text(_message("added", item=item))
    return JSONResponse(item, 201)


async def health(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def _stalling() -> None:
    while True:
        time.sleep(STALL)  # noqa: ASYNC251 - that is the defect
        await asyncio.sleep(0.01)


@asynccontextmanager
async def _lifespan(_app: Starlette) -> AsyncIterator[None]:
    stalling = asyncio.create_task(_stalling()) if "stall" in KNOBS else None
    yield
    if stalling:
        stalling.cancel()


routes = [
    Route("/health", health),
    Route("/items", add, methods=["POST"]),
    WebSocketRoute("/ws", socket),
]
if "any_path" in KNOBS:
    routes.append(WebSocketRoute("/{path:path}", socket))
app = Starlette(routes=routes, lifespan=_lifespan)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
