"""Jobs to run, and the proof that nothing of them is left."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from prp_pack.gate.descendants import MARK
from prp_pack.gate.process import SHELL, Job
from tests.gate.projects import Project, begin

# Long enough for any machine; no test waits for it unless it fails.
SAFETY = 120.0

JobMaker = Callable[..., Job]


def running(marker: str) -> list[psutil.Process]:
    """Return what carries the marker and isn't dead."""
    found = []
    for process in psutil.process_iter():
        try:
            if marker in process.environ().get(MARK, "").split():
                found.append(process)
        except psutil.Error:
            continue
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def job(tmp_path: Path) -> Iterator[JobMaker]:
    """Return a maker of jobs from a shell's text or from words."""
    markers = []

    def make(command: str | tuple[str, ...], **changes: object) -> Job:
        markers.append(uuid.uuid4().hex)
        argv = (*SHELL, command) if isinstance(command, str) else command
        values: dict[str, object] = {
            "folder": tmp_path, "environment": dict(os.environ), "timeout": SAFETY,
            "log": tmp_path / "logs" / "gate.log", "marker": markers[-1], "grace": SAFETY,
        }  # fmt: skip
        return Job(argv, **{**values, **changes})  # type: ignore[arg-type]

    yield make
    assert [one for marker in markers for one in running(marker)] == []


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return begin(tmp_path / "project")


@pytest.fixture
def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
