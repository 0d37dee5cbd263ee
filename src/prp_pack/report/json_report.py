"""Findings as a JSON document; its shape is stable within a version."""

from __future__ import annotations

import json
from collections.abc import Sequence

from prp_pack.model import Finding, Severity


def render(files: int, findings: Sequence[Finding]) -> str:
    """Return the document that `prp check --format json` prints."""
    fields = {
        "version": 1,
        "files": files,
        "findings": [_finding(finding) for finding in findings],
        "summary": {
            "errors": _count(findings, Severity.ERROR),
            "warnings": _count(findings, Severity.WARNING),
            "notes": _count(findings, Severity.NOTE),
            "fixable": sum(finding.fixable for finding in findings),
        },
    }
    return json.dumps(fields, indent=2, ensure_ascii=False)


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
