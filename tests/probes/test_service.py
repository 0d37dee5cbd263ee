"""The service of a probe: started, found, refused. Through a script, as a person meets it."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil
import pytest

from prp_pack.probes.http import Client, NoAnswerError
from prp_pack.probes.service import is_loopback
from tests.probes.site import SAFETY, Site, environment, free_port

SCRIPT = ("response_time_test", "--path=/items", "--target=5s", "--requests=20")


def test_a_service_that_runs_is_measured_as_it_is(running: Site) -> None:
    running.run(*SCRIPT, "--no-start", "--target=60s", status=0)


def test_a_process_left_on_the_port_is_not_mistaken_for_the_service(running: Site) -> None:
    done = running.run(*SCRIPT, status=3)
    assert "another process answers" in done.stderr
    assert "--no-start" in done.stderr


def test_nothing_is_left_running(site: Site) -> None:
    site.run(*SCRIPT, status=0)
    left = [p for p in psutil.process_iter() if str(site.port) in _words(p)]
    assert left == []


def test_a_script_that_is_killed_leaves_no_service(site: Site) -> None:
    words = [sys.executable, "-m", "prp_pack", "run", *SCRIPT, "--requests=1000000"]
    with subprocess.Popen(
        words, cwd=site.root, env=environment({}), stdout=subprocess.DEVNULL
    ) as process:
        try:
            deadline = time.monotonic() + SAFETY
            while not _answers(site):
                assert time.monotonic() < deadline
        finally:
            process.kill()
    while [p for p in psutil.process_iter() if str(site.port) in _words(p)]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _answers(site: Site) -> bool:
    try:
        with Client(site.base_url, 5) as client:
            return client.ask("GET", "/health").status == 200
    except NoAnswerError:
        time.sleep(0.05)
        return False


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_service_that_ends_at_once_is_said_with_its_last_words(site: Site) -> None:
    site.put("PRPs/prp.toml", (
        f'[service]\nbase_url = "http://127.0.0.1:{site.port}"\n'
        'start = ["sh", "-c", "echo no database; exit 3"]\n'
    ))  # fmt: skip
    done = site.run(*SCRIPT, status=3)
    assert "ended with status 3" in done.stderr
    assert "no database" in done.stderr


def test_a_program_that_is_not_there_is_said(site: Site) -> None:
    site.put("PRPs/prp.toml", (
        f'[service]\nbase_url = "http://127.0.0.1:{site.port}"\nstart = ["no-such-program"]\n'
    ))  # fmt: skip
    assert "no-such-program is not on PATH" in site.run(*SCRIPT, status=3).stderr


def test_another_port_than_the_started_one_is_found_out(running: Site) -> None:
    other = free_port()
    running.put("PRPs/prp.toml", (
        f'[service]\nbase_url = "{running.base_url}"\n'
        f'ready = "tcp://127.0.0.1:{other}"\n'
        f'start = ["python3", "-m", "http.server", "--bind", "127.0.0.1", "{other}"]\n'
    ))  # fmt: skip
    done = running.run(*SCRIPT, status=3)
    assert "does not belong to the started service" in done.stderr


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "nothing says where the service answers"),
        ('base_url = "localhost:80"', "is no base URL"),
        ('base_url = "http://127.0.0.1:99999"', "out of range"),
        ('base_url = "http://127.0.0.1:1"\nstar = []', "did you mean “start”"),
    ],
)
def test_a_bad_table_is_said_with_its_place(site: Site, more: str, said: str) -> None:
    site.put("PRPs/prp.toml", f"[service]\n{more}\n")
    done = site.run(*SCRIPT, status=2)
    assert said in done.stderr
    assert "PRPs/prp.toml" in done.stderr


def test_starting_without_knowing_how_is_refused(site: Site) -> None:
    site.put("PRPs/prp.toml", f'[service]\nbase_url = "{site.base_url}"\n')
    assert "has no “start”" in site.run(*SCRIPT, "--start", status=2).stderr


@pytest.mark.parametrize(
    ("host", "own"),
    [("localhost", True), ("a.localhost", True), ("127.8.9.1", True), ("::1", True),
     ("example.org", False), ("10.0.0.1", False), ("localhost.example.org", False)],
)  # fmt: skip
def test_this_machine_is_told_from_others(host: str, own: bool) -> None:
    assert is_loopback(host) is own
