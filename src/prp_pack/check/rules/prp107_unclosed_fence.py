from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.markdown import normalise
from prp_pack.model import Fence, Finding, Kind, Severity
from prp_pack.regex import regex

_HEADING = regex(r" {0,3}#{1,6}[ \t]+(\S.*)")
_PROSE = frozenset({"", "markdown", "md", "mdx", "text", "txt"})


@rule(
    "PRP107",
    name="unclosed-fence",
    summary="A fence swallows what follows it, or ends where a fence inside it ends.",
    v2=Severity.ERROR,
    other=Severity.NOTE,
    kinds=(Kind.PRP, Kind.PLAN, Kind.REQUIREMENTS, Kind.SUMMARY),
)
def unclosed_fence(target: Target) -> Iterator[Finding]:
    outer: Fence | None = None
    adrift = False
    for fence in target.document.outline.fences:
        astray = not fence.info and (bool(fence.nested) or not fence.closed)
        # Of fences that go astray in a row, the first is the cause.
        adrift = adrift and astray
        if adrift:
            continue
        if outer and astray:
            # The marker meant to end the outer fence has opened this one.
            yield _cut_short(outer, fence)
            outer, adrift = None, True
        elif not fence.closed:
            if fence.content.strip():
                yield _unclosed(fence)
        elif fence.nested and (line := _swallowed_heading(target, fence)):
            yield _closed_by_next(fence, line)
        elif fence.nested:
            outer = fence


def _name(fence: Fence) -> str:
    return f"fence “{fence.language}”" if fence.language else "fence"


def _unclosed(fence: Fence) -> Finding:
    lines = fence.content.rstrip().split("\n")
    headings = sum(line.startswith(("## ", "### ")) for line in lines)
    what = f"{len(lines)} line{'s' if len(lines) > 1 else ''}"
    if headings:
        what += f", {headings} heading{'s' if headings > 1 else ''} among them"
    message = f"{_name(fence)} is not closed and swallows {what}"
    return Finding(fence.line, message, help="close it with as many backticks as open it")


def _cut_short(outer: Fence, astray: Fence) -> Finding:
    inner = outer.nested[0]
    message = (
        f"{_name(outer)} ends on line {outer.end - 1}, with the fence that opens inside it on line "
        f"{inner}; line {astray.line} then opens another"
    )
    return Finding(outer.line, message, help="give the outer fence more backticks than the inner")


def _swallowed_heading(target: Target, fence: Fence) -> int | None:
    """Return the line of a known section's heading before the first opening inside a fence."""
    if fence.language in _PROSE:
        return None
    for number in range(fence.line + 1, fence.nested[0]):
        heading = _HEADING.fullmatch(target.lines[number - 1])
        if heading and target.matrix.named(normalise(heading[1])):
            return number
    return None


def _closed_by_next(fence: Fence, line: int) -> Finding:
    message = (
        f"{_name(fence)} is not closed before the heading on line {line}; it ends with the fence "
        f"that opens on line {fence.nested[0]}"
    )
    return Finding(fence.line, message, help="close it before the heading")
