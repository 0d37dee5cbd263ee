"""A service that knows two rates: `python tests/rates.py [PORT]`."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CENTS = {"/rates/standard": 215, "/rates/social": 120}


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        rate = CENTS.get(self.path)
        known = rate is not None or self.path == "/health"
        body = json.dumps({"cents_per_cubic_metre": rate} if known else {}).encode()
        self.send_response(200 if known else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve(port: int) -> ThreadingHTTPServer:
    return ThreadingHTTPServer(("127.0.0.1", port), Answer)


if __name__ == "__main__":
    serve(int(sys.argv[1]) if len(sys.argv) > 1 else 9100).serve_forever()
