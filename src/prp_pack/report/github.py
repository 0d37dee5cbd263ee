"""Findings as workflow commands, which GitHub Actions shows beside the changed lines."""

from __future__ import annotations

from prp_pack.model import Finding, Severity
from prp_pack.report import spans
from prp_pack.report.checked import Checked, Unreadable
from prp_pack.report.visible import visible

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(checked: Checked) -> str:
    """Return a line for each finding and for each file that could not be read."""
    lines = {path: spans.lines_of(source) for path, source in checked.sources.items()}
    shown = [_finding(finding, lines.get(finding.path, [])) for finding in checked.findings]
    shown += [_unreadable(file) for file in checked.unreadable]
    return "".join(f"{line}\n" for line in shown)


def _finding(finding: Finding, lines: list[str]) -> str:
    properties = {
        "file": visible(finding.path),
        "line": str(finding.line),
        "col": str(finding.column),
        "endColumn": str(spans.of_finding(finding, lines).end_column),
        "title": f"{finding.rule} {finding.name}",
    }
    said = [finding.message, *([f"help: {finding.help}"] if finding.help else [])]
    return _command(_COMMANDS[finding.severity or Severity.ERROR], properties, said)


def _unreadable(file: Unreadable) -> str:
    properties = {"file": visible(file.path), "line": str(file.line or 1), "title": "not checked"}
    return _command("error", properties, [file.message])


def _command(name: str, properties: dict[str, str], said: list[str]) -> str:
    pairs = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    text = "\n".join(map(visible, said))
    return f"::{name} {pairs}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
