"""A request as the configuration declares it, and which answer is the right one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from prp_pack.probes.http import Answer

_SHOWN = 120


@dataclass(frozen=True)
class Request:
    """One request, and which answer is the right one; `status` 0 accepts any from 200 to 299."""

    path: str
    method: str = "GET"
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    contains: str = ""

    def flaw(self, answer: Answer) -> str:
        """Return what is wrong with an answer; empty when it is the right one."""
        right = answer.status == self.status if self.status else answer.status // 100 == 2  # noqa: PLR2004
        if not right:
            return f"answered {answer.status}: {answer.text[:_SHOWN]}"
        if self.contains and self.contains not in answer.text:
            return f"answered without “{self.contains}”: {answer.text[:_SHOWN]}"
        return ""
