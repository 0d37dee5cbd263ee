"""What a user installs: the wheel and the sdist, built, installed into nothing, and used."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from prp_pack import __version__, assets

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


def installed(package: Path, folder: Path) -> Path:
    venv.create(folder, with_pip=True)
    python = folder / "bin/python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, str(package)], check=True)
    return folder / "bin/prp"


@pytest.mark.parametrize("form", ["*.whl", "*.tar.gz"], ids=["wheel", "sdist"])
def test_an_empty_environment_and_an_empty_repository_are_enough(
    built: Path, tmp_path: Path, form: str
) -> None:
    (package,) = built.glob(form)
    prp = installed(package, tmp_path / "venv")
    project = tmp_path / "project"
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [prp, *arguments], cwd=project, capture_output=True, text=True, check=False
        )

    assert run("--version").stdout == f"prp, version {__version__}\n"
    assert run("init").returncode == 0
    for name in ("generate-prp", "execute-prp", "plan-project-phases", "update-phase-completion",
                 "update-phase-plans"):  # fmt: skip
        assert (project / f".claude/commands/{name}.md").is_file()
    template = project / "PRPs/templates/initial.md"
    initial = template.read_text(encoding="utf-8")
    (project / "PRPs/INITIAL.md").write_text(initial, encoding="utf-8")
    made = run("new", "PRPs/INITIAL.md", "-o", "PRPs/feature.md")
    assert made.returncode == 0, made.stderr
    checked = run("check")
    assert checked.returncode == 1
    assert "PRP301" in checked.stdout
    assert run("explain", "PRP101").stdout.startswith("# PRP101 missing-section")
    assert run("matrix").returncode == 0


def test_the_packages_are_fit_for_an_index(built: Path) -> None:
    files = [str(path) for path in built.iterdir()]
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *files],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_wheel_holds_every_file_that_init_installs(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "commands", "hooks", "scripts"):
        for path in assets.folder(folder).glob("*.*"):
            assert f"prp_pack/assets/{folder}/{path.name}" in names
    assert {"prp_pack/py.typed", "prp_pack/schema/matrix.json"} <= names
    assert {
        f"prp_pack/report/html/templates/{name}"
        for name in ("page.html", "run.html", "run.css", "style.css")
    } <= names
    assert not [name for name in names if name.startswith(("tests", "examples"))]
