"""The fast reader: a line scanner for the Markdown that most documents are written in.

It declines whatever it can't model exactly (underlined headings, HTML, quotes, indented headings
and fences, nested boxes); `tokens` then decides. Where it doesn't decline it gives what `tokens`
gives; a differential test over real and generated documents holds it to that.
"""

from __future__ import annotations

import re

from prp_pack.markdown.parts import Heading, Parts, nested_openings
from prp_pack.model import Checkbox, Comment, Fence
from prp_pack.regex import regex
from prp_pack.values import dataclass

# One search a line decides: most lines are none of these and are passed over.
_SPECIAL = regex(
    r"""
      (?P<heading>\#{1,6})(?=[ \t]|$)
    | (?P<fence>`{3,}|~{3,})
    | (?P<box>[-*+][ ]{1,4}\[(?P<tick>[ xX])\])(?=[ \t]|$)
    | (?P<comment><!--)
    | (?P<decline>
          # an indented one may stand in a list or not
          [ ]+(?:\#{1,6}(?:[ ]|$)|```|~~~|[<>]|=+[ ]*$|-+[ ]*$)
        # a block may begin behind a list's marker
        | [ ]*(?:[-*+]|\d{1,9}[.)])[ ]+(?:```|~~~|[<>]|[-*+][ ]|\d{1,9}[.)][ ])
        | [<>]
        | [=]+[ \t]*$
        | [-*+\d.)> \t]*[-*+.)][ \t]*\[[ xX]\]          # a box in a nested or numbered list
      )
    | (?P<rule>-[-\ \t]*$)
    """,
    re.VERBOSE,
)
# White space that Markdown's own rules and Python's disagree on.
_ODD = regex(r"[\r\t\x0b\x0c\x1c-\x1f\x85\xa0\u2028\u2029\0]")


def read(lines: list[str]) -> Parts | None:
    """Return the parts of a text's lines without front matter, None when it declines."""
    if _ODD.search("\n".join(lines)):
        return None
    found = _Found([], [], [], [])
    index, count = 0, len(lines)
    while index < count:
        special = _SPECIAL.match(lines[index])
        following = index + 1 if special is None else _take(special, lines, index, found)
        if following is None:
            return None
        index = following
    return Parts(
        headings=tuple(found.headings),
        fences=tuple(found.fences),
        checkboxes=tuple(found.checkboxes),
        comments=tuple(found.comments),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What a scan has met so far."""

    headings: list[Heading]
    fences: list[Fence]
    checkboxes: list[Checkbox]
    comments: list[Comment]


def _take(special: re.Match[str], lines: list[str], index: int, found: _Found) -> int | None:
    """Add what begins on this line; returns the index behind it, None to decline."""
    line = lines[index]
    if hashes := special["heading"]:
        title = _title(line[len(hashes) :].strip(" "))
        found.headings.append((len(hashes), title, index + 1))
        return index + 1
    if special["box"]:
        text = line[special.end() :].strip()
        found.checkboxes.append(Checkbox(index + 1, special["tick"] != " ", text))
        return index + 1
    if marker := special["fence"]:
        return _take_fence(marker, lines, index, found)
    if special["comment"]:
        return _take_comment(lines, index, found)
    # A rule below text would underline it.
    alone = index == 0 or not lines[index - 1].strip()
    return index + 1 if special["rule"] and alone else None


def _take_fence(marker: str, lines: list[str], index: int, found: _Found) -> int | None:
    info = lines[index][len(marker) :]
    end = _fence_end(lines, index + 1, marker)
    if end == len(lines) or (marker[0] == "`" and "`" in info):
        return None
    content = "".join(f"{inside}\n" for inside in lines[index + 1 : end])
    nested = tuple(nested_openings(content, marker, index + 2))
    found.fences.append(Fence(info.strip(), content, index + 1, end + 2, True, nested))
    return end + 1


def _take_comment(lines: list[str], index: int, found: _Found) -> int | None:
    end = _comment_end(lines, index)
    if end == len(lines):
        return None
    text = "\n".join(lines[index : end + 1]).strip()
    found.comments.append(Comment(index + 1, end + 2, text))
    return end + 1


def _title(content: str) -> str:
    """Return a heading's text without closing hashes, which a space must part from it."""
    bare = content.rstrip("#")
    return bare.strip(" ") if not bare or bare.endswith(" ") else content


def _fence_end(lines: list[str], start: int, marker: str) -> int:
    """Return the index of the closing marker, the number of lines when there is none."""
    for index in range(start, len(lines)):
        line = lines[index]
        if marker in line:
            bare = line.strip(" ")
            indent = len(line) - len(line.lstrip(" "))
            if indent < 4 and not bare.strip(marker[0]):  # noqa: PLR2004 - four would be code
                return index
    return len(lines)


def _comment_end(lines: list[str], start: int) -> int:
    """Return the index of the line on which the comment ends."""
    for index in range(start, len(lines)):
        at = lines[index].find("-->", 4 if index == start else 0)
        if at >= 0 or (index == start and "-->" in lines[index][2:]):
            return index
    return len(lines)
