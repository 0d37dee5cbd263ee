"""Findings as lines that an editor can jump to, and in the few words that an agent needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prp_pack.model import Finding, Severity
from prp_pack.report import spans
from prp_pack.report.checked import Checked
from prp_pack.report.visible import cells, visible, width

_COLOURS = {Severity.ERROR: "31;1", Severity.WARNING: "33;1", Severity.NOTE: "36"}

# Columns of a terminal that a shown line takes, and how much of it comes before the finding.
_WIDTH = 96
_BEFORE = 32
_CUT = "…"


def concise(checked: Checked, *, colour: bool = False) -> str:
    """Return a line for each finding, and below it how to mend, once a file."""
    shown = _lines(checked.findings, {}, colour=colour)
    return "".join(f"{line}\n" for line in shown)


def full(checked: Checked, *, colour: bool = False) -> str:
    """Return what `concise` does, and under each finding the line that it means."""
    lines = {path: spans.lines_of(source) for path, source in checked.sources.items()}
    shown = _lines(checked.findings, lines, colour=colour)
    return "".join(f"{line}\n" for line in shown)


def _lines(
    findings: Sequence[Finding], sources: Mapping[str, list[str]], *, colour: bool
) -> Iterator[str]:
    helped = set()
    before = None
    for finding in findings:
        yield one_line(finding, colour=colour)
        if finding.help and (finding.path, finding.help) not in helped:
            helped.add((finding.path, finding.help))
            yield f"    help: {visible(finding.help)}"
        here = (finding.path, finding.line, finding.column)
        if here != before and finding.path in sources:
            yield from _underlined(finding, sources[finding.path], colour=colour)
        before = here


def one_line(finding: Finding, *, colour: bool = False) -> str:
    """Return `path:line:column: severity ID message`."""
    place = f"{_path(finding.path)}:{finding.line}:{finding.column}"
    severity = finding.severity or Severity.ERROR
    return f"{place}: {_painted(severity, severity, colour=colour)} {finding.rule} " + visible(
        finding.message
    )


def _path(path: str) -> str:
    # A runner of GitHub takes a line that begins with `::` for a command.
    return visible(f"./{path}" if path.startswith("::") else path)


def _underlined(finding: Finding, lines: list[str], *, colour: bool) -> Iterator[str]:
    """Yield the finding's line and a line of carets under what is meant; nothing when blank."""
    line = lines[finding.line - 1] if finding.line <= len(lines) else ""
    if not line.strip():
        return
    span = spans.of_finding(finding, lines)
    shown, carets = _window(cells(line.rstrip()), span.column - 1, span.end_column - 1)
    number = f"{finding.line:>7}"
    marked = _painted(carets.lstrip(" "), finding.severity or Severity.ERROR, colour=colour)
    indent = " " * (len(carets) - len(carets.lstrip(" ")))
    yield f"{number} | {shown}"
    yield f"{'':>{len(number)}} | {indent}{marked}"


def _window(shown: list[str], start: int, end: int) -> tuple[str, str]:
    """Return the part of a line around `[start, end)` that a terminal holds, and its carets."""
    first = last = min(start, len(shown))
    room = _BEFORE if sum(map(width, shown)) > _WIDTH else _WIDTH
    while first and room >= width(shown[first - 1]):
        first -= 1
        room -= width(shown[first])
    room = _WIDTH - sum(map(width, shown[first:start]))
    while last < len(shown) and room >= width(shown[last]):
        room -= width(shown[last])
        last += 1
    before, meant = "".join(shown[first:start]), "".join(shown[start : min(end, last)])
    left, right = _CUT * (first > 0), _CUT * (last < len(shown))
    carets = " " * width(left + before) + "^" * max(1, width(meant))
    return f"{left}{''.join(shown[first:last])}{right}", carets


def summary(files: int, findings: Sequence[Finding], fixed: int = 0) -> str:
    """Return the closing line: how many findings of which weight, and what can be mended."""
    counts = [(severity, sum(f.severity is severity for f in findings)) for severity in Severity]
    said = [_plural(count, severity) for severity, count in counts if count]
    faulty = len({finding.path for finding in findings})
    where = f"{faulty} of {files} files" if faulty < files else _plural(files, "file")
    found = f"{', '.join(said)} in {where}" if said else ""
    text = found or f"{_plural(files, 'file')} checked, no findings"
    if fixed:
        text = f"{_plural(fixed, 'file')} mended; {text}"
    fixable = sum(finding.fixable for finding in findings)
    return f"{text}; `prp check --fix` mends {fixable}" if fixable else text


def feedback(path: str, findings: Sequence[Finding], limit: int = 14) -> str:
    """Return the findings on one file as an agent is told them, within its budget of words."""
    ordered = sorted(findings, key=lambda f: (f.severity is not Severity.ERROR, f.line))
    shown = []
    helped = set()
    for finding in ordered[:limit]:
        what = f"{finding.severity} {finding.rule}".rstrip()
        # How to mend is said once: ten placeholders are mended alike.
        help_ = f" ({visible(finding.help)})" if finding.help and finding.help not in helped else ""
        helped.add(finding.help)
        shown.append(f"- line {finding.line}: {what} {visible(finding.message)}{help_}")
    if len(ordered) > limit:
        shown.append(f"- and {len(ordered) - limit} more: `prp check {visible(path)}`")
    return "\n".join([f"{visible(path)}: {summary(1, findings).split(' in ')[0]}", *shown])


def _painted(text: str, severity: Severity, *, colour: bool) -> str:
    return f"\x1b[{_COLOURS[severity]}m{text}\x1b[0m" if colour else text


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
