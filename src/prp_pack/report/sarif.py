"""Findings as SARIF 2.1.0, which code scanning services and editors read."""

from __future__ import annotations

from urllib.parse import quote

from prp_pack.model import Finding, Severity
from prp_pack.report import json_report, pages, spans
from prp_pack.report.checked import Checked, RuleEntry, Unreadable
from prp_pack.report.spans import Span
from prp_pack.repository import Source

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def render(checked: Checked) -> str:
    """Return the document that `prp check --format sarif` prints."""
    indices = {rule.id: index for index, rule in enumerate(checked.rules)}
    driver = {
        "name": "prp-pack",
        "semanticVersion": checked.version,
        "rules": [_rule(rule) for rule in checked.rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(checked)],
        "results": [
            _result(finding, indices, checked.sources.get(finding.path))
            for finding in checked.findings
        ],
    }
    return json_report.dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: RuleEntry) -> dict[str, object]:
    page = pages.page(rule.stem)
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": pages.why(page) or rule.summary},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": rule.severity or Severity.NOTE},
    }


def _invocation(checked: Checked) -> dict[str, object]:
    notes = [_notification(file) for file in checked.unreadable]
    more = {"toolExecutionNotifications": notes} if notes else {}
    return {"executionSuccessful": not notes, **more}


def _notification(file: Unreadable) -> dict[str, object]:
    place: dict[str, object] = {"artifactLocation": {"uri": uri(file.path)}}
    if file.line:
        place["region"] = {"startLine": file.line}
    return {
        "level": "error",
        "message": {"text": file.message},
        "locations": [{"physicalLocation": place}],
    }


def _result(finding: Finding, indices: dict[str, int], source: Source | None) -> dict[str, object]:
    artifact = {"uri": uri(finding.path)}
    span = spans.of_finding(finding, spans.lines_of(source) if source else [])
    place = {"artifactLocation": artifact, "region": _region(span)}
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "level": finding.severity or Severity.ERROR,
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": place}],
    }
    if finding.rule in indices:
        result["ruleIndex"] = indices[finding.rule]
    if finding.fix and source:
        made = spans.of_edit(finding.fix, source)
        replacement = {
            "deletedRegion": _region(made.span),
            "insertedContent": {"text": made.text},
        }
        change = {"artifactLocation": artifact, "replacements": [replacement]}
        said = {"text": finding.help or finding.message}
        result["fixes"] = [{"description": said, "artifactChanges": [change]}]
    return result


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def uri(path: str) -> str:
    """Return a path as a URI: relative to where the check ran, or of the file when absolute."""
    # The bytes of a name that isn't UTF-8 come back; a first folder `a:b` is not read as a scheme.
    quoted = quote(path, errors="surrogateescape")
    return f"file://{quoted}" if path.startswith("/") else quoted
