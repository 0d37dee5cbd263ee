"""The transcripts in the docs are what running their commands on the example prints.

A page is written anew with `python -m tests.test_docs`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.test_cli import EXAMPLE, PRP

DOCS = Path(__file__).parents[1] / "docs"
PAGES = ["phases.md"]

_TRANSCRIPT = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def with_transcripts(page: str, project: Path) -> str:
    """Return a page with each of its commands run in turn, their outputs below them."""

    def run(transcript: re.Match[str]) -> str:
        commands = [line for line in transcript[1].split("\n") if line.startswith("$ ")]
        shown = [f"{command}\n{output(command[2:], project)}" for command in commands]
        return f"```console\n{''.join(shown)}```"

    return _TRANSCRIPT.sub(run, page)


def output(command: str, project: Path) -> str:
    done = subprocess.run(
        ["bash", "-c", command], cwd=project, text=True, check=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "PATH": f"{PRP.parent}:{os.environ['PATH']}"},
    )  # fmt: skip
    return done.stdout


def copy_example(folder: Path) -> Path:
    project = folder / "project"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    return project


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_what_its_commands_print(name: str, tmp_path: Path) -> None:
    page = (DOCS / name).read_text(encoding="utf-8")
    project = copy_example(tmp_path)
    assert with_transcripts(page, project) == page
    drawn = (project / "PRPs/PHASE_DEPENDENCY_MAP.md").read_text(encoding="utf-8")
    graphs = re.findall(r"^```mermaid\n.*?^```$", page, re.MULTILINE | re.DOTALL)
    assert graphs
    assert all(graph in drawn for graph in graphs)


if __name__ == "__main__":
    for each in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            file = DOCS / each
            text = with_transcripts(file.read_text(encoding="utf-8"), copy_example(Path(folder)))
            file.write_text(text, encoding="utf-8")
