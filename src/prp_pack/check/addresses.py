"""The addresses that a document gives as `url:`, and what is wrong with how they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from prp_pack.check.registry import Target
from prp_pack.parse.references import Reference
from prp_pack.regex import regex

_UNFILLED = regex(r"^\[[^\]]*\]$|[<{]\w+[>}]|\.{3}$|^(?:N/?A|none|TBD)\b", re.IGNORECASE)
_HOST = regex(r"localhost|[^\s.]+(?:\.[^\s.]+)+\.?|[0-9a-f:]*:[0-9a-f:.]*", re.IGNORECASE)


def addresses(target: Target) -> Iterator[Reference]:
    """Yield the `url:` references of a document, without those that are still to be filled in."""
    for reference in target.paths.references:
        if reference.kind != "url" or _UNFILLED.search(reference.name):
            continue
        # What is still to be filled in is PRP301's.
        if reference.line not in target.placeholders:
            yield reference


def wrong(url: str) -> str:
    """Return what is wrong with an address; empty when nothing is."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        return f"is malformed: {str(error).lower()}"
    if parts.scheme not in ("http", "https"):
        return f"has the scheme “{parts.scheme}”" if parts.scheme else "has no scheme"
    if not host:
        return "has no host"
    if not _HOST.fullmatch(host):
        return f"has no host: “{host[:60]}” is none"
    return "has port 0" if port == 0 else ""
