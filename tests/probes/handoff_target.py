"""A small service over the standard library that publishes its contract; for what a phase hands on.

Started as `python -m tests.probes.handoff_target PORT`; `TARGET_KNOBS` switches defects on.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

KNOBS = frozenset(filter(None, os.environ.get("TARGET_KNOBS", "").split(",")))
Json = Any

_turn = count()
_letters: dict[str, Json] = {}

LETTER = {
    "type": "object",
    "description": "A letter on its way.",
    "required": ["weight", "code", "id", "posted_at"],
    "properties": {
        "id": {"type": "string", "format": "uuid", "example": str(uuid.UUID(int=7))},
        "code": {"type": "string", "minLength": 3, "example": "L-1"},
        "weight": {"type": "integer", "minimum": 1, "description": "grams", "example": 20},
        "to": {"type": ["string", "null"], "example": "Ada | Bob"},
        "posted_at": {"type": "string", "format": "date-time", "example": "2026-01-02T03:04:05Z"},
    },
}
NEW = {
    "type": "object",
    "required": ["code", "weight"],
    "properties": {key: LETTER["properties"][key] for key in ("code", "weight", "to")},  # type: ignore[index]
}
PROBLEM = {"type": "object", "required": ["detail"],
           "properties": {"detail": {"type": "string", "example": "no such letter"}}}  # fmt: skip


def _answer(description: str, name: str) -> Json:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


_LIST = {"type": "array", "items": {"$ref": "#/components/schemas/Letter"}}
_CODE = {"name": "code", "in": "path", "required": True, "description": "what stands on it",
         "schema": {"type": "string"}, "example": "L-1"}  # fmt: skip


def contract(port: int) -> Json:
    found: Json = {
        "openapi": "3.1.0",
        "info": {"title": "Letters", "version": "1.2.0", "description": "Letters.\n\n# Not a title"},
        "servers": [{"url": f"http://127.0.0.1:{port}/v1"}],
        "paths": {
            "/letters": {
                "get": {
                    "summary": "List letters",
                    "parameters": [
                        {"name": "limit", "in": "query",
                         "schema": {"type": "integer", "minimum": 1, "default": 10}},
                    ],
                    "responses": {"200": {"description": "All of them.",
                                          "content": {"application/json": {"schema": _LIST}}}},
                },
                "post": {
                    "summary": "Post a letter",
                    "description": "Keeps it.\n```\nno end of this fence",
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}},
                    },
                    "responses": {"201": _answer("Posted.", "Letter"),
                                  "409": _answer("There is one.", "Problem")},
                },
            },
            "/letters/{code}": {
                "parameters": [_CODE],
                "get": {
                    "summary": "Read one letter",
                    "responses": {"200": _answer("The letter.", "Letter"),
                                  "404": _answer("There is none.", "Problem")},
                },
                "delete": {
                    "summary": "Throw a letter away",
                    "responses": {"204": {"description": "Gone."},
                                  "404": _answer("There is none.", "Problem")},
                },
            },
        },
        "components": {"schemas": {"Letter": LETTER, "New": NEW, "Problem": PROBLEM}},
    }  # fmt: skip
    return _spoilt(found)


def _spoilt(found: Json) -> Json:
    if "undocumented" in KNOBS:
        found["paths"]["/health"] = {"get": {"responses": {"200": {"description": "ok"}}}}
    if "one_letter" in KNOBS:
        found["paths"]["/letters/{code}"]["get"]["responses"]["200"] = {"description": "?"}
        del found["paths"]["/letters/{code}"]["get"]["summary"]
    if "invalid" in KNOBS:
        del found["paths"]["/letters"]["get"]["responses"]["200"]["description"]
        found["paths"]["/letters"]["get"]["parameters"][0]["in"] = "nowhere"
    if "outside" in KNOBS:
        found["components"]["schemas"]["Far"] = {"$ref": "http://127.0.0.1:1/far.json"}
    if "renamed" in KNOBS:
        found["paths"]["/posts"] = found["paths"].pop("/letters")
    if "restless" in KNOBS:
        found["info"]["x-built"] = next(_turn)
    if "shuffled" in KNOBS and next(_turn) % 2:
        LETTER["required"] = LETTER["required"][::-1]  # type: ignore[index]
        found["paths"] = dict(reversed(found["paths"].items()))
    return found


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def answer(self, status: int, value: Json = None, kind: str = "application/json") -> None:
        body = (
            b""
            if value is None
            else value
            if isinstance(value, bytes)
            else json.dumps(value).encode()
        )
        self.send_response(status)
        if value is not None:
            self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/health":
            self.answer(200, {"status": "ok"})
        elif path == "/openapi.json":
            self.publish()
        elif self.is_refused():
            self.answer(401, {"detail": "who are you?"})
        elif path.startswith("/ws/") and self.headers.get("upgrade") == "websocket":
            self.answer(403 if "closed_socket" in KNOBS else 101)
        elif path == "/v1/letters":
            self.answer(500 if "broken_list" in KNOBS else 200, list(_letters.values()))
        elif path.startswith("/v1/letters/"):
            self.one(path.rpartition("/")[2])
        else:
            self.answer(404, {"detail": "no such path"})

    def is_refused(self) -> bool:
        said = self.headers.get("authorization")
        return "guarded" in KNOBS and said != "Bearer s3cret-token"

    def publish(self) -> None:
        if "no_contract" in KNOBS:
            self.answer(404, {"detail": "no such path"})
        elif "not_json" in KNOBS:
            self.answer(200, b"<html>welcome</html>", "text/html")
        else:
            self.answer(200, contract(self.server.server_port))  # type: ignore[attr-defined]

    def one(self, code: str) -> None:
        found = _letters.get(code)
        if found is None or "forgetful" in KNOBS:
            self.answer(404, {"detail": "no such letter"})
        else:
            self.answer(200, {**found, "weight": "20 g"} if "lying" in KNOBS else found)

    def do_POST(self) -> None:
        try:
            new = json.loads(self.rfile.read(int(self.headers["content-length"])))
        except ValueError:
            self.answer(500 if "broken_json" in KNOBS else 422, {"detail": "no JSON"})
            return
        if self.is_refused():
            self.answer(401, {"detail": "who are you?"})
        elif new["code"] in _letters:
            self.answer(409, {"detail": "there is one"})
        else:
            now = datetime.now(UTC).isoformat()
            _letters[new["code"]] = {"id": str(uuid.uuid4()), "to": None, **new, "posted_at": now}
            self.answer(200 if "other_status" in KNOBS else 201, _letters[new["code"]])

    def do_DELETE(self) -> None:
        found = _letters.pop(self.path.rpartition("/")[2], None)
        self.answer(204 if found else 404, None if found else {"detail": "no such letter"})


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
