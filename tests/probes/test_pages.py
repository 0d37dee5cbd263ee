"""`--html` of the scripts whose results have pictures: where a page may lie, and when there is one."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from prp_pack import cli_run
from prp_pack.evidence.record import Artefact, Check, Findings, Measurement, Status, Threshold
from prp_pack.evidence.result import Result
from prp_pack.probes import CATALOGUE, filing, samples
from prp_pack.probes.probe import Run
from prp_pack.probes.settings import Settings
from prp_pack.repository import Repository, UnreadableError
from tests.evidence.conftest import git
from tests.probes.site import SAFETY, Site, environment
from tests.report.page.reading import Reading

SCRIPT = "performance_benchmark"
FILES = (SCRIPT, "--from=new.json", "--against=old.json")
TIMES = [0.1 + 0.001 * (n % 7) for n in range(60)]
SECRET = "correct-horse-battery-staple"


@pytest.fixture
def site(site: Site) -> Site:
    for name, factor in (("old", 1.0), ("new", 1.3)):
        times = [factor * each for each in TIMES]
        site.put(f"{name}.json", json.dumps({"results": [{"command": "sort", "times": times}]}))
    git(site.root, "add", "-A")
    git(site.root, "commit", "-qm", "times")
    return site


def test_the_scripts_whose_results_have_pictures_have_the_flag() -> None:
    drawn = {"load_test", "memory_profile", "performance_benchmark"}
    for each in CATALOGUE:
        said = CliRunner().invoke(cli_run.run, [each.name, "--help"]).output
        assert ("--html" in said) == (each.name in drawn), each.name
        assert hasattr(import_module(f"prp_pack.probes.{each.name}"), "pictures") == (
            each.name in drawn
        )


def test_a_page_is_written_and_named(site: Site) -> None:
    done = site.run(*FILES, "--html=.prp/times.html", status=1)
    assert done.stdout.endswith("page: .prp/times.html\n")
    read = Reading((site.root / ".prp/times.html").read_text(encoding="utf-8"))
    assert "sort ratio 1.3 ×" in read.said("picture-1")
    assert "Judged new.json" in read.said("asked")
    assert "10 target" in read.said("picture-2")
    assert git(site.root, "status", "--porcelain").split() == ["??", "PRPs/evidence/"]


def test_a_page_may_lie_outside_and_replaces_the_one_before(site: Site, tmp_path: Path) -> None:
    page = tmp_path / "made/out.html"
    for flags in ((), ("--tolerance=50%", "--no-evidence")):
        done = site.run(*FILES, f"--html={page}", *flags)
        assert f"page: {page}" in done.stdout
    read = Reading(page.read_text(encoding="utf-8"))
    assert "passed" in read.said("verdict")
    assert "Record" not in read.said("asked")
    assert [each.name for each in page.parent.iterdir()] == ["out.html"]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("page.html", "page.html: counts as a file of the project, so that evidence goes stale"),
        ("PRPs/prp.toml", "is no name for a page"),
        ("-", "is no name for a page"),
        ("folder.html", "is not a regular file"),
        ("[report_file].html", "placeholder"),
    ],
)
def test_a_place_that_would_do_harm_is_refused_before_the_run(
    site: Site, page: str, said: str
) -> None:
    (site.root / "folder.html").mkdir()
    before = (site.root / "PRPs/prp.toml").read_bytes()
    done = site.run(*FILES, f"--html={page}", status=2)
    assert said in done.stderr
    assert done.stdout == ""
    assert (site.root / "PRPs/prp.toml").read_bytes() == before
    assert not (site.root / "page.html").exists()
    site.run(*FILES, f"--html={page}", "--dry-run", status=2)


def test_what_git_ignores_may_be_written(site: Site) -> None:
    site.put(".gitignore", "*.html\n")
    assert "page: page.html" in site.run(*FILES, "--html=page.html", status=1).stdout


def test_a_run_that_could_not_begin_has_a_page_that_says_so(site: Site) -> None:
    site.put("PRPs/prp.toml", "[[load.requests]]\npath = '/'\n[service]\n"
             f"base_url = '{site.base_url}'\n")  # fmt: skip
    site.run("load_test", "--target-rps=5", "--no-start", "--html=.prp/none.html", status=3)
    read = Reading((site.root / ".prp/none.html").read_text(encoding="utf-8"))
    assert "could not run" in read.said("verdict")
    assert "nothing answers at" in read.said("verdict")
    assert not [name for name in read.sections if name.startswith("picture")]


def test_a_lack_of_the_extra_is_told_before_the_run(site: Site) -> None:
    code = (
        "import sys; sys.modules['jinja2'] = None; from prp_pack.cli import main;"
        f"main(['run', *{FILES!r}, '--html=.prp/times.html'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=site.root, env=environment({}), capture_output=True,
        text=True, timeout=SAFETY, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert "--html needs jinja2, which is not installed" in done.stderr
    assert "pip install 'prp-pack[report]'" in done.stderr
    assert not (site.root / ".prp/times.html").exists()
    assert not list(site.root.glob(".prp/runs/*/samples.json")), "nothing was measured"


def run_of(root: Path, **variables: str) -> Run:
    settings = Settings("PRPs/prp.toml", "", {}, variables)
    return Run(Repository(root), settings, {}, variables, ".prp/runs/x-1")


def test_samples_are_read_as_they_were_written_or_not_at_all(tmp_path: Path) -> None:
    run = run_of(tmp_path, API_TOKEN=SECRET)
    named = samples.keep(run, {"counts": {"0.5": 3}, f"GET /?key={SECRET}": [f"{SECRET}!"]})
    assert SECRET not in (tmp_path / named.path).read_text(encoding="utf-8")
    kept = samples.kept(run.repository, (Artefact("else.log", "0" * 64, "log"), named))
    assert kept
    assert kept["counts"] == {"0.5": 3}
    assert samples.kept(run.repository, ()) is None
    (tmp_path / named.path).write_text("{}", encoding="utf-8")
    with pytest.raises(UnreadableError, match="is not what the run has left"):
        samples.kept(run.repository, (named,))


def test_names_of_what_was_measured_hold_no_secret() -> None:
    name = f"GET /items?key={SECRET}"
    found = Findings(
        (Check(name, Status.PASS, "well", name),),
        (Measurement(f"{name} p95", 1.0, "ms"),),
        (Threshold(f"{name} p95", "<=", 2.0, True, name),),
    )
    clean = filing.without_secrets(Result("load_test", found), {"API_TOKEN": SECRET})
    assert SECRET not in str(clean)
    assert clean.found.metrics[0].name == clean.found.thresholds[0].metric
