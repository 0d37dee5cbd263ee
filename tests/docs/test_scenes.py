"""What the docs show is what their commands print: each runs in a project of its own.

`python -m tests.docs.test_scenes` writes what commands print now into the pages, wherever a
transcript has no `…` and no numbers that are measured.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.blocks import GAP, ROOT, Block, block, disagreement
from tests.docs.scenes import SCENES, Scene
from tests.needs import needs_curl
from tests.probes.site import SAFETY

BIN = Path(sys.executable).parent


def environment(scene: Scene, folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PRP_RESULTS"}
    path = f"{BIN}{os.pathsep}{kept['PATH']}"
    if scene.only:
        few = folder / "bin"
        few.mkdir()
        for name in scene.only:
            found = [Path(each) / name for each in path.split(os.pathsep)]
            (few / name).symlink_to(next(each for each in found if each.exists()))
        path = str(few)
    home = {"HOME": str(folder / "home"), "CLAUDE_CONFIG_DIR": str(folder / "home/.claude")}
    return {**kept, **home, **scene.environment, "PATH": path}


def output(command: str, project: Path, variables: dict[str, str]) -> str:
    done = subprocess.run(
        ["/bin/bash", "-c", command], cwd=project, text=True, check=False, encoding="utf-8",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=SAFETY, env=variables,
    )  # fmt: skip
    # 0 clean, 1 findings: what is shown says which.
    assert done.returncode in (0, 1), (command, done.stdout)
    assert "Traceback" not in done.stdout, done.stdout
    return done.stdout


def parts(scene: Scene, shown: Block) -> Iterator[tuple[str, str, str | None]]:
    """Yield each command that a block shows, what runs for it, and the output that is shown.

    There is no output where a block has commands alone, without a `$`.
    """
    if shown.key in scene.said_by:
        yield "", scene.said_by[shown.key], shown.text
        return
    if not shown.text.startswith("$ "):
        for line in shown.text.splitlines():
            yield line, line, None
        return
    for command, below in shown.transcript():
        for begins, other in scene.instead.items():
            if command.startswith(begins):
                yield command, other, below
                break
        else:
            yield command, command, below


def differences(scene: Scene, folder: Path) -> Iterator[tuple[Block, str, str, str]]:
    """Yield of each output that differs: its block, the command, the output and the difference."""
    project = folder / "project"
    scene.project(project)
    variables = environment(scene, folder)
    for key in scene.blocks:
        shown = block(*key)
        for command, runs, below in parts(scene, shown):
            said = output(runs, project, variables) if runs else ""
            if below is None or (below == "" and "#" in command):
                continue
            if differs := disagreement(below, said, measured=scene.measured):
                yield shown, command, said, differs


@needs_curl
@pytest.mark.parametrize("name", SCENES)
def test_what_a_page_shows_is_what_its_commands_print(name: str, tmp_path: Path) -> None:
    found = [
        f"{shown}: {command}\n{differs}"
        for shown, command, _, differs in differences(SCENES[name], tmp_path)
    ]
    assert not found, "\n\n".join(found)


def write_anew(scene: Scene) -> Iterator[str]:
    """Put into the pages what the commands of a scene print now; yield what was done."""
    with tempfile.TemporaryDirectory() as folder:
        for shown, command, said, differs in differences(scene, Path(folder)):
            page = ROOT / shown.page
            old = dict(shown.transcript()).get(command, shown.text)
            if scene.measured or GAP in old:
                yield f"{shown}: to be mended by hand: {command}\n{differs}\n"
                continue
            text = page.read_text(encoding="utf-8")
            before, after = (f"{command}\n{each}" if command else each for each in (old, said))
            page.write_text(text.replace(before, after, 1), encoding="utf-8")
            yield f"{shown}: written anew: {command}\n"


if __name__ == "__main__":
    for each in SCENES.values():
        sys.stdout.writelines(write_anew(each))
