"""`[faults]` of the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, get_args

from prp_pack.probes.quantities import Count, Seconds, Word
from prp_pack.probes.request import Request

Mode = Literal["refuse", "reset", "black_hole", "latency", "slow", "cut", "garbage", "dead"]
"""How a dependency can be of no use; `dead` kills the process itself."""

MODES: tuple[Mode, ...] = get_args(Mode)
# What a service says that knows that it can't: RFC 9110, 15.6.3 to 15.6.5.
UNAVAILABLE = (502, 503, 504)


def address(value: object) -> tuple[str, int]:
    """Return host and port of `host:port`; raises `ValueError`."""
    host, colon, port = str(value).rpartition(":")
    if not isinstance(value, str) or not colon or not host or not port.isdigit():
        raise ValueError("is not an address such as 127.0.0.1:5432")
    if int(port) > 65535:  # noqa: PLR2004 - the largest port
        raise ValueError("has a port above 65535")
    return host.strip("[]"), int(port)


HostAndPort = Annotated[tuple[str, int], address]


@dataclass(frozen=True)
class Expected:
    """What a service must do in one mode: answer with one of `status` `within` seconds."""

    status: tuple[int, ...] | None = None
    within: Seconds | None = None


@dataclass(frozen=True)
class Expectation(Request):
    """A request that needs the dependency, and how it goes when that is broken.

    `status` is the answer of sound times, `during` what may be answered in a fault, `within` how
    soon; `modes` says otherwise for some. `recovery` is how soon after the fault the answer must
    be the sound one again. All times are in seconds.
    """

    during: tuple[int, ...] = UNAVAILABLE
    within: Seconds = 5.0
    recovery: Seconds = 5.0
    modes: Mapping[Mode, Expected] = field(default_factory=dict)

    def during_(self, mode: Mode) -> tuple[int, ...]:
        told = self.modes.get(mode)
        if told and told.status is not None:
            return told.status
        # Slowness may as well be borne.
        borne = (self.status or 200,) if mode in ("latency", "slow") else ()
        return (*borne, *self.during)

    def within_(self, mode: Mode) -> float:
        told = self.modes.get(mode)
        return told.within if told and told.within is not None else self.within


@dataclass(frozen=True)
class Dependency:
    """Something that the service needs and reaches over TCP at `target`.

    The proxy listens at `listen`, by default on a free port of this machine; the service is
    started with `env` set to `value`, in which {address}, {host} and {port} are the proxy's. With
    `start` it is started here, before the service, and can be killed.
    """

    name: str
    target: HostAndPort
    expect: Expectation
    listen: HostAndPort = ("127.0.0.1", 0)
    env: str = ""
    value: str = "{address}"
    modes: tuple[Mode, ...] = MODES
    start: tuple[Word, ...] = ()
    ready: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    latency: Seconds = 1.0
    bytes_per_second: Count = 20


@dataclass(frozen=True)
class WrongRequest(Request):
    """A request that the service must refuse; `status` 0 is any from 400 to 499."""

    name: str = ""


@dataclass(frozen=True)
class Shutdown:
    """How the service ends when it is asked to: `request` is under way then.

    It must be answered, and the service be gone `within` seconds. The signal is TERM.
    """

    request: Request | None = None
    within: Seconds = 10.0


@dataclass(frozen=True)
class Faults:
    """`[faults]`. `dependencies` is None where nothing is said, which is not the same as none.

    `max_body` is the size in bytes above which the service refuses a body; `alive` a path that must
    be answered in every fault. `accepted` are checks of wrong requests that may fail, each with
    the reason.
    """

    dependencies: tuple[Dependency, ...] | None = None
    requests: tuple[WrongRequest, ...] = ()
    max_body: int = 0
    alive: str = ""
    accepted: Mapping[str, str] = field(default_factory=dict)
    shutdown: Shutdown = Shutdown()
