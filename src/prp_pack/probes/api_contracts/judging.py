"""What the answers of a service say about its contract, from the events that schemathesis wrote."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from prp_pack.evidence.record import Check, Status
from prp_pack.probes.openapi.operations import Operation

Event: TypeAlias = Any

# Kinds of failures, by the names of their classes in schemathesis.
_SERVER_ERROR, _UNDOCUMENTED = "ServerError", "UndefinedStatusCode"
_OF_A_BODY = ("MissingContentType", "UndefinedContentType", "MalformedJson")
_NO_CONTENT = 204
_BROKEN = 500
_GONE = 404
# What is there already, is there no more, or was asked too often: not of the request itself.
_OF_THE_MOMENT = (409, 410, 429)
_SHOWN_KINDS, _SHOWN = 3, 160


@dataclass(frozen=True)
class Flaw:
    """An answer that the contract doesn't allow; `request` is its method and path as sent."""

    kind: str
    status: int
    request: str
    said: str


@dataclass
class Observed:
    """What was seen of one operation: answers by their status, and what was wrong with them."""

    statuses: Counter[int] = field(default_factory=Counter)
    flaws: list[Flaw] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    skipped: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether one answer at least was a 2xx."""
        return any(status // 100 == 2 for status in self.statuses)  # noqa: PLR2004

    @property
    def counted(self) -> str:
        return ", ".join(f"{status} × {n}" for status, n in sorted(self.statuses.items()))


def observed(lines: Iterable[str]) -> tuple[dict[str, Observed], bool]:
    """Return what was seen, by the operations' labels (`GET /items`), and whether it is all."""
    found: dict[str, Observed] = {}
    ended = False
    for line in lines:
        # Most of the file are requests and answers; what else is in it is short.
        ((name, event),) = json.loads(line).items()
        if name == "ScenarioFinished":
            _add_scenario(found, event)
        elif name == "NonFatalError" and event.get("related_to_operation"):
            said = str(event["value"].get("message") or event["value"].get("type"))
            found.setdefault(event["label"], Observed()).unanswered.append(said)
        elif name == "EngineFinished":
            ended = event.get("stop_reason") == "completed"
    return found, ended


def _add_scenario(found: dict[str, Observed], event: Event) -> None:
    recorder = event["recorder"]
    seen = found.setdefault(recorder["label"], Observed())
    if event["status"] == "skip" and event.get("skip_reason"):
        seen.skipped = str(event["skip_reason"])
    for case, interaction in recorder.get("interactions", {}).items():
        response = interaction.get("response")
        if not response:
            continue
        status = response["status_code"]
        seen.statuses[status] += 1
        sent = interaction["request"]
        parts = urlsplit(sent["uri"])
        request = f"{sent['method']} {parts.path}{'?' if parts.query else ''}{parts.query}"
        for kind, said in _failures(recorder.get("checks", {}).get(case, ())):
            seen.flaws.append(Flaw(kind, status, request, said))


def _failures(checks: Iterable[Event]) -> Iterator[tuple[str, str]]:
    """Yield kind and description of each failure of an answer, each kind once."""
    kinds = set()
    for check in checks:
        if check["status"] == "failure":
            failure = check["failure_info"]["failure"]
            if failure["type"] not in kinds:
                kinds.add(failure["type"])
                yield failure["type"], _described(failure)


def _described(failure: Event) -> str:
    lines = [line.strip() for line in str(failure.get("message", "")).splitlines()]
    places = [line.removesuffix(":") for line in lines if line.startswith("Schema at /")]
    said = next((line for line in lines if line), "")
    at = f" ({places[0][0].lower()}{places[0][1:]})" if places else ""
    return f"{failure['title'].lower()}: {said}{at}" if said else str(failure["title"]).lower()


def check_of(operation: Operation, seen: Observed | None) -> Check:
    """Return the check of one operation.

    A status that it documents is no failure, but for 500, which promises nothing. An undocumented
    409, 410 or 429 is told and fails nothing, and so is whatever is wrong with a 404 for a thing
    that was made up.
    """
    name = operation.name
    documented = frozenset(each.status for each in operation.replies)
    if seen is None or not (seen.statuses or seen.unanswered):
        why = f": {seen.skipped}" if seen and seen.skipped else ""
        return Check(name, Status.FAIL, f"nothing was sent{why}", name)
    flaws = [each for each in seen.flaws if not _is_allowed(each, documented)]
    told = [each for each in flaws if _is_excusable(each, operation)]
    broken = [each for each in flaws if each not in told]
    data: Mapping[str, object] = {"statuses": {str(k): n for k, n in sorted(seen.statuses.items())}}
    if broken or seen.unanswered:
        return Check(name, Status.FAIL, _said(broken, seen), name, data)
    if told:
        return Check(name, Status.WARN, _said(told, seen), name, data)
    if not seen.succeeded and _promises_success(documented):
        return Check(name, Status.WARN, f"as documented, but never 2xx: {seen.counted}", name, data)
    return Check(name, Status.PASS, f"as documented: {seen.counted}", name, data)


def _is_allowed(flaw: Flaw, documented: frozenset[str]) -> bool:
    if flaw.kind == _SERVER_ERROR:
        return flaw.status != _BROKEN and str(flaw.status) in documented
    if flaw.kind == _UNDOCUMENTED:
        # Said of a server error already.
        return flaw.status >= _BROKEN
    # Nobody reads the body of a redirect, whatever a framework documents of it.
    return flaw.kind in _OF_A_BODY and (flaw.status // 100 == 3 or flaw.status == _NO_CONTENT)  # noqa: PLR2004


def _is_excusable(flaw: Flaw, operation: Operation) -> bool:
    # A made up thing need not be there, and who says so may be a router that knows no contract.
    if flaw.status == _GONE:
        return "{" in operation.path
    return flaw.status in _OF_THE_MOMENT and flaw.kind == _UNDOCUMENTED


def _promises_success(documented: frozenset[str]) -> bool:
    return any(each.startswith("2") for each in documented)


def _said(flaws: list[Flaw], seen: Observed) -> str:
    kinds: dict[tuple[str, int, str], list[Flaw]] = {}
    for each in flaws:
        kinds.setdefault((each.kind, each.status, each.said), []).append(each)
    shown = [_one(same) for same in sorted(kinds.values(), key=len, reverse=True)]
    more = len(shown) - _SHOWN_KINDS
    parts = shown[:_SHOWN_KINDS] + ([f"and {more} more"] if more > 0 else [])
    if seen.unanswered:
        said = f"{len(seen.unanswered)} requests without an answer: {seen.unanswered[0][:_SHOWN]}"
        parts.insert(0, said)
    return "; ".join(parts)


def _one(same: list[Flaw]) -> str:
    first = same[0]
    times = f", {len(same)} times" if len(same) > 1 else ""
    return f"{first.request[:_SHOWN]} answered {first.status}{times}: {first.said[:_SHOWN]}"
