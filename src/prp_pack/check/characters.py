"""Characters that a reader doesn't see: which of them a text needs, and which hide something."""

from __future__ import annotations

import unicodedata
from unicodedata import bidirectional as _direction

from prp_pack.regex import regex

# Invisible, although Unicode files them under letters and marks.
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Signs of category Cf that have a shape of their own.
_VISIBLE = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2"
                     "\U000110bd\U000110cd")  # fmt: skip
_ZWNJ, _ZWJ = "\u200c", "\u200d"
_DIRECTION_MARKS = "\u200e\u200f\u061c"
# Scripts in which a joiner or non-joiner decides how letters look.
_JOINING = frozenset({
    "ARABIC", "SYRIAC", "MONGOLIAN", "NKO", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI",
    "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "KHMER", "MYANMAR", "TIBETAN",
})  # fmt: skip
# England, Scotland and Wales: the only flags that are spelt in tag characters.
_FLAG = regex("\U0001f3f4(?:" + "|".join(
    "".join(chr(0xE0000 + ord(letter)) for letter in name) for name in ("gbeng", "gbsct", "gbwls")
) + ")\U000e007f")  # fmt: skip
_SELECTOR = regex("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u180b-\u180d\u180f]")
# What emoji are filed under, from © to the information sign.
_PICTURED = frozenset(("So", "Sm", "Sk", "Po", "No", "Ll", "Pd"))
# All but ASCII, Latin, dashes and quotes, arrows, and the lines that trees are drawn with.
_SUSPECT = regex(
    r"[^\t\n\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u257f]"
)


def hidden(line: str) -> list[int]:
    """Return the offsets of the characters of a line that nobody sees and nothing needs."""
    if (line.isascii() and line.isprintable()) or not _SUSPECT.search(line):
        return []
    flags = {at for match in _FLAG.finditer(line) for at in range(*match.span())}
    places = (match.start() for match in _SUSPECT.finditer(line))
    return [at for at in places if at not in flags and _is_hidden(line, at)]


def _is_hidden(line: str, at: int) -> bool:
    char = line[at]
    before, after = line[at - 1 : at] if at else "", line[at + 1 : at + 2]
    if _is_selector(char):
        return not _may_be_varied(before, char)
    if unicodedata.category(char) not in ("Cf", "Cc") or char in _VISIBLE:
        return char in _FILLERS
    if char in (_ZWNJ, _ZWJ):
        joins_emoji = char == _ZWJ and _is_emoji(before) and _is_emoji(after)
        return not joins_emoji and _script(before) not in _JOINING
    if char in _DIRECTION_MARKS:
        return all(_direction(other) not in ("R", "AL") for other in line if other != char)
    return True


def _is_selector(char: str) -> bool:
    return _SELECTOR.match(char) is not None


def _may_be_varied(before: str, selector: str) -> bool:
    """Tell whether a variation selector has something before it that has variants."""
    if not before or _is_selector(before):
        return False
    category = unicodedata.category(before)
    if selector in "\ufe0e\ufe0f":
        return before in "0123456789#*" or (category in _PICTURED and not before.isascii())
    return _script(before) in ("CJK", "MONGOLIAN", "MYANMAR") or category == "Sm"


def _is_emoji(char: str) -> bool:
    # Skin tones are Sk; the signs for woman and man are So; VS16 may stand between.
    return bool(char) and (char == "\ufe0f" or unicodedata.category(char) in ("So", "Sk"))


def _script(char: str) -> str:
    return unicodedata.name(char, "").split(" ", 1)[0] if char else ""


def named(char: str) -> str:
    """Return a character as Unicode's tables name it: `U+200B`."""
    return f"U+{ord(char):04X}"
