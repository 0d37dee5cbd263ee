"""The service that a probe works on: started or found, and known to be the right one.

`[service]` of the configuration says how it is started and where it answers. A probe that measures
the wrong process measures nothing, so the process that was started must own the port.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from prp_pack.gate.process import CannotRunError as CannotStartError
from prp_pack.gate.process import Job
from prp_pack.gate.service import Address, Fault, ServiceError, address_of, connects, serving
from prp_pack.gate.service import Service as Serving
from prp_pack.probes.http import Client, NoAnswerError
from prp_pack.probes.probe import CannotRunError, Run, ServiceEndedError
from prp_pack.probes.quantities import Seconds, Word
from prp_pack.repository import UnreadableError

_SHOWN_LINES = 5
# A process that has closed its connections may take a moment until it is gone, in seconds.
_DYING, _PAUSE = 0.5, 0.02


@dataclass(frozen=True)
class Service:
    """`[service]`: `start` is the words of the command; `ready` an address, else the base URL.

    `openapi` is where its contract lies: a path on the service, such as `/openapi.json`, or a
    file. `headers` go with every request. `allowed_hosts` are those that load and faults may be
    sent to, beside this machine.
    """

    base_url: str = ""
    start: tuple[Word, ...] = ()
    ready: str = ""
    ready_timeout: Seconds = 60.0
    environment: Mapping[str, str] = field(default_factory=dict)
    openapi: str = "/openapi.json"
    headers: Mapping[str, str] = field(default_factory=dict)
    allowed_hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """A service that answers. `process` is what was started; None for one that was there."""

    base_url: str
    service: Service
    process: psutil.Process | None = None
    serving: Serving | None = None

    def client(self, timeout: float) -> Client:
        return Client(self.base_url, timeout, self.service.headers)

    @property
    def processes(self) -> tuple[psutil.Process, ...]:
        """What was started, with all that it started and that runs now."""
        if self.process is None:
            return ()
        try:
            return (self.process, *self.process.children(recursive=True))
        except psutil.NoSuchProcess:
            return ()


def described(run: Run) -> Iterator[str]:
    """Yield what a dry run says of the service."""
    service = run.settings.table("service", Service)
    yield f"service: {base_url(run, service)}"
    if starts(run, service):
        yield f"started by: {' '.join(service.start)}"


def base_url(run: Run, service: Service) -> str:
    """Return the base URL without a slash at its end; raises `UnreadableError` for none."""
    found = (run.base_url or service.base_url).rstrip("/")
    parts = urlsplit(found)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        said = f"“{found}” is no base URL" if found else "nothing says where the service answers"
        help_ = 'write base_url = "http://127.0.0.1:8000" into [service], or give --base-url'
        raise run.settings.error(said, ("service", "base_url"), help_)
    try:
        _ = parts.port
    except ValueError as error:
        raise run.settings.error(f"“{found}”: {error}", ("service", "base_url")) from None
    return found


def starts(run: Run, service: Service) -> bool:
    """Tell whether the probe starts the service itself; raises `UnreadableError` if it can't."""
    if run.start and not service.start:
        help_ = 'write start = ["python", "-m", "app"] into [service], or leave --start out'
        raise run.settings.error("[service] has no “start”", ("service",), help_)
    return bool(service.start) if run.start is None else run.start


@contextmanager
def target(
    run: Run,
    *,
    environment: Mapping[str, str] | None = None,
    log: str = "service",
    folder: Path | None = None,
) -> Iterator[Target]:
    """Have the service up, and yield where; it is stopped afterwards if it was started here.

    `environment` adds to what it is started with, `folder` is where, the project unless told.
    Raises `CannotRunError` when it doesn't answer, and when somebody else answers in its place;
    `ServiceEndedError` when it was ready and then ended, whatever that made of the probe's work.
    """
    service = run.settings.table("service", Service)
    url = base_url(run, service)
    if not starts(run, service):
        expect_answer(url, service, run.timeout)
        where = address_of(address(url))
        with _alive(lambda: connects(where), lambda: f"nothing answers at {url} any more"):
            yield Target(url, service)
        return
    job, ready = start_of(run, service, environment or {}, log, folder)
    is_ready = False
    try:
        with serving(job, ready, lambda _: run.tell("starting the service", None)) as serving_:
            is_ready = True
            process = psutil.Process(serving_.pid)
            with _alive(
                lambda: serving_.is_alive,
                lambda: f"service ended{_last(serving_.tail.splitlines())}",
            ):
                for end in dict.fromkeys((ready, address(url))):
                    expect_owner(address_of(end), process)
                expect_answer(url, service, run.timeout)
                yield Target(url, service, process, serving_)
    except ServiceError as error:
        said = f"{error.reason}{_last(error.last_lines)}"
        if is_ready and error.fault is Fault.ENDED:
            raise ServiceEndedError(said) from None
        help_ = (
            "stop it, or give --no-start to measure it as it is" if error.outcome is None else ""
        )
        raise CannotRunError(said, help_) from None
    except CannotStartError as error:
        raise CannotRunError(f"the service: {error.reason}", error.help) from None


@contextmanager
def _alive(is_alive: Callable[[], bool], gone: Callable[[], str]) -> Iterator[None]:
    """Tell apart what a probe couldn't do as its service has ended, and what it never could."""
    try:
        yield
    except ServiceEndedError:
        # Of another service that is up at the same time.
        raise
    except CannotRunError as error:
        deadline = time.monotonic() + _DYING
        while is_alive():
            if time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE)
        raise ServiceEndedError(f"{gone()}: {error.reason}") from None


def _last(lines: Sequence[str]) -> str:
    said = "; ".join(line for line in lines[-_SHOWN_LINES:] if line.strip())
    return f" ({said})" if said else ""


def start_of(
    run: Run,
    service: Service,
    environment: Mapping[str, str],
    log: str,
    folder: Path | None = None,
) -> tuple[Job, str]:
    """Return how the service is started, and the address that says when it is ready."""
    job = Job(
        argv=service.start,
        folder=folder or run.repository.root,
        environment={**run.environment, **service.environment, **environment},
        timeout=service.ready_timeout,
        log=run.artefacts / f"{log}.log",
        marker=f"{run.folder.rpartition('/')[2]}-{log}",
    )
    return job, service.ready or address(base_url(run, service))


def expect_answer(url: str, service: Service, timeout: float) -> None:
    """Raise `CannotRunError` unless something speaks HTTP at a base URL, whatever it says."""
    try:
        with Client(url, timeout, service.headers) as client:
            client.ask("GET", urlsplit(service.ready).path or "/")
    except NoAnswerError as error:
        help_ = "start it first, or write how into [service]: start = [...]"
        raise CannotRunError(f"nothing answers at {url}: {error}", help_) from None


def expect_owner(address: Address, process: psutil.Process) -> None:
    """Raise `CannotRunError` when another process than the started one listens at an address.

    Where the system doesn't tell who listens, nothing is said.
    """
    if not address.is_own:
        return
    try:
        family = {process.pid, *(child.pid for child in process.children(recursive=True))}
        listening = [
            link.pid
            for link in psutil.net_connections("tcp")
            if link.status == psutil.CONN_LISTEN and link.laddr and link.laddr.port == address.port
        ]
    except psutil.Error:
        return
    known = {pid for pid in listening if pid is not None}
    if known and not known & family:
        said = f"port {address.port} does not belong to the started service: {min(known)} has it"
        raise CannotRunError(said, "stop that process, or give --no-start")


def expect_allowed(run: Run, url: str, allowed: Collection[str]) -> None:
    """Raise `UnreadableError` for a host that load or faults must not be sent to."""
    host = urlsplit(url).hostname or ""
    if is_loopback(host) or host in allowed:
        return
    help_ = f'if it is yours: allowed_hosts = ["{host}"] in [service]'
    raise UnreadableError(run.settings.path, f"{host} is not among the allowed hosts", help=help_)


def is_loopback(host: str) -> bool:
    """Tell whether a host's name or address means this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def address(url: str) -> str:
    """Return where a base URL's connections go, as `tcp://host:port`."""
    return f"tcp://{_host(url)}"


def _host(url: str) -> str:
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
