"""The fast reader: a line scanner for the Markdown that most documents are written in.

It declines whatever it can't model exactly (underlined headings, HTML, quotes, indented headings
and fences, nested boxes); `tokens` then decides. Where it doesn't decline it gives what `tokens`
gives; a differential test over real and generated documents holds it to that.
"""

from __future__ import annotations

import re

from prp_pack.markdown.parts import Heading, Parts, nested_openings
from prp_pack.model import Checkbox, Comment, Fence

# One search a line decides: most lines are none of these and are passed over.
_SPECIAL = re.compile(
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
_ODD = re.compile(r"[\r\t\x0b\x0c\x1c-\x1f\x85\xa0\u2028\u2029\0]")


def read(lines: list[str]) -> Parts | None:
    """Return the parts of a text's lines without front matter, None when it declines."""
    if any(_ODD.search(line) for line in lines):
        return None
    headings: list[Heading] = []
    fences: list[Fence] = []
    checkboxes: list[Checkbox] = []
    comments: list[Comment] = []
    index, count = 0, len(lines)
    while index < count:
        line = lines[index]
        found = _SPECIAL.match(line)
        if found is None:
            index += 1
            continue
        kind = found.lastgroup if found.lastgroup != "tick" else "box"
        if kind == "heading":
            level = len(found["heading"])
            headings.append((level, _title(line[level:].strip(" ")), index + 1))
            index += 1
        elif kind == "fence":
            marker = found["fence"]
            info = line[len(marker) :]
            if marker[0] == "`" and "`" in info:
                return None
            end = _fence_end(lines, index + 1, marker)
            if end == count:
                return None
            content = "".join(f"{inside}\n" for inside in lines[index + 1 : end])
            nested = tuple(nested_openings(content, marker, index + 2))
            fences.append(Fence(info.strip(), content, index + 1, end + 2, True, nested))
            index = end + 1
        elif kind == "box":
            text = line[found.end() :].strip()
            checkboxes.append(Checkbox(index + 1, found["tick"] != " ", text))
            index += 1
        elif kind == "comment":
            end = _comment_end(lines, index)
            if end == count:
                return None
            text = "\n".join(lines[index : end + 1]).strip()
            comments.append(Comment(index + 1, end + 2, text))
            index = end + 1
        elif kind == "rule" and (index == 0 or not lines[index - 1].strip()):
            index += 1
        else:
            return None
    return Parts(tuple(headings), tuple(fences), tuple(checkboxes), tuple(comments))


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
