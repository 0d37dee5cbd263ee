"""Locust as processes beside this one: alone, with workers, or as a worker of another machine."""

from __future__ import annotations

import hashlib
import importlib.metadata
import socket
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from prp_pack.evidence.record import Artefact
from prp_pack.gate.process import CannotRunError as CannotStartError
from prp_pack.gate.process import Job, Outcome, Progress, Running
from prp_pack.probes.load import plan as plans
from prp_pack.probes.load import tally as tallies
from prp_pack.probes.load.plan import Plan
from prp_pack.probes.load.tally import Tally
from prp_pack.probes.probe import CannotRunError, Run

_LOCUSTFILE = Path(__file__).with_name("locustfile.py")
_REPORT = "locust.html"
# Seconds that workers may take to come: of this machine, and of others.
_NEAR, _FAR = 60, 600
# Beside the time of the load itself: to start Python, to draw the report.
_REST = 120.0
_SHOWN_LINES = 5


@dataclass(frozen=True)
class Place:
    """An address of a master: where it listens, or where a worker finds it."""

    host: str
    port: int


@dataclass(frozen=True)
class Generated:
    """What the generators counted, and the report that Locust drew of it."""

    tally: Tally
    report: Artefact


def version() -> str:
    return importlib.metadata.version("locust")


def generate(run: Run, plan: Plan, master: Place | None) -> Generated:
    """Carry out a plan and return what came of it; raises `CannotRunError`.

    With more than one worker they are processes of this machine, unless a `master` says where
    to wait for those of others.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="prp-load-")))
        report = run.artefacts / _REPORT
        words = [
            "--users", str(plan.users), "--spawn-rate", f"{plan.rate:g}",
            "--html", str(report), "--host", plan.base_url, "--stop-timeout", f"{plan.timeout:g}",
        ]  # fmt: skip
        workers: list[Running] = []
        if master or plan.workers > 1:
            place = master or Place("127.0.0.1", _free_port())
            words += _as_master(place, plan.workers, _FAR if master else _NEAR)
            if not master:
                workers = [
                    stack.enter_context(
                        _started(run, plan, folder, _as_worker(place), f"worker{n}")
                    )
                    for n in range(plan.workers)
                ]
        outcome = _finish(
            run, plan, stack.enter_context(_started(run, plan, folder, words, "locust"))
        )
        said = [outcome.tail, *(worker.tail for worker in workers)]
        counted = _read(folder / "tally.json", outcome, said)
        _expect_whole(plan, counted)
    digest = hashlib.sha256(report.read_bytes()).hexdigest() if report.is_file() else ""
    if not digest:
        raise CannotRunError("Locust left no report", _last(said))
    return Generated(counted, Artefact(f"{run.folder}/{_REPORT}", digest, "report"))


def work(run: Run, plan: Plan, master: Place) -> None:
    """Send as a worker of a master on another machine, until that is done."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="prp-load-")))
        job = _started(run, plan, folder, _as_worker(master), "worker")
        outcome = _finish(run, plan, stack.enter_context(job))
    if not outcome.succeeded:
        where = f"{master.host}:{master.port}"
        raise CannotRunError(f"the worker of {where} ended: {_how(outcome)}", _last([outcome.tail]))


def _as_master(place: Place, workers: int, patience: int) -> list[str]:
    return [
        "--master", "--master-bind-host", place.host, "--master-bind-port", str(place.port),
        "--expect-workers", str(workers), "--expect-workers-max-wait", str(patience),
    ]  # fmt: skip


def _as_worker(place: Place) -> list[str]:
    return ["--worker", "--master-host", place.host, "--master-port", str(place.port)]


def _started(run: Run, plan: Plan, folder: Path, words: Sequence[str], name: str) -> Running:
    (folder / "plan.json").write_text(plans.to_json(plan), encoding="utf-8")
    # Locust also takes settings from the environment, the home folder and the working folder.
    kept = {key: value for key, value in run.environment.items() if not key.startswith("LOCUST_")}
    job = Job(
        argv=(
            sys.executable, "-m", "locust", "--locustfile", str(_LOCUSTFILE), "--headless",
            "--only-summary", "--loglevel", "WARNING", "--exit-code-on-error", "0", *words,
        ),
        folder=folder,
        environment={
            **kept,
            "HOME": str(folder),
            "PYTHONUSERBASE": str(sysconfig.get_config_var("userbase") or ""),
            plans.PLAN: str(folder / "plan.json"),
            plans.TALLY: str(folder / "tally.json"),
        },
        timeout=plan.duration + plan.timeout + _FAR + _REST,
        log=run.artefacts / f"{name}.log",
        marker=f"{run.folder.rpartition('/')[2]}-{name}",
    )  # fmt: skip
    try:
        return Running(job)
    except CannotStartError as error:
        raise CannotRunError(f"Locust: {error.reason}", error.help) from None


def _finish(run: Run, plan: Plan, running: Running) -> Outcome:
    def tell(progress: Progress) -> None:
        share = min(1.0, progress.elapsed / (plan.duration + 1))
        run.tell(f"sending {plan.rate:g} requests a second", share)

    return running.finish(tell)


def _read(path: Path, outcome: Outcome, said: Sequence[str]) -> Tally:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CannotRunError(f"Locust counted nothing: {_how(outcome)}", _last(said)) from None
    try:
        return tallies.from_json(text)
    except ValueError as error:
        raise CannotRunError(f"what Locust counted can't be read: {error}") from None


def _expect_whole(plan: Plan, counted: Tally) -> None:
    """Raise `CannotRunError` unless each worker did its part, and of the same plan."""
    if len(counted.plans) < plan.workers:
        raise CannotRunError(f"{len(counted.plans)} of {plan.workers} workers reported")
    if set(counted.plans) != {plan.digest}:
        help_ = "call all with the same flags, seed and PRPs/prp.toml"
        raise CannotRunError("a worker went by another plan than the master", help_)
    if counted.broken:
        raise CannotRunError(f"the generator failed {counted.broken} times by itself")


def _how(outcome: Outcome) -> str:
    if outcome.timed_out:
        return "its time was up"
    return f"status {outcome.status}" if outcome.status is not None else outcome.signal


def _last(said: Sequence[str]) -> str:
    lines = [line.strip() for text in said for line in text.splitlines() if line.strip()]
    return "; ".join(lines[-_SHOWN_LINES:])


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def place(value: object) -> Place:
    """Return the address that `HOST:PORT` means; raises `ValueError`."""
    host, _, port = str(value).rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:  # noqa: PLR2004 - ports
        raise ValueError("is not an address such as 10.0.0.5:5557")
    return Place(host, int(port))
