from __future__ import annotations

import sys
from typing import Any

import psutil
import pytest

from prp_pack.probes.faults.tables import MODES
from tests.probes.site import ROOT, Site, free_port

SCRIPT = "test_error_scenarios"
SIMULATE = "--simulate-failures"

TABLES = """
[faults]
max_body = 1000
alive = "/health"
shutdown = {{ within = "3s" }}

[[faults.requests]]
name = "no such order"
path = "/orders/7"
status = 404

[[faults.dependencies]]
name = "warehouse"
target = "127.0.0.1:{port}"
env = "WAREHOUSE_URL"
value = "http://{{address}}"
start = ["{python}", "-m", "tests.probes.warehouse", "{port}"]
environment = {{ PYTHONPATH = "{root}" }}
latency = "300ms"
expect = {{ path = "/stock", contains = "shelf", within = "2s", recovery = "2s" }}
"""


def configure(site: Site, tables: str = TABLES) -> int:
    port = free_port()
    site.configure(tables.format(port=port, python=sys.executable, root=ROOT))
    text = (site.root / "PRPs/prp.toml").read_text(encoding="utf-8")
    site.put("PRPs/prp.toml", text.replace("probes.target", "probes.warehouse_shop"))
    return port


@pytest.fixture
def shop(site: Site) -> Site:
    configure(site)
    return site


def flaws(found: dict[str, Any]) -> dict[str, str]:
    return {each["id"]: each["message"] for each in found["checks"] if each["status"] == "fail"}


def test_a_sound_service_passes_and_nothing_is_left(site: Site) -> None:
    port = configure(site)
    found = site.result(SCRIPT, SIMULATE, status=0)
    checks = {each["id"]: each for each in found["checks"]}
    assert {each["status"] for each in found["checks"]} == {"pass"}
    held = {each["metric"]: each["ok"] for each in found["thresholds"]}
    for mode in MODES:
        borne = mode == "latency"
        assert checks[f"warehouse {mode}"]["message"] == f"answered {200 if borne else 503}"
        assert held[f"warehouse {mode} recovery"] is held[f"warehouse {mode} answer"] is True
        assert checks[f"warehouse {mode}, alive"]["status"] == "pass"
    assert "the request under way was answered" in checks["graceful shutdown"]["message"]
    metrics = {each["name"]: each for each in found["metrics"]}
    assert metrics["warehouse latency answer"]["value"] >= 0.3
    assert metrics["warehouse black_hole answer"]["unit"] == "s"
    assert not [p for p in psutil.process_iter() if _names(p) & {str(port), str(site.port)}]


def _names(process: psutil.Process) -> set[str]:
    try:
        return set(process.cmdline())
    except psutil.Error:
        return set()


@pytest.mark.parametrize(
    ("knob", "mode", "check", "said"),
    [
        ("no_timeout", "black_hole", "warehouse black_hole", "no answer within 2 s"),
        ("no_timeout", "slow", "warehouse slow", "no answer within 2 s"),
        ("no_recovery", "cut", "warehouse cut recovery", "not well within 2 s after the fault"),
        ("unhandled", "refuse", "warehouse refuse", "the trace of an exception"),
        ("unhandled", "garbage", "warehouse garbage", "the trace of an exception"),
        ("unhandled", "dead", "warehouse dead", "the trace of an exception"),
        ("blocks,no_timeout", "black_hole", "warehouse black_hole, alive", "no answer within"),
        ("dies", "reset", "service", "service ended with status 3"),
        ("kept_answer", "reset", "warehouse reset", "not 502 or 503 or 504"),
        ("abrupt", "latency", "graceful shutdown", "the request under way, GET /stock"),
        ("deaf", "latency", "graceful shutdown", "still there 3 s after the signal TERM"),
    ],
)
def test_a_defect_is_found_in_a_fault(
    shop: Site, knob: str, mode: str, check: str, said: str
) -> None:
    found = flaws(shop.result(SCRIPT, SIMULATE, f"--mode={mode}", status=1, knobs=knob))
    assert said in found[check], found


def test_what_comes_after_a_fault_that_was_not_recovered_from_is_not_tried(site: Site) -> None:
    configure(site, TABLES.replace("latency =", 'modes = ["cut", "reset", "slow"]\nlatency ='))
    found = site.result(SCRIPT, SIMULATE, status=1, knobs="no_recovery")
    checks = {each["id"]: each for each in found["checks"]}
    assert "isn't well since cut: reset, slow" in checks["warehouse"]["message"]
    assert "warehouse reset" not in checks


def test_an_answer_that_is_kept_shows_nothing_of_a_fault(site: Site) -> None:
    # With 200 allowed the status can't tell, but the proxy knows that nobody came.
    tables = TABLES.replace('within = "2s", recovery', 'during = [200], within = "2s", recovery')
    configure(site, tables)
    found = flaws(site.result(SCRIPT, SIMULATE, "--mode=garbage", status=1, knobs="kept_answer"))
    assert "wasn't asked" in found["warehouse garbage"]


@pytest.mark.parametrize(
    ("knob", "check", "said"),
    [
        ("no_404", "unknown path", "answered 500"),
        ("broken_json", "broken JSON: POST /orders", "answered 201"),
        ("any_length", "too long a body: 1001 bytes", "answered 201, not 413"),
    ],
)
def test_a_wrong_request_that_is_not_refused_is_found(
    shop: Site, knob: str, check: str, said: str
) -> None:
    found = flaws(shop.result(SCRIPT, status=1, knobs=knob))
    assert said in found[check], found


def test_broken_json_is_sent_below_the_path_of_the_contracts_server(site: Site) -> None:
    site.configure()
    text = (site.root / "PRPs/prp.toml").read_text(encoding="utf-8")
    site.put("PRPs/prp.toml", text.replace("probes.target", "probes.handoff_target"))
    assert "broken JSON: POST /v1/letters: answered 422" in site.run(SCRIPT, status=0).stdout
    found = flaws(site.result(SCRIPT, status=1, knobs="broken_json"))
    assert "answered 500" in found["broken JSON: POST /v1/letters"]


def test_what_is_accepted_is_told_with_its_reason(site: Site) -> None:
    why = '"a gateway before it answers"'
    reason = f'accepted = {{{{ "unknown path" = {why}, "no such order" = {why} }}}}\n'
    configure(site, TABLES.replace("max_body", f"{reason}max_body", 1))
    said = site.run(SCRIPT, status=0, knobs="no_404").stdout
    assert "(accepted: a gateway before it answers)" in said


def test_without_the_flag_nothing_is_broken(shop: Site) -> None:
    found = shop.result(SCRIPT, status=0)
    assert [each["id"] for each in found["checks"]] == [
        "unknown path", "unknown method", "broken JSON: POST /orders",
        "too long a body: 1001 bytes", "no such order", "afterwards",
    ]  # fmt: skip
    assert not list((shop.root / ".prp/runs").glob("*/warehouse*"))


def test_a_service_that_does_not_go_through_the_proxy_is_not_tested(site: Site) -> None:
    configure(site, TABLES.replace('env = "WAREHOUSE_URL"', 'env = "ANOTHER"'))
    port = str(free_port())
    done = site.run(SCRIPT, SIMULATE, status=3, WAREHOUSE_URL=f"http://127.0.0.1:{port}")
    assert "isn't sound before any fault" in done.stderr


def test_a_dependency_that_is_not_there_is_not_tested(site: Site) -> None:
    tables = "\n".join(line for line in TABLES.split("\n") if not line.startswith("start"))
    configure(site, tables)
    assert "nothing answers for warehouse" in site.run(SCRIPT, SIMULATE, status=3).stderr


def test_a_service_that_is_down_is_not_tested(shop: Site) -> None:
    assert "nothing answers at" in shop.run(SCRIPT, "--no-start", status=3).stderr


def test_a_slow_request_of_its_own_is_under_way_at_the_end(site: Site) -> None:
    tables = '[faults]\ndependencies = []\nshutdown = {{ request = {{ path = "{path}" }} }}\n'
    configure(site, tables.replace("{path}", "/slow"))
    checks = site.result(SCRIPT, SIMULATE, status=0)["checks"]
    assert "was answered" in {each["id"]: each for each in checks}["graceful shutdown"]["message"]
    configure(site, tables.replace("{path}", "/health"))
    found = flaws(site.result(SCRIPT, SIMULATE, status=1))
    assert "too soon" in found["graceful shutdown"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("127.0.0.1:{port}", "database.invalid:5432", "not among the allowed hosts"),
        ('target = "127.0.0.1:{port}"', 'target = "somewhere"', "is not an address"),
        ('env = "WAREHOUSE_URL"\n', "", "can't be led to the proxy"),
        ('within = "2s", recovery', "modes = {{ slwo = {{}} }}, recovery", "“slwo” is none of"),
        ("[[faults.dependencies]]", "[[faults.dependancies]]", "did you mean “dependencies”"),
        ("[[faults.requests]]", "[faults.nothing]", "unknown key"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_with_its_place(
    site: Site, old: str, new: str, said: str
) -> None:
    configure(site, TABLES.replace(old, new, 1))
    done = site.run(SCRIPT, SIMULATE, status=2)
    assert said in done.stderr
    assert "PRPs/prp.toml" in done.stderr


def test_that_nothing_is_needed_must_be_said(site: Site) -> None:
    configure(site, "")
    assert "dependencies = []" in site.run(SCRIPT, SIMULATE, status=2).stderr


def test_a_placeholder_is_named(shop: Site) -> None:
    assert "placeholder" in shop.run(SCRIPT, SIMULATE, "--mode=[mode]", status=2).stderr


def test_a_dry_run_says_what_would_be_broken(shop: Site) -> None:
    assert "black_hole, latency" in shop.run(SCRIPT, SIMULATE, "--dry-run", status=0).stdout
    assert "nothing is broken" in shop.run(SCRIPT, "--dry-run", status=0).stdout
