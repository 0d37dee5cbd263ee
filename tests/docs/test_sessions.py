"""The sessions that the docs show: what the hooks and commands in them say is what they say now.

The agent's part is played from here; the real client plays the same in tests/e2e.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prp_pack.hooks.event import Reply
from tests.docs import projects
from tests.docs.blocks import GAP, block, normalised
from tests.docs.projects import PHASE, replace
from tests.docs.scenes import EXECUTED, GENERATED, Key
from tests.e2e import test_execute_prp as label
from tests.gate import phases
from tests.hooks.test_answers import ask, begin, write
from tests.needs import needs_curl
from tests.probes.site import SAFETY, environment
from tests.test_cli import PRP

BOX = "- [ ] Unit tests pass: `pytest tests/unit/ -v`"


def words(*replies: Reply) -> str:
    """Return what replies say to the model and to the user."""
    return "\n".join(
        f"prp: {each.message}\n{each.context}" if each.message else each.context for each in replies
    )


def hurried(project: Path) -> str:
    """Return the PRP of phase 3 as a hurried agent writes it, with a wrong context block."""
    clean = (project / PHASE).read_text(encoding="utf-8")
    why, what = clean.index("## Why\n"), clean.index("## What\n")
    (project / PHASE).write_text(clean[:why] + clean[what:], encoding="utf-8")
    replace(project, PHASE, "MODIFY src/parcel_tracker/models.py", "MODIFY src/parcel_tracker/tables.py")  # fmt: skip
    replace(project, PHASE, BOX, f"- [ ] [Criterion with a number and its unit]\n{BOX}")
    replace(project, PHASE, "  total_phases: 3", "  total_phases: 5")
    return (project / PHASE).read_text(encoding="utf-8")


def written(project: Path, path: str, content: str) -> str:
    """Write a file as the client does, with the hooks before and after; return what they say."""
    before = write(project, path, content)
    if before.updated_input is not None:
        content = str(before.updated_input["content"])
    (project / path).parent.mkdir(parents=True, exist_ok=True)
    (project / path).write_text(content, encoding="utf-8")
    return words(before, write(project, path, content, "PostToolUse"))


def generating(project: Path) -> Iterator[str]:
    projects.tracker(project)
    clean = (project / PHASE).read_text(encoding="utf-8")
    wrong = hurried(project)
    (project / PHASE).unlink()
    yield words(begin(project, "PRPs/PHASE3_REQUIREMENTS.md"))
    yield written(project, PHASE, wrong)
    yield words(ask(project, "Stop"))
    yield written(project, PHASE, clean)


def executing(project: Path) -> Iterator[str]:
    projects.labels(project)
    yield words(begin(project, label.PATH, command_name="execute-prp"))
    (project / label.LABELS).write_text(label.CODE, encoding="utf-8")
    (project / label.TESTS).write_text(label.TEST, encoding="utf-8")
    yield ""
    yield words(ask(project, "Stop"))
    # The commands that the page leaves out are taken as run, since each takes a second.
    contract = phases.contract(project, label.PATH)
    for item in contract.target().proof.items:
        if item.id.startswith(("L1b", "S")) and item.subject != "ruff check .":
            phases.record(contract, item.id)
    done = subprocess.run(
        [PRP, "gate", "run", label.PATH], cwd=project, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=environment({"PATH": f"{PRP.parent}{os.pathsep}{os.environ['PATH']}"}), timeout=SAFETY,
    )  # fmt: skip
    yield done.stdout


def said_in(text: str) -> list[str]:
    """Return what is said at the beginning of a session, and after each act of the agent.

    An act begins with `●`; between two of them without words nothing is said.
    """
    parts = re.split(r"^  ● .*\n", text.partition("\n")[2], flags=re.MULTILINE)
    return [part.strip() for part in parts]


@needs_curl
@pytest.mark.parametrize(
    ("key", "session"), [(GENERATED, generating), (EXECUTED, executing)], ids=["generate", "execute"]
)  # fmt: skip
def test_a_session_shows_what_is_said_in_it(
    key: Key, session: Callable[[Path], Iterator[str]], tmp_path: Path
) -> None:
    shown = said_in(block(*key).text)
    said = [*session(tmp_path / "project")]
    assert len(shown) == len(said)
    for expected, now in zip(shown, said, strict=True):
        # Lines in their order; what is between them was left out, and lines may be broken.
        lines = [line for line in normalised(expected).split("\n") if line.strip() != GAP]
        found = [
            r"\s+".join(re.escape(word).replace(re.escape(GAP), ".*?") for word in line.split())
            for line in lines
        ]
        assert re.search(".*?".join(found), normalised(now), re.DOTALL), f"{expected}\n\n{now}"
