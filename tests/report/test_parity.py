"""One broken document, and every surface says the same of it: no more, no less, nothing else."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote
from xml.etree.ElementTree import fromstring

import pytest
import yaml
from lsprotocol import types

from tests.editor import PRP, editor, units

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/parcel-tracker"
PHASE = "PRPs/phase3.md"

BREAKS = [
    ("total_phases: 3", "total_phases: 4"),
    ("### Success Criteria", "### Succes Criteria"),
    ("- A depot that unloads", "- 🚚 [TODO: name “it”, 100 %] A depot that [TODO: b] unloads"),
    ("description: Keep", "extra_key: 1\ndescription: Keep"),
]
LINE = re.compile(r"(?P<path>[^:]+):(?P<line>\d+):(?P<column>\d+): (?P<severity>\w+) (?P<rule>PRP\d+) (?P<message>.+)")  # fmt: skip


class Said(NamedTuple):
    path: str
    line: int
    column: int
    rule: str
    severity: str
    message: str


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parity") / "project"
    skipped = shutil.ignore_patterns("__pycache__", ".*_cache", "*.db", ".coverage", ".prp")
    shutil.copytree(EXAMPLE, folder, ignore=skipped)
    text = (folder / PHASE).read_text(encoding="utf-8")
    for old, new in BREAKS:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / PHASE).write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


def run(project: Path, *command: str | Path, said: str = "", status: int = 1) -> str:
    done = subprocess.run(
        command, cwd=project, input=said, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "CLAUDE_PROJECT_DIR": str(project), "PRP_COMMAND": str(PRP)},
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    return done.stdout


def check(project: Path, style: str) -> str:
    return run(project, PRP, "check", PHASE, "--format", style)


@pytest.fixture(scope="module")
def expected(project: Path) -> set[Said]:
    found = json.loads(check(project, "json"))["findings"]
    said = {Said(*(finding[field] for field in Said._fields)) for finding in found}
    assert len(said) == len(found)
    assert {one.severity for one in said} == {"error", "warning"}
    assert len({one.rule for one in said}) >= 4
    assert len({one.column for one in said}) >= 3
    return said


def from_lines(lines: Iterable[str]) -> set[Said]:
    found = (LINE.fullmatch(line) for line in lines)
    return {
        Said(
            each["path"], int(each["line"]), int(each["column"]), each["rule"], each["severity"],
            each["message"],
        )
        for each in found if each
    }  # fmt: skip


def from_text(project: Path) -> set[Said]:
    return from_lines(check(project, "text").splitlines())


def from_concise(project: Path) -> set[Said]:
    return from_lines(check(project, "concise").splitlines())


def from_sarif(project: Path) -> set[Said]:
    (made,) = json.loads(check(project, "sarif"))["runs"]
    return {_from_result(result) for result in made["results"]}


def _from_result(result: dict[str, Any]) -> Said:
    place = result["locations"][0]["physicalLocation"]
    region = place["region"]
    return Said(
        unquote(place["artifactLocation"]["uri"]), region["startLine"], region["startColumn"],
        result["ruleId"], result["level"], result["message"]["text"],
    )  # fmt: skip


def from_github(project: Path) -> set[Said]:
    return {_from_command(line) for line in check(project, "github").splitlines()}


def _from_command(line: str) -> Said:
    name, properties, data = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line).groups()  # type: ignore[union-attr]
    named = dict(pair.split("=", 1) for pair in properties.split(","))
    message = data.split("%0A")[0].replace("%25", "%")
    severity = {"notice": "note"}.get(name, name)
    rule = named["title"].split()[0]
    return Said(named["file"], int(named["line"]), int(named["col"]), rule, severity, message)


def from_junit(project: Path) -> set[Said]:
    texts = fromstring(check(project, "junit")).itertext()
    return from_lines(line for text in texts for line in text.splitlines())


def from_language_server(project: Path) -> set[Said]:
    text = (project / PHASE).read_text(encoding="utf-8")
    uri = (project / PHASE).as_uri()

    async def published() -> types.PublishDiagnosticsParams:
        async with editor(project) as opened:
            opened.open(uri, text)
            return await opened.diagnostics()

    severities = {1: "error", 2: "warning", 3: "note"}
    return {
        Said(
            PHASE,
            found.range.start.line + 1,
            units(text.split("\n")[found.range.start.line], found.range.start.character),
            str(found.code),
            severities[int(found.severity or 0)],
            found.message,
        )
        for found in asyncio.run(published()).diagnostics
    }


def from_pre_commit(project: Path) -> set[Said]:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (entry,) = [hook["entry"] for hook in hooks if hook["id"] == "prp-check"]
    _, *arguments = entry.split()
    return from_lines(run(project, PRP, *arguments, PHASE).splitlines())


SURFACES: list[Callable[[Path], set[Said]]] = [
    from_text, from_concise, from_sarif, from_github, from_junit, from_language_server,
    from_pre_commit,
]  # fmt: skip


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.__name__)
def test_every_surface_says_the_same(
    project: Path, expected: set[Said], surface: Callable[[Path], set[Said]]
) -> None:
    assert surface(project) == expected


def test_the_hook_tells_the_agent_the_same(project: Path, expected: set[Said]) -> None:
    event = {
        "session_id": "s", "tool_name": "Write",
        "tool_input": {"file_path": str(project / PHASE), "content": ""},
    }  # fmt: skip
    script = ROOT / "hooks/prp_hook.py"
    arguments: list[str | Path] = [sys.executable, "-I", "-S", script, "PostToolUse"]
    reply = json.loads(run(project, *arguments, said=json.dumps(event), status=0))
    told = reply["hookSpecificOutput"]["additionalContext"].splitlines()
    lines = [line for line in told if line.startswith("- line ")]
    # A finding's help may follow, once; the column isn't said.
    begins = {f"- line {e.line}: {e.severity} {e.rule} {e.message}" for e in expected}
    for line in lines:
        assert any(line == each or line.startswith(f"{each} (") for each in begins), line
    # Where the words would be too many, the rest is counted.
    more = re.fullmatch(r"- and (\d+) more: `prp check PRPs/phase3.md`", told[-1])
    assert len(lines) + int(more[1] if more else 0) == len(expected)
