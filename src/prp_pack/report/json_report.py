"""Findings as a JSON document; its shape is stable within a version."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from prp_pack.model import Finding, Severity
from prp_pack.regex import regex
from prp_pack.report.checked import Checked
from prp_pack.report.visible import is_hidden

# Outside of strings JSON has no such character, but for its own newlines.
_NOT_PLAIN = regex(r"[^\n\x20-\x7e]")
_DEL = 0x7F


def render(checked: Checked) -> str:
    """Return the document that `prp check --format json` prints."""
    findings = checked.findings
    fields = {
        "version": 1,
        "files": len(checked.files),
        "findings": [_finding(finding) for finding in findings],
        "summary": {
            "errors": _count(findings, Severity.ERROR),
            "warnings": _count(findings, Severity.WARNING),
            "notes": _count(findings, Severity.NOTE),
            "fixable": sum(finding.fixable for finding in findings),
        },
    }
    return dump(fields)


def dump(fields: object) -> str:
    """Return JSON for people and programs: legible, and no character in it hides."""
    written = json.dumps(fields, indent=2, ensure_ascii=False)
    return _NOT_PLAIN.sub(_escaped, written) + "\n"


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    if not is_hidden(character):
        return character
    # Beyond the first plane JSON names both halves; DEL is one that it would not name itself.
    return json.dumps(character)[1:-1] if ord(character) > _DEL else f"\\u{_DEL:04x}"


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "help": finding.help,
        "fixable": finding.fixable,
    }


def _count(findings: Sequence[Finding], severity: Severity) -> int:
    return sum(finding.severity is severity for finding in findings)
