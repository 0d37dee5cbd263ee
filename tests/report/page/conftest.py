"""The sample project, built once, and the page of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.report.page import sample


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sample project; for tests that change nothing in it."""
    return sample.build(tmp_path_factory.mktemp("sample") / "project")


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    """Return a copy of the sample project."""
    return Path(shutil.copytree(built, tmp_path / "project"))


@pytest.fixture(scope="session")
def html(built: Path) -> str:
    return sample.page(built)
