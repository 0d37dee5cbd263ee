"""What holds for all tests."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no failure, so no example has a deadline, and none is too slow to be made.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


# Whoever starts the tests in the background has Ctrl-C ignored, and every process inherits that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# Where a module's own tests are mostly processes, and their lines are counted. Counting makes each
# take twice as long, so it is done nowhere else.
_COUNTED = Path(__file__).parent / "gate"


@pytest.fixture(autouse=True, scope="session")
def _curl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have a curl on the PATH where none is installed: the example's PRPs name it.

    A check only looks whether it is there. What calls it is skipped without a real one.
    """
    if shutil.which("curl") or sys.platform == "win32":
        yield
        return
    folder = tmp_path_factory.mktemp("programs")
    (folder / "curl").write_text("#!/bin/sh\necho 'curl is not installed' >&2\nexit 127\n")
    (folder / "curl").chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(folder), prepend=os.pathsep)
        yield


@pytest.fixture(autouse=True)
def _uncounted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.path.is_relative_to(_COUNTED):
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture(autouse=True, scope="session")
def _own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the key of the cache out of the home of whoever runs the tests."""
    folder = tmp_path_factory.mktemp("settings")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(folder))
        yield folder
