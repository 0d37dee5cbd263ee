from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from prp_pack.check.engine import Checker
from prp_pack.repository import Repository

EXAMPLE = Path(__file__).parents[2] / "examples/parcel-tracker"


def _git(*arguments: str, folder: Path) -> str:
    command = ("git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments)
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what git knows of the example, as a repository of its own."""
    folder = tmp_path_factory.mktemp("defects") / "parcel-tracker"
    for name in _git("ls-files", "-z", folder=EXAMPLE).split("\0"):
        if name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(EXAMPLE / name, folder / name)
    _git("init", "-q", folder=folder)
    _git("add", "-A", folder=folder)
    _git("commit", "-qm", "The example", folder=folder)
    return folder


@pytest.fixture(scope="session")
def checker(example: Path) -> Checker:
    return Checker(Repository(example))
