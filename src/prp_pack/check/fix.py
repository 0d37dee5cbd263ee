"""Apply the edits of findings to a text, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from prp_pack.model import Edit, Finding
from prp_pack.repository import Source
from prp_pack.values import replace

BYTE_ORDER_MARK = "\ufeff"


def apply(source: Source, findings: Iterable[Finding]) -> str:
    """Return the raw text with the findings' edits made; every other byte stays as it was.

    Of edits that overlap, the first in the document is made; the others wait for the next round.
    """
    # The byte order mark is the file's, not the first line's: it stays in front.
    mark = BYTE_ORDER_MARK if source.raw.startswith(BYTE_ORDER_MARK) else ""
    lines = replace(source, raw=source.raw.removeprefix(mark)).raw_lines
    reached = 0
    result: list[str] = []
    edits = dict.fromkeys(finding.fix for finding in findings if finding.fix)
    for edit in sorted(edits, key=lambda edit: (edit.line, edit.end)):
        start, end = edit.line - 1, edit.end - 1
        if start < reached:
            continue
        result += lines[reached:start]
        result += _inserted(edit, source.newline, result)
        reached = end
    result += lines[reached:]
    return mark + "".join(result)


def _inserted(edit: Edit, newline: str, before: list[str]) -> list[str]:
    if not edit.text:
        return []
    text = edit.text.replace("\n", newline)
    # A last line without newline must not run into what is put behind it.
    if before and not before[-1].endswith(("\n", "\r")):
        text = newline + text
    # Behind a lone CR a LF would not begin a line of its own, but end that one.
    if before and before[-1].endswith("\r") and text.startswith("\n"):
        text = "\r" + text[1:]
    return [text]
