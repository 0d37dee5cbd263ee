"""A pack of one file of each kind, and an empty project."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.install.projects import write


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Return the folder of a pack with one file of each kind."""
    files = {
        "commands/generate-prp.md": "# generate\n",
        "commands/notes.txt": "not a command",
        "hooks/prp_hook.py": "print('{}')\n",
        "hooks/hooks.json": "{}",
        "templates/prp_base.md": "# PRP “base”\n",
    }
    for name, text in files.items():
        write(tmp_path / "pack", name, text)
    return tmp_path / "pack"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path / "project"
