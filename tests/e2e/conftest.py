"""What every end-to-end test needs: the real client, and a repository to work in."""

import os
import subprocess
from pathlib import Path

import pytest

from .client import CannotRunError, make_ready


@pytest.fixture(scope="session", autouse=True)
def _client() -> None:
    """Install the client, or skip with the reason; with PRP_E2E_REQUIRED set, fail instead."""
    try:
        make_ready()
    except CannotRunError as error:
        if os.environ.get("PRP_E2E_REQUIRED"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a git repository whose only commit is empty."""
    directory = tmp_path / "project"
    for command in (
        ["init", "--quiet", "--initial-branch=main", str(directory)],
        ["-C", str(directory), "config", "user.name", "Somebody"],
        ["-C", str(directory), "config", "user.email", "somebody@example.invalid"],
        ["-C", str(directory), "commit", "--quiet", "--allow-empty", "--message=Begin"],
    ):
        subprocess.run(["git", *command], check=True)
    return directory
