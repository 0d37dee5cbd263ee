"""Findings as JUnit XML: a test case for each file, a failure for each finding that fails."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from prp_pack.model import Finding
from prp_pack.report.checked import Checked
from prp_pack.report.text import one_line
from prp_pack.report.visible import visible


def render(checked: Checked) -> str:
    """Return the document; what doesn't fail the run stands in the case's output."""
    by_path: dict[str, list[Finding]] = {path: [] for path in checked.files}
    for finding in checked.findings:
        by_path.setdefault(finding.path, []).append(finding)
    failures = sum(finding.severity in checked.failing for finding in checked.findings)
    counts = {
        "tests": str(len(by_path) + len(checked.unreadable)),
        "failures": str(failures),
        "errors": str(len(checked.unreadable)),
    }
    suites = Element("testsuites", counts)
    suite = SubElement(suites, "testsuite", {"name": "prp check", **counts, "skipped": "0"})
    for path, findings in by_path.items():
        _case(suite, path, findings, checked)
    for file in checked.unreadable:
        case = _named(suite, file.path)
        SubElement(case, "error", {"type": "unreadable", "message": visible(file.message)})
    indent(suites)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(suites, encoding="unicode")}\n'


def _case(suite: Element, path: str, findings: list[Finding], checked: Checked) -> None:
    case = _named(suite, path)
    for finding in findings:
        if finding.severity in checked.failing:
            message = {"type": finding.rule, "message": visible(finding.message)}
            help_ = f"\n    help: {visible(finding.help)}" if finding.help else ""
            SubElement(case, "failure", message).text = one_line(finding) + help_
    others = [one_line(found) for found in findings if found.severity not in checked.failing]
    if others:
        SubElement(case, "system-out").text = "\n".join(others)


def _named(suite: Element, path: str) -> Element:
    name = visible(path)
    return SubElement(suite, "testcase", {"classname": "prp check", "name": name, "file": name})
