"""What holds for every script of the catalogue, whatever it looks at."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv
from importlib import import_module
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from click.testing import CliRunner
from packaging.requirements import Requirement

from prp_pack import cli_run
from prp_pack.probes import CATALOGUE, Entry
from prp_pack.probes.probe import Option
from prp_pack.probes.quantities import placeholder
from tests.probes.site import ROOT, Site, begin, environment, free_port
from tests.probes.stands import STANDS, Stand, made

NAMES = [each.name for each in CATALOGUE]
# These ask no service that runs.
ALONE = {
    "test_database_integration": (),
    "performance_benchmark": ("--baseline=phase_0",),
    "production_simulation": (),
    "document_performance_baselines": (),
}
COMMON = ("--base-url", "--prp", "--config", "--timeout", "--seed")


def options_of(name: str) -> tuple[Option, ...]:
    found: tuple[Option, ...] = import_module(f"prp_pack.probes.{name}").OPTIONS
    return found


def required_of(name: str) -> list[str]:
    return [f"{each.flag}=1" for each in options_of(name) if each.required]


def stand_of(name: str) -> Stand:
    return next(each for each in STANDS.values() if name in each.scripts)


@pytest.fixture
def at(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Site:  # fmt: skip
    """Return a copy of the sound project of a script, with nothing running."""
    stand = stand_of(request.getfixturevalue("name"))
    return stand.copied(made(stand.name, tmp_path_factory.getbasetemp()), tmp_path / "site")


def run(site: Site, name: str, *words: str) -> subprocess.CompletedProcess[str]:
    return stand_of(name).run(site, "", name, *words)


@pytest.mark.parametrize("name", NAMES)
def test_help_says_each_flag(name: str) -> None:
    done = CliRunner().invoke(cli_run.run, [name, "--help"])
    assert done.exit_code == 0
    assert all(each.flag in done.output for each in options_of(name))


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_flag_is_bad_usage(name: str) -> None:
    done = CliRunner().invoke(cli_run.run, [name, *required_of(name), "--colour-of=blue"])
    assert done.exit_code == 2
    assert "--colour-of" in done.output


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        (name, flag)
        for name in NAMES
        for flag in (*(each.flag for each in options_of(name) if each.read), *COMMON)
    ],
)
@pytest.mark.parametrize("left", ["[N-1]", "<value>"])
def test_a_placeholder_is_refused_in_each_flag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, flag: str, left: str
) -> None:
    # What is not refused must not work on this project.
    monkeypatch.chdir(tmp_path)
    assert placeholder(left)
    others = [each for each in required_of(name) if not each.startswith(f"{flag}=")]
    done = CliRunner().invoke(cli_run.run, [name, *others, f"{flag}={left}"])
    assert done.exit_code == 2, done.output
    assert flag in done.output
    assert left in done.output


@pytest.mark.parametrize("name", NAMES)
def test_a_dry_run_starts_nothing_and_leaves_no_file(at: Site, name: str) -> None:
    stand = stand_of(name)
    variables = stand.switch(at, "")
    before = files(at.root)
    words = [*stand.scripts[name], "--dry-run"]
    done = at.run(name, *words, status=0, knobs="", **variables)
    assert done.stdout.strip()
    # A service that is started has a log.
    assert files(at.root) == before


def files(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_json_says_the_exit_status(at: Site, name: str) -> None:
    """Without a service, status 3, where one is needed."""
    stand = stand_of(name)
    words = ALONE.get(name, "--no-start")
    if words == "--no-start":
        words = (*stand.scripts[name], "--no-start")
        expected = (3, "error")
    elif words:
        expected = (5, "skipped")
    else:
        words, expected = stand.scripts[name], (0, "pass")
    done = run(at, name, *words, "--json")
    found = json.loads(done.stdout)
    assert (found["exit_code"], found["verdict"], done.returncode) == (*expected, expected[0])
    if expected[0] == 3:
        assert "nothing answers at" in done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_a_configuration_that_is_no_toml_is_named_with_its_line(tmp_path: Path, name: str) -> None:
    site = Site(tmp_path, free_port())
    (tmp_path / ".git").mkdir()
    site.put("PRPs/prp.toml", "# the service\n[service\nstart = []\n")
    done = site.run(name, *required_of(name), status=2)
    assert "PRPs/prp.toml:2:" in done.stderr


# --- Without the extras ---------------------------------------------------------------------------


def core() -> set[str]:
    """Return the names of the distributions that come with the package itself."""
    found: set[str] = set()
    waiting = ["prp-pack"]
    while waiting:
        for line in distribution(waiting.pop()).requires or ():
            required = Requirement(line)
            if required.name not in found and (
                required.marker is None or required.marker.evaluate({"extra": ""})
            ):
                found.add(required.name)
                waiting.append(required.name)
    return found


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment that has the core's packages and no others."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder / "env", with_pip=False, symlinks=os.name != "nt")
    packages = folder / "packages"
    packages.mkdir()
    for name in core():
        link(distribution(name), packages)
    (site_packages,) = (folder / "env").glob("lib/python*/site-packages")
    (site_packages / "core.pth").write_text(f"{packages}\n{ROOT / 'src'}\n", encoding="utf-8")
    return folder / "env/bin/python"


def link(found: Distribution, packages: Path) -> None:
    """Link what a distribution has at its top."""
    for top in {file.parts[0] for file in found.files or () if file.parts[0] != ".."}:
        if top != "__pycache__":
            (packages / top).symlink_to(str(found.locate_file(top)))


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize(
    "entry", [each for each in CATALOGUE if each.modules], ids=lambda e: e.name
)
def test_a_missing_extra_is_named_with_what_installs_it(
    tmp_path: Path, bare: Path, entry: Entry
) -> None:
    site = begin(tmp_path / "site")
    command = [str(bare), "-m", "prp_pack", "run", entry.name, *required_of(entry.name)]
    done = subprocess.run(
        command, cwd=site.root, env=environment({"PYTHONPATH": ""}), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert f"pip install 'prp-pack[{entry.extra}]'" in done.stderr
    assert all(module in done.stderr for module in entry.modules)
