"""A dependency with the proxy before it: started, killed and started again where that is said."""

from __future__ import annotations

import socket
from contextlib import ExitStack, suppress
from typing import Self

import psutil

from prp_pack.gate.process import CannotRunError as CannotStartError
from prp_pack.gate.process import Job
from prp_pack.gate.service import ServiceError, serving
from prp_pack.probes.faults.proxy import FaultProxy, Loop
from prp_pack.probes.faults.tables import Dependency, Mode
from prp_pack.probes.probe import CannotRunError, Run

_SHOWN_LINES = 3
_REST = 5.0


class Reached:
    """A dependency as the service reaches it. Raises `CannotRunError` when it isn't there."""

    def __init__(self, run: Run, dependency: Dependency, loop: Loop) -> None:
        self.dependency = dependency
        self._run = run
        self._loop = loop
        self._stack = ExitStack()
        self._pid = 0
        self._starts = 0
        self._is_dead = False
        self.proxy = FaultProxy(
            dependency.listen,
            dependency.target,
            latency=dependency.latency,
            bytes_per_second=dependency.bytes_per_second,
            seed=run.seed,
        )

    def __enter__(self) -> Self:
        if self.dependency.start:
            self.start()
        else:
            self._expect_there()
        try:
            self._loop.do(self.proxy.start())
        except OSError as error:
            self._stack.close()
            host, port = self.dependency.listen
            said = f"the proxy for {self.dependency.name} can't listen at {host}:{port}"
            raise CannotRunError(f"{said}: {error.strerror}", "choose another “listen”") from None
        return self

    def __exit__(self, *_raised: object) -> None:
        self._loop.do(self.proxy.stop())
        with suppress(ServiceError):
            self._stack.close()

    @property
    def environment(self) -> dict[str, str]:
        """What the service must be started with, so that it goes through the proxy."""
        if not self.dependency.env:
            return {}
        host, port = self.proxy.host, self.proxy.port
        named = {"{address}": f"{host}:{port}", "{host}": host, "{port}": str(port)}
        value = self.dependency.value
        for name, said in named.items():
            value = value.replace(name, said)
        return {self.dependency.env: value}

    def start(self) -> None:
        """Start it and wait until it is ready."""
        name = self.dependency.name
        host, port = self.dependency.target
        self._starts += 1
        log = f"{name}-{self._starts}"
        job = Job(
            argv=self.dependency.start,
            folder=self._run.repository.root,
            environment={**self._run.environment, **self.dependency.environment},
            timeout=60.0,
            log=self._run.artefacts / f"{log}.log",
            marker=f"{self._run.folder.rpartition('/')[2]}-{log}",
        )
        ready = self.dependency.ready or f"tcp://{host}:{port}"
        try:
            self._pid = self._stack.enter_context(serving(job, ready)).pid
        except ServiceError as error:
            said = "; ".join(line for line in error.last_lines[-_SHOWN_LINES:] if line.strip())
            raise CannotRunError(f"{name}: {error.reason}{f' ({said})' if said else ''}") from None
        except CannotStartError as error:
            raise CannotRunError(f"{name}: {error.reason}", error.help) from None

    def kill(self) -> None:
        """Kill it with all that it started; nothing is asked before."""
        main = psutil.Process(self._pid)
        family = [main, *main.children(recursive=True)]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        # The one who started it takes its status; that it ended is what was wanted.
        with suppress(ServiceError):
            self._stack.close()
        psutil.wait_procs(family[1:], _REST)

    def break_(self, mode: Mode) -> None:
        """Begin a fault; `dead` kills."""
        self._loop.do(self.proxy.break_(mode))
        if mode == "dead":
            self.kill()
            self._is_dead = True

    def mend(self) -> None:
        """End the fault; what was killed is started again."""
        if self._is_dead:
            self.start()
            self._is_dead = False
        try:
            self._loop.do(self.proxy.mend())
        except OSError as error:
            said = f"the proxy for {self.dependency.name} can't listen again: {error.strerror}"
            raise CannotRunError(said) from None

    def _expect_there(self) -> None:
        host, port = self.dependency.target
        try:
            socket.create_connection((host, port), self._run.timeout).close()
        except OSError as error:
            said = f"nothing answers for {self.dependency.name} at {host}:{port}: {error.strerror}"
            raise CannotRunError(said, "start it, or write how: start = [...]") from None
