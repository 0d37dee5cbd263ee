"""A service whose package is installed in editable form: each version must run its own code."""

from __future__ import annotations

import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest

from prp_pack.probes.benchmark import imports
from tests.evidence.conftest import git
from tests.probes import two_versions
from tests.probes.site import ROOT, Site, free_port

SCRIPT = ("performance_benchmark", "--baseline=phase_1", "--target-phase=2")
PROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "tiny-shop"
version = "1.0"
[project.scripts]
tiny-shop = "tiny_shop.main:main"
{more}
"""
# Where the code lies, and how its installation leads there.
FORMS = {
    "path file": ("src", '[tool.setuptools.packages.find]\nwhere = ["src"]\n'),
    "finder": (".", '[tool.setuptools]\npackages = ["tiny_shop"]\n'),
}


def text(sleep: float) -> str:
    """Return the service as a module with a function to be called by a script of pip's."""
    body = two_versions.service(sleep)
    return "def main():\n" + "".join(
        f"    {line}\n" if line else "\n" for line in body.splitlines()
    )


@pytest.fixture(scope="module")
def packages() -> Path:
    """Return the folder with what builds; it is lent to environments that have nothing."""
    found = find_spec("setuptools")
    assert found
    return Path(str(found.origin)).parents[1]


@pytest.fixture(params=FORMS)
def site(tmp_path: Path, packages: Path, request: pytest.FixtureRequest) -> Site:
    """Return a project that is installed in its own `.venv`, with a quick phase 1 and a slow 2."""
    source, more = FORMS[request.param]
    site = Site(tmp_path / "site", free_port())
    site.put("pyproject.toml", PROJECT.format(more=more))
    site.put(".gitignore", ".venv/\n*.egg-info/\nbuild/\n")
    site.put(f"{source}/tiny_shop/__init__.py", "")
    site.put(f"{source}/tiny_shop/main.py", text(two_versions.QUICK))
    said = two_versions.CONFIG.format(
        python=".venv/bin/tiny-shop",
        performance='revisions = { phase_1 = "phase-1" }',
        paths="",
    )
    site.put("PRPs/prp.toml", said.replace('"service.py"', ""))
    git(tmp_path, "init", "-q", str(site.root))
    git(site.root, "add", "-A")
    git(site.root, "commit", "-qm", "phase 1")
    git(site.root, "tag", "phase-1")
    venv.create(site.root / ".venv", with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", ".venv/bin/python", "install", "--quiet"]
    subprocess.run(
        [*pip, "--no-build-isolation", "--no-deps", "--no-index", "--disable-pip-version-check", "-e", "."],
        cwd=site.root, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(packages)}, check=True,
    )  # fmt: skip
    site.put(f"{source}/tiny_shop/main.py", text(two_versions.SLOW))
    return site


def test_each_version_runs_its_own_code(site: Site) -> None:
    found = site.result(*SCRIPT, status=1)
    ratio = next(each for each in found["metrics"] if each["name"] == "GET /items ratio")
    assert ratio["ci95"][0] > 2, "the working tree takes six times as long"


@pytest.mark.parametrize("site", ["path file"], indirect=True)
def test_a_checkout_without_the_folder_is_refused(site: Site) -> None:
    git(site.root, "rm", "-rq", "--cached", "src")
    git(site.root, "commit", "-qm", "before there was a folder")
    git(site.root, "tag", "--force", "phase-1")
    done = site.run(*SCRIPT, status=3)
    assert "imports from src of the working tree, an editable installation" in done.stderr


@pytest.mark.parametrize(
    ("first", "found"),
    [
        ("#!/opt/x/bin/python3.12\n", "/opt/x/bin/python3.12"),
        ("#!/usr/bin/env python3\n", "python3"),
        ('#!/bin/sh\n\'\'\'exec\' "/a b/bin/python" "$0" "$@"\n', "/a b/bin/python"),
        ("#!/bin/sh\n'''exec' /a/bin/python \"$0\" \"$@\"\n", "/a/bin/python"),
        ("#!/bin/sh\nexec node server.js\n", ""),
        ("\x7fELF", ""),
    ],
)
def test_the_interpreter_of_a_program(tmp_path: Path, first: str, found: str) -> None:
    program = tmp_path / "program"
    program.write_text(first)
    told = imports._interpreter((str(program),), ROOT, None)
    assert told == found or Path(told).name == found


def test_a_python_is_its_own_interpreter() -> None:
    assert imports._interpreter((sys.executable, "-m", "app"), ROOT, None) == sys.executable
    assert imports._interpreter(("no-such-program",), ROOT, "/nowhere") == ""
    assert imports._interpreter((), ROOT, None) == ""
