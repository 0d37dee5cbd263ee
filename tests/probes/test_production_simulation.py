from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.probes import settings
from prp_pack.probes.compose.tables import Process, in_order
from prp_pack.repository import UnreadableError
from tests.probes.site import ROOT, Site, free_port

SCRIPT = "production_simulation"

COMPOSE = """\
services:
  db: {image: postgres}
  api: {build: ., depends_on: [db]}
  tests: {build: ., depends_on: [api]}
  debugger: {image: busybox, profiles: [debug]}
"""

TABLES = """
[compose]
left_out = {{ db = "the api keeps its data in memory here" }}
timeout = "60s"

[[compose.processes]]
name = "tests"
command = ["{python}", "-c", "{test}"]
depends_on = ["api"]
test = true

[[compose.processes]]
name = "migration"
service = "api"
command = ["{python}", "-c", "open('migrated', 'w'); {migration}"]
once = true

[[compose.processes]]
name = "api"
command = ["{python}", "-m", "tests.probes.warehouse", "{port}"]
environment = {{ PYTHONPATH = "{root}" }}
ready = "http://127.0.0.1:{port}/"
depends_on = ["migration"]
"""

PASSING = (
    "import pathlib, urllib.request as u; u.urlopen('{url}'); pathlib.Path('migrated').unlink()"
)


@pytest.fixture
def engine(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Return a project with programs that stand in for an engine; they have none by default."""
    folder = site.root.parent / "bin"
    folder.mkdir()
    for name in ("docker", "podman", "docker-compose"):
        text = (ROOT / "tests/probes/engine.py").read_text(encoding="utf-8")
        (folder / name).write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("ENGINE_CALLS", str(site.root.parent / "calls"))
    site.put("docker-compose.test.yml", COMPOSE)
    return site


def configure(
    site: Site, test: str = PASSING, migration: str = "pass", tables: str = TABLES
) -> int:
    port = free_port()
    test = test.replace("{url}", f"http://127.0.0.1:{port}/")
    said = tables.format(
        python=sys.executable, root=ROOT, port=port, test=test, migration=migration
    )
    site.configure(said)
    return port


def calls(site: Site) -> list[list[str]]:
    lines = (site.root.parent / "calls").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def checks(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in found["checks"]}


def test_without_an_engine_processes_run_and_the_result_says_so(engine: Site) -> None:
    port = configure(engine)
    found = engine.result(SCRIPT, status=0)
    told = checks(found)
    assert told["engine"]["status"] == "warn"
    assert "no container was started" in told["engine"]["message"]
    assert "Cannot connect to the daemon" in told["engine"]["message"]
    assert told["engine"]["data"] == {"containers": False}
    assert list(found["tools"]) == ["embedded runner"]
    assert [told[name]["message"] for name in ("migration", "api", "tests")] == [
        "ended with status 0", "started and ready", "ended with status 0",
    ]  # fmt: skip
    assert {Path(each["path"]).name for each in found["artefacts"]} == {
        "tests.log", "migration.log", "api.log",
    }  # fmt: skip
    assert not any("up" in words for words in calls(engine))
    assert not [p for p in psutil.process_iter() if str(port) in _words(p)]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@pytest.mark.parametrize(
    ("test", "migration", "check", "said"),
    [
        ("print('3 failed'); raise SystemExit(1)", "pass", "tests", "status 1; 3 failed"),
        (PASSING, "raise SystemExit(4)", "migration", "status 4"),
        ("import time; time.sleep(60)", "pass", "tests", "not at an end within 1 s"),
    ],
)
def test_a_process_that_fails_fails_the_simulation(
    engine: Site, test: str, migration: str, check: str, said: str
) -> None:
    configure(
        engine, test, migration, TABLES.replace('"60s"', '"1s"' if "sleep" in test else '"60s"')
    )
    found = checks(engine.result(SCRIPT, "--engine=none", status=1))
    assert said in found[check]["message"]
    assert ("tests" in found) is (check != "migration")


def test_the_end_of_a_service_ends_the_test(engine: Site) -> None:
    dying = (
        '["{python}", "-c", "import http.server as h, threading, os; '
        "s = h.HTTPServer(('127.0.0.1', {port}), h.SimpleHTTPRequestHandler); "
        'threading.Timer(1, os._exit, [5]).start(); s.serve_forever()"]'
    )
    tables = TABLES.replace('["{python}", "-m", "tests.probes.warehouse", "{port}"]', dying)
    configure(engine, "import time; time.sleep(60)", tables=tables)
    found = checks(engine.result(SCRIPT, "--engine=none", status=1))
    assert found["tests"]["message"] == "api ended before the test did"


def test_a_service_without_a_process_is_missed(engine: Site) -> None:
    configure(engine, tables=TABLES.replace("left_out =", "# left_out ="))
    found = checks(engine.result(SCRIPT, "--engine=none", status=1))
    assert "no process stands for db:" in found["coverage"]["message"]
    assert "tests" not in found


def test_what_is_left_out_is_told_with_its_reason(engine: Site) -> None:
    configure(engine)
    said = engine.run(SCRIPT, "--engine=none", "--abort-on-container-exit", status=0).stdout
    assert "db is left out: the api keeps its data in memory here" in said


def test_an_engine_runs_the_file_and_takes_down_what_it_put_up(engine: Site) -> None:
    configure(engine)
    words = ("-f", "docker-compose.test.yml", "--abort-on-container-exit")
    found = engine.result(SCRIPT, *words, status=0, ENGINE="pass")
    told = checks(found)
    assert told["engine"]["message"] == "docker compose 2.29.1 ran 3 services"
    assert told["engine"]["data"] == {"containers": True}
    assert told["tests"]["data"] == {"exit_codes": {"tests": 0, "api": 137}}
    assert found["tools"] == {"docker compose": "2.29.1"}
    done = [each for each in calls(engine) if "-p" in each]
    assert [each[6] for each in done] == ["up", "ps", "down"]
    assert done[0][:4] == ["docker", "compose", "-f", "docker-compose.test.yml"]
    assert done[0][7:] == ["--abort-on-container-exit", "--exit-code-from", "tests"]
    assert done[2][7:] == ["--volumes", "--remove-orphans"]
    (project,) = {each[5] for each in done}
    assert project.startswith("prp-production-simulation-")


@pytest.mark.parametrize("old", [{}, {"OLD": "1"}])
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("fail", "ended with status 3"),
        ("silent", "ended with status 137"),
        ("podman", "ended with status 7"),
        ("unknown", "up ended with status 0, but nothing says how this container did"),
    ],
)
def test_the_status_of_the_tests_decides(
    engine: Site, kind: str, said: str, old: dict[str, str]
) -> None:
    found = checks(engine.result(SCRIPT, "--exit-code-from=tests", status=1, ENGINE=kind, **old))
    assert found["tests"]["message"] == said


def test_a_program_that_cannot_take_down_is_not_used(engine: Site) -> None:
    bin_ = engine.root.parent / "bin"
    for name in ("docker", "docker-compose"):
        (bin_ / name).unlink()
    (bin_ / "podman-compose").symlink_to(bin_ / "podman")
    done = engine.run(SCRIPT, "--engine=podman", status=3, ENGINE="old")
    assert "podman-compose is older than 1.1" in done.stderr


def test_an_engine_that_is_stuck_is_ended_and_all_is_taken_down(engine: Site) -> None:
    engine.configure('[compose]\ntimeout = "1s"\n')
    found = checks(engine.result(SCRIPT, status=1, ENGINE="stuck"))
    assert "nothing ended within" in found["up"]["message"]
    assert calls(engine)[-1][6] == "down"


def test_what_is_left_behind_fails(engine: Site) -> None:
    found = checks(engine.result(SCRIPT, status=1, ENGINE="pass", ENGINE_DOWN="fail"))
    assert "network has active endpoints" in found["down"]["message"]


def test_volumes_with_a_name_of_their_own_are_kept(engine: Site) -> None:
    engine.put("docker-compose.test.yml", f"{COMPOSE}volumes: {{data: {{name: our-data}}}}\n")
    found = checks(engine.result(SCRIPT, status=0, ENGINE="pass"))
    assert "data" in found["volumes"]["message"]
    assert calls(engine)[-1][7:] == ["--remove-orphans"]


def test_with_neither_an_engine_nor_processes_nothing_runs(engine: Site) -> None:
    assert "no process to run instead" in engine.run(SCRIPT, status=3).stderr
    done = engine.run(SCRIPT, "--engine=docker", status=3)
    assert "docker can't run containers" in done.stderr


def test_a_port_that_is_taken_is_no_defect_of_the_system(running: Site) -> None:
    tables = TABLES.replace("{port}/", f"{running.port}/")
    configure(running, tables=tables)
    done = running.run(SCRIPT, "--engine=none", status=3)
    assert "another process answers" in done.stderr


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        ("--file=[file]", "placeholder"),
        ("--file=none.yml", "does not exist"),
        ("--engine=dokcer", "is none of"),
        ("--exit-code-from=nobody", "is no service of the file"),
    ],
)
def test_bad_usage_is_said(engine: Site, flag: str, said: str) -> None:
    assert said in engine.run(SCRIPT, flag, status=2, ENGINE="pass").stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("services: [\n", "docker-compose.test.yml:"),
        ("version: '3'\n", "has no services"),
    ],
)
def test_a_compose_file_that_is_none_is_said(engine: Site, text: str, said: str) -> None:
    engine.put("docker-compose.test.yml", text)
    assert said in engine.run(SCRIPT, status=2).stderr


def test_a_dry_run_starts_nothing(engine: Site) -> None:
    configure(engine)
    said = engine.run(SCRIPT, "--dry-run", status=0).stdout
    assert said.index("once migration") < said.index("process api") < said.index("test tests")
    assert not (engine.root.parent / "calls").exists()


TOML = settings.Settings("PRPs/prp.toml", "", {}, {})


def a_process(name: str, *after: str, test: bool = False) -> Process:
    return Process(name, ("true",), depends_on=after, test=test)


@pytest.mark.parametrize(
    ("processes", "said"),
    [
        ([a_process("a", "b"), a_process("b", "a"), a_process("t", test=True)], "a, b, t wait"),
        ([a_process("a", "t"), a_process("t", test=True)], "wait for each other"),
        ([a_process("a", "c"), a_process("t", test=True)], "“c” is no process"),
        ([a_process("a")], "no processes have test"),
        ([a_process("a", test=True), a_process("b", test=True)], "2 processes have test"),
        ([a_process("a"), a_process("a", test=True)], "one name"),
    ],
)
def test_an_order_that_there_is_not_is_refused(processes: list[Process], said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        in_order(TOML, processes)


@given(st.integers(1, 8).flatmap(lambda n: st.tuples(
    st.permutations(range(n)), st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=12)
)))  # fmt: skip
def test_each_process_comes_after_what_it_needs(
    drawn: tuple[list[int], list[tuple[int, int]]],
) -> None:
    order, pairs = drawn
    last = len(order) - 1
    # Whoever needs something has a higher number, so that there is an order.
    needs = {n: {str(a) for a, b in pairs if a < b == n and b <= last} for n in order}
    processes = [a_process(str(n), *sorted(needs[n]), test=n == last) for n in order]
    found = [each.name for each in in_order(TOML, processes)]
    assert sorted(found) == sorted(map(str, order))
    assert found[-1] == str(last)
    assert all(found.index(a) < found.index(str(n)) for n in order for a in needs[n])
