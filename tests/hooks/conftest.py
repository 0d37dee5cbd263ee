"""A project in which a command of ours can run: the example, as a git repository."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples/parcel-tracker"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the example's documents in a git repository of their own, without its PRPs."""
    folder = tmp_path / "project"
    shutil.copytree(
        EXAMPLE / "PRPs", folder / "PRPs",
        ignore=lambda _, names: [n for n in names if n.startswith(("phase", "parcel"))],
    )  # fmt: skip
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder
