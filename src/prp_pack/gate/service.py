"""Background services of a gate: started, waited for, and stopped with all that they started.

A service is ready when its address answers: `http://` and `https://` with a status from 200 to
399, `tcp://host:port` with a connection. A redirect is an answer and isn't followed; no proxy is
asked. On the own machine a certificate isn't verified, as those of development are self-signed.
Without an address a service counts as ready when it has run for `SETTLED` seconds.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import psutil

from prp_pack.gate.descendants import MARK, named
from prp_pack.gate.process import TICK, Job, Outcome, Progress, Running
from prp_pack.gate.redaction import known, redact

SETTLED = 2.0

_PAUSE = 0.1
_ANSWER = 2.0
# How long a process may still be seen after it has let go of its connections.
_ENDING = 0.5
_PORTS: dict[str, int | None] = {"http": 80, "https": 443, "tcp": None}
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? ([23])\d\d\b")
# A status line is longer nowhere.
_LINE = 4096
_SHOWN_LINES = 15


class Fault(StrEnum):
    """Why a service was of no use."""

    BAD_ADDRESS = "bad-address"
    TAKEN = "taken"
    ENDED = "ended"
    NOT_READY = "not-ready"


class ServiceError(Exception):
    """A service that can't be relied on; prints as one line. `outcome` when it had been started."""

    def __init__(self, fault: Fault, reason: str, outcome: Outcome | None = None) -> None:
        super().__init__(reason)
        self.fault = fault
        self.reason = reason
        self.outcome = outcome

    @property
    def last_lines(self) -> tuple[str, ...]:
        """The end of what the service printed, without secrets."""
        lines = self.outcome.tail.splitlines() if self.outcome else []
        return tuple(lines[-_SHOWN_LINES:])


@dataclass(frozen=True, slots=True)
class Address:
    scheme: str
    host: str
    port: int
    target: str = "/"
    """Path and query, as they are asked for."""

    @property
    def is_own(self) -> bool:
        """Whether it is on this machine, as far as its name says."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def address_of(ready: str) -> Address:
    """Return the address that a gate's `ready=` means; raises `ServiceError` for none."""
    try:
        parts = urlsplit(ready)
        port = parts.port if parts.port is not None else _PORTS.get(parts.scheme)
    except ValueError as error:
        raise ServiceError(Fault.BAD_ADDRESS, f"ready={ready} is no address: {error}") from None
    if parts.scheme not in _PORTS or not parts.hostname or not port:
        shapes = "write http://host:port/path, https://… or tcp://host:port"
        raise ServiceError(Fault.BAD_ADDRESS, f"ready={ready} is no address; {shapes}")
    # It becomes a line of a request; and a name and a password would be in every record.
    if parts.username is not None or re.search(r"[^!-~]", ready):
        reason = "the address of ready= has a user, a space or a letter that isn't ASCII"
        raise ServiceError(Fault.BAD_ADDRESS, reason)
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    return Address(parts.scheme, parts.hostname, port, target)


class Service:
    """A service that is up. `outcome` is there when it has been stopped."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self.outcome: Outcome | None = None

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def is_alive(self) -> bool:
        return self.outcome is None and self._running.is_alive

    @property
    def tail(self) -> str:
        """The end of its output so far, without secrets."""
        return self._running.tail


@contextmanager
def serving(
    job: Job, ready: str, on_tick: Callable[[Progress], None] | None = None
) -> Iterator[Service]:
    """Run a service around what needs it; `job.timeout` is how long it may take to be ready.

    Raises `ServiceError` when it isn't, when it has ended by itself at the end, and when its
    address answers before it is started; `CannotRunError` as `process.run`. `on_tick` is called
    about once a second while it isn't ready.
    """
    address = address_of(ready) if ready else None
    if address and connects(address):
        where = f"{address.host}:{address.port}"
        said = f"another process answers at {where} already{_holder(address, job.environment)}"
        raise ServiceError(Fault.TAKEN, said)
    with Running(job) as running:
        fault = _until_ready(running, job.timeout, address, on_tick)
        if fault:
            late = f"at {ready} within {job.timeout:g} s"
            raise _failed(
                running, fault, late if fault is Fault.NOT_READY else "before it was ready"
            )
        service = Service(running)
        yield service
        if _has_ended(service, address):
            raise _failed(running, Fault.ENDED, "while it was needed")
        service.outcome = running.stop()


def _has_ended(service: Service, address: Address | None) -> bool:
    """Tell whether a service has ended; its connections go a moment before that shows."""
    deadline = time.monotonic() + _ENDING
    while service.is_alive and address and not connects(address) and time.monotonic() < deadline:
        time.sleep(_PAUSE)
    return not service.is_alive


def _holder(address: Address, environment: Mapping[str, str]) -> str:
    """Return who listens at an address, and how to end what a run of ours has left; or nothing."""
    if not address.is_own:
        return ""
    try:
        pids = sorted(
            link.pid
            for link in psutil.net_connections("tcp")
            if link.status == psutil.CONN_LISTEN
            and link.laddr
            and link.laddr.port == address.port
            and link.pid
        )
        holder = psutil.Process(pids[0])
        is_ours = MARK in holder.environ()
    except (psutil.Error, OSError, IndexError):
        # Many systems tell that to their administrator alone.
        return ""
    left = f", started by another run of prp; if that is over: kill {holder.pid}" if is_ours else ""
    return f": process {holder.pid} ({redact(named(holder), known(environment))}){left}"


def _until_ready(
    running: Running,
    seconds: float,
    address: Address | None,
    on_tick: Callable[[Progress], None] | None,
) -> Fault | None:
    begun = tick = time.monotonic()
    while running.is_alive:
        now = time.monotonic()
        left = begun + seconds - now
        if address is None and now - begun >= min(SETTLED, seconds):
            return None
        if address and _answers(address, min(max(left, _PAUSE), _ANSWER)):
            # What answers may still be somebody who came between.
            return None if running.is_alive else Fault.ENDED
        if left <= 0:
            return Fault.NOT_READY
        if on_tick and now >= tick + TICK:
            tick = now
            on_tick(running.progress)
        time.sleep(_PAUSE)
    return Fault.ENDED


def _failed(running: Running, fault: Fault, what: str) -> ServiceError:
    outcome = running.stop()
    if fault is Fault.NOT_READY:
        return ServiceError(fault, f"service did not answer {what}", outcome)
    how = f"with status {outcome.status}" if outcome.status is not None else f"by {outcome.signal}"
    why = f": log cannot be written: {outcome.log_error}" if outcome.log_error else ""
    return ServiceError(fault, f"service ended {how} {what}{why}", outcome)


def connects(address: Address) -> bool:
    """Tell whether anybody takes a connection there."""
    try:
        with socket.create_connection((address.host, address.port), timeout=_ANSWER):
            return True
    except OSError:
        return False


def _answers(address: Address, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    try:
        with socket.create_connection((address.host, address.port), timeout=seconds) as plain:
            if address.scheme == "tcp":
                return True
            if address.scheme == "http":
                return _asked(plain, address, deadline)
            with _context(address).wrap_socket(plain, server_hostname=address.host) as secured:
                return _asked(secured, address, deadline)
    except OSError:
        return False


def _asked(link: socket.socket, address: Address, deadline: float) -> bool:
    """Tell whether a GET is answered as it should; no more than the first line is read."""
    host = f"[{address.host}]" if ":" in address.host else address.host
    link.sendall(
        f"GET {address.target} HTTP/1.1\r\nHost: {host}:{address.port}\r\n"
        "User-Agent: prp-pack\r\nAccept: */*\r\nConnection: close\r\n\r\n".encode("ascii")
    )
    said = b""
    while b"\n" not in said and len(said) < _LINE and (left := deadline - time.monotonic()) > 0:
        link.settimeout(left)
        more = link.recv(_LINE)
        if not more:
            break
        said += more
    return _STATUS.match(said) is not None


def _context(address: Address) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if address.is_own:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
