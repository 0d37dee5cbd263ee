"""Commands that behave, and commands that do all they can not to end."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from prp_pack.gate.descendants import MARK
from prp_pack.gate.log import TAIL, Limits
from prp_pack.gate.process import SHELL, CannotRunError, Cause, Progress, Running, argv_of, run
from prp_pack.model import Gate
from tests.gate.conftest import SAFETY, JobMaker, running

SMALL = Limits(head=1000, tail=2000)


def gate(command: str, **changes: object) -> Gate:
    return Gate(id="L1.1", level="1", line=1, end=2, command=command, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("made", "argv"),
    [
        (gate("pytest -q", argv=("pytest", "-q")), ("pytest", "-q")),
        (gate("a | b"), (*SHELL, "a | b")),
        (gate("b", setup=("cd x", "export A=1")), (*SHELL, "cd x\nexport A=1\nb")),
        (gate("b", setup=("cd x",), argv=("b",)), (*SHELL, "cd x\nb")),
        (gate("source x", argv=("source", "x")), (*SHELL, "source x")),
        (gate("time make", argv=("time", "make")), (*SHELL, "time make")),
    ],
)
def test_a_plain_gate_runs_without_a_shell(made: Gate, argv: tuple[str, ...]) -> None:
    assert argv_of(made) == argv


def test_what_a_command_prints_and_how_it_ends_is_told(job: JobMaker) -> None:
    one = job("echo out; echo err >&2; exit 3")
    outcome = run(one)
    assert (outcome.status, outcome.signal, outcome.succeeded) == (3, "", False)
    assert (outcome.tail, outcome.received, outcome.truncated) == ("out\nerr\n", 8, False)
    assert one.log.read_bytes() == b"out\nerr\n"
    assert outcome.log_sha256 == hashlib.sha256(b"out\nerr\n").hexdigest()
    assert outcome.survivors == ()


def test_a_plain_command_runs_in_its_folder_with_its_environment(
    job: JobMaker, tmp_path: Path
) -> None:
    code = f"import os; print(os.getcwd(), os.environ['{MARK}'], os.environ['A'])"
    one = job((sys.executable, "-c", code), environment={"A": "b", MARK: "outer"})
    outcome = run(one)
    assert outcome.tail.split() == [str(tmp_path.resolve()), "outer", one.marker, "b"]
    assert outcome.succeeded


def test_no_output_is_an_empty_log(job: JobMaker) -> None:
    one = job(("true",))
    outcome = run(one)
    assert (outcome.succeeded, outcome.received, one.log.read_bytes()) == (True, 0, b"")


@pytest.mark.parametrize("command", ["read x", "cat && exit 4", "read x < /dev/tty"])
def test_there_is_nobody_to_answer(job: JobMaker, command: str) -> None:
    outcome = run(job(command))
    assert outcome.status not in (0, None)
    assert not outcome.timed_out


@pytest.mark.parametrize(
    ("command", "name"),
    [("kill -9 $$", "SIGKILL"), ("kill -SEGV $$", "SIGSEGV"), ("kill -40 $$", "signal 40")],
)
def test_the_signal_that_ends_a_command_is_named(job: JobMaker, command: str, name: str) -> None:
    outcome = run(job(command))
    assert (outcome.status, outcome.signal, outcome.timed_out) == (None, name, False)


def test_bytes_that_are_no_text_stay_as_they_are(job: JobMaker) -> None:
    one = job(r"printf 'a\xff\xfe\0b\n'")
    assert run(one).tail == "a��\0b\n"
    assert one.log.read_bytes() == b"a\xff\xfe\0b\n"


# --- Much output ----------------------------------------------------------------------------


def test_of_much_output_the_first_and_the_last_are_kept(job: JobMaker) -> None:
    one = job("seq 1 1000000", limits=SMALL)
    outcome = run(one)
    log = one.log.read_text()
    assert log.startswith("1\n2\n")
    assert log.endswith("999999\n1000000\n")
    assert f"[{outcome.left_out:,} bytes of output left out]" in log
    assert outcome.truncated
    assert len(log) < 200_000
    assert outcome.received == 6_888_896
    # The numbers before and after it are whole.
    before, after = log.split(f"\n[{outcome.left_out:,} bytes of output left out]\n")
    kept = len(before) + len(after)
    assert kept + outcome.left_out == outcome.received
    assert after.split("\n")[0] == str(int(after.split("\n")[1]) - 1)


def test_a_gigabyte_without_a_newline_leaves_a_small_log(job: JobMaker) -> None:
    one = job("head -c 1G /dev/zero")
    outcome = run(one)
    assert (outcome.status, outcome.received) == (0, 1 << 30)
    assert one.log.stat().st_size < 6_000_000
    assert len(outcome.tail) <= TAIL


def test_output_without_an_end_ends_with_the_time(job: JobMaker) -> None:
    one = job("yes", timeout=0.5, limits=SMALL)
    outcome = run(one)
    assert (outcome.timed_out, outcome.signal, outcome.succeeded) == (True, "SIGTERM", False)
    assert one.log.stat().st_size < 500_000
    assert outcome.tail.endswith("y\n")


def test_a_full_disk_stops_the_command_and_says_so(job: JobMaker) -> None:
    outcome = run(job("echo begun; sleep 1000", log=Path("/dev/full")))
    assert outcome.log_error == "no space left on device"
    assert (outcome.timed_out, outcome.succeeded, outcome.log_sha256) == (False, False, "")
    assert outcome.signal == "SIGTERM"


def test_a_full_disk_is_told_of_a_command_that_had_ended(job: JobMaker) -> None:
    outcome = run(job("echo x", log=Path("/dev/full")))
    assert (outcome.log_error, outcome.succeeded) == ("no space left on device", False)


def test_secrets_do_not_reach_the_log(job: JobMaker) -> None:
    environment = {**os.environ, "API_TOKEN": "correct-horse-battery"}
    one = job(
        "echo token=$API_TOKEN; seq 1 100000; echo again $API_TOKEN",
        environment=environment, limits=SMALL,
    )  # fmt: skip
    outcome = run(one)
    assert b"correct-horse" not in one.log.read_bytes()
    assert one.log.read_text().startswith("token=[redacted: $API_TOKEN]\n")
    assert outcome.tail.endswith("again [redacted: $API_TOKEN]\n")


# --- What doesn't want to end ---------------------------------------------------------------


def test_a_child_that_stays_behind_is_ended_and_named(job: JobMaker) -> None:
    outcome = run(job("sleep 1000 & echo done"))
    assert (outcome.status, outcome.tail) == (0, "done\n")
    assert [(one.command, one.ended) for one in outcome.survivors] == [("sleep 1000", True)]


@pytest.mark.parametrize(
    "command",
    [
        "setsid sleep 1000 & sleep 0.2",
        "(setsid bash -c 'exec sleep 1000 > /dev/null 2>&1 < /dev/null' &) ; sleep 0.2",
        "nohup sleep 1000 > /dev/null 2>&1 & disown; sleep 0.2",
        "env -i sleep 1000 > /dev/null & sleep 0.2",
        # Only the pipe is left by which to know it.
        "env -i setsid sleep 1000 & sleep 0.2",
    ],
)
def test_a_daemon_is_found(job: JobMaker, command: str) -> None:
    outcome = run(job(command))
    assert [(one.command, one.ended) for one in outcome.survivors] == [("sleep 1000", True)]
    assert not any(psutil.pid_exists(one.pid) and psutil.Process(one.pid).status()
                   != psutil.STATUS_ZOMBIE for one in outcome.survivors)  # fmt: skip


def test_a_daemon_that_forks_twice_is_found(job: JobMaker) -> None:
    code = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(3):
            os.close(number)
        time.sleep(1000)
    os._exit(0)
os.wait()
"""
    outcome = run(job((sys.executable, "-c", code)))
    assert outcome.status == 0
    assert len(outcome.survivors) == 1


def test_a_secret_of_a_survivor_is_not_named(job: JobMaker) -> None:
    environment = {**os.environ, "DB_PASSWORD": "correct-horse-battery"}
    outcome = run(
        job("bash -c 'sleep 1000; true' $DB_PASSWORD & sleep 0.5", environment=environment)
    )
    commands = [one.command for one in outcome.survivors]
    assert "bash -c sleep 1000; true [redacted: $DB_PASSWORD]" in commands


def test_the_time_ends_all_that_was_started(job: JobMaker) -> None:
    outcome = run(job("sleep 1000 & setsid sleep 1000 & sleep 1000 | cat", timeout=0.5))
    assert (outcome.timed_out, outcome.succeeded, outcome.survivors) == (True, False, ())
    assert outcome.duration >= 0.5


def test_what_does_not_listen_is_killed(job: JobMaker) -> None:
    one = job("trap '' TERM; echo deaf; while true; do sleep 1000; done", timeout=0.5, grace=0.2)
    outcome = run(one)
    assert (outcome.timed_out, outcome.signal, outcome.tail) == (True, "SIGKILL", "deaf\n")


def test_what_cleans_up_has_the_time_for_it(job: JobMaker) -> None:
    outcome = run(job("trap 'echo cleaned; exit 7' TERM; sleep 1000 & wait", timeout=0.5))
    assert (outcome.timed_out, outcome.status, outcome.tail) == (True, 7, "cleaned\n")


def test_a_stopped_command_ends_with_the_time(job: JobMaker) -> None:
    assert run(job("kill -STOP $$", timeout=0.5, grace=0.2)).signal == "SIGKILL"


def test_a_command_that_closes_its_output_is_waited_for(job: JobMaker) -> None:
    outcome = run(job("echo x; exec > /dev/null 2>&1; sleep 0.3; exit 5"))
    assert (outcome.status, outcome.tail) == (5, "x\n")


class StopError(BaseException):
    pass


def test_whatever_is_raised_meanwhile_leaves_nothing_running(job: JobMaker) -> None:
    one = job("trap '' TERM; sleep 1000 & setsid sleep 1000 & echo at work; wait; wait")
    seen: list[Progress] = []

    def stop(progress: Progress) -> None:
        seen.append(progress)
        if progress.line:
            raise StopError

    with pytest.raises(StopError):
        run(one, stop)
    assert running(one.marker) == []
    assert (seen[-1].line, seen[-1].received) == ("at work", 8)
    assert seen[-1].elapsed > 0


def test_ctrl_c_leaves_nothing_running(job: JobMaker, tmp_path: Path) -> None:
    one = job("")
    code = f"""
import os
from pathlib import Path
from prp_pack.gate.process import SHELL, Job, run
run(Job((*SHELL, "sleep 1000 & touch begun; sleep 1000"), Path("."), dict(os.environ), 1000,
        Path("x.log"), {one.marker!r}))
"""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stderr=subprocess.PIPE)
    deadline = time.monotonic() + SAFETY
    while not (tmp_path / "begun").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=SAFETY)
    assert b"KeyboardInterrupt" in said
    assert running(one.marker) == []


def test_leaving_early_kills_what_runs(job: JobMaker) -> None:
    one = job("sleep 1000")
    with Running(one) as begun:
        assert begun.is_alive
        assert not begun.wait(0)
    assert not begun.is_alive
    assert running(one.marker) == []


# --- What can't be started ------------------------------------------------------------------


def refused(job: JobMaker, command: str | tuple[str, ...], **changes: object) -> CannotRunError:
    with pytest.raises(CannotRunError) as raised:
        run(job(command, **changes))
    assert str(raised.value) == raised.value.reason
    return raised.value


def test_a_program_that_is_not_there(job: JobMaker) -> None:
    error = refused(job, ("no-such-program-at-all",))
    assert (error.cause, error.reason) == (
        Cause.NO_PROGRAM, "no-such-program-at-all is not on PATH",
    )  # fmt: skip
    error = refused(job, ("./nothing.sh",))
    assert (error.cause, error.reason) == (Cause.NO_PROGRAM, "./nothing.sh does not exist")
    assert refused(job, ()).cause == refused(job, ("",)).cause == Cause.NO_PROGRAM


def test_a_file_that_is_no_program(job: JobMaker, tmp_path: Path) -> None:
    script = tmp_path / "x.sh"
    script.write_text("echo hi\n")
    error = refused(job, ("./x.sh",))
    assert (error.cause, error.help) == (Cause.NOT_EXECUTABLE, "chmod +x ./x.sh")
    script.chmod(0o755)
    assert "no script with a first line" in refused(job, ("./x.sh",)).reason
    script.write_text("#!/no/such/interpreter\n")
    assert "does not exist" in refused(job, ("./x.sh",)).reason
    assert refused(job, ("x.sh",), environment={"PATH": str(tmp_path)}).cause == (
        Cause.NOT_EXECUTABLE
    )
    assert refused(job, ("a\0b",)).cause == Cause.NOT_EXECUTABLE


def test_a_machine_without_bash(job: JobMaker, tmp_path: Path) -> None:
    error = refused(job, "a | b", environment={"PATH": str(tmp_path)})
    assert (error.cause, error.reason) == (Cause.NO_SHELL, "bash is not on PATH")


def test_a_command_that_is_too_long(job: JobMaker) -> None:
    assert refused(job, ("true", "x" * 10_000_000)).cause == Cause.TOO_LONG


def test_a_folder_that_is_not_there(job: JobMaker, tmp_path: Path) -> None:
    assert refused(job, ("true",), folder=tmp_path / "nothing").cause == Cause.NO_FOLDER


def test_a_log_that_can_not_be_written(job: JobMaker, tmp_path: Path) -> None:
    error = refused(job, ("true",), log=tmp_path)
    assert (error.cause, error.reason) == (
        Cause.NO_LOG, f"log {tmp_path}: cannot be written: is a directory",
    )  # fmt: skip


def test_where_no_exit_status_can_be_known_nothing_runs(job: JobMaker, tmp_path: Path) -> None:
    code = """
import os
from pathlib import Path
from prp_pack.gate.process import CannotRunError, Job, run
try:
    print(run(Job(("false",), Path("."), dict(os.environ), 100, Path("x.log"), "none")))
except CannotRunError as error:
    print(error)
"""
    script = tmp_path / "x.py"
    script.write_text(code)
    outcome = run(job(f"trap '' CHLD; exec {sys.executable} x.py"))
    assert outcome.tail == "the signal CHLD is ignored here, so that no exit status can be known\n"
