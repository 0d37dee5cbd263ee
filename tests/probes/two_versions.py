"""A service that two commits of a tiny project have in a quick and in a slow form.

`SLEEP` in the file is what each answer takes, in seconds; a variable of the environment can make
every second launch of the same commit slow, as a noisy machine would.
"""

from __future__ import annotations

SERVICE = """\
import os
import pathlib
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

SLEEP = {sleep}
if os.environ.get("FICKLE"):
    SLEEP = 0.004 if "control" in os.environ["PRP_GATE_RUN"] else 0.001
{more}

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536

    def do_GET(self):
        time.sleep(SLEEP)
        found = self.path in {paths!r}
        body = b"here" if found else b"none"
        self.send_response(200 if found else 404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""

CONFIG = """\
[service]
base_url = "http://127.0.0.1:${{PORT:-8000}}"
start = ["{python}", "service.py"]
ready_timeout = "20s"

[performance]
rounds = 5
requests_per_launch = 10
warm_up = 1
tolerance = "50%"
{performance}

[[performance.critical_paths]]
path = "/items"
{paths}
"""

QUICK, SLOW = 0.002, 0.012


def service(sleep: float = QUICK, *paths: str, more: str = "") -> str:
    """Return the text of the service; `paths` are what it has, beside `/items`."""
    return SERVICE.format(sleep=sleep, paths=("/items", *paths), more=more)
