"""What stands in for a container engine: `docker`, `podman` and `docker-compose` as programs.

It writes down how it was called, and answers as `ENGINE` says: `none` (no engine behind the
program), `pass`, `fail`, `silent` (status 0 of `up`, although the tests were stopped), `stuck`,
`unknown` (it doesn't list containers), `podman` (it lists them in podman's form), `old`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> int:
    words = [Path(sys.argv[0]).name, *sys.argv[1:]]
    with Path(os.environ["ENGINE_CALLS"]).open("a", encoding="utf-8") as calls:
        calls.write(json.dumps(words) + "\n")
    kind = os.environ.get("ENGINE", "none")
    if kind == "none":
        sys.stderr.write("Cannot connect to the daemon\n")
        return 1
    if "version" in words:
        old = "podman-compose version: 1.0.6"
        say(old if kind == "old" else "Docker Compose version v2.29.1")
    if "up" in words:
        if kind == "stuck":
            time.sleep(60)
        say("tests-1 exited")
        return 3 if kind == "fail" else 0
    if "ps" in words and kind in ("unknown", "podman"):
        if kind == "unknown" or "--all" in words:
            sys.stderr.write("unrecognized arguments\n")
            return 2
        labels = {"com.docker.compose.service": "tests"}
        say("WARN[0000] a line that belongs to nothing")
        say(json.dumps([{"State": "exited", "ExitCode": 7, "Labels": labels}], indent=2))
    elif "ps" in words:
        code = {"pass": 0, "fail": 3, "silent": 137}.get(kind, 0)
        ended = {"Service": "tests", "State": "exited", "ExitCode": code}
        stopped = {"Service": "api", "State": "exited", "ExitCode": 137}
        say(json.dumps([ended, stopped]) if "OLD" in os.environ else json.dumps(ended))
        say(json.dumps(stopped))
    if "down" in words and os.environ.get("ENGINE_DOWN") == "fail":
        say("network has active endpoints")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
