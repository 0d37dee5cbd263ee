"""A project in a real git repository whose service is the target, and `prp run` as a process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.evidence.conftest import git

ROOT = Path(__file__).parents[2]
# Long enough for any machine; no test waits for it unless it fails.
SAFETY = 300

CONFIG = """\
[service]
base_url = "http://127.0.0.1:{port}"
start = ["{python}", "-m", "tests.probes.target", "{port}"]
ready = "http://127.0.0.1:{port}/health"
environment = {{ PYTHONPATH = "{root}", TARGET_KNOBS = "${{KNOBS:-}}" }}
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@dataclass(frozen=True)
class Site:
    root: Path
    port: int

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def configure(self, more: str = "") -> None:
        """Write the configuration: the target as the service, and more tables."""
        said = CONFIG.format(port=self.port, python=sys.executable, root=ROOT)
        self.put("PRPs/prp.toml", said + more)

    def run(
        self, *words: str, status: int | None = None, knobs: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `prp run …`; with `status` its exit status is asserted, and its words shown."""
        done = subprocess.run(
            [sys.executable, "-m", "prp_pack", "run", *words],
            cwd=self.root,
            env=environment({"KNOBS": knobs, **variables}),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SAFETY,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        if status is not None:
            assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done

    def result(self, *words: str, status: int, knobs: str = "", **variables: str) -> dict[str, Any]:
        """Run a script and return its JSON."""
        done = self.run(*words, "--json", status=status, knobs=knobs, **variables)
        loaded: dict[str, Any] = json.loads(done.stdout)
        return loaded


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment without what a gate around the tests has put there."""
    kept = {key: value for key, value in os.environ.items() if key != "PRP_RESULTS"}
    return {**kept, **more}


def begin(root: Path) -> Site:
    """Return a new site in a git repository."""
    site = Site(root, free_port())
    site.configure()
    git(root.parent, "init", "-q", str(root))
    git(root, "add", "-A")
    git(root, "commit", "-qm", "begin")
    return site
