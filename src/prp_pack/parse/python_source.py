"""Whether Python source parses. It is never run."""

from __future__ import annotations

import ast
import textwrap
import warnings
from collections.abc import Iterator

# The parser of CPython recurses in C; what is larger or deeper than this is no sample.
MAX_CHARACTERS = 200_000
MAX_BRACKETS = 200


def unparsable(text: str, first_line: int) -> Iterator[tuple[int, str]]:
    """Yield the line and the reason when the text, which may be indented, doesn't parse."""
    if len(text) > MAX_CHARACTERS:
        yield first_line, f"has more than {MAX_CHARACTERS} characters"
    elif _depth(text) > MAX_BRACKETS:
        yield first_line, f"nests more than {MAX_BRACKETS} brackets"
    else:
        try:
            # A sample with an odd escape is a sample all the same.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse(textwrap.dedent(text))
        except SyntaxError as error:
            line = min(max(error.lineno or 1, 1), text.count("\n") + 1)
            yield first_line + line - 1, error.msg.rstrip(".")
        except (RecursionError, MemoryError):
            yield first_line, "nests too deeply"
        except ValueError:
            yield first_line, "has a character that Python forbids"


def _depth(text: str) -> int:
    """Return the deepest nesting of brackets; those in strings and comments count too."""
    depth = deepest = 0
    for character in text:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth = max(depth - 1, 0)
    return deepest
