"""A scenario held over one connection, and what went otherwise than it says."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from prp_pack.probes.http import Client, NoAnswerError
from prp_pack.probes.websocket import messages as known
from prp_pack.probes.websocket.link import ABNORMAL, ClosedError, Link, SilentError
from prp_pack.probes.websocket.messages import Messages
from prp_pack.probes.websocket.tables import Scenario, Step

_SHOWN = 160
_UNNAMED = "a message"


class DiffersError(Exception):
    """A conversation that didn't go as it should; prints as one line."""


@dataclass
class Conversation:
    """What a scenario is held with. `expected` collects the names of messages that came."""

    link: Link
    messages: Messages
    client: Callable[[], Client]
    timeout: float
    expected: set[str] = field(default_factory=set)

    async def hold(self, scenario: Scenario) -> None:
        """Take all steps and end it; raises `DiffersError`."""
        for number, step in enumerate(scenario.steps, start=1):
            try:
                await self._take(scenario, number - 1, step)
            except (ClosedError, SilentError, DiffersError) as error:
                raise DiffersError(f"step {number}, {described(step)}: {error}") from None
        await self._end(scenario)

    async def _take(self, scenario: Scenario, index: int, step: Step) -> None:
        within = step.within or self.timeout
        if step.send is not None:
            await self.link.send(wire(step.send))
        if step.http:
            await self._ask(step)
        if step.expect is not None or step.contains is not None:
            await self._expect(scenario, index, step, within)
        if step.quiet is not None:
            await self._keep_quiet(scenario, step.quiet)

    async def _ask(self, step: Step) -> None:
        request = step.http
        if request is None:
            return

        def ask() -> str:
            with self.client() as client:
                answer = client.ask(request.method, request.path, request.body, request.headers)
            return request.flaw(answer)

        try:
            flaw = await asyncio.to_thread(ask)
        except NoAnswerError as error:
            raise DiffersError(str(error)) from None
        if flaw:
            raise DiffersError(flaw)

    async def _expect(self, scenario: Scenario, index: int, step: Step, within: float) -> None:
        open_ = several(step)
        deadline = time.monotonic() + within
        while open_:
            left = max(0.0, deadline - time.monotonic())
            try:
                said = await self.link.receive(left)
            except SilentError:
                raise SilentError(f"nothing came within {within:g} s") from None
            flaws = [self._flaw(each, said) for each in open_]
            if "" in flaws:
                open_.pop(flaws.index(""))
                self.expected.update(self._names(said))
                if flaw := _lacks(step.contains, said):
                    raise DiffersError(flaw)
            elif not self._is_ignored(scenario, said):
                raise DiffersError(self._otherwise(scenario, index, said, flaws))

    def _flaw(self, expected: object, said: str | bytes) -> str:
        if expected is None:
            return ""
        try:
            value = known.decoded(said)
        except ValueError:
            return "it is no JSON"
        if isinstance(expected, str):
            return self.messages.flaw(expected, value)
        return known.flaw_by(expected, value)

    def _is_ignored(self, scenario: Scenario, said: str | bytes) -> bool:
        return any(not self._flaw(name, said) for name in scenario.ignore)

    def _otherwise(
        self, scenario: Scenario, index: int, said: str | bytes, flaws: Sequence[str]
    ) -> str:
        """Return what is wrong with a message that wasn't the expected one."""
        for number, step in enumerate(scenario.steps[index + 1 :], start=index + 2):
            if any(each is not None and not self._flaw(each, said) for each in several(step)):
                return f"out of order: {shown(said)} belongs to step {number}"
        names = self._names(said)
        what = f"“{names[0]}” came" if names else flaws[0]
        return f"{what}: {shown(said)}"

    def _names(self, said: str | bytes) -> tuple[str, ...]:
        try:
            return self.messages.names_of(known.decoded(said))
        except ValueError:
            return ()

    async def _keep_quiet(self, scenario: Scenario, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                said = await self.link.receive(left)
            except SilentError:
                return
            if not self._is_ignored(scenario, said):
                raise DiffersError(f"{shown(said)} came")

    async def _end(self, scenario: Scenario) -> None:
        if not scenario.close:
            code = await self.link.close()
            if code == ABNORMAL:
                raise DiffersError("the end: the service doesn't answer a close frame")
            return
        try:
            while True:
                said = await self.link.receive(self.timeout)
                if not self._is_ignored(scenario, said):
                    raise DiffersError(f"the end: {shown(said)} came, not a close frame")
        except ClosedError as error:
            if error.code != scenario.close:
                raise DiffersError(f"the end: {error}, not with {scenario.close}") from None
        except SilentError:
            said = f"not closed within {self.timeout:g} s"
            raise DiffersError(f"the end: {said}") from None


def wire(value: object) -> str:
    """Return what goes over the wire: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def described(step: Step) -> str:
    """Return a step in a few words."""
    if step.http:
        return f"{step.http.method} {step.http.path}"
    if step.send is not None:
        return f"send {shown(wire(step.send))}"
    if step.quiet is not None:
        return "quiet"
    names = (each if isinstance(each, str) else _UNNAMED for each in several(step))
    return f"expect {' and '.join(names)}"


def several(step: Step) -> list[object]:
    """Return what a step expects; None stands for any message."""
    return list(step.expect) if isinstance(step.expect, list | tuple) else [step.expect]


def shown(said: str | bytes) -> str:
    text = said if isinstance(said, str) else repr(said)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _lacks(part: object, said: str | bytes) -> str:
    """Return that a message lacks what it should contain; empty when it has it."""
    if part is None:
        return ""
    if isinstance(part, str):
        text = said if isinstance(said, str) else said.decode("utf-8", "replace")
        return "" if part in text else f"without “{part}”: {shown(said)}"
    try:
        held = is_part(part, known.decoded(said))
    except ValueError:
        held = False
    return "" if held else f"without {json.dumps(part)}: {shown(said)}"


def is_part(part: object, whole: object) -> bool:
    """Tell whether a JSON value has all that another one has; lists must be of one length."""
    if isinstance(part, Mapping):
        return isinstance(whole, Mapping) and all(
            key in whole and is_part(value, whole[key]) for key, value in part.items()
        )
    if isinstance(part, list):
        return (
            isinstance(whole, list) and len(part) == len(whole) and all(map(is_part, part, whole))
        )
    # To Python 1, 1.0 and true are one value; to JSON true is another.
    return part == whole and isinstance(part, bool) == isinstance(whole, bool)
