"""A model that answers from a script, spoken to over the Messages API.

A script is a list of turns; a turn is a list of blocks, made by `text` and
`tool_use`, or a callable that is given the request and returns such a list, so
that a scenario can react to what the client told the model.
"""

import itertools
import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, TypeAlias
from urllib.parse import urlsplit
from uuid import uuid4

Json: TypeAlias = dict[str, Any]
Block: TypeAlias = Json
Turn: TypeAlias = "Sequence[Block] | Callable[[Request], Sequence[Block]]"

# What these keys hold is plumbing that no model reads.
_PLUMBING = frozenset({"type", "role", "id", "tool_use_id", "cache_control", "signature"})


def text(words: str) -> Block:
    """Make a block in which the model says something."""
    return {"type": "text", "text": words}


def tool_use(name: str, /, **arguments: Any) -> Block:
    """Make a block in which the model calls a tool; the answer gives it its id."""
    return {"type": "tool_use", "name": name, "input": arguments}


@dataclass(frozen=True)
class Request:
    """One request of the client for the model's next message."""

    body: Json

    @property
    def text(self) -> str:
        """All that the model is shown, tool descriptions aside, whatever its place."""
        messages: list[Json] = self.body["messages"]
        return "\n".join(_strings([self.body.get("system", ""), messages]))

    @property
    def news(self) -> str:
        """The part of the text that came after the model's latest message."""
        messages: list[Json] = self.body["messages"]
        after = itertools.takewhile(lambda m: m["role"] != "assistant", reversed(messages))
        return "\n".join(_strings(list(after)[::-1]))

    @property
    def is_aside(self) -> bool:
        """Whether the client asks for a title or the like, not for a turn of the work."""
        config = self.body.get("output_config") or {}
        return not self.body.get("tools") or "format" in config


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _PLUMBING:
                yield from _strings(item)


class ScriptedModel:
    """The server of one run: a context manager that serves on a listening socket."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self.requests: list[Request] = []
        self.asides: list[Request] = []
        self.times_over_asked = 0
        self.error: Exception | None = None
        self._turns = list(turns)
        self._lock = threading.Lock()

    @property
    def turns_left(self) -> int:
        return len(self._turns)

    def serve(self, listener: socket.socket) -> "_Serving":
        """Serve on `listener`, which is closed at the end of the `with` block."""
        return _Serving(self, listener)

    def answer(self, body: Json) -> Json:
        """Record a request and compose the message that the script has for it."""
        request = Request(body)
        with self._lock:
            blocks = self._blocks_for(request)
        # Not even a resumed session may see an identifier twice.
        content = [
            {"id": f"toolu_{uuid4().hex}", **block} if block["type"] == "tool_use" else block
            for block in blocks
        ]
        calls_tool = any(block["type"] == "tool_use" for block in content)
        return {
            "id": f"msg_{uuid4().hex}",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": content,
            "stop_reason": "tool_use" if calls_tool else "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 10, "output_tokens": 10},
        }

    def _blocks_for(self, request: Request) -> Sequence[Block]:
        if request.is_aside:
            self.asides.append(request)
            return [text("ok")]
        self.requests.append(request)
        if not self._turns:
            self.times_over_asked += 1
            return [text("done")]
        turn = self._turns.pop(0)
        if not callable(turn):
            return turn
        try:
            return turn(request)
        except Exception as error:  # noqa: BLE001 - the test that owns the callable raises it again
            self.error = self.error or error
            return [text("done")]


class _Serving:
    """A thread that serves one model."""

    def __init__(self, model: ScriptedModel, listener: socket.socket) -> None:
        self._server = _Server(model, listener)
        # The poll is how long the end of a run waits for this thread.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, model: ScriptedModel, listener: socket.socket) -> None:
        super().__init__(("127.0.0.1", 0), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.model = model

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that is killed in mid-answer is part of a time-out."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_HEAD(self) -> None:
        self._send(200, "application/json", b"")

    def do_GET(self) -> None:
        self._send(404, "application/json", b"{}")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        match urlsplit(self.path).path:
            case "/v1/messages" if body.get("stream"):
                message = self.server.model.answer(body)
                events = (
                    f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
                    for event in _stream(message)
                )
                self._send(200, "text/event-stream", "".join(events).encode())
            case "/v1/messages":
                message = self.server.model.answer(body)
                self._send(200, "application/json", json.dumps(message).encode())
            case "/v1/messages/count_tokens":
                self._send(200, "application/json", b'{"input_tokens": 10}')
            case _:
                self._send(404, "application/json", b"{}")

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: requests are recorded, not logged."""


def _stream(message: Json) -> Iterator[Json]:
    """Break a message into the events of a streamed answer."""
    opening = {**message, "content": [], "stop_reason": None}
    yield {"type": "message_start", "message": opening}
    for index, block in enumerate(message["content"]):
        start: Json
        delta: Json
        if block["type"] == "tool_use":
            start = {**block, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        else:
            start = {**block, "text": ""}
            delta = {"type": "text_delta", "text": block["text"]}
        yield {"type": "content_block_start", "index": index, "content_block": start}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    ending = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": ending, "usage": message["usage"]}
    yield {"type": "message_stop"}
