"""Rounds of launches: both versions started anew, each on a port of its own, and measured in turn.

In a round the baseline is up twice and the target once. Their requests are mixed in an order drawn
anew each turn, so that a slow moment of the machine falls on all three.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from prp_pack.probes import service
from prp_pack.probes.benchmark import imports
from prp_pack.probes.benchmark.comparison import Round, typical
from prp_pack.probes.critical_paths import CriticalPath, Performance, prepare
from prp_pack.probes.http import Client, NoAnswerError
from prp_pack.probes.probe import CannotRunError, Run, ServiceEndedError

BASELINE, CONTROL, TARGET = "baseline", "control", "target"
_ROLES = (BASELINE, CONTROL, TARGET)
_ATTEMPTS = 3
# Servers close connections that nobody uses; uvicorn after 5 s, the quickest of the usual ones.
_IDLE = 2.0


@dataclass(frozen=True)
class Started:
    """How a version is started: in which folder, and by other words than `[service]` has."""

    folder: Path
    words: tuple[str, ...] = ()


@dataclass
class Series:
    """What one path gave: milliseconds of each launch by role, and answers that were wrong."""

    path: CriticalPath
    rounds: list[Round] = field(default_factory=list)
    orders: list[tuple[str, ...]] = field(default_factory=list)
    """The roles of each round's launches, in the order in which they were started."""
    flaws: dict[str, list[str]] = field(default_factory=lambda: {role: [] for role in _ROLES})
    is_new: bool = False
    """The baseline never answered it as it should."""


class Launches:
    """Measures paths in rounds; `series` holds what was found, by the path's label."""

    def __init__(
        self, run: Run, performance: Performance, versions: Mapping[str, Started], requests: int
    ) -> None:
        self._run = run
        self._performance = performance
        self._versions = versions
        self._requests = requests
        self._chance = Random(run.seed)  # noqa: S311 - an order
        self._proven: set[str] = set()
        self._paths: dict[str, Sequence[Path]] = {}
        self._done = 0
        self.series = {path.label: Series(path) for path in performance.critical_paths}

    def take(self, labels: Collection[str], count: int) -> Mapping[str, Sequence[Round]]:
        """Measure so many rounds; a path with a wrong answer is left out from then on."""
        before = {label: len(self.series[label].rounds) for label in labels}
        for at in range(count):
            asked = [self.series[label] for label in labels if self._is_sound(label)]
            if asked:
                self._round(asked, f"round {self._done + 1}", at / count)
                self._done += 1
        return {
            label: self.series[label].rounds[before[label] :]
            for label in labels
            if self._is_sound(label)
        }

    def _is_sound(self, label: str) -> bool:
        return not any(self.series[label].flaws.values())

    def _round(self, asked: Sequence[Series], said: str, share: float) -> None:
        times: dict[str, dict[str, list[float]]] = {
            role: {series.path.label: [] for series in asked} for role in _ROLES
        }
        roles = self._chance.sample(_ROLES, len(_ROLES))
        parts = [roles] if self._performance.together else [[role] for role in roles]
        for part in parts:
            with ExitStack() as stack:
                up = {role: _Launch(stack.enter_context(self._launched(role))) for role in part}
                self._warm(up, asked)
                for _ in range(self._requests):
                    for role in self._chance.sample(part, len(part)):
                        self._run.tell(f"{said}: measuring", share)
                        for series in asked:
                            up[role].ask(series, role, times[role][series.path.label])
        for series in asked:
            # Whose answers were wrong has fewer times than it should.
            if not any(series.flaws.values()):
                logs = (typical(times[role][series.path.label]) for role in _ROLES)
                series.rounds.append(Round(*logs))
                series.orders.append(tuple(roles))

    def _warm(self, up: Mapping[str, _Launch], asked: Sequence[Series]) -> None:
        """Send what isn't counted; a path that the baseline doesn't have yet shows here."""
        for role, launch in up.items():
            for series in asked:
                for _ in range(self._performance.warm_up):
                    launch.ask(series, role, [])
                if not series.rounds and role != TARGET and series.flaws[role]:
                    series.is_new = True

    @contextmanager
    def _launched(self, role: str) -> Iterator[Client]:
        """Yield a client of a fresh launch that is prepared.

        A port that was free may be taken before the service has it, so that a version that is known
        to start is tried again.
        """
        with ExitStack() as stack:
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    client = stack.enter_context(self._started(role))
                    break
                except CannotRunError:
                    if self._version(role) not in self._proven or attempt == _ATTEMPTS:
                        raise
            self._proven.add(self._version(role))
            yield client

    @staticmethod
    def _version(role: str) -> str:
        return TARGET if role == TARGET else BASELINE

    @contextmanager
    def _started(self, role: str) -> Iterator[Client]:
        version = self._version(role)
        started = self._versions[version]
        here = at_port(self._run, self._performance.port_variable, free_port(), started)
        of_another: CannotRunError | None = None
        try:
            with (
                service.target(
                    here,
                    environment=self._own_code(version, here, started),
                    log=role,
                    folder=started.folder,
                ) as target,
                target.client(here.timeout) as client,
            ):
                prepare(client, self._performance.prepare)
                try:
                    yield client
                except CannotRunError as error:
                    of_another = error
                    raise
        except ServiceEndedError as error:
            if error is of_another:
                raise
            # That of an older version is no failure of this one: there is nothing to compare with.
            kind = ServiceEndedError if version == TARGET else CannotRunError
            raise kind(f"{version}: {error.reason}") from None
        except CannotRunError as error:
            if error is of_another:
                raise
            raise CannotRunError(f"{version}: {error.reason}", error.help) from None

    def _own_code(self, version: str, here: Run, started: Started) -> Mapping[str, str]:
        """Return what makes a checkout import its own code, not that of the working tree."""
        table = here.settings.table("service", service.Service)
        environment = {**here.environment, **table.environment}
        if version not in self._paths:
            is_checkout = started.folder != here.repository.root
            self._paths[version] = (
                imports.own_paths(here, table.start, started.folder, environment)
                if is_checkout
                else ()
            )
        return imports.with_paths(self._paths[version], environment)


class _Launch:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._asked = time.monotonic()

    def ask(self, series: Series, role: str, times: list[float]) -> None:
        """Send a request and add its milliseconds, or what was wrong with its answer."""
        if series.flaws[role]:
            return
        if time.monotonic() - self._asked > _IDLE:
            self._client.close()
        path = series.path
        try:
            answer = self._client.ask(path.method, path.path, path.body, path.headers)
        except NoAnswerError as error:
            series.flaws[role].append(str(error))
            return
        finally:
            self._asked = time.monotonic()
        if flaw := path.flaw(answer):
            series.flaws[role].append(flaw)
        else:
            times.append(answer.seconds * 1000)


def at_port(run: Run, variable: str, port: int, started: Started) -> Run:
    """Return the run as it is when the service has a port: in the environment and in addresses."""
    environment = {**run.environment, variable: str(port)}
    document = {**run.settings.document}
    table = dict(document.get("service", {}))
    words = started.words or table.get("start")
    if isinstance(words, Sequence) and not isinstance(words, str):
        table["start"] = [*_found(words, run.repository.root, started.folder)]
    document["service"] = table
    settings = replace(run.settings, document=document, environment=environment)
    return replace(run, settings=settings, environment=environment)


def _found(words: Sequence[str], root: Path, folder: Path) -> Iterator[str]:
    """Yield the words of a command as a checkout can run it.

    A program that it lacks, such as `.venv/bin/python`, is taken from the working tree.
    """
    for at, word in enumerate(words):
        lacks = isinstance(word, str) and os.sep in word and not (folder / word).exists()
        yield str(root / word) if at == 0 and lacks and (root / word).exists() else word


def free_port() -> int:
    """Return a port of this machine that nobody has now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
