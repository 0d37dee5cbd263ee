"""Expressions that are compiled on first use: all of them compile, and act as compiled ones."""

from __future__ import annotations

import copy
import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest

import prp_pack
from prp_pack.regex import regex


def every_expression() -> Iterator[tuple[str, Any]]:
    """Yield name and expression, of all modules that can be imported here."""
    for found in pkgutil.walk_packages(prp_pack.__path__, "prp_pack."):
        # Of the scripts none is on the way to a check, and one can't be imported beside others.
        if found.name.startswith(("prp_pack.lsp", "prp_pack.assets", "prp_pack.probes")):
            continue
        for name, value in vars(importlib.import_module(found.name)).items():
            values = value if isinstance(value, tuple) else (value,)
            parts = (part for v in values for part in (v if isinstance(v, tuple) else (v,)))
            for part in parts:
                if hasattr(part, "flags_given"):
                    yield f"{found.name}.{name}", part


def test_every_expression_compiles() -> None:
    found = dict(every_expression())
    assert len(found) > 150
    for name, expression in found.items():
        assert isinstance(re.compile(expression.source, expression.flags_given), re.Pattern), name


def test_it_acts_as_a_compiled_one() -> None:
    words = regex(r"(\w+)-(\w+)", re.ASCII)
    (match,) = words.finditer("a-b é-c")
    assert match.groups() == ("a", "b")
    assert words.sub(r"\2", "a-b") == "b"
    assert (words.pattern, words.groups) == (r"(\w+)-(\w+)", 2)
    assert regex(rb"\x00").search(b"a\x00") is not None
    with pytest.raises(AttributeError):
        _ = words.nothing  # type: ignore[attr-defined]


def test_it_can_be_copied() -> None:
    assert copy.deepcopy(regex("a+")).search("baa")[0] == "aa"  # type: ignore[index]
