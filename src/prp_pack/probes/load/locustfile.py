"""The program that Locust runs: users who follow a timetable, and a tally at the end.

Locust's own `constant_throughput` counts each pause from the request before it, so that arrivals
drift with every late one, and starts its users once a second in bursts. Here each request has a
time of its own.
"""

from __future__ import annotations

import os
import random
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import gevent  # type: ignore[import-untyped]
import psutil
from locust import FastHttpUser, events, task
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import MasterRunner, WorkerRunner

from prp_pack.probes.http import Answer, content_of
from prp_pack.probes.load import plan, tally

_PLAN = plan.from_json(Path(os.environ[plan.PLAN]).read_text(encoding="utf-8"))
# What Locust hands to a listener, and which Locust doesn't say the type of.
Given: TypeAlias = Any

_DONE = "prp-tally"
# Users are started in seconds before their first request is due, and the first not at once.
_LEAD = 1.0
# After the last answer may come, a worker's tally takes no longer to arrive.
_PATIENCE = 30.0
_PAUSE = 0.05
_SCHEDULED = Path("/proc/self/schedstat")
_SHOWN = 120


class _Generator:
    """What this process knows of its part of the timetable."""

    def __init__(self) -> None:
        self.counting = tally.Counting(_PLAN)
        self.begun = 0.0
        self.worker = 0
        self.users = 0
        self.underway = 0
        self.random = random.Random(_PLAN.seed)  # noqa: S311 - a mix, no secret
        self._process = psutil.Process()
        self._used = 0.0

    def begin(self, worker: int) -> None:
        self.worker = worker
        self.random = random.Random(f"{_PLAN.seed} {worker}")  # noqa: S311
        self.begun = time.perf_counter() + _LEAD
        gevent.spawn_later(_LEAD, self._look)

    def _look(self) -> None:
        self._used = self._processor_time()

    @property
    def now(self) -> float:
        """Seconds since the first request was due."""
        return time.perf_counter() - self.begun

    def tally(self) -> tally.Tally:
        spent = self._processor_time() - self._used
        return self.counting.tally(busy=spent / self.now)

    def _processor_time(self) -> float:
        """Return the seconds in which this process ran, or would have if a processor were free."""
        used = self._process.cpu_times()
        waited = 0.0
        with suppress(OSError, ValueError, IndexError):
            # Linux alone tells, in nanoseconds.
            waited = int(_SCHEDULED.read_text(encoding="ascii").split()[1]) / 1e9
        return float(used.user + used.system) + waited


_here = _Generator()


class Arrivals(FastHttpUser):
    """A user of the timetable: asks once in `users / rate` seconds, whatever the server does."""

    host = _PLAN.base_url
    connection_timeout = network_timeout = _PLAN.timeout
    # A redirect is an answer, and may lead to hosts that no load must be sent to.
    max_redirects = 0
    max_retries = 0
    concurrency = 1

    def on_start(self) -> None:
        self.turn = _here.users
        _here.users += 1
        self.free = 0.0
        gevent.sleep(self.wait_time())

    @property
    def due(self) -> float:
        return _PLAN.due(self.turn, _here.worker)

    def wait_time(self) -> float:
        return max(0.0, self.due - _here.now)

    @task
    def ask(self) -> None:
        due, at = self.due, _here.now
        if max(due, at) >= _PLAN.duration:
            raise StopUser
        self.turn += _PLAN.users // _PLAN.workers
        waited = _here.counting.sent(due, at, self.free)
        _here.underway += 1
        try:
            self._ask(due, waited)
        finally:
            _here.underway -= 1
            self.free = _here.now

    def _ask(self, due: float, waited: float) -> None:
        asked = _here.random.choices(_PLAN.requests, [each.weight for each in _PLAN.requests])[0]
        data, kind = content_of(asked.body)
        headers = {**({"content-type": kind} if kind else {}), **_PLAN.headers, **asked.headers}
        path = asked.path if asked.path.startswith("/") else f"/{asked.path}"
        with self.client.request(
            asked.method,
            _PLAN.base_url + path,
            name=asked.title,
            data=data,  # type: ignore[arg-type]
            headers=headers,
            allow_redirects=False,
            catch_response=True,
        ) as response:
            spent = response.request_meta["response_time"] + waited * 1000
            if response.status_code:
                flaw = asked.flaw(Answer(response.status_code, {}, response.content or b""))
                _here.counting.answered(asked.title, due, spent, _here.now, flaw)
            else:
                flaw = f"no answer: {response.error or 'cut off'}"[:_SHOWN]
                spent = max(spent, _PLAN.timeout * 1000)
                _here.counting.unanswered(asked.title, due, spent, _here.now, flaw)
            # Locust's report shows what is counted here.
            response.request_meta["response_time"] = spent
            response.failure(flaw) if flaw else response.success()


@events.init.add_listener  # type: ignore[untyped-decorator]
def _prepare(environment: Environment, **_: Given) -> None:
    runner = environment.runner
    started = environment.events.test_start
    if not isinstance(runner, MasterRunner):
        started.add_listener(lambda **_: _begin(environment))  # type: ignore[no-untyped-call]
        return
    found: list[tally.Tally] = []

    def take(msg: Given, **_: Given) -> None:
        found.append(tally.from_plain(msg.data))
        if len(found) == _PLAN.workers:
            # Not from the greenlet that quitting ends.
            gevent.spawn(_end, environment, found)

    def give_up(**_: Given) -> None:
        most = _LEAD + _PLAN.duration + _PLAN.timeout + _PATIENCE
        gevent.spawn_later(most, _end, environment, found)

    runner.register_message(_DONE, take)
    started.add_listener(give_up)  # type: ignore[no-untyped-call]


def _begin(environment: Environment) -> None:
    runner = environment.runner
    _here.begin(max(0, runner.worker_index) if isinstance(runner, WorkerRunner) else 0)
    gevent.spawn(_conclude, environment)


def _conclude(environment: Environment) -> None:
    """Wait for the last answers, and hand the tally on."""
    gevent.sleep(_PLAN.duration - _here.now)
    while _here.underway and _here.now < _PLAN.duration + _PLAN.timeout:
        gevent.sleep(_PAUSE)
    runner = environment.runner
    if isinstance(runner, WorkerRunner):
        runner.send_message(_DONE, tally.to_plain(_here.tally()))
    else:
        _end(environment, [_here.tally()])


def _end(environment: Environment, found: list[tally.Tally]) -> None:
    together = tally.together(found)
    Path(os.environ[plan.TALLY]).write_text(tally.to_json(together), encoding="utf-8")
    if environment.runner:
        environment.runner.quit()


@events.user_error.add_listener  # type: ignore[untyped-decorator]
def _count(**_: Given) -> None:
    _here.counting.broken += 1
