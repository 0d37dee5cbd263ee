"""Values as YAML writes them on one line. JSON's strings are YAML's double-quoted ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z_/.][\w./-]*", re.ASCII)
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n", "~"})


def scalar(value: str | float | None) -> str:
    """Return the value as YAML reads it back unchanged; a plain word stays without quotes."""
    if value is None:
        return "null"
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS and not _numeric(value):
        return value
    return json.dumps(value, ensure_ascii=not value.isprintable())


def flow_list(values: Iterable[str | float]) -> str:
    """Return the values as a list on one line."""
    return f"[{', '.join(scalar(value) for value in values)}]"


def _numeric(value: str) -> bool:
    try:
        float(value.replace("_", ""))
    except ValueError:
        return False
    return True
