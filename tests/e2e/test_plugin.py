"""`/plugin install` and nothing else: the environment is built by the first session, and used.

The client has no network here; pip takes the packages from a folder, or finds none.
"""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from prp_pack import __version__

from .client import Run, manage, run
from .scripted_model import Turn, text, tool_use

ROOT = Path(__file__).parents[2]
PARTS = (".claude-plugin", ".lsp.json", "commands", "hooks", "scripts", "src", "requirements",
         "PRPs/templates", "pyproject.toml", "README.md", "LICENSE")  # fmt: skip
END: Turn = [text("done")]
DATA = "$HOME/.claude/plugins/data"


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the packages that the environment needs."""
    folder = tmp_path_factory.mktemp("packages")
    words = ["--quiet", "--disable-pip-version-check", "-r", str(ROOT / "requirements/core.lock")]
    subprocess.run(
        [sys.executable, "-m", "pip", "download", *words, "--dest", str(folder)], check=True
    )
    return folder


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """Return a copy of the plugin, which a test may change, as a marketplace."""
    folder = tmp_path / "plugin"
    for part in PARTS:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        skipped = shutil.ignore_patterns("__pycache__")
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=skipped)
        else:
            shutil.copy(ROOT / part, folder / part)
    return folder


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Return a folder for PATH with Python and git, and without `prp`."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "python3").symlink_to(Path(sys.base_prefix) / "bin/python3")
    for name in ("git", "sh", "bash", "cat", "ls", "sleep", "seq", "env", "dirname", "uname"):
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    return folder


@pytest.fixture
def installed(project: Path, plugin: Path) -> Path:
    """Return a project whose user has installed the plugin."""
    (project / "PRPs").mkdir()
    requirements = (ROOT / "examples/parcel-tracker/PRPs/INITIAL.md").read_text(encoding="utf-8")
    (project / "PRPs/INITIAL.md").write_text(requirements, encoding="utf-8")
    (project / ".claude").mkdir()
    allowed = '{"permissions": {"allow": ["Bash"]}}'
    (project / ".claude/settings.json").write_text(allowed, encoding="utf-8")
    for words in (("marketplace", "add", str(plugin)), ("install", "prp@prp-pack")):
        done = manage(project, "plugin", *words)
        assert done.returncode == 0, done.stdout + done.stderr
    return project


def session(project: Path, programs: Path, turns: list[Turn], prompt: str = "go",
            **environment: str) -> Run:  # fmt: skip
    variables: Mapping[str, str] = {"PATH": str(programs), **environment}
    return run(project, prompt, turns, env_extra=variables, timeout=240)


def bash(command: str) -> Turn:
    return [tool_use("Bash", command=command, timeout=200_000)]


def until(name: str) -> Turn:
    """Wait in the session until the builder has left a file."""
    return bash(f"for i in $(seq 600); do ls {DATA}/*/{name} && break; sleep 0.2; done")


def said_at_start(seen: Run) -> str:
    return "".join(hook.stdout for hook in seen.hook_events if hook.event == "SessionStart")


def test_an_installed_plugin_is_enough(installed: Path, programs: Path, packages: Path) -> None:
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(packages)}
    first = session(installed, programs, [until("env-*/complete"), END], **offline)
    assert "setting up its environment in the background" in said_at_start(first)

    turns = [bash("prp --version; prp context PRPs/INITIAL.md"), END]
    prompt = "/prp:generate-prp PRPs/INITIAL.md"
    second = session(installed, programs, turns, prompt)
    asked = second.requests[0].text
    assert "PROJECT_TYPE: simple_feature" in asked
    answered = second.requests[-1].text
    assert f"prp, version {__version__}" in answered
    assert "setting up" not in said_at_start(second)


def test_without_a_network_the_next_session_says_why(installed: Path, programs: Path) -> None:
    session(installed, programs, [until("failed"), END], PIP_NO_INDEX="1")
    second = session(installed, programs, [END], PIP_NO_INDEX="1")
    said = said_at_start(second)
    assert "perhaps for want of a network" in said
    assert "trying again in the background" in said


def test_a_killed_builder_is_followed_by_another(
    installed: Path, programs: Path, packages: Path
) -> None:
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(packages)}
    # The session ends at once, and with it everything that it has started.
    session(installed, programs, [END], **offline)
    seen = session(installed, programs, [until("env-*/complete"), END], **offline)
    assert "setting up its environment" in said_at_start(seen)
    assert "complete" in seen.requests[-1].text


def test_an_update_in_between_goes_on_with_what_is_there(
    installed: Path, plugin: Path, programs: Path, packages: Path
) -> None:
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(packages)}
    session(installed, programs, [until("env-*/complete"), END], **offline)
    manifest = plugin / ".claude-plugin/plugin.json"
    newer = manifest.read_text(encoding="utf-8").replace(__version__, "99.0.0")
    manifest.write_text(newer, encoding="utf-8")
    lock = plugin / "requirements/core.lock"
    lock.write_text(lock.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    done = manage(installed, "plugin", "update", "prp@prp-pack")
    assert done.returncode == 0, done.stdout + done.stderr
    # The old environment answers while the new one can't be built.
    seen = session(installed, programs, [until("failed"), END],
                   "/prp:generate-prp PRPs/INITIAL.md", PIP_NO_INDEX="1")  # fmt: skip
    assert "PROJECT_TYPE: simple_feature" in seen.requests[0].text
    seen = session(installed, programs, [bash(f"for i in $(seq 600); do ls {DATA}/*/failed || break;"
                                              " sleep 0.2; done"), END], **offline)  # fmt: skip
    assert len(list(installed.with_name(f"{installed.name}-home").glob(
        ".claude/plugins/data/*/env-*/complete"))) == 1  # fmt: skip


def test_uninstalling_leaves_no_hook(installed: Path, programs: Path) -> None:
    done = manage(installed, "plugin", "uninstall", "prp@prp-pack")
    assert done.returncode == 0, done.stdout + done.stderr
    assert session(installed, programs, [END]).hook_events == []


def test_the_plugin_is_fit_for_the_directory(plugin: Path, project: Path) -> None:
    done = manage(project, "plugin", "validate", str(plugin), "--profile", "directory", "--strict")
    assert done.returncode == 0, done.stdout + done.stderr
