"""A small project with a PRP, in a real git repository, and `prp` as a process in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.evidence.conftest import git

PRP = "PRPs/labels.md"
TEXT = """\
---
template: prp_base
name: Labels
---

## Goal
Each parcel has a label.

## What

### Success Criteria
- [ ] A label has 12 digits: `test_twelve` in `tests/test_labels.py`
- [ ] At most 2 s a label: `python check.py`

## Validation Loop

### Level 1: Component Validation
```bash
python check.py
pytest tests -q
```

### Level 2: Integration Validation
```bash
grep -q digits src/labels.py
```

## Final Validation Checklist
- [ ] Tests pass: `pytest tests -q`
- [ ] The README says what a label is
"""
# Documents of tests have only the sections that matter there.
SETTINGS = """\
[check]
ignore = ["PRP101", "PRP104"]
"""
FILES = {
    PRP: TEXT,
    "PRPs/prp.toml": SETTINGS,
    "src/labels.py": 'def label() -> str:\n    """Return twelve digits."""\n    return "0" * 12\n',
    "tests/test_labels.py": (
        "import sys\n\nsys.path.insert(0, 'src')\n\nfrom labels import label\n\n\n"
        "def test_twelve():\n    assert len(label()) == 12\n"
    ),
    "check.py": "print('checked')\n",
    ".gitignore": "*.log\n__pycache__/\n",
}


@dataclass(frozen=True)
class Project:
    root: Path

    def put(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def text(self, path: str = PRP) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def replace(self, old: str, new: str, path: str = PRP) -> None:
        text = self.text(path)
        assert old in text
        self.put(path, text.replace(old, new))

    def prp(
        self, *arguments: str, status: int | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `prp`; with `status` its exit status is asserted, and its words shown if it isn't."""
        run = subprocess.run(
            [sys.executable, "-m", "prp_pack", *arguments],
            cwd=self.root,
            env=environment(**variables),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert "Traceback (most" not in run.stderr, run.stderr
        if status is not None:
            assert run.returncode == status, run.stdout + run.stderr
        return run

    def status(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.prp("gate", "status", PRP, "--json").stdout)
        return loaded

    def states(self) -> dict[str, str]:
        return {item["id"]: item["state"] for item in self.status()["items"]}

    def records(self) -> list[dict[str, Any]]:
        paths = sorted(self.root.glob("PRPs/evidence/**/*.json"))
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    def commit(self, message: str = "Change") -> None:
        git(self.root, "add", "-A")
        git(self.root, "commit", "-qm", message)


def environment(**variables: str) -> dict[str, str]:
    python = Path(sys.executable).parent
    path = os.pathsep.join((str(python), os.environ.get("PATH", os.defpath)))
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    return {**kept, "PATH": path, "NO_COLOR": "1", **variables}


def unmeasured(**variables: str) -> dict[str, str]:
    """Return the environment of a process whose lines aren't counted.

    Counting imports modules of its own, and writes a file at the process's end.
    """
    everything = environment(**variables)
    return {key: value for key, value in everything.items() if not key.startswith("COVERAGE_")}


def begin(root: Path, files: Sequence[tuple[str, str]] = tuple(FILES.items())) -> Project:
    project = Project(root)
    root.mkdir(parents=True, exist_ok=True)
    git(root.parent, "init", "-q", "-b", "main", str(root))
    for path, text in files:
        project.put(path, text)
    project.commit("Begin")
    return project
