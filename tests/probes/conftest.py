from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from prp_pack.probes.http import Client, NoAnswerError
from tests.probes.site import ROOT, Site, begin, environment


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a project whose service is the target; the scripts start it themselves."""
    return begin(tmp_path / "site")


@pytest.fixture
def running(site: Site) -> Iterator[Site]:
    """Return a project whose service runs already, without a defect."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.probes.target", str(site.port)],
        cwd=ROOT,
        env=environment({}),
    ) as process:
        try:
            for _ in range(600):
                try:
                    with Client(site.base_url, 5) as client:
                        client.ask("GET", "/health")
                    break
                except NoAnswerError:
                    assert process.poll() is None
                    time.sleep(0.05)
            yield site
        finally:
            process.terminate()
