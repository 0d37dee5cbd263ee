"""What docs/migrate.md shows is what its commands print for the document that it shows.

The page is written anew with `python -m tests.migration.test_page`.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

from tests.test_cli import PRP

PAGE = Path(__file__).parents[2] / "docs/migrate.md"
_TRANSCRIPT = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_DOCUMENT = re.compile(r"^````markdown\n(.*?)^````$", re.MULTILINE | re.DOTALL)


def with_transcripts(page: str, project: Path) -> str:
    """Return the page with what its commands print, run in turn on its own document."""
    shown = _DOCUMENT.search(page)
    assert shown
    (project / "PRPs").mkdir()
    (project / "PRPs/search.md").write_text(shown[1], encoding="utf-8")
    who = "git -c user.name=Ada -c user.email=ada@example.org"
    output(f"git init --quiet && git add . && {who} commit --quiet -m All", project)

    def run(transcript: re.Match[str]) -> str:
        commands = [line for line in transcript[1].split("\n") if line.startswith("$ ")]
        said = [f"{command}\n{output(command[2:], project)}" for command in commands]
        return f"```console\n{''.join(said)}```"

    return _TRANSCRIPT.sub(run, page)


def output(command: str, project: Path) -> str:
    done = subprocess.run(
        ["bash", "-c", command], cwd=project, text=True, check=False, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
        env={**os.environ, "PATH": f"{PRP.parent}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stdout
    return done.stdout


def test_the_page_shows_what_its_commands_print(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_transcripts(page, tmp_path) == page


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        text = with_transcripts(PAGE.read_text(encoding="utf-8"), Path(folder))
        PAGE.write_text(text, encoding="utf-8")
