from __future__ import annotations

import json

import pytest

from tests.docs.blocks import holds
from tests.probes.site import Site

SCRIPT = "response_time_test"


@pytest.fixture
def paths(site: Site) -> Site:
    site.configure(
        '[performance]\nrequests = 40\n\n[[performance.critical_paths]]\npath = "/items"\n'
        'target = "40ms"\npercentile = "p50"\ncontains = "lamp"\n'
    )
    return site


def test_a_quick_service_passes_and_leaves_a_record(paths: Site) -> None:
    found = paths.result(SCRIPT, "--critical-paths", status=0)
    (metric,) = found["metrics"]
    assert metric["name"] == "GET /items p50"
    assert metric["n"] >= 40
    assert metric["ci95"][0] <= metric["value"] <= metric["ci95"][1]
    record = json.loads((paths.root / found["record"]).read_text(encoding="utf-8"))
    assert (record["verdict"], record["script"]) == ("pass", SCRIPT)
    assert record["metrics"] == found["metrics"]
    assert record["machine"]["processors"] >= 1
    for page in ("docs/scripts.md", "docs/scripts/response_time_test.md"):
        holds(page, "prp run response_time_test --target=40ms --critical-paths", found)


def test_a_slow_path_fails(paths: Site) -> None:
    found = paths.result(SCRIPT, status=1, knobs="slow_path")
    (threshold,) = found["thresholds"]
    assert threshold["ok"] is False
    assert found["metrics"][0]["value"] > 40


def test_a_quick_error_is_no_pass(paths: Site) -> None:
    found = paths.result(SCRIPT, status=1, knobs="fast_error")
    assert "answered 500" in found["checks"][0]["message"]
    assert found["metrics"] == []


def test_an_answer_without_what_it_should_contain_fails(paths: Site) -> None:
    text = (paths.root / "PRPs/prp.toml").read_text(encoding="utf-8")
    paths.put("PRPs/prp.toml", text.replace("lamp", "unicorn"))
    assert "without “unicorn”" in paths.run(SCRIPT, status=1).stdout


def test_a_limit_among_the_measured_times_decides_nothing(paths: Site) -> None:
    first = paths.result(SCRIPT, status=0)["metrics"][0]
    # Answers are quick and slow in turn, so that the median may be either.
    found = paths.result(SCRIPT, status=4, knobs="alternating")
    assert found["verdict"] == "inconclusive"
    assert found["thresholds"][0]["ok"] is None
    assert found["metrics"][0]["n"] > first["n"]


def test_a_service_that_is_down_can_not_be_measured(paths: Site) -> None:
    done = paths.run(SCRIPT, "--no-start", status=3)
    assert "nothing answers at" in done.stderr


def test_the_lower_of_two_limits_counts(paths: Site) -> None:
    said = paths.run(SCRIPT, "--target=10ms", "--dry-run", status=0).stdout
    assert "≤ 10 ms" in said
    said = paths.run(SCRIPT, "--target=900ms", "--dry-run", status=0).stdout
    assert "≤ 40 ms" in said


@pytest.mark.parametrize("value", ["[<Xms]", "<target>", "[N]"])
def test_a_placeholder_is_named(site: Site, value: str) -> None:
    assert "placeholder" in site.run(SCRIPT, "--path=/items", f"--target={value}", status=2).stderr


def test_without_a_path_or_a_limit_nothing_is_measured(site: Site) -> None:
    assert "no critical path" in site.run(SCRIPT, status=2).stderr
    assert "has no limit" in site.run(SCRIPT, "--path=/items", status=2).stderr


def test_what_was_prepared_is_there(paths: Site) -> None:
    text = (paths.root / "PRPs/prp.toml").read_text(encoding="utf-8")
    more = '\n[[performance.prepare]]\nmethod = "POST"\npath = "/items"\nstatus = 201\n'
    paths.put("PRPs/prp.toml", text + more + 'body = { name = "chair", price = 4 }\n')
    paths.run(SCRIPT, status=0)
    paths.put("PRPs/prp.toml", text + more + 'body = { name = "", price = 4 }\n')
    assert "preparing POST /items: answered 422" in paths.run(SCRIPT, status=3).stderr
