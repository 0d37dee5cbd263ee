"""One run over a service: which door each check goes through, and in which order they come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from urllib.parse import quote

from prp_pack.evidence.record import Check, Findings, Status
from prp_pack.probes.http import Client
from prp_pack.probes.probe import Run
from prp_pack.probes.service import Target
from prp_pack.probes.websocket import checks, messages, pings
from prp_pack.probes.websocket.link import ClosedError, Door, RefusedError, SilentError, linked
from prp_pack.probes.websocket.messages import Messages
from prp_pack.probes.websocket.scenario import Conversation, DiffersError, several
from prp_pack.probes.websocket.tables import Auth, Scenario, Step, WebSocket

# More is the business of a load test.
_MOST = 5000
_NOBODY = "/prp-nobody-is-here"


class Session:
    """`checks` and `pings` fill while it is held, so that what was seen outlives a dead service.

    Raises `UnreadableError` for an AsyncAPI document or a scenario that makes no sense.
    """

    def __init__(self, run: Run, table: WebSocket, scenarios: Sequence[Scenario]) -> None:
        self._run = run
        self._table = table
        self._scenarios = scenarios
        self._messages = (
            messages.load(run.repository, table.asyncapi) if table.asyncapi else Messages()
        )
        self._expected: set[str] = set()
        self.checks: list[Check] = []
        self.pings = Findings()
        self._count: int = run.options.get("connections") or table.connections
        if self._count > _MOST:
            keys = ("websocket", "connections")
            raise run.settings.error(f"{self._count} connections are more than {_MOST}", keys)
        for scenario in table.scenarios:
            self._expect_sense(scenario, table.scenarios.index(scenario))

    def _expect_sense(self, scenario: Scenario, index: int) -> None:
        keys = ("websocket", "scenarios", str(index))
        for name in scenario.ignore:
            self._expect_known(name, keys)
        for at, step in enumerate(scenario.steps):
            here = (*keys, "steps", str(at))
            if _kinds(step) != 1:
                help_ = "one of send, http, expect (or contains), quiet"
                raise self._run.settings.error("a step does one thing", here, help_)
            for each in several(step) if step.expect is not None else []:
                if isinstance(each, str):
                    self._expect_known(each, here)
                else:
                    try:
                        messages.flaw_by(each, None)
                    except ValueError as error:
                        raise self._run.settings.error(f"“expect” {error}", here) from None

    def _expect_known(self, name: str, keys: Sequence[str]) -> None:
        if name not in self._messages.validators:
            known = ", ".join(self._messages.validators)
            help_ = f"known are {known}" if known else 'write asyncapi = "…" into [websocket]'
            raise self._run.settings.error(f"there is no message “{name}”", keys, help_)

    def hold(self, target: Target) -> None:
        """Make all checks on a service that answers."""
        asyncio.run(self._hold(target))

    async def _hold(self, target: Target) -> None:
        first_scenario = self._scenarios[0]
        first = self._door(target, first_scenario)
        openings = list(self._scenarios)
        if (auth := self._table.auth) and auth.path:
            openings.append(replace(first_scenario, path=auth.path))
        doors = {(each.path, each.subprotocols): self._door(target, each) for each in openings}
        for door in doors.values():
            await self._see(checks.handshake(door))
        if any(check.status is Status.FAIL for check in self.checks):
            # Nothing behind a closed door can be told from the door.
            return
        await self._refused(first)
        for scenario in self._scenarios:
            self._run.tell(f"scenario {scenario.name}", None)
            await self._see(self._held(target, scenario))
        self._run.tell("malformed messages", None)
        table = self._table
        async for check in checks.malformed(first, table.malformed, table.max_message):
            self.checks.append(check)
        await self._see(checks.reconnect(first))
        self._run.tell("many connections", None)
        count = self._count
        await self._see(checks.at_once(first, count))
        for scenario in self._scenarios:
            if scenario.at_once:
                await self._see(self._held_by_all(target, scenario, count))
        self._uncovered()
        limit = self._run.options.get("max_ping") or table.max_ping
        asked = pings.Asked(table.pings, table.percentile, limit, self._run.seed)
        self.pings = await pings.measured(first, asked, self._run.tell)
        self.checks += self.pings.checks

    async def _see(self, check: Awaitable[Check]) -> None:
        self.checks.append(await check)

    async def _refused(self, first: Door) -> None:
        if auth := self._table.auth:
            path = auth.path or self._scenarios[0].path
            bare = replace(first, path=path, headers=_without(auth, first))
            await self._see(checks.is_refused("auth without a token", bare))
            wrong = _bearing(bare, replace(auth, value=_spoiled(auth.value)))
            await self._see(checks.is_refused("auth with a wrong token", wrong))
            said = "every handshake above carried it"
            self.checks.append(Check("auth with the token", Status.PASS, said, bare.where))
        for path in self._table.refused or (_NOBODY,):
            door = replace(first, path=path)
            await self._see(checks.is_refused(f"refused {path.partition('?')[0]}", door))

    def _door(self, target: Target, scenario: Scenario) -> Door:
        headers = {**target.service.headers, **scenario.headers}
        door = Door(
            target.base_url, scenario.path, self._run.timeout, headers, scenario.subprotocols
        )
        return _bearing(door, self._table.auth) if self._table.auth else door

    async def _held(self, target: Target, scenario: Scenario) -> Check:
        where = scenario.path.partition("?")[0]
        try:
            await self._converse(target, scenario)
        except (DiffersError, RefusedError, ClosedError, SilentError) as error:
            return Check(scenario.name, Status.FAIL, str(error), where)
        steps = len(scenario.steps)
        said = f"{steps} steps, each as it should be" if steps else "opened and closed"
        return Check(scenario.name, Status.PASS, said, where)

    async def _converse(self, target: Target, scenario: Scenario) -> None:
        def client() -> Client:
            return target.client(self._run.timeout)

        async with linked(self._door(target, scenario)) as link:
            held = Conversation(link, self._messages, client, self._run.timeout)
            try:
                await held.hold(scenario)
            finally:
                self._expected |= held.expected

    async def _held_by_all(self, target: Target, scenario: Scenario, count: int) -> Check:
        where = scenario.path.partition("?")[0]
        found = await asyncio.gather(*(self._held(target, scenario) for _ in range(count)))
        flaws = [check.message for check in found if check.status is Status.FAIL]
        id_ = f"{scenario.name}, {count} at once"
        if flaws:
            said = f"{len(flaws)} of {count} failed: {flaws[0]}"
            return Check(id_, Status.FAIL, said, where)
        return Check(id_, Status.PASS, "each as it should be", where)

    def _uncovered(self) -> None:
        left = sorted(self._messages.sent - self._expected)
        if left and not self._run.options.get("scenario"):
            said = f"no scenario has received {', '.join(left)}"
            self.checks.append(Check("coverage", Status.WARN, said, self._messages.path))


def _kinds(step: Step) -> int:
    expects = step.expect is not None or step.contains is not None
    return sum((step.send is not None, step.http is not None, expects, step.quiet is not None))


def _bearing(door: Door, auth: Auth) -> Door:
    if auth.query:
        sign = "&" if "?" in door.path else "?"
        said = f"{door.path}{sign}{quote(auth.query)}={quote(auth.value, safe='')}"
        return replace(door, path=said)
    return replace(door, headers={**door.headers, auth.header: auth.value})


def _without(auth: Auth, door: Door) -> dict[str, str]:
    name = "" if auth.query else auth.header.lower()
    return {key: value for key, value in door.headers.items() if key.lower() != name}


def _spoiled(value: str) -> str:
    """Return a token of the same form that isn't the right one."""
    scheme, space, token = value.rpartition(" ")
    return f"{scheme}{space}{token[::-1]}x"
