"""What becomes of a command when `prp` is killed: by real kills of real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from prp_pack.gate.process import SHELL, Job, Running
from prp_pack.gate.service import ServiceError, serving
from tests.gate.conftest import SAFETY, JobMaker, running
from tests.gate.projects import PRP, Project, environment

RUNNER = """
import os, sys
from pathlib import Path
from prp_pack.gate.process import Job, run
run(Job(tuple(sys.argv[2:]), Path("."), dict(os.environ), 1000, Path("x.log"), sys.argv[1],
        grace=0.5, afterwards=("touch", "taken-down")))
"""


def until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + SAFETY
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def guards(marker: str) -> list[psutil.Process]:
    """Return the guards on duty for a marker, and those that are at work."""
    found = []
    for process in psutil.process_iter():
        try:
            if marker in process.cmdline() and "prp_pack.gate.guard" in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue
    return found


def killed(job: Job, folder: Path, begun: str, group: bool = False) -> None:
    """Run a job in a process of its own, and kill that when a file is there."""
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER, job.marker, *job.argv],
        cwd=folder,
        start_new_session=True,
    ) as process:
        try:
            until((folder / begun).exists)
        finally:
            if group:
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
    until(lambda: not guards(job.marker))


@pytest.mark.parametrize(
    "command",
    [
        "touch begun; exec sleep 1000",
        "setsid sleep 1000 & touch begun; wait",
        "trap '' TERM; touch begun; while true; do sleep 1000; done",
        # What it prints can't be read any more.
        "touch begun; exec yes",
        # Its main process has ended.
        "nohup sleep 1000 > /dev/null & sleep 1000 & touch begun",
    ],
)
def test_a_kill_leaves_nothing_running(job: JobMaker, tmp_path: Path, command: str) -> None:
    one = job(command)
    killed(one, tmp_path, "begun")
    assert running(one.marker) == []
    assert (tmp_path / "taken-down").exists()


def test_a_process_without_the_mark_is_known_by_its_session(job: JobMaker, tmp_path: Path) -> None:
    killed(job("env -i sleep 1000 & echo $! > number; touch begun; wait"), tmp_path, "begun")
    number = int((tmp_path / "number").read_text())
    until(lambda: not psutil.pid_exists(number)
          or psutil.Process(number).status() == psutil.STATUS_ZOMBIE)  # fmt: skip


def test_a_kill_of_the_whole_group_leaves_the_guard(job: JobMaker, tmp_path: Path) -> None:
    one = job("touch begun; exec sleep 1000")
    killed(one, tmp_path, "begun", group=True)
    assert running(one.marker) == []


def test_a_guard_goes_with_its_command(job: JobMaker) -> None:
    one = job("sleep 1000")
    with Running(one) as begun:
        assert len(guards(one.marker)) == 1
        begun.stop()
    assert guards(one.marker) == []
    assert not [p for p in psutil.Process().children() if p.status() == psutil.STATUS_ZOMBIE]


def test_a_guard_does_not_listen_to_who_ends_everything(job: JobMaker) -> None:
    one = job("sleep 1000")
    with Running(one):
        (guard,) = guards(one.marker)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            guard.send_signal(number)
        time.sleep(0.2)
        assert guard.is_running()


def test_a_command_ends_well_without_its_guard(job: JobMaker) -> None:
    one = job("sleep 0.5; echo done")
    with Running(one) as begun:
        for guard in guards(one.marker):
            guard.kill()
        outcome = begun.finish()
    assert (outcome.status, outcome.tail) == (0, "done\n")


def test_what_is_left_all_the_same_is_named_by_the_next_run(
    job: JobMaker, tmp_path: Path, free_port: int
) -> None:
    words = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(free_port))
    one = job((*SHELL, f"touch begun; exec {' '.join(words)}"))
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER, one.marker, *one.argv], cwd=tmp_path
    ) as process:
        until(lambda: _listens(free_port))
        for guard in guards(one.marker):
            guard.kill()
        process.kill()
    (left,) = running(one.marker)
    try:
        with (
            pytest.raises(ServiceError) as raised,
            serving(job(words), f"tcp://127.0.0.1:{free_port}"),
        ):
            pytest.fail("the one that is left answers")
        assert str(raised.value) == (
            f"another process answers at 127.0.0.1:{free_port} already: process {left.pid} "
            f"({' '.join(words)}), started by another run of prp; if that is over: kill {left.pid}"
        )
    finally:
        left.kill()
    until(lambda: not running(one.marker))


def _listens(port: int) -> bool:
    return any(
        link.status == psutil.CONN_LISTEN and link.laddr and link.laddr.port == port
        for link in psutil.net_connections("tcp")
    )


def test_a_gate_run_that_is_killed_leaves_no_service(project: Project, free_port: int) -> None:
    ready = f"tcp://127.0.0.1:{free_port}"
    project.replace(
        "python check.py\npytest",
        f"# gate: background ready={ready} timeout=20s\n"
        f"python -m http.server --bind 127.0.0.1 {free_port}\n"
        "# gate:\ntouch begun && sleep 1000\npytest",
    )
    words = [sys.executable, "-m", "prp_pack", "gate", "run", PRP]
    with subprocess.Popen(
        words, cwd=project.root, env=environment(), stdout=subprocess.DEVNULL
    ) as process:
        try:
            until((project.root / "begun").exists)
            assert _listens(free_port)
        finally:
            process.kill()
    until(lambda: not _listens(free_port))
    until(lambda: not _inside(project.root))


def _inside(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(folder):
                found.append(process)
        except psutil.Error:
            continue
    return found
