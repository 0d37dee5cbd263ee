from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.docs.blocks import holds
from tests.evidence.conftest import git
from tests.probes.site import ROOT, SAFETY, Site, environment, free_port
from tests.report.page.reading import Reading

SCRIPT = "load_test"
FLAGS = ("--target-rps=40", "--duration=6s")
# Far above what the target takes on a machine with neighbours, and below what a stall takes.
MIX = """\
[load]
p95 = "900ms"

[[load.requests]]
name = "query"
path = "/busy"
contains = "said"
weight = 3

[[load.requests]]
name = "home"
path = "/items"
"""
# For so few requests that they decide no percentile.
SMALL = MIX.replace('p95 = "900ms"\n', "")


@pytest.fixture
def site(site: Site) -> Site:
    site.configure(MIX)
    return site


def named(found: dict[str, Any], name: str) -> dict[str, Any]:
    metric: dict[str, Any]
    (metric,) = [each for each in found["metrics"] if each["name"] == name]
    return metric


def held(found: dict[str, Any], name: str) -> bool | None:
    (threshold,) = [each for each in found["thresholds"] if each["metric"] == name]
    ok: bool | None = threshold["ok"]
    return ok


def left_running(root: Path) -> list[str]:
    """Return the commands that the runs of a site started and that still run."""
    runs = [each.name for each in root.glob(".prp/runs/load_test-*")]
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        marks = (process.info["environ"] or {}).get("PRP_GATE_RUN", "")
        if any(run in marks for run in runs):
            found.append(" ".join(process.info["cmdline"] or ()))
    return found


def test_a_service_that_keeps_up_passes_and_nothing_is_left(site: Site) -> None:
    found = site.result(SCRIPT, *FLAGS, status=0)
    assert named(found, "error rate under load")["value"] == 0
    assert named(found, "p95 under load")["n"] == 240
    assert named(found, "rate under load")["value"] > 39
    assert found["tools"]["locust"]
    # The mix is 3 to 1, drawn by chance from the seed.
    assert 140 < named(found, "query p95 under load")["n"] < 220
    report, samples = found["artefacts"]
    page = (site.root / report["path"]).read_text(encoding="utf-8")
    assert "<html" in page
    assert "home" in page
    content = (site.root / samples["path"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == samples["sha256"]
    course = json.loads(content)["tally"]["course"]
    moments = [each for title in course["times"].values() for each in title.values()]
    assert sum(n for seen in moments for n in seen.values()) == 240
    assert sum(course["ended"].values()) == 240
    assert left_running(site.root) == []
    shown = "prp run load_test --target-rps=40 --duration=10s --no-evidence"
    holds("docs/scripts/load_test.md", shown, {**found, "record": ""})


def test_arrivals_go_on_while_the_service_stands_still(site: Site) -> None:
    found = site.result(SCRIPT, *FLAGS, "--html=.prp/load.html", status=1, knobs="stall")
    # A third of all came within two seconds in which nobody was answered.
    assert named(found, "p95 under load")["value"] > 1000
    assert held(found, "p95 under load") is False
    assert found["page"] == ".prp/load.html"
    read = Reading((site.root / ".prp/load.html").read_text(encoding="utf-8"))
    assert "FAILED" in read.said("verdict")
    assert found["record"] in read.said("asked")
    assert "prp run load_test --target-rps=40 --duration=6s" in read.said("asked")
    assert f"Target http://127.0.0.1:{site.port}" in read.said("asked")
    commit = git(site.root, "rev-parse", "HEAD").strip()
    assert f"Commit {commit[:12]}" in read.said("asked")
    assert "% idle" in read.said("asked")
    assert "p95 under load" in read.said("numbers")
    # The table has a row a second; who came first in the stall waited longest.
    most = [float(row.split()[-1]) for row in rows(read, "picture-1")]
    worst = most.index(max(most))
    assert max(most) > 1500
    assert most[worst] > most[worst + 1]


def rows(read: Reading, section: str) -> list[str]:
    """Return the rows of a table over time, without the second that each begins with."""
    said = f"{read.said(section).partition('Most, ms')[2]} "
    return re.findall(r"\d+ s ((?:[\d.]+ ){5})", said)


def test_a_stall_shows_with_few_users_too(site: Site) -> None:
    found = site.result(SCRIPT, *FLAGS, "--users=4", status=1, knobs="stall")
    assert named(found, "p95 under load")["value"] > 1000


def test_a_service_that_cannot_keep_up_fails(site: Site) -> None:
    found = site.result(SCRIPT, *FLAGS, "--timeout=3s", status=1, knobs="narrow")
    assert held(found, "rate under load") is False
    assert named(found, "rate under load")["value"] < 30


def test_errors_fail_and_are_told(site: Site) -> None:
    found = site.result(SCRIPT, *FLAGS, status=1, knobs="failing")
    assert held(found, "error rate under load") is False
    assert 4 < named(found, "error rate under load")["value"] < 12
    said = [each["message"] for each in found["checks"] if each["status"] == "fail"]
    assert any("answered 500" in each for each in said)


def test_errors_within_the_limit_are_a_warning(site: Site) -> None:
    site.configure(MIX.replace("[load]\n", '[load]\nmax_error_rate = "20%"\n', 1))
    found = site.result(SCRIPT, *FLAGS, status=0, knobs="failing")
    assert any("answered 500" in each["message"] for each in found["checks"])


def test_a_service_that_falls_under_load_fails(site: Site) -> None:
    found = site.result(SCRIPT, *FLAGS, "--timeout=2s", status=1, knobs="falling")
    assert "ended with status 3" in found["checks"][0]["message"]
    assert held(found, "error rate under load") is False


def test_two_workers_share_the_load(site: Site) -> None:
    found = site.result(SCRIPT, "--target-rps=30", "--duration=4s", "--workers=2", status=0)
    assert named(found, "p95 under load")["n"] == 120
    (log,) = site.root.glob(".prp/runs/load_test-*/worker1.log")
    assert log.is_file()
    assert left_running(site.root) == []


def test_a_worker_of_another_machine_sends_for_the_master(running: Site) -> None:
    running.configure(SMALL)
    address = f"127.0.0.1:{free_port()}"
    flags = ["--target-rps=20", "--duration=3s", "--no-start"]
    with subprocess.Popen(
        [sys.executable, "-m", "prp_pack", "run", SCRIPT, *flags, f"--worker-of={address}"],
        cwd=running.root,
        env=environment({}),
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        for _ in range(1200):
            if any("locust" in each for each in left_running(running.root)):
                break
            time.sleep(0.05)
        else:
            pytest.fail("the worker doesn't start, or nobody would see it run")
        found = running.result(SCRIPT, *flags, f"--master={address}", status=0)
        said, _ = worker.communicate(timeout=SAFETY)
    assert named(found, "p95 under load")["n"] == 60
    # What came of it stands with the master, so the worker's own run claims nothing.
    assert worker.returncode == 5
    assert "which has the result" in said
    assert left_running(running.root) == []


def test_a_worker_with_another_plan_spoils_the_test(running: Site) -> None:
    running.configure(SMALL)
    address = f"127.0.0.1:{free_port()}"
    with subprocess.Popen(
        [sys.executable, "-m", "prp_pack", "run", SCRIPT, "--target-rps=19", "--duration=3s",
         "--no-start", f"--worker-of={address}"],
        cwd=running.root,
        env=environment({}),
        stdout=subprocess.DEVNULL,
    ) as worker:  # fmt: skip
        flags = ["--target-rps=20", "--duration=3s", "--no-start", f"--master={address}"]
        assert "another plan" in running.run(SCRIPT, *flags, status=3).stderr
        worker.communicate(timeout=SAFETY)


def test_a_generator_that_cannot_send_as_fast_decides_nothing(site: Site) -> None:
    site.put(
        "PRPs/prp.toml",
        f'[service]\nbase_url = "{site.base_url}"\n'
        f'start = ["{sys.executable}", "{ROOT}/tests/probes/quick_server.py", "{site.port}"]\n'
        "[load]\nmax_rps = 20000\n[[load.requests]]\npath = '/'\n",
    )
    found = site.result(SCRIPT, "--target-rps=20000", "--duration=3s", "--users=200", status=4)
    assert held(found, "rate under load") is None
    assert any("--workers" in each["message"] for each in found["checks"])


def test_a_service_that_is_down_is_not_loaded(site: Site) -> None:
    assert "nothing answers at" in site.run(SCRIPT, *FLAGS, "--no-start", status=3).stderr


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--target-rps=[expected_throughput]",), "placeholder"),
        (("--target-rps=0",), "not more than 0"),
        (("--target-rps=5000",), "max_rps"),
        (("--target-rps=5", "--duration=2h"), "max_duration"),
        (("--target-rps=5", "--base-url=http://example.org"), "allowed hosts"),
        (("--target-rps=5", "--master=nowhere"), "no address"),
        (("--duration=5s",), "target-rps"),
    ],
)
def test_what_must_not_be_sent_is_refused(site: Site, flags: tuple[str, ...], said: str) -> None:
    done = site.run(SCRIPT, *flags, status=2)
    assert said.replace("no address", "is not an address") in done.stderr


def test_without_a_mix_the_critical_paths_are_sent(site: Site) -> None:
    site.configure("[[performance.critical_paths]]\npath = '/items'\ntarget = '5ms'\n")
    assert "1 × GET /items" in site.run(SCRIPT, *FLAGS, "--dry-run", status=0).stdout
    site.configure()
    assert "nothing says what to send" in site.run(SCRIPT, *FLAGS, status=2).stderr


def test_settings_of_locust_around_the_project_do_not_reach_it(site: Site) -> None:
    site.configure(SMALL)
    site.put("locust.conf", "users = 1\nrun-time = 1s\n")
    done = site.run(
        SCRIPT, "--target-rps=20", "--duration=3s", "--json", status=0, LOCUST_RUN_TIME="1s"
    )
    assert named(json.loads(done.stdout), "p95 under load")["n"] == 60
