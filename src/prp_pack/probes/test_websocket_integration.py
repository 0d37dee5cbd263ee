"""Test the WebSockets of a service: handshake, messages, and what it does when things go wrong.

Scenarios of PRPs/prp.toml are held step by step: each message must come in its order, in time, and
fit the schema that the AsyncAPI document gives it. Beside them, on the first scenario's path: who
has no token or asks for a path that isn't there is refused, malformed messages end neither the
service nor a connection without a proper code, many connections are open at once, one that was
lost comes back, and pings are answered within a limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from prp_pack.evidence.record import Check, Findings, Status
from prp_pack.evidence.result import Result
from prp_pack.probes import machine, quantities, service
from prp_pack.probes.probe import CannotRunError, Option, Run
from prp_pack.probes.websocket.tables import Scenario, WebSocket

NAME = "test_websocket_integration"

OPTIONS = (
    Option("--scenario", "Hold this scenario alone.", str, "NAME"),
    Option("--connections", "How many are open at the same time.", quantities.count, "N"),
    Option("--max-ping", "Limit of the percentile of pings.", quantities.milliseconds, "TIME"),
)  # fmt: skip


def plan(run: Run) -> Iterator[str]:
    """Yield what would be tested."""
    yield from service.described(run)
    table = run.settings.table("websocket", WebSocket)
    for scenario in scenarios(run, table):
        yield f"scenario {scenario.name}: {scenario.path}, {len(scenario.steps)} steps"
    if table.auth:
        yield "refused without a token, and with a wrong one"
    yield f"refused at {', '.join(table.refused) or 'a path that nobody has'}"
    yield "malformed messages, reconnecting, pings"
    yield f"{run.options.get('connections') or table.connections} connections at once"


def run(run: Run) -> Result:
    """Test; raises `CannotRunError` when there is no service to be tested."""
    from prp_pack.probes.websocket.session import Session  # noqa: PLC0415 - needs the extra

    table = run.settings.table("websocket", WebSocket)
    chosen = scenarios(run, table)
    url = service.base_url(run, declared := run.settings.table("service", service.Service))
    # Malformed messages and a crowd are nothing to send to other people's services.
    service.expect_allowed(run, url, declared.allowed_hosts)
    facts = machine.facts()
    session = Session(run, table, chosen)
    try:
        with service.target(run) as target:
            session.hold(target)
    except CannotRunError as error:
        if not session.checks:
            raise
        session.checks.append(Check("service", Status.FAIL, error.reason))
    return Result(
        NAME,
        Findings(tuple(session.checks), session.pings.metrics, session.pings.thresholds),
        tools={"websockets": version("websockets"), "jsonschema": version("jsonschema")},
        machine=facts,
    )


def scenarios(run: Run, table: WebSocket) -> tuple[Scenario, ...]:
    """Return what is to be held; raises `UnreadableError` for none."""
    name = run.options.get("scenario")
    found = tuple(each for each in table.scenarios if name in (None, each.name))
    if not found:
        said = f"there is no scenario “{name}”" if name else "there is no scenario"
        help_ = "write [[websocket.scenarios]] tables, each with a name and a path"
        raise run.settings.error(said, ("websocket",), help_)
    return found
