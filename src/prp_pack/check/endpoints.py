"""HTTP endpoints as plans, summaries and contracts write them, made comparable."""

from __future__ import annotations

import re

from prp_pack.regex import regex
from prp_pack.values import dataclass

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")

_WRITTEN = regex(rf"^({'|'.join(METHODS)}|WebSocket|WS)\s+(/\S*)$", re.IGNORECASE)
# Each begins with a sign and looks back from there, so that a search passes over all else.
# `{code}`, `<int:code>` and `:code` are one way to leave a place open, and so is `$code`.
_PARAMETER = regex(r"\{[^{}\s]{0,100}\}|<(?<=/<)[^<>\s/]{1,100}>|[:$](?<=/[:$])\w{1,100}")

# What may stand before a path that isn't the end of a longer one: a host, or no word.
_BEFORE = regex(r"(?:(?<![\w}])|://[^\s/]{1,100})\Z")
_BEHIND = regex(r"/?(?![\w/{-])")
_HOST = 103


@dataclass(frozen=True, slots=True)
class WrittenEndpoint:
    """An endpoint in words, such as `GET /parcels/{code}`; the method is in capitals."""

    method: str
    path: str


def endpoint_in(words: str) -> WrittenEndpoint | None:
    """Return the endpoint that the words are; None when they say more or something else."""
    match = _WRITTEN.match(" ".join(words.strip("` ").split()))
    return WrittenEndpoint(match[1].upper(), match[2]) if match else None


def template_of(path: str) -> str:
    """Return the path with its parameters' names left out, and without query or last slash."""
    bare = path.partition("?")[0]
    return _PARAMETER.sub("{}", bare).rstrip("/") or "/"


def without_parameters(text: str) -> str:
    """Return the text as `names_path` searches it: the names of parameters are left out."""
    return _PARAMETER.sub("{}", text)


def names_path(text: str, path: str) -> bool:
    """Tell whether a text `without_parameters` names this very path, not only a longer one."""
    wanted = template_of(path)
    at = text.find(wanted)
    while at >= 0:
        begins = _BEFORE.search(text, max(0, at - _HOST), at)
        if begins and _BEHIND.match(text, at + len(wanted)):
            return True
        at = text.find(wanted, at + 1)
    return False
