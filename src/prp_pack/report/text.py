"""Findings as lines that an editor can jump to, and in the few words that an agent needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prp_pack.model import Finding, Severity

_COLOURS = {Severity.ERROR: "31;1", Severity.WARNING: "33;1", Severity.NOTE: "36"}


def lines(findings: Sequence[Finding], *, colour: bool) -> Iterator[str]:
    """Yield `path:line:column: severity ID message`, and below it how to mend, once a file."""
    helped = set()
    for finding in findings:
        place = f"{finding.path}:{finding.line}:{finding.column}"
        severity = _painted(finding.severity or Severity.ERROR, colour=colour)
        yield f"{place}: {severity} {finding.rule} {finding.message}"
        if finding.help and (finding.path, finding.help) not in helped:
            helped.add((finding.path, finding.help))
            yield f"    help: {finding.help}"


def summary(files: int, findings: Sequence[Finding], fixed: int = 0) -> str:
    """Return the closing line: how many findings of which weight, and what can be mended."""
    counts = [(severity, sum(f.severity is severity for f in findings)) for severity in Severity]
    said = [_plural(count, severity) for severity, count in counts if count]
    found = f"{', '.join(said)} in {_plural(files, 'file')}" if said else ""
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
        help_ = f" ({finding.help})" if finding.help and finding.help not in helped else ""
        helped.add(finding.help)
        shown.append(f"- line {finding.line}: {what} {finding.message}{help_}")
    if len(ordered) > limit:
        shown.append(f"- and {len(ordered) - limit} more: `prp check {path}`")
    return "\n".join([f"{path}: {summary(1, findings).split(' in ')[0]}", *shown])


def _painted(severity: Severity, *, colour: bool) -> str:
    return f"\x1b[{_COLOURS[severity]}m{severity}\x1b[0m" if colour else str(severity)


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
