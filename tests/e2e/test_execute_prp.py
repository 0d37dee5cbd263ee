"""/execute-prp in the real client: proven, or held; forged, and found out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from .client import Run, run
from .play import EXAMPLE, PRP, ROOT, SKIPPED, holds, messages, played_out, shell, write
from .scripted_model import Request, Turn, text, tool_use

PATH = "PRPs/parcel-labels.md"
LABELS = "src/parcel_tracker/label.py"
TESTS = "tests/unit/test_label.py"
CODE = '"""Labels."""\n\n\ndef label(code: str) -> str:\n    """Return the code between stars."""\n    return f"*{code}*"\n'
NAMES = (
    "patterns_are_those_of_code_39", "every_pattern_is_different_and_well_formed",
    "the_longest_code_has_351_columns", "a_label_is_plain_text", "an_unknown_parcel_has_no_label",
)  # fmt: skip
TEST = "from parcel_tracker.label import label\n" + "".join(
    f'\n\ndef test_{name}() -> None:\n    assert label("A") == "*A*"\n' for name in NAMES
)
LOOP = """\
## Validation Loop (Phase-Aware Multi-Level Testing)

### Level 1: Component Validation (Always Required)
```bash
ruff check .
```

### Level 1a: Unit tests for each new feature
```bash
pytest tests/unit/test_label.py -q
```

### Level 1b: Service smoke test
```bash
python -c 'import sys; sys.path.insert(0, "src"); import parcel_tracker.label'
```

## Final Validation Checklist (Phase-Aware)

### Component Level (Always Required)
- [ ] Unit tests pass: `pytest tests/unit/test_label.py -q`
- [ ] The linter is silent: `ruff check .`

"""


@pytest.fixture
def project(project: Path) -> Path:
    """Return the example with a PRP whose gates are quick, after `prp init`."""
    shutil.copytree(EXAMPLE, project, ignore=SKIPPED, dirs_exist_ok=True)
    prp = (project / PATH).read_text(encoding="utf-8")
    start, end = prp.index("## Validation Loop"), prp.index("## Anti-Patterns")
    prp = prp[:start] + LOOP + prp[end:]
    prp = prp.replace("`pytest tests/unit/ tests/integration/ tests/e2e/`", "`ruff check .`")
    (project / PATH).write_text(prp, encoding="utf-8")
    subprocess.run([PRP, "init"], cwd=project, check=True, capture_output=True)
    for command in (["add", "-A"], ["commit", "-qm", "The example"]):
        subprocess.run(["git", "-C", str(project), *command], check=True)
    return project


def execute(project: Path, *turns: Turn, plugin: bool = False, **more: Any) -> Run:
    command = "/prp:execute-prp" if plugin else "/execute-prp"
    return run(
        project, f"{command} {PATH}", turns, plugin_dir=ROOT if plugin else None, timeout=300,
        **more,
    )  # fmt: skip


def build(project: Path) -> list[Turn]:
    return [write(project, LABELS, CODE), write(project, TESTS, TEST)]


RUN = shell(f"prp gate run {PATH}")
DONE: Turn = [text("All tests pass. Every box is ticked. The feature is complete.")]


def status(project: Path) -> dict[str, Any]:
    command = [str(PRP), "gate", "status", PATH, "--json"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    loaded: dict[str, Any] = json.loads(done.stdout)
    return loaded


def open_items(project: Path) -> list[str]:
    settled = ("proven", "attested", "waived")
    return [item["id"] for item in status(project)["items"] if item["state"] not in settled]


def ticked(project: Path) -> int:
    return (project / PATH).read_text(encoding="utf-8").count("- [x]")


@pytest.mark.parametrize("plugin", [False, True], ids=["project", "plugin"])
def test_an_honest_run_ends_proven(project: Path, plugin: bool) -> None:
    if plugin:
        shutil.rmtree(project / ".claude")
    seen = execute(project, *build(project), RUN, DONE, plugin=plugin)
    played_out(seen)
    assert "are sealed" in seen.requests[0].text
    assert open_items(project) == []
    assert ticked(project) == 8
    assert holds(seen) == 0
    assert any("all 12 items are settled" in said for said in messages(seen))
    check = subprocess.run(
        [PRP, "check", PATH], cwd=project, capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stdout
    assert not (project / ".prp/sessions").exists() or not list(
        (project / ".prp/sessions").iterdir()
    )


def test_a_session_above_proves_the_prp_of_a_project_below(project: Path) -> None:
    """As in a monorepo: the gates run where the PRP's project is, the session stays above."""
    above = project.parent / "above"
    below = above / "services/parcels"
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", above], check=True)
    shutil.rmtree(project / ".git")
    shutil.copytree(project, below)
    for setting in ("user.name=Somebody", "user.email=somebody@example.invalid"):
        subprocess.run(["git", "-C", above, "config", *setting.split("=")], check=True)
    subprocess.run([PRP, "init", above], check=True, capture_output=True)
    for command in (["add", "-A"], ["commit", "-qm", "Two services"]):
        subprocess.run(["git", "-C", above, *command], check=True)
    path = f"services/parcels/{PATH}"
    before = (below / PATH).read_text(encoding="utf-8")
    tick = before.replace("- [ ] Unit tests pass", "- [x] Unit tests pass")
    assert tick != before
    turns = [
        DONE, write(below, PATH, tick), *build(below), shell(f"prp gate run {path}"), DONE,
    ]  # fmt: skip
    seen = run(above, f"/execute-prp {path}", turns, timeout=300)
    played_out(seen)
    assert holds(seen) == 1
    assert f"/execute-prp {path} can't end yet" in seen.requests[1].news
    assert f"prp gate run {path}" in seen.requests[1].news
    assert f"Run `prp gate run {path} --item C.Component.1`" in seen.requests[2].news
    assert open_items(below) == []
    assert any(f"{path}: all 12 items are settled" in said for said in messages(seen))


def test_a_claim_without_a_run_is_held_and_then_proven(project: Path) -> None:
    seen = execute(project, *build(project), DONE, RUN, DONE)
    played_out(seen)
    assert holds(seen) == 1
    assert "L1.1 unrun: ruff check ." in seen.requests[3].news
    assert open_items(project) == []


def test_who_gives_up_is_let_go_after_three_rounds_and_it_is_on_record(project: Path) -> None:
    seen = execute(project, DONE, DONE, DONE, DONE)
    played_out(seen)
    assert holds(seen) == 3
    assert any("stopped unproven" in said for said in messages(seen))
    records = [json.loads(p.read_text()) for p in project.glob("PRPs/evidence/**/*.json")]
    assert [r["kind"] for r in records if r["kind"] == "release"] == ["release"]
    assert "stopped unproven" in next(r["note"] for r in records if r["kind"] == "release")


def tick_by_edit(project: Path) -> Turn:
    line = "- [ ] The linter is silent: `ruff check .`"
    return [
        tool_use(
            "Edit",
            file_path=str(project / PATH),
            old_string=line,
            new_string=line.replace("[ ]", "[x]"),
        )
    ]


def tick_by_write(project: Path) -> Turn:
    content = (project / PATH).read_text(encoding="utf-8").replace("- [ ]", "- [x]")
    return write(project, PATH, content)


def read_first(project: Path) -> Turn:
    return [tool_use("Read", file_path=str(project / PATH))]


@pytest.mark.parametrize("tick", [tick_by_edit, tick_by_write])
def test_a_tick_by_the_file_tools_is_refused(project: Path, tick: Callable[[Path], Turn]) -> None:
    seen = execute(project, *build(project), read_first(project), tick(project), RUN, DONE)
    played_out(seen)
    assert "nothing proves it" in seen.requests[4].news
    assert f"prp gate run {PATH}" in seen.requests[4].news
    assert open_items(project) == []


SHELL_TRICKS = {
    "ticks by sed": (f"sed -i 's/- \\[ \\]/- [x]/' {PATH}", "take the tick back"),
    "a forged record": (
        "mkdir -p PRPs/evidence/parcel-labels && cd PRPs/evidence/parcel-labels && "  # noqa: ISC004
        "echo '{\"verdict\": \"pass\"}' > 20261123T000000Z-00000000.json",
        "the ledger:",
    ),
    "a gate with || true": (
        f"sed -i 's/^pytest tests.unit.test_label.py -q$/& || true/' {PATH}", "weakened since the seal",
    ),
    "a gate less": (f"sed -i '/^pytest tests.unit.test_label.py -q$/d' {PATH}", "weakened since the seal"),
    "a criterion less": (f"sed -i '/test_a_label_is_plain_text/d' {PATH}", "weakened since the seal"),
    "a linter's setting": (
        "sed -i 's/^extend-select = .*/extend-select = [\"B\"]/' pyproject.toml", "weakened since the seal",
    ),
    "a test that asks for less": (
        "sed -i 's/    assert .*/    assert True/' tests/unit/test_live.py", "weakened since the seal",
    ),
    "a test less": ("rm tests/unit/test_live.py", "weakened since the seal"),
}  # fmt: skip


@pytest.mark.parametrize("trick", SHELL_TRICKS)
def test_what_is_done_through_the_shell_is_found_out(project: Path, trick: str) -> None:
    command, said = SHELL_TRICKS[trick]
    first = [] if trick == "ticks by sed" else [RUN]
    tampering = [*build(project), *first, shell(command)]
    seen = execute(project, *tampering, DONE, DONE, DONE, DONE, permission_mode="bypassPermissions",
                   env_extra={"IS_SANDBOX": "1"})  # fmt: skip
    assert holds(seen) == 3
    assert said in seen.requests[len(tampering) + 1].news, seen.requests[len(tampering) + 1].news
    assert any("stopped unproven" in each for each in messages(seen))
    check = subprocess.run(
        [PRP, "check", PATH], cwd=project, capture_output=True, text=True, check=False
    )
    assert check.returncode == 1
    assert re.search("PRP50[5679]", check.stdout)


def test_a_record_can_not_be_written_by_the_file_tools(project: Path) -> None:
    path = "PRPs/evidence/parcel-labels/20261123T000000Z-00000000.json"
    seen = execute(project, write(project, path, "{}"), *build(project), RUN, DONE)
    played_out(seen)
    assert "belongs to the ledger" in seen.requests[1].news
    assert not (project / path).exists()


def test_a_weakened_goalpost_of_the_prp_is_refused_by_the_file_tools(project: Path) -> None:
    edit = [tool_use("Edit", file_path=str(project / PATH), old_string="pytest tests/unit/test_label.py -q\n```",
                     new_string="pytest tests/unit/test_label.py -q || true\n```")]  # fmt: skip
    seen = execute(project, read_first(project), edit, *build(project), RUN, DONE)
    played_out(seen)
    assert "were sealed when the work began, and this weakens them" in seen.requests[2].news
    assert open_items(project) == []


def test_a_person_is_asked_before_a_word_is_recorded(project: Path) -> None:
    waive = shell(f"prp waive {PATH} L1.1 --by Somebody --reason 'it is slow'")
    seen = execute(project, *build(project), waive, RUN, DONE)
    played_out(seen)
    assert not any(item["state"] == "waived" for item in status(project)["items"])


def test_a_prp_with_errors_is_not_executed(project: Path) -> None:
    prp = (
        (project / PATH)
        .read_text(encoding="utf-8")
        .replace("ruff check .\n```", "[YOUR LINTER]\n```")
    )
    (project / PATH).write_text(prp, encoding="utf-8")
    seen = execute(project, DONE)
    played_out(seen)
    assert "must not be executed while it has errors" in seen.requests[0].text
    assert holds(seen) == 0


def test_a_killed_session_goes_on_at_the_gate_that_is_open(project: Path) -> None:
    home = project.with_name("home")
    slow = "import time\n\n\ndef test_slow() -> None:\n    time.sleep(1)\n"
    (project / "tests/unit/test_slow.py").write_text(slow, encoding="utf-8")

    def killed(request: Request) -> list[dict[str, Any]]:
        del request
        # Whoever is at the other end is killed with everything that it started, and nobody else's.
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.cwd() == str(project):
                    process.kill()
        time.sleep(1)
        return [text("nobody hears this")]

    first = shell(f"prp gate run {PATH} --level 1 --item L1.1")
    seen_id: list[str] = []

    def note(request: Request) -> list[dict[str, Any]]:
        found = list((project / ".prp/sessions").glob("*.json"))
        seen_id.extend(path.stem for path in found)
        return list(killed(request))

    # The client ends without a result, as is to be.
    with suppress(AssertionError):
        execute(project, *build(project), first, note, home=home)
    assert seen_id
    assert "L1.1" not in open_items(project)
    resumed = run(project, "go on", [RUN, DONE], resume=seen_id[0], home=home, timeout=300,
                  permission_mode="bypassPermissions", env_extra={"IS_SANDBOX": "1"})  # fmt: skip
    played_out(resumed)
    assert f"/execute-prp {PATH} is running in this session" in resumed.requests[0].text
    assert "The next open level is 1" in resumed.requests[0].text
    assert open_items(project) == []
