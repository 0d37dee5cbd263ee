"""Which rules a user means by an id, the beginning of an id, or a name."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches

from prp_pack.check.registry import Rule
from prp_pack.regex import regex

_ID = regex(r"PRP\d{0,3}", re.IGNORECASE)


def every() -> tuple[Rule, ...]:
    """Return all rules."""
    # Who reads a project's settings need not run its rules, and most settings name none.
    from prp_pack.check.rules import RULES  # noqa: PLC0415

    return RULES


def meant(word: str) -> frozenset[str]:
    """Return the ids of the rules that a word names; `PRP1` is a family. Empty when it is none."""
    if _ID.fullmatch(word):
        return frozenset(rule.id for rule in every() if rule.id.startswith(word.upper()))
    return frozenset(rule.id for rule in every() if rule.name == word)


def nearest(word: str) -> str:
    """Return the rule's id or name that a word may have been meant for; empty when none is near."""
    known = [*(rule.id for rule in every()), *(rule.name for rule in every())]
    return next(iter(get_close_matches(word.upper(), known, 1) or
                     get_close_matches(word, known, 1)), "")  # fmt: skip


def ids(words: Collection[str]) -> frozenset[str]:
    """Return the ids that the words name; raises `KeyError` with the word that names none."""
    found: set[str] = set()
    for word in words:
        named = meant(word)
        if not named:
            raise KeyError(word)
        found |= named
    return frozenset(found)
