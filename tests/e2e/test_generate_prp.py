"""/generate-prp and /execute-prp in the real client: the model plays well, and badly."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .client import Run, run
from .play import EXAMPLE, PRP, ROOT, SKIPPED, messages, played_out
from .scripted_model import Request, Turn, text, tool_use

PHASE = "PRPs/phase3.md"
REQUIREMENTS = "PRPs/PHASE3_REQUIREMENTS.md"
CLEAN = (EXAMPLE / PHASE).read_text(encoding="utf-8")


@pytest.fixture
def example(project: Path) -> Path:
    """Return the example without the PRP that is to be written."""
    shutil.copytree(EXAMPLE, project, ignore=SKIPPED, dirs_exist_ok=True)
    (project / PHASE).unlink()
    return project


@pytest.fixture
def initialised(example: Path) -> Path:
    """Return the example after `prp init`."""
    subprocess.run([PRP, "init"], cwd=example, check=True, capture_output=True)
    return example


def write(project: Path, content: str, path: str = PHASE) -> Turn:
    return [tool_use("Write", file_path=str(project / path), content=content)]


def generate(project: Path, *turns: Turn, plugin: bool = False) -> Run:
    command = "/prp:generate-prp" if plugin else "/generate-prp"
    return run(
        project, f"{command} {REQUIREMENTS}", turns, plugin_dir=ROOT if plugin else None
    )  # fmt: skip


def checks_clean(project: Path) -> bool:
    done = subprocess.run(
        [PRP, "check", PHASE, "--format", "json"], cwd=project, capture_output=True, check=False
    )
    return done.returncode == 0 and json.loads(done.stdout)["files"] == 1


def without_section(content: str, start: str, end: str) -> str:
    return content[: content.index(start)] + content[content.index(end) :]


def hidden(content: str, start: str, end: str) -> str:
    inside = content[content.index(start) : content.index(end)]
    fenced = f"```text\n{inside.replace('```', '')}\n```\n\n"
    return content.replace(inside, fenced)


@pytest.mark.parametrize("plugin", [False, True], ids=["project", "plugin"])
def test_a_good_prp_lands_and_checks_clean(example: Path, plugin: bool) -> None:
    if not plugin:
        subprocess.run([PRP, "init"], cwd=example, check=True, capture_output=True)
    seen = generate(example, write(example, CLEAN), [text("Done.")], plugin=plugin)
    played_out(seen)
    assert "PROJECT_TYPE: complex_multi_phase" in seen.requests[0].text
    assert "number: 3  # PRPs/PHASE3_REQUIREMENTS.md:3" in seen.requests[0].text
    assert "prp check: PRPs/phase3.md is clean" in seen.requests[1].news
    assert (example / PHASE).read_text(encoding="utf-8") == CLEAN
    assert checks_clean(example)
    assert messages(seen) == []


@pytest.mark.parametrize("plugin", [False, True], ids=["project", "plugin"])
def test_a_wrong_number_of_phases_never_reaches_the_disk(example: Path, plugin: bool) -> None:
    if not plugin:
        subprocess.run([PRP, "init"], cwd=example, check=True, capture_output=True)
    wrong = CLEAN.replace("total_phases: 3", "total_phases: 7")
    assert wrong != CLEAN
    seen = generate(example, write(example, wrong), [text("Done.")], plugin=plugin)
    played_out(seen)
    assert "the context block of PRPs/phase3.md was filled in" in seen.requests[1].news
    assert (example / PHASE).read_text(encoding="utf-8") == CLEAN


Spoil = Callable[[str], str]
SPOILT: dict[str, tuple[Spoil, str]] = {
    "a section is left out": (
        lambda content: without_section(content, "## Why\n", "## What\n"),
        "missing section “Why”",
    ),
    "required headings are hidden in a fence": (
        lambda content: hidden(content, "### Level 4", "## Final Validation Checklist"),
        "missing section “Level 4: System Integration”",
    ),
    "a placeholder is left": (
        lambda content: content.replace("## Goal\n", "## Goal\n[TODO: say what is built]\n"),
        "placeholder “[TODO: say what is built]”",
    ),
}


@pytest.mark.parametrize("plugin", [False, True], ids=["project", "plugin"])
@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_bad_prp_is_objected_to_held_and_let_go_when_it_is_mended(
    example: Path, spoilt: str, plugin: bool
) -> None:
    if not plugin:
        subprocess.run([PRP, "init"], cwd=example, check=True, capture_output=True)
    spoil, objection = SPOILT[spoilt]
    seen = generate(
        example,
        write(example, spoil(CLEAN)),
        # The model ignores what it is told, and wants to end.
        [text("All sections are complete.")],
        write(example, CLEAN),
        [text("Now they are.")],
        plugin=plugin,
    )
    played_out(seen)
    assert objection in seen.requests[1].news, "the check after the write objects"
    assert "/generate-prp can't end yet" in seen.requests[2].news, "the stop holds"
    assert objection in seen.requests[2].news
    assert "is clean" in seen.requests[3].news
    assert seen.result_text == "Now they are."
    assert checks_clean(example)


def test_a_model_that_never_mends_is_let_go_visibly(initialised: Path) -> None:
    bad = without_section(CLEAN, "## Why\n", "## What\n")
    seen = generate(initialised, write(initialised, bad), *[[text("It is complete.")]] * 4)
    played_out(seen)
    held = [request for request in seen.requests if "can't end yet" in request.news]
    assert len(held) == 3
    (said,) = messages(seen)
    assert said.startswith("prp: stopped unproven: /generate-prp PRPs/PHASE3_REQUIREMENTS.md")
    assert "missing section “Why”" in said
    assert "stopped unproven" in (initialised / ".prp/hook.log").read_text(encoding="utf-8")


def test_a_model_that_writes_nothing_is_held(initialised: Path) -> None:
    seen = generate(
        initialised, [text("Here is the PRP: …")], write(initialised, CLEAN), [text("Written.")]
    )
    played_out(seen)
    assert "no PRP was written" in seen.requests[1].news


def test_the_scaffold_of_prp_new_is_where_the_command_begins(initialised: Path) -> None:
    scaffold = [tool_use("Bash", command=f"prp new {REQUIREMENTS}", description="scaffold")]
    looking = [tool_use("Read", file_path=str(initialised / PHASE))]
    seen = generate(
        initialised, scaffold, looking, write(initialised, CLEAN), [text("Filled in.")]
    )  # fmt: skip
    played_out(seen)
    assert "PRPs/phase3.md" in seen.requests[1].news, "prp new ran without asking for permission"
    assert "FIND pattern" in seen.requests[2].news
    assert checks_clean(initialised)


def test_a_scaffold_that_nobody_fills_in_does_not_pass(initialised: Path) -> None:
    scaffold = [tool_use("Bash", command=f"prp new {REQUIREMENTS}", description="scaffold")]
    seen = generate(
        initialised, scaffold, [text("Done.")], write(initialised, CLEAN), [text("Filled in.")]
    )
    assert "PRP301" in seen.requests[2].news
    assert "is clean" in seen.requests[3].news


def test_an_edit_of_the_context_block_is_refused(initialised: Path) -> None:
    edit = tool_use(
        "Edit",
        file_path=str(initialised / PHASE),
        old_string="  total_phases: 3",
        new_string="  total_phases: 8",
    )
    seen = generate(initialised, write(initialised, CLEAN), [edit], [text("Changed.")])
    played_out(seen)
    assert "the context block of PRPs/phase3.md follows the plan" in seen.requests[2].news
    assert (initialised / PHASE).read_text(encoding="utf-8") == CLEAN


@pytest.mark.parametrize("plugin", [False, True], ids=["project", "plugin"])
def test_a_command_that_the_model_starts_itself_is_held_too(example: Path, plugin: bool) -> None:
    if not plugin:
        subprocess.run([PRP, "init"], cwd=example, check=True, capture_output=True)
    name = "prp:generate-prp" if plugin else "generate-prp"
    seen = run(
        example,
        "Please write the PRP for phase 3.",
        [
            [tool_use("Skill", skill=name, args=REQUIREMENTS)],
            write(example, without_section(CLEAN, "## Why\n", "## What\n")),
            [text("Done.")],
            write(example, CLEAN),
            [text("Now it is.")],
        ],
        plugin_dir=ROOT if plugin else None,
    )
    played_out(seen)
    assert "number: 3  # PRPs/PHASE3_REQUIREMENTS.md:3" in seen.requests[1].text
    assert "can't end yet" in seen.requests[3].news
    assert checks_clean(example)


def test_a_file_outside_of_prps_starts_no_hook(initialised: Path) -> None:
    seen = run(
        initialised,
        "Add a note.",
        [write(initialised, "# Note\n", "notes/new.md"), [text("Done.")]],
    )
    played_out(seen)
    names = {hook.event for hook in seen.hook_events}
    assert not names & {"PreToolUse", "PostToolUse"}


def test_requirements_that_are_not_there_cost_no_request(initialised: Path) -> None:
    seen = run(initialised, "/generate-prp PRPs/PHASE9_REQUIREMENTS.md", [])
    assert seen.requests == []
    assert "PRPs/PHASE9_REQUIREMENTS.md does not exist" in seen.result_text + seen.debug


def test_documents_that_disagree_reach_the_agent_with_both_places(initialised: Path) -> None:
    path = initialised / REQUIREMENTS
    content = path.read_text(encoding="utf-8")
    path.write_text(content.replace("type: optimization", "type: foundation"), encoding="utf-8")
    seen = generate(initialised, [text("The plan and the requirements disagree.")])
    played_out(seen)
    assert "can't be filled in" in seen.requests[0].text
    assert "but “optimization” at PRPs/PROJECT_PHASE_PLAN.md:" in seen.requests[0].text


@pytest.mark.parametrize("how", ["missing", "broken", "somebody else's"])
def test_without_a_working_prp_work_goes_on_and_the_user_is_told(
    initialised: Path, how: str
) -> None:
    programs = {"broken": "#!/bin/sh\nexit 2\n", "somebody else's": "#!/bin/sh\necho hello\n"}
    folder = initialised.with_name("bin")
    folder.mkdir()
    if how in programs:
        (folder / "prp").write_text(programs[how], encoding="utf-8")
        (folder / "prp").chmod(0o755)
    (folder / "python3").symlink_to(
        "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
    )
    wrong = CLEAN.replace("total_phases: 3", "total_phases: 7")
    seen = run(
        initialised,
        f"/generate-prp {REQUIREMENTS}",
        [write(initialised, wrong), [text("Done.")]],
        env_extra={"PATH": f"{folder}:/bin"},
    )
    assert seen.result_text == "Done."
    assert (initialised / PHASE).read_text(encoding="utf-8") == wrong
    said = " ".join(messages(seen))
    assert ("pip install prp-pack" if how == "missing" else "could not run") in said


def test_a_hook_file_that_was_deleted_stops_nobody(initialised: Path) -> None:
    (initialised / ".claude/hooks/prp_hook.py").unlink()
    seen = run(initialised, "Write it.", [write(initialised, CLEAN), [text("Done.")]])
    assert seen.result_text == "Done."
    assert (initialised / PHASE).is_file()
    assert any("is missing or unreadable; run `prp init`" in said for said in messages(seen))


def test_another_prompt_after_an_unfinished_command_is_free(initialised: Path) -> None:
    bad = without_section(CLEAN, "## Why\n", "## What\n")

    def ignored(_: Request) -> list[dict[str, object]]:
        return [text("Complete.")]

    first = generate(initialised, write(initialised, bad), *[ignored] * 4)
    again = run(initialised, "What time is it?", [[text("Noon.")]], resume=first.session_id)
    played_out(again)
    assert again.result_text == "Noon."


def test_a_session_begins_with_where_the_project_stands(initialised: Path) -> None:
    seen = run(initialised, "Hello.", [[text("Hello.")]])
    assert "“Busy depots”, is next: /generate-prp PRPs/PHASE3_REQUIREMENTS.md" in (
        seen.requests[0].text
    )


def test_a_session_above_finds_the_project_of_the_file_it_names(project: Path) -> None:
    below = project / "services/parcels"
    shutil.copytree(EXAMPLE, below, ignore=SKIPPED)
    (below / PHASE).unlink()
    for folder in (project, below):
        subprocess.run([PRP, "init", folder], check=True, capture_output=True)
    wrong = CLEAN.replace("total_phases: 3", "total_phases: 9")
    seen = run(
        project,
        f"/generate-prp services/parcels/{REQUIREMENTS}",
        [
            [text("Done.")],
            [tool_use("Write", file_path=str(below / PHASE), content=wrong)],
            [text("Done.")],
        ],
    )
    played_out(seen)
    assert "number: 3  # PRPs/PHASE3_REQUIREMENTS.md:3" in seen.requests[0].text
    assert "no PRP was written" in seen.requests[1].news
    assert (below / PHASE).read_text(encoding="utf-8") == CLEAN


def test_plugin_and_project_at_once_are_said_to_the_user(initialised: Path) -> None:
    seen = run(initialised, "hello", [[text("Hello.")]], plugin_dir=ROOT)
    played_out(seen)
    said = [message for message in messages(seen) if "each runs twice" in message]
    assert len(said) == 1
    assert "`prp init --uninstall`" in said[0]
