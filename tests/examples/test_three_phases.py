"""The building of the example in three phases, without its minutes: `make example-phases` has those."""

from __future__ import annotations

import importlib.util
import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.docs.blocks import block, disagreement
from tests.needs import needs_curl
from tests.probes import postgres
from tests.probes.shops import pg_url

HERE = Path(__file__).parents[2] / "examples/three-phases"


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("three_phases_build", HERE / "build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_section_that_somebody_wrote_replaces_the_scaffolds(build: ModuleType) -> None:
    scaffold = "# A\n[a]\n\n## B\n[b]\n```bash\n# no heading\n```\n\n---\n\n## C\nc\n"
    filled = build.filled(scaffold, "## B\nours\n\n# A\nalso ours\n")
    assert filled == "# A\nalso ours\n\n## B\nours\n\n---\n\n## C\nc\n"


def test_a_section_that_the_scaffold_lacks_is_refused(build: ModuleType) -> None:
    with pytest.raises(ValueError, match="no section ## D"):
        build.filled("## B\n[b]\n", "## D\nours\n")


def test_a_summary_keeps_what_was_drawn_around_the_authors_words(build: ModuleType) -> None:
    summary = (
        "---\nendpoints:\n- {kind: http, method: GET, path: /a, example: x}\nprovides: {}\n---\n"
        "## What was built\n[files]\n\n<!-- prp:begin x -->\ndrawn\n<!-- prp:end -->\n"
    )
    words = (
        "---\nendpoints: {GET /a: tells a, WebSocket /b: tells b, POST /c: takes c}\nprovides: {configuration: [A]}\n---\n"
        "## What was built\nOne file.\n"
    )
    made = build.handed_over(summary, words)
    assert "path: /a\n  example: x\n  usage: tells a\n" in made
    assert "- kind: websocket\n  path: /b\n  usage: tells b\n" in made
    assert "- kind: http\n  method: POST\n  path: /c\n  usage: takes c\n" in made
    assert "configuration:\n  - A" in made
    assert "## What was built\nOne file.\n" in made
    assert "<!-- prp:begin x -->\ndrawn\n<!-- prp:end -->\n" in made
    assert "[files]" not in made


def ports() -> str:
    """Return a port that is free, and whose next is."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return str(port)


def begun(folder: Path, site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the building in a copy of the example."""
    return subprocess.run(
        [sys.executable, folder / "build.py", str(site), "--only-phase", "1", *words],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(HERE, tmp_path / "example")
    return tmp_path / "example"


@needs_curl
def test_a_gate_that_fails_ends_the_building_loudly(copied: Path, tmp_path: Path) -> None:
    (copied / "phase1/src/meters/app.py").write_text("def broken(:\n", encoding="utf-8")
    done = begun(copied, tmp_path / "site", "--port", ports())
    assert done.returncode == 1, done.stdout + done.stderr
    # The page shows the whole, of which this is the beginning.
    begins, _, rest = block("docs/three-phases.md", "$ make example-phases").text.partition("\n…\n")
    shown = begins.partition("\n")[2]
    assert not (differs := disagreement(f"{shown}\n…\n", done.stdout)), differs
    kept = sum(each.is_file() for each in (HERE / "expected").rglob("*"))
    assert f"] {kept} generated files are" in rest
    assert "FAILED: PRPs/phase1.md" in done.stdout
    assert "src/meters/app.py" in done.stdout
    assert "left in" in done.stderr
    assert not (tmp_path / "site/PRPs/PHASE1_COMPLETION_SUMMARY.md").exists()


def test_a_folder_with_something_in_it_is_left_alone(copied: Path, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/mine").touch()
    done = begun(copied, tmp_path / "site", "--port", ports())
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert [file.name for file in (tmp_path / "site").iterdir()] == ["mine"]


def test_a_port_that_is_taken_is_said_before_anything_is_done(copied: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = begun(copied, tmp_path / "site", "--port", port)
    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert not (tmp_path / "site").exists()


# --- On PostgreSQL --------------------------------------------------------------------------


def test_the_service_of_all_phases_works_on_postgresql(build: ModuleType, tmp_path: Path) -> None:
    """Its migrations meet the rows of phase 1; its own tests and the script talk to the server."""
    site = build.Site(tmp_path / "site")
    for folder in ("begin", "phase1", "phase2", "phase3"):
        build.lay(site, HERE / folder)
    site.run("git", "init", "--quiet")
    with postgres.serving(postgres.needed_programs()) as server:
        server.execute("CREATE DATABASE meters")
        site.environment["DATABASE_URL"] = pg_url(server.port, "meters")
        tests = ("tests/integration/phase_1", "tests/integration/phase_2",
                 "tests/integration/cross_phase/test_readings_reach_listeners.py", "tests/e2e")  # fmt: skip
        site.run(sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", *tests)
        stored = server.execute("SELECT count(*) FROM readings", database="meters")
        kept = server.execute("SELECT sum(reading_count) FROM meters", database="meters")
        assert stored[0][0] == kept[0][0] > 20_000
        said = site.said("run", "test_database_integration", "--performance-check",
                         "--max-avg-ms", "500", "--no-evidence")  # fmt: skip
    assert said["verdict"] == "pass", json.dumps(said, indent=1)
    assert "postgresql" in json.dumps(said).lower()
