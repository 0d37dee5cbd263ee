from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check import suppression
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding
from prp_pack.regex import regex
from prp_pack.schema.template import fingerprint

_BARE_WORD = regex(r"\w*")
_SHOWN = 60


@rule(
    "PRP302",
    name="template-residue",
    summary="Guidance or a sample of the template was left as it was.",
)
def template_residue(target: Target) -> Iterator[Finding]:
    run: list[int] = []
    for number, line in enumerate((*target.lines, ""), start=1):
        if _is_residue(target, number, line):
            run.append(number)
        elif run:
            yield _finding(target, run)
            run = []


def _is_residue(target: Target, number: int, line: str) -> bool:
    if not _found(target, line) or number in suppression.comment_lines(target.document):
        return False
    spec = target.spec_at(number)
    return spec is None or not spec.carried


def _found(target: Target, line: str) -> str:
    """Return what of the line is the template's: all of it, or a comment within."""
    bare = line.strip()
    pieces = (bare, *_comments(bare)) if "<!--" in bare else (bare,)
    for piece in pieces:
        if fingerprint(piece) in target.template.guidance:
            return "" if _BARE_WORD.fullmatch(bare) else piece
    return ""


def _comments(line: str) -> Iterator[str]:
    """Yield the comments within a line; by hand, as a search would look to the end at each."""
    start = line.find("<!--")
    while start >= 0 and (end := line.find("-->", start + 4)) >= 0:
        yield line[start : end + 3]
        start = line.find("<!--", end + 3)


def _finding(target: Target, run: list[int]) -> Finding:
    first = _found(target, target.lines[run[0] - 1])
    shown = first if len(first) <= _SHOWN else f"{first[:_SHOWN]}…"
    more = len(run) - 1
    lines = "line" if more == 1 else "lines"
    rest = f" and {more} {lines} below it are" if more else " is"
    message = f"“{shown}”{rest} the template's own text"
    return Finding(run[0], message, help="replace it by what is true here, or remove it")
