"""Requests with a limit for the whole answer, and what is wrong with an answer in a fault."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass

from prp_pack.probes.http import Answer, NoAnswerError
from prp_pack.probes.request import Request
from prp_pack.probes.service import Target

_TRACE = re.compile(
    r"Traceback \(most recent call last\)|^\s+at [\w.$<>]+\(.*:\d+\)|\bgoroutine \d+ \[|"
    r"\.rb:\d+:in [`']|^#\d+ /.+\.php\(\d+\)|panicked at ",
    re.MULTILINE,
)
_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a request after `seconds`: an answer, or why there is none."""

    seconds: float
    answer: Answer | None = None
    said: str = ""


class Asking:
    """A request that is under way in a thread of its own, so that a service can't hold us."""

    def __init__(self, target: Target, request: Request, within: float) -> None:
        self._within = within
        self._begun = time.monotonic()
        self._reply: Reply | None = None
        self._thread = threading.Thread(target=self._ask, args=(target, request), daemon=True)
        self._thread.start()

    def _ask(self, target: Target, request: Request) -> None:
        # The limit of the socket is for each piece; that of the whole is kept by who waits.
        with target.client(self._within) as client:
            try:
                answer = client.ask(request.method, request.path, request.body, request.headers)
            except NoAnswerError as error:
                self._reply = Reply(time.monotonic() - self._begun, said=str(error))
            else:
                self._reply = Reply(time.monotonic() - self._begun, answer)

    @property
    def is_over(self) -> bool:
        return self._reply is not None

    def reply(self) -> Reply:
        """Return what came within the limit."""
        self._thread.join(max(0.0, self._begun + self._within - time.monotonic()))
        if self._reply is None:
            return Reply(self._within, said=f"no answer within {self._within:g} s")
        return self._reply


def ask(target: Target, request: Request, within: float) -> Reply:
    """Send a request and return what came of it within so many seconds."""
    return Asking(target, request, within).reply()


def flaw(reply: Reply, statuses: Collection[int] | range) -> str:
    """Return what is wrong with an answer that should have one of some statuses; else empty."""
    answer = reply.answer
    if answer is None:
        return reply.said
    if has_trace(answer):
        return f"answered {answer.status} with the trace of an exception that nobody handled"
    if answer.status not in statuses:
        wanted = (
            f"{statuses[0]} to {statuses[-1]}"
            if isinstance(statuses, range)
            else " or ".join(str(each) for each in statuses)
        )
        said = " ".join(answer.text.split())[:_SHOWN]
        return f"answered {answer.status}, not {wanted}{f': {said}' if said else ''}"
    return ""


def has_trace(answer: Answer) -> bool:
    """Tell whether an answer shows the inside of the program."""
    return _TRACE.search(answer.text) is not None
