"""Each thing that a phase consumes, held against contract, service and baselines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from prp_pack.evidence.record import Check, Status
from prp_pack.parse import baselines
from prp_pack.parse.contract import Json
from prp_pack.probes.critical_paths import CriticalPath, Performance
from prp_pack.probes.hand_off import calls, channels, live, published
from prp_pack.probes.hand_off.calls import Examples
from prp_pack.probes.hand_off.consumed import Need, Needs
from prp_pack.probes.hand_off.measured import judged, records_of, sound
from prp_pack.probes.hand_off.schemas import EXAMPLE, gaps
from prp_pack.probes.http import Client
from prp_pack.probes.openapi import reading
from prp_pack.probes.openapi.operations import Contract, Operation, fits, parameter_names
from prp_pack.probes.probe import Run
from prp_pack.probes.service import Target
from prp_pack.repository import UnreadableError


@dataclass(frozen=True)
class Found:
    """What was found about one thing: what holds, what a later step brings, what is wrong."""

    holds: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def checks(self, need: Need, *, strict: bool) -> Iterator[Check]:
        """Yield a failure, or what holds and beside it what is still to come."""
        wrong = [*self.wrong, *self.later] if strict else self.wrong
        said = wrong or self.holds
        if said:
            status = Status.FAIL if wrong else Status.PASS
            yield Check(need.words, status, "; ".join(said), str(need.place))
        if self.later and not wrong:
            yield Check(need.words, Status.WARN, "; ".join(self.later), str(need.place))


@dataclass(frozen=True)
class Interfaces:
    """What phase `needs.number` consumes, of a service that is up."""

    run: Run
    needs: Needs
    target: Target

    @property
    def phase(self) -> int:
        """The latest of the phases that hand something over."""
        return self.needs.providers[0]

    def checks(self) -> Iterator[Check]:
        """Yield a check for each thing that is consumed, and for calls that only prepare others."""
        by_need = {need: self._looked_at(need) for need in self.needs.needs}
        operations = {
            need: operation for need in by_need if (operation := self._operation(need)) is not None
        }
        saved: dict[str, Json] = {}
        unasked = {each.name for each in operations.values()}
        with self.target.client(self.run.timeout) as client:
            wanted = tuple(dict.fromkeys(each.name for each in operations.values()))
            sent = calls.of_contract(
                self.contract,
                [each for each in self.contract.operations if each.name in wanted],
                self._examples,
                self.run.settings,
                self.target.base_url,
            )
            for at, (call, flaws) in enumerate(
                live.ask(client, self.contract.document, sent, saved)
            ):
                self.run.tell(f"asking {call.operation.name}", at / len(sent))
                about = [by_need[n] for n, o in operations.items() if o.name == call.operation.name]
                for found in about:
                    found.wrong.extend(flaws)
                unasked.discard(call.operation.name)
                if flaws and not about:
                    said = f"prepares other calls: {'; '.join(flaws)}"
                    yield Check(call.operation.name, Status.WARN, said)
            for need, found in by_need.items():
                if _is_socket(need):
                    self._open(client, need, found, saved)
        for need, found in by_need.items():
            if need in operations and not found.wrong:
                found.holds.append("answers as the contract has it")
            yield from found.checks(need, strict=bool(self.run.options.get("strict")))

    # --- What is consumed, on paper ---

    def _looked_at(self, need: Need) -> Found:
        found = Found()
        if _is_socket(need):
            self._channel(need, found)
        elif need.endpoint:
            self._endpoint(need, found)
        else:
            self._provided(need, found)
        return found

    @cached_property
    def contract(self) -> Contract:
        """The frozen contract, else the one that is published now."""
        frozen = published.of_phase(self.run, self.phase)
        if frozen:
            return frozen
        document, where = published.fetch(self.run, self.target)
        return Contract(where, published.frozen(document))

    @cached_property
    def _is_frozen(self) -> bool:
        return published.of_phase(self.run, self.phase) is not None

    @cached_property
    def _examples(self) -> Examples:
        return self.run.settings.table("examples", Examples)

    def _operation(self, need: Need) -> Operation | None:
        endpoint = need.endpoint
        if endpoint is None or _is_socket(need):
            return None
        return self.contract.find(endpoint.method, endpoint.path)

    def _endpoint(self, need: Need, found: Found) -> None:
        operation = self._operation(need)
        if operation is None:
            found.wrong.append(f"{self.contract.where} lacks it")
            return
        found.holds.append(f"in {self.contract.where}")
        if not self._is_frozen:
            how = f"prp run generate_api_docs --phase={self.phase}"
            found.later.append(f"its contract is not frozen yet: {how}")
        lacks = gaps(self.contract.document, operation)
        if EXAMPLE in lacks:
            lacks.remove(EXAMPLE)
            self._example(operation, found)
        if lacks:
            found.wrong.append(f"has no {', no '.join(lacks)}")
        for path in self._critical(operation):
            self._baseline(path, found)

    def _example(self, operation: Operation, found: Found) -> None:
        how = f"prp run create_integration_examples --target-phase={self.needs.number}"
        if operation.name in self._recorded:
            found.holds.append("has a recorded example")
        elif self._recorded:
            found.wrong.append(f"has no example: {how}")
        else:
            found.later.append(f"has no example yet: {how}")

    @cached_property
    def _recorded(self) -> frozenset[str]:
        """The operations of which an example was run and kept."""
        folder = f"{published.folder_of(self.run, self.phase)}/examples"
        names = []
        for name in self.run.repository.names(folder):
            if name.endswith(".answer.json"):
                with suppress(ValueError, AttributeError):
                    said = json.loads(self.run.repository.read(f"{folder}/{name}").text)
                    names.append(said.get("operation"))
        return frozenset(filter(None, names))

    def _critical(self, operation: Operation) -> Iterator[CriticalPath]:
        templates = [f"{base}{operation.path}" for base in ("", *self.contract.bases)]
        for path in self.run.settings.table("performance", Performance).critical_paths:
            bare = path.path.partition("?")[0]
            if path.method.upper() == operation.method and any(fits(bare, t) for t in templates):
                yield path

    def _baseline(self, path: CriticalPath, found: Found) -> None:
        for number in self.needs.providers:
            file = baselines.path_of("PRPs", number)
            source = self.run.repository.read_if_there(file)
            for one in baselines.parse(source.text, file).metrics if source else ():
                if one.name == path.metric:
                    found.holds.append(f"{one.name} {one.value} {one.unit}".strip())
                    return
        how = f"prp run document_performance_baselines --phase={self.phase}"
        if path.metric in self._measured:
            found.later.append(f"“{path.metric}” is measured and not documented yet: {how}")
        else:
            said = f"is a critical path without a baseline “{path.metric}”: measure it, then {how}"
            found.wrong.append(said)

    @cached_property
    def _measured(self) -> frozenset[str]:
        with suppress(UnreadableError):
            read = records_of(self.run.repository, self.phase, self.run.prp)
            ledger, _ = sound(self.run.repository, read)
            return frozenset(one.name for one in judged(ledger) if not one.refusal)
        return frozenset()

    # --- WebSockets, and what is no endpoint ---

    @cached_property
    def _asyncapi(self) -> Json:
        path = f"{published.folder_of(self.run, self.phase)}/asyncapi.json"
        if source := self.run.repository.read_if_there(path):
            return reading.document(source.text, path)
        return published.channels_of(self.run)

    def _channel(self, need: Need, found: Found) -> None:
        endpoint = need.endpoint
        path = endpoint.path if endpoint else ""
        if not self._asyncapi:
            found.wrong.append('no AsyncAPI document describes it: asyncapi = "…" in [websocket]')
            return
        channel = channels.find(self._asyncapi, path)
        if channel is None:
            found.wrong.append("the AsyncAPI document lacks it")
            return
        found.holds.append("in the AsyncAPI document")
        if lacks := channel.gaps():
            found.wrong.append(f"has no {', no '.join(lacks)}")

    def _open(self, client: Client, need: Need, found: Found, saved: dict[str, Json]) -> None:
        path = need.endpoint.path if need.endpoint else ""
        known = {**self._given, **saved}
        names = parameter_names(path)
        if lost := [name for name in names if name not in known]:
            said = f"was not opened: no call of [examples] has or saves {', '.join(lost)}"
            found.wrong.append(said)
            return
        for name in names:
            path = path.replace(f"{{{name}}}", str(known[name]))
        if flaw := live.handshake(client, path):
            found.wrong.append(flaw)
        else:
            found.holds.append("opens")

    @cached_property
    def _given(self) -> dict[str, Json]:
        """The plain parameters of declared calls, by their names."""
        return {
            name: value
            for call in self._examples.calls
            for name, value in call.parameters.items()
            if not calls.VARIABLE.search(str(value))
        }

    def _provided(self, need: Need, found: Found) -> None:
        wanted = need.words.casefold()
        for summary in self.needs.summaries:
            for key, texts in summary.provides.items():
                if any(text.casefold().startswith(wanted) for text in texts):
                    found.holds.append(f"in {summary.path} under provides.{key}")
                    return
        said = "is no METHOD /path, and no completion summary names it under `provides`"
        (found.wrong if self.needs.summaries else found.later).append(said)


def _is_socket(need: Need) -> bool:
    endpoint = need.endpoint
    return endpoint is not None and endpoint.method in ("WEBSOCKET", "WS")
