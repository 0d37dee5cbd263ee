"""Phase numbers, types and complexities, as people write them in file names and text."""

from __future__ import annotations

import re

from prp_pack.model import Complexity, PhaseType
from prp_pack.regex import regex

_IN_NAME = regex(r"phase[-_ ]?0*(\d{1,4})(?!\d)", re.IGNORECASE)
_IN_TEXT = regex(
    r"\bphases?[ _-]*((?:\d{1,4}(?:\s*(?:,|and|&|-|–|to)\s*(?:phases?[ _-]*)?)?)+)", re.IGNORECASE
)
_BARE = regex(r"\s*\d{1,4}(?:\s*(?:,|and|&|-|–|to)\s*\d{1,4})*\s*", re.IGNORECASE)
_RANGE = regex(r"(\d{1,4})\s*(?:-|–|to)\s*(\d{1,4})")
_NONE = regex(r"(?:|none\b.*|no\b.*|nothing\b.*|n/?a\b.*|[-–—]+)", re.IGNORECASE | re.DOTALL)
_NUMBER = regex(r"\d{1,4}")

_TYPES = {type_.value: type_ for type_ in PhaseType}
_COMPLEXITIES = {level.value: level for level in Complexity}

# What other plans call a type; `prp` accepts it and says what it read.
TYPE_ALIASES = {
    "frontend": PhaseType.INTEGRATION,
    "backend": PhaseType.FOUNDATION,
    "finalization": PhaseType.OPTIMIZATION,
    "finalisation": PhaseType.OPTIMIZATION,
    "optimisation": PhaseType.OPTIMIZATION,
}


def number_in_name(path: str) -> int | None:
    """Return the phase number that a file name carries: `PHASE2_REQUIREMENTS.md` gives 2."""
    match = _IN_NAME.search(path.rpartition("/")[2])
    return int(match[1]) if match else None


def numbers_in_text(text: str) -> tuple[int, ...]:
    """Return the phases that a text names: `Phase 1 (API), Phases 2-3` gives `(1, 2, 3)`.

    A text of nothing but numbers, such as `1, 2`, needs no such word.
    """
    if _BARE.fullmatch(text):
        text = f"phases {text.strip()}"
    found: set[int] = set()
    for match in _IN_TEXT.finditer(text):
        run = match[1]
        for low, high in _RANGE.findall(run):
            # A range wider than any plan is a year or a version, not phases.
            if int(high) - int(low) <= 100:  # noqa: PLR2004
                found.update(range(int(low), int(high) + 1))
        found.update(int(number) for number in _NUMBER.findall(run))
    return tuple(sorted(found))


def dependencies_in_text(text: str) -> tuple[int, ...] | None:
    """Return the phases that a text names, none for “None (first phase)”; None when unclear."""
    numbers = numbers_in_text(text)
    says_none = _NONE.fullmatch(text.strip()) is not None
    return numbers if numbers or says_none else None


def phase_type(word: object) -> tuple[PhaseType | None, str]:
    """Return the type that a word means, and the word itself when it was an alias."""
    if not isinstance(word, str):
        return None, ""
    name = word.strip().lower().replace(" ", "_")
    if name in _TYPES:
        return _TYPES[name], ""
    return TYPE_ALIASES.get(name), name


def complexity(word: object) -> Complexity | None:
    name = word.strip().lower() if isinstance(word, str) else ""
    return _COMPLEXITIES.get(name)


def as_number(value: object) -> int | None:
    """Return a whole number from 0 to 9999; `True` is none, and neither is `2.5`."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,4}\s*", value, re.ASCII):
        return int(value)
    return value if isinstance(value, int) and 0 <= value <= 9999 else None  # noqa: PLR2004
