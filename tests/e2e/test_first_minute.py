"""From nothing to a working /generate-prp: an empty environment, an empty repository."""

import subprocess
import venv
from pathlib import Path

from .client import run
from .scripted_model import Turn, text, tool_use

ROOT = Path(__file__).parents[2]
GOAL = """\
---
template: initial
name: Parcel labels
---

# Parcel labels

## Feature
A label of twelve digits for each parcel.
"""


def test_install_init_and_a_command_that_knows_the_project(project: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=True)
    pip = [str(environment / "bin/python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--disable-pip-version-check", str(ROOT)], check=True)
    prp = environment / "bin/prp"
    subprocess.run([prp, "init"], cwd=project, check=True, capture_output=True)
    (project / "PRPs/INITIAL.md").write_text(GOAL, encoding="utf-8")
    path = project / "PRPs/parcel-labels.md"
    made = subprocess.run(
        [prp, "new", "PRPs/INITIAL.md", "-o", "PRPs/made.md"],
        cwd=project, check=True, capture_output=True, text=True,
    )  # fmt: skip
    scaffold = (project / "PRPs/made.md").read_text(encoding="utf-8")
    (project / "PRPs/made.md").unlink()
    turns: list[Turn] = [
        [tool_use("Write", file_path=str(path), content=scaffold)],
        [text("The PRP is written.")],
    ]
    seen = run(
        project, "/generate-prp PRPs/INITIAL.md", turns, timeout=120,
        env_extra={"PATH": f"{environment}/bin:/usr/local/bin:/usr/bin:/bin"},
    )  # fmt: skip
    assert "PROJECT_TYPE: simple_feature" in seen.requests[0].text, made.stderr
    # Nobody filled the scaffold, so that the hooks of this installation object to it.
    assert "PRP301" in seen.requests[1].news
    assert path.is_file()
