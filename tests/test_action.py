"""The GitHub Action's steps, run as the runner would run them: each as a bash script."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
NEEDED = ("src", "commands", "hooks", "scripts", "PRPs/templates", "pyproject.toml", "README.md",
          "LICENSE")  # fmt: skip


class Runner:
    def __init__(self, folder: Path, project: Path) -> None:
        self.folder, self.project = folder, project
        self.output, self.paths = folder / "output", folder / "path"
        self.action = folder / "action"
        for part in NEEDED:
            (self.action / part).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, self.action / part,
                                ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
            else:
                shutil.copy(ROOT / part, self.action / part)

    def step(self, name: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run a step with the inputs' defaults, or the values given for them."""
        step = STEPS[name]
        values = {key: str(each.get("default", "")) for key, each in ACTION["inputs"].items()}
        environment = {}
        for variable, said in step.get("env", {}).items():
            key = said.removeprefix("${{ inputs.").removesuffix(" }}")
            environment[variable] = {**values, **inputs}[key]
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.project,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "NO_COLOR": "1",
                 "RUNNER_TEMP": str(self.folder), "GITHUB_ACTION_PATH": str(self.action),
                 "GITHUB_OUTPUT": str(self.output), "GITHUB_PATH": str(self.paths), **environment},
            capture_output=True, text=True, check=False,
        )  # fmt: skip


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    folder = tmp_path_factory.mktemp("runner")
    project = folder / "project"
    skipped = shutil.ignore_patterns("__pycache__", ".*_cache", ".prp", ".venv")
    shutil.copytree(ROOT / "examples/parcel-tracker", project, ignore=skipped)
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b.c",
                                                  "commit", "-qm", "Begin"]):  # fmt: skip
        subprocess.run(["git", *words], cwd=project, check=True)
    made = Runner(folder, project)
    done = made.step("Install prp-pack")
    assert done.returncode == 0, done.stderr
    return made


def test_a_clean_project_passes_and_says_what_is_proven(runner: Runner) -> None:
    done = runner.step("Check", sarif="prp.sarif")
    assert done.returncode == 0, done.stdout + done.stderr
    sarif = json.loads((runner.project / "prp.sarif").read_text(encoding="utf-8"))
    assert sarif["version"] == "2.1.0"
    assert runner.step("Say what is proven").returncode == 0
    assert runner.output.read_text(encoding="utf-8").startswith("proven=0/")


def test_findings_fail_the_step_as_annotations(runner: Runner) -> None:
    path = runner.project / "PRPs/phase3.md"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("total_phases: 3", "total_phases: 5"), encoding="utf-8")
    try:
        done = runner.step("Check", sarif="prp.sarif")
    finally:
        path.write_text(before, encoding="utf-8")
    assert done.returncode == 1
    assert "::error file=PRPs/phase3.md" in done.stdout


def test_a_missing_path_fails_the_step(runner: Runner) -> None:
    assert runner.step("Check", paths="nowhere", sarif="prp.sarif").returncode == 2


def test_gates_are_run_again_only_where_asked(runner: Runner) -> None:
    assert STEPS["Run the gates again"]["if"] == "inputs.verify != ''"
    done = runner.step("Run the gates again", verify="PRPs/nowhere.md")
    assert done.returncode == 2
