# This file lies in projects whose linters have rules of their own, and none of them is about it.
# ruff: noqa
# flake8: noqa
# pylint: skip-file
"""Find the installed `prp` and let it run a validation script; standard library only.

It is looked for in this Python, under PRP_COMMAND, in the project's .venv, and on PATH.
"""

import os
import subprocess
import sys
from importlib.util import find_spec


def run(name: str) -> int:
    """Run a script with this process's arguments; returns its exit status, 3 without `prp`."""
    command = _prp()
    if command is None:
        print("prp: " + name + " needs prp-pack, which is not installed", file=sys.stderr)
        print("    help: pip install prp-pack", file=sys.stderr)
        return 3
    words = [*command, "run", name, *sys.argv[1:]]
    if os.name == "nt":
        return subprocess.call(words)
    sys.stdout.flush()
    os.execvp(words[0], words)


def _prp() -> "list[str] | None":
    if named := os.environ.get("PRP_COMMAND"):
        return named.split()
    if find_spec("prp_pack") is not None:
        return [sys.executable, "-m", "prp_pack"]
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    folders = [os.path.join(root, ".venv", "bin"), os.path.join(root, ".venv", "Scripts")]
    for folder in [*folders, *os.environ.get("PATH", "").split(os.pathsep)]:
        for program in ("prp", "prp.exe"):
            found = os.path.join(folder, program)
            if folder and os.path.isfile(found) and os.access(found, os.X_OK):
                return [found]
    return None
