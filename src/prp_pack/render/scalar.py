"""Values as YAML writes them on one line. JSON's strings are YAML's double-quoted ones."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable

from prp_pack.regex import regex

# `.inf`, `.nan` and `...` mean something to YAML.
_PLAIN = regex(r"(?:[A-Za-z_/]|\.[/A-Za-z_])[\w./-]*", re.ASCII)
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan"})


def scalar(value: str | float | None) -> str:
    """Return the value as YAML reads it back unchanged; a plain word stays without quotes."""
    if value is None:
        return "null"
    if isinstance(value, float):
        return _float(value)
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS and not _numeric(value):
        return value
    return on_one_line(json.dumps(value, ensure_ascii=False))


def flow_list(values: Iterable[str | float]) -> str:
    """Return the values as a list on one line."""
    return f"[{', '.join(scalar(value) for value in values)}]"


def comment(text: object) -> str:
    """Return the text as it stands behind a value: after two spaces and `#`, on the same line."""
    return f"  # {on_one_line(str(text))}"


def on_one_line(text: str) -> str:
    """Return the text with YAML's escapes for what no eye sees, line breaks among them."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    code = ord(character)
    if character.isprintable():
        return character
    if 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004
        # Half of a character: no YAML can hold it.
        return "\N{REPLACEMENT CHARACTER}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004


def _float(value: float) -> str:
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    # YAML takes an exponent for text unless a point stands before it.
    mantissa, e, exponent = repr(value).partition("e")
    return f"{mantissa}{'' if '.' in mantissa else '.0'}{e}{exponent}"


def _numeric(value: str) -> bool:
    try:
        float(value.replace("_", ""))
    except ValueError:
        return False
    return True
