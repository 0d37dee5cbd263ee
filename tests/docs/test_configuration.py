"""Configuration that the docs show is what the program, the action and pre-commit accept."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import prp_pack
from prp_pack.check import config
from prp_pack.parse import plan, requirements
from prp_pack.probes import settings
from prp_pack.probes.api_contracts.frozen import Contracts
from prp_pack.probes.compose.tables import Compose
from prp_pack.probes.critical_paths import Performance
from prp_pack.probes.database.settings import Database
from prp_pack.probes.faults.tables import Faults
from prp_pack.probes.hand_off.calls import Examples
from prp_pack.probes.load_test import Load
from prp_pack.probes.memory_profile import Memory
from prp_pack.probes.service import Service
from prp_pack.probes.websocket.tables import WebSocket
from prp_pack.repository import Repository
from tests.docs.blocks import ROOT, Block, blocks
from tests.docs.test_commands import understood

# The dataclass that each table of the scripts is read into.
TABLES = {
    "service": Service, "performance": Performance, "load": Load, "memory": Memory,
    "compose": Compose, "faults": Faults, "websocket": WebSocket, "database": Database,
    "contracts": Contracts, "examples": Examples,
}  # fmt: skip
VARIABLES = {"API_TOKEN": "x", "WS_TOKEN": "x"}
VERSION = prp_pack.__version__


def of(language: str) -> list[Block]:
    return [each for each in blocks() if each.language == language]


@pytest.mark.parametrize("shown", of("toml"), ids=str)
def test_the_programs_own_strict_readers_accept_it(shown: Block, tmp_path: Path) -> None:
    (tmp_path / "PRPs").mkdir()
    (tmp_path / "PRPs/prp.toml").write_text(shown.text, encoding="utf-8")
    for template in re.findall(r"PRPs/templates/\w+\.md", shown.text):
        (tmp_path / template).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / template, tmp_path / template)
    repository = Repository(tmp_path)
    read = settings.load(repository, VARIABLES)
    assert read.document
    config.load(repository)
    for name in {*read.document} - {"check", "templates"}:
        # Of the tables that a page adds to, it shows what is new.
        assert read.table(name, TABLES[name])


def steps(document: Any) -> Iterator[dict[str, Any]]:
    """Yield the steps of a workflow, of its one job, or from a list."""
    if isinstance(document, dict):
        if "jobs" in document:
            ((_, document),) = document["jobs"].items()
        document = document["steps"]
    for step in document:
        assert len({*step} & {"uses", "run"}) == 1, step
        yield step


def workflow(document: Any) -> None:
    inputs = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["inputs"]
    for step in steps(document):
        if step.get("uses", "").startswith("owner/prp-pack@"):
            assert step["uses"].endswith(f"@v{VERSION}")
            assert {*step["with"]} <= {*inputs}
        command(step.get("run", ""))


def command(line: str) -> None:
    if line.startswith("prp "):
        understood([word.strip("\"'") for word in line.split()[1:]])
    elif line.startswith("pip "):
        assert line == f'pip install "prp-pack @ git+https://example.org/prp-pack@v{VERSION}"'
    else:
        assert line == ""


def pre_commit(document: Any) -> None:
    known = {h["id"] for h in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    (repo,) = document["repos"]
    assert repo["rev"] == f"v{VERSION}"
    assert {hook["id"] for hook in repo["hooks"]} <= known


def gitlab(document: Any) -> None:
    ((_, job),) = document.items()
    for line in job["script"]:
        command(line)
    written = job["artifacts"]["reports"]["junit"]
    assert any(line.endswith(f"-o {written}") for line in job["script"])


def phase_plan(document: Any) -> None:
    text = f"---\n{yaml.safe_dump(document)}---\n"
    read = plan.parse(text, "PRPs/PROJECT_PHASE_PLAN.md")
    assert not read.problems
    assert [phase.number for phase in read.phases] == [1]


def consumed(document: Any) -> None:
    text = f"---\ntemplate: phase_requirements\nphase: 2\n{yaml.safe_dump(document)}---\n"
    read = requirements.parse(text, "PRPs/PHASE2_REQUIREMENTS.md")
    assert not read.problems
    assert len(read.consumes) == 3


READERS = {
    "repos": pre_commit, "steps": workflow, "prp": gitlab, "template": phase_plan,
    "consumes": consumed,
}  # fmt: skip


@pytest.mark.parametrize("shown", of("yaml"), ids=str)
def test_yaml_is_what_its_reader_expects(shown: Block) -> None:
    document = yaml.safe_load(shown.text)
    found = (
        [] if isinstance(document, list) else [READERS[key] for key in document if key in READERS]
    )
    (reader,) = found or [workflow]
    reader(document)


@pytest.mark.parametrize("shown", of("json"), ids=str)
def test_json_names_commands_that_there_are(shown: Block) -> None:
    document = json.loads(shown.text)
    if "statusLine" in document:
        ((name, words),) = [(document["statusLine"]["type"], document["statusLine"]["command"])]
        assert name == "command"
    else:
        words = " ".join(
            [document["glspc.server.command"], *document["glspc.server.commandArguments"]]
        )
    assert words.startswith("prp ")
    understood(words.split()[1:])


def test_the_editors_command_in_lua_is_one() -> None:
    (shown,) = of("lua")
    named = re.search(r"cmd = \{ (.*) \}", shown.text)
    assert named
    assert json.loads(f"[{named[1]}]") == ["prp", "lsp"]
