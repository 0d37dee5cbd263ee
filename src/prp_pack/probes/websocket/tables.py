"""`[websocket]` of the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from prp_pack.probes.quantities import Count, Milliseconds, Percentile, Seconds
from prp_pack.probes.request import Request


@dataclass(frozen=True)
class Step:
    """One thing that a scenario does: `send`, `http`, `expect` or `quiet`.

    `send` is a text as it goes over the wire, or a value that goes as JSON. `expect` is the next
    message: its name in the AsyncAPI file, a list of names that come in any order, or a JSON
    schema. `contains` is a text in it, or a value that it has beside others. `within` is how long
    it may take, else `--timeout`; for `quiet` seconds nothing may come.
    """

    send: object = None
    http: Request | None = None
    expect: object = None
    contains: object = None
    within: Seconds | None = None
    quiet: Seconds | None = None


@dataclass(frozen=True)
class Scenario:
    """A conversation over one connection.

    Messages named by `ignore` may come at any time. `close` is the code with which the service
    ends the connection after the last step; with 0 it is ended from here. With `at_once` it is
    also held over all connections at the same time.
    """

    name: str
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    subprotocols: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    close: int = 0
    at_once: bool = False


@dataclass(frozen=True)
class Auth:
    """What a connection must carry: a header, or with `query` a part of the address."""

    value: str
    header: str = "authorization"
    query: str = ""
    path: str = ""


@dataclass(frozen=True)
class WebSocket:
    """`[websocket]`. `refused` are paths at which nobody may connect.

    `malformed` adds to the messages that no service must end of; `max_message` is the size in
    bytes above which it refuses one. `max_ping` is in milliseconds, at `percentile`.
    """

    asyncapi: str = ""
    scenarios: tuple[Scenario, ...] = ()
    auth: Auth | None = None
    refused: tuple[str, ...] = ()
    malformed: tuple[object, ...] = ()
    max_message: int = 0
    connections: Count = 10
    max_ping: Milliseconds | None = None
    percentile: Percentile = 95.0
    pings: Count = 100
