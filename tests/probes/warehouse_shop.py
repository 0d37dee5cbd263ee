"""A service that asks the warehouse, with defects that can be switched on: `TARGET_KNOBS=no_timeout`.

Started as `python -m tests.probes.warehouse_shop PORT`; `WAREHOUSE_URL` says where the warehouse is.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import sys
import threading
import time
import traceback
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

KNOBS = frozenset(filter(None, os.environ.get("TARGET_KNOBS", "").split(",")))
WAREHOUSE = urlsplit(os.environ.get("WAREHOUSE_URL", "http://127.0.0.1:9"))
# Seconds for a whole answer of the warehouse.
PATIENCE = 0.5
MAX_BODY = 1000
OPENAPI = b"""{"openapi": "3.1.0", "paths": {"/orders": {"post": {
  "requestBody": {"content": {"application/json": {}}}}}}}"""

_kept: list[http.client.HTTPConnection] = []
_lock = threading.Lock()


def stock() -> bytes:
    """Ask the warehouse, for no longer than there is patience for the whole answer."""
    if "kept_answer" in KNOBS and (known := globals().get("_answer")):
        return bytes(known)
    limit = None if "no_timeout" in KNOBS else PATIENCE
    link = http.client.HTTPConnection(WAREHOUSE.hostname or "", WAREHOUSE.port or 80, timeout=limit)
    if "no_recovery" in KNOBS:
        # One connection for ever: what has broken it once has broken it for good.
        if not _kept:
            link.connect()
            link.auto_open = 0
            _kept.append(link)
        link = _kept[0]
    watch = threading.Timer(PATIENCE, lambda: link.sock and link.sock.shutdown(2))
    if limit and "no_recovery" not in KNOBS:
        watch.start()
    try:
        link.request("GET", "/")
        answer = link.getresponse()
        body = answer.read()
        json.loads(body)
    finally:
        watch.cancel()
        if "no_recovery" not in KNOBS:
            link.close()
    globals()["_answer"] = body
    return body


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/health":
            with _lock:
                self.say(200, b'{"status": "ok"}')
        elif self.path == "/openapi.json":
            self.say(200, OPENAPI)
        elif self.path == "/slow":
            time.sleep(0.8)
            self.say(200, b"{}")
        elif self.path == "/stock":
            with _lock if "blocks" in KNOBS else nullcontext():
                self.tell_stock()
        else:
            self.say(500 if "no_404" in KNOBS else 404, b'{"error": "not found"}')

    def tell_stock(self) -> None:
        try:
            self.say(200, stock())
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            if "dies" in KNOBS:
                os._exit(3)
            if "unhandled" in KNOBS:
                self.say(500, traceback.format_exc().encode())
            else:
                self.say(503, b'{"error": "the warehouse does not answer"}')

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        if length > MAX_BODY and "any_length" not in KNOBS:
            self.close_connection = True
            return self.say(413, b'{"error": "too long"}')
        try:
            json.loads(self.rfile.read(length))
        except ValueError:
            if "broken_json" not in KNOBS:
                return self.say(422, b'{"error": "no JSON"}')
        return self.say(201, b"{}")

    def say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    # Requests that are under way are waited for.
    daemon_threads = False


def main() -> None:
    server = Server(("127.0.0.1", int(sys.argv[1])), Handler)

    def end(*_signal: object) -> None:
        if "abrupt" in KNOBS:
            os._exit(0)
        threading.Thread(target=server.shutdown).start()

    if "deaf" in KNOBS:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, end)
    server.serve_forever(poll_interval=0.02)
    server.server_close()


if __name__ == "__main__":
    main()
