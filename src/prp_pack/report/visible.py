"""Text of a document as it may be shown: what hides, or commands a terminal, is written out.

A document is hostile input. An escape sequence would repaint the terminal, a bidirectional control
would show a line in another order than it has, a tag character would speak to an agent unseen.
"""

from __future__ import annotations

import unicodedata

from prp_pack.regex import regex

_HIDDEN_CATEGORIES = ("Cc", "Cf", "Cs", "Zl", "Zp")

# Letters and marks by category, and yet nothing that anybody sees.
_BLANK = regex(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff]"
)

# The last two code points of each plane; XML forbids some of them.
_NO_CHARACTER = 0xFFFE

# How the runners of GitHub and Azure begin a command, anywhere in a line of a log.
_RUNNER_COMMAND = regex(r"(?<=#)#(?=\[|vso\[)")

_TAB = "    "


def visible(text: str) -> str:
    """Return the text on one line, with code points in place of what would not be seen."""
    return "".join(cells(text))


def visible_lines(text: str) -> str:
    """Return the text with its lines, each of them visible."""
    return "\n".join(visible(line) for line in text.split("\n"))


def cells(text: str) -> list[str]:
    """Return what is shown of each character; joined they are `visible(text)`."""
    shown = [_shown(character) for character in text]
    for found in _RUNNER_COMMAND.finditer(text):
        shown[found.start()] = _named(found[0])
    return shown


def is_hidden(character: str) -> bool:
    """Tell whether a reader would not see the character, or not see it as it is."""
    return (
        unicodedata.category(character) in _HIDDEN_CATEGORIES
        or ord(character) & _NO_CHARACTER == _NO_CHARACTER
        or bool(_BLANK.match(character))
    )


def width(text: str) -> int:
    """Return how many columns of a terminal the shown text takes."""
    return sum(_width(character) for character in text)


def _shown(character: str) -> str:
    if character == "\t":
        return _TAB
    return _named(character) if is_hidden(character) else character


def _named(character: str) -> str:
    return f"\\u{{{ord(character):x}}}"


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
