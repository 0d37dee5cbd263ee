"""The plan of a load test: which requests, how many a second, how long, from how many users.

Arrivals follow a timetable, not the server: request `j` is due at `j / rate` seconds, and belongs
to user `j % users`. So a user asks once in `users / rate` seconds, and arrivals go on while the
server stands still, for that long at least.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from prp_pack.probes.quantities import Count
from prp_pack.probes.request import Request

# What the generator finds in its environment: where the plan lies, and where the tally goes.
PLAN = "PRP_LOAD_PLAN"
TALLY = "PRP_LOAD_TALLY"


@dataclass(frozen=True)
class Asked(Request):
    """A request of the mix; of all, it is sent as often as its `weight` says."""

    name: str = ""
    weight: Count = 1

    @property
    def title(self) -> str:
        return self.name or f"{self.method} {self.path}"


@dataclass(frozen=True)
class Plan:
    """What the generators do. `rate` is in requests a second, times are in seconds.

    `workers` is the number of processes that send; each has the same number of the `users`.
    """

    base_url: str
    requests: tuple[Asked, ...]
    rate: float
    duration: float
    users: int
    workers: int = 1
    timeout: float = 10.0
    seed: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def arrivals(self) -> int:
        """How many requests are due in all."""
        return self.due_before(self.duration)

    def due_before(self, seconds: float) -> int:
        """Return how many requests are due before a time."""
        # What is a rounding error above a whole number is that number.
        return max(0, math.ceil(round(seconds * self.rate, 6)))

    def due(self, turn: int, worker: int) -> float:
        """Return when the request of a turn is due, in seconds; each worker counts from 0."""
        return (turn * self.workers + worker) / self.rate

    @property
    def digest(self) -> str:
        """What generators on several machines must agree on: all but the headers' secrets."""
        known = {**dataclasses.asdict(self), "headers": sorted(self.headers)}
        return hashlib.sha256(_json(known).encode()).hexdigest()


def users_for(rate: float, period: float, workers: int) -> int:
    """Return how many users ask once in `period` seconds each; as many for each worker."""
    return max(1, math.ceil(rate * period / workers)) * workers


def to_json(plan: Plan) -> str:
    return _json(dataclasses.asdict(plan))


def from_json(text: str) -> Plan:
    loaded = json.loads(text)
    requests = tuple(Asked(**each) for each in loaded.pop("requests"))
    return Plan(requests=requests, **loaded)


def _json(value: object) -> str:
    # A body may hold the dates that TOML has.
    return json.dumps(value, sort_keys=True, default=str)
