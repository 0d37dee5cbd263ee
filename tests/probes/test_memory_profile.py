from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from prp_pack.probes.memory import allocations
from prp_pack.probes.probe import CannotRunError
from tests.docs.blocks import holds
from tests.probes.site import ROOT, Site
from tests.probes.target import LEAK
from tests.report.page.reading import Reading

SCRIPT = "memory_profile"
FLAGS = ("--max-growth=20%", "--duration=6s", "--rate=100")
REQUESTS = "[[memory.requests]]\npath = '/busy'\ncontains = 'said'\n"


@pytest.fixture
def site(site: Site) -> Site:
    site.configure(REQUESTS)
    return site


def named(found: dict[str, Any], name: str) -> dict[str, Any]:
    metric: dict[str, Any]
    (metric,) = [each for each in found["metrics"] if each["name"] == name]
    return metric


def test_a_service_that_keeps_nothing_passes(site: Site) -> None:
    found = site.result(SCRIPT, *FLAGS, status=0)
    assert abs(named(found, "memory kept per request")["value"]) < LEAK / 20
    assert named(found, "memory after warm-up")["value"] > 5


def test_a_leak_is_measured(site: Site) -> None:
    found = site.result(SCRIPT, *FLAGS, "--html=.prp/leak.html", status=1, knobs="leak")
    kept = named(found, "memory kept per request")
    assert kept["value"] == pytest.approx(LEAK, rel=0.1)
    assert kept["ci95"][0] <= kept["value"] <= kept["ci95"][1]
    assert kept["n"] > 250
    assert found["thresholds"][0]["ok"] is False
    read = Reading((site.root / ".prp/leak.html").read_text(encoding="utf-8"))
    assert f"The slope is {kept['value']:.1f} B a request" in read.said("picture-1")
    samples = json.loads((site.root / found["artefacts"][0]["path"]).read_text(encoding="utf-8"))
    assert all(requests < 150 for requests, _ in samples["warming"])
    assert len(samples["warming"]) == 30
    assert [samples["samples"][0][0], len(samples["samples"])] == [150, 91]


def test_a_leak_below_the_limit_passes_with_a_warning(site: Site) -> None:
    found = site.result(SCRIPT, "--max-growth=90%", *FLAGS[1:], status=0, knobs="leak")
    assert any("grows steadily" in each["message"] for each in found["checks"])


def test_one_step_is_no_growth_and_no_proof_of_none(site: Site) -> None:
    found = site.result(SCRIPT, *FLAGS, status=4, knobs="step")
    assert any("not steadily" in each["message"] for each in found["checks"])


def test_quick_errors_are_no_pass(site: Site) -> None:
    found = site.result(SCRIPT, *FLAGS, status=1, knobs="failing")
    assert "answered 500" in found["checks"][0]["message"]
    assert found["metrics"] == []


@pytest.mark.skipif(sys.platform == "win32", reason="memray isn't made for Windows")
def test_deep_names_the_line_that_keeps_memory(site: Site) -> None:
    found = site.result(SCRIPT, *FLAGS, "--deep", status=1, knobs="leak")
    place = next(each for each in found["checks"] if each["id"] == "kept 1")
    file, line = place["where"].rsplit(":", 1)
    text = (ROOT / "tests/probes/target.py").read_text(encoding="utf-8").splitlines()
    assert file.endswith("target.py")
    assert "LEAK" in text[int(line) - 1]
    assert named(found, "allocations kept per request")["value"] == pytest.approx(LEAK, rel=0.1)
    assert found["artefacts"][1]["path"].endswith("memray.bin")
    shown = "prp run memory_profile --max-growth=10% --duration=20s --deep"
    holds("docs/scripts/memory_profile.md", shown, found)


def test_a_process_that_serves_already_is_watched_by_its_number(running: Site) -> None:
    running.configure(REQUESTS)
    done = running.run(SCRIPT, *FLAGS, "--no-start", status=3)
    assert "isn't known which processes" in done.stderr
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        done = running.run(SCRIPT, *FLAGS, f"--pid={other.pid}", status=3)
        other.kill()
    assert "does not belong" in done.stderr
    (pid,) = children_of(os.getpid(), str(running.port))
    running.run(SCRIPT, *FLAGS, f"--pid={pid}", status=0)


def children_of(pid: int, word: str) -> list[int]:
    return [each.pid for each in psutil.Process(pid).children() if word in each.cmdline()]


def test_a_service_that_is_down_is_not_watched(site: Site) -> None:
    assert "nothing answers at" in site.run(SCRIPT, *FLAGS, "--no-start", status=3).stderr


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--max-growth=[acceptable_%_increase]",), "placeholder"),
        ((), "by how much"),
        (("--max-growth=10%", "--duration=200ms"), "show nothing"),
    ],
)
def test_what_shows_nothing_is_refused(site: Site, flags: tuple[str, ...], said: str) -> None:
    assert said in site.run(SCRIPT, *flags, status=2).stderr


def test_without_requests_nothing_is_watched(site: Site) -> None:
    site.configure()
    assert "nothing says what to send" in site.run(SCRIPT, *FLAGS, status=2).stderr


def test_python_programs_run_under_memray(tmp_path: Path) -> None:
    script = tmp_path / "serve"
    script.write_text("#!/usr/bin/python3 -s\n", encoding="utf-8")
    script.chmod(0o755)
    output = tmp_path / "out.bin"
    memray = ("-m", "memray", "run", "--quiet", "--force", "--trace-python-allocators",
              "--output", str(output))  # fmt: skip

    def under(*argv: str) -> tuple[str, ...]:
        return allocations.under_memray(argv, output, str(tmp_path))

    assert under("python3", "-X", "dev", "-u", "-m", "app", "-v") == (
        "python3", "-X", "dev", "-u", *memray, "-m", "app", "-v",
    )  # fmt: skip
    assert under("serve", "--port", "1") == (
        "/usr/bin/python3", "-s", *memray, str(script), "--port", "1",
    )  # fmt: skip
    with pytest.raises(CannotRunError, match="isn't started by it"):
        under("node", "server.js")
