"""`[performance]` of the configuration: the requests whose time matters, and how it is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from prp_pack.probes.http import Client, NoAnswerError
from prp_pack.probes.probe import CannotRunError
from prp_pack.probes.quantities import Count, Milliseconds, Percent, Percentile, Seconds, Word
from prp_pack.probes.request import Request


@dataclass(frozen=True)
class CriticalPath(Request):
    """A request whose time matters. `target` is in milliseconds, `percentile` from 0 to 100."""

    name: str = ""
    target: Milliseconds | None = None
    percentile: Percentile = 95.0

    @property
    def label(self) -> str:
        return self.name or f"{self.method} {self.path}"

    @property
    def metric(self) -> str:
        return f"{self.label} p{self.percentile:g}"


@dataclass(frozen=True)
class Performance:
    """`[performance]`; `prepare` is sent once to a service, before anything is measured.

    The rest is for comparisons of two versions. `revisions` says which commit a phase ended with,
    `build` what makes a fresh checkout runnable, `baseline_start` how the older version is started
    where that isn't `start` of `[service]`. Each launch finds its port in `port_variable`.
    `requests_per_launch` go to each path, after `warm_up` that don't count. `tolerance` is in per
    cent. With `together` false only one launch is up at a time.
    """

    critical_paths: tuple[CriticalPath, ...] = ()
    prepare: tuple[Request, ...] = ()
    requests: Count = 200
    requests_per_launch: Count = 50
    warm_up: Count = 10
    rounds: Count = 8
    tolerance: Percent = 5.0
    port_variable: str = "PORT"
    revisions: Mapping[str, str] = field(default_factory=dict)
    build: tuple[Word, ...] = ()
    build_timeout: Seconds = 600.0
    baseline_start: tuple[Word, ...] = ()
    together: bool = True


def prepare(client: Client, requests: Sequence[Request]) -> None:
    """Send what has to be there before measuring; raises `CannotRunError` for a wrong answer."""
    for request in requests:
        try:
            answer = client.ask(request.method, request.path, request.body, request.headers)
        except NoAnswerError as error:
            raise CannotRunError(f"preparing {request.method} {request.path}: {error}") from None
        if flaw := request.flaw(answer):
            raise CannotRunError(f"preparing {request.method} {request.path}: {flaw}")
