"""A project of three phases in the real client: plan, generate, execute, complete, and on to the next."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from . import letters
from .client import Run, run
from .letters import DEFERRAL, PHASES, Phase
from .play import holds, messages, played_out, prp, read, shell, write
from .scripted_model import Block, Request, Turn, text

FIRST, SECOND, THIRD = PHASES
PARTIAL = ("--status", "partial", "--defer", DEFERRAL)


@pytest.fixture
def project(project: Path) -> Path:
    """Return a project with nothing in it but what a person asks for, after `prp init`."""
    succeed(project, "init")
    for path, content in letters.BEGINNING.items():
        (project / path).write_text(content, encoding="utf-8")
    commit(project, "Ask for a library")
    return project


def succeed(project: Path, *arguments: str) -> str:
    done = prp(project, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def commit(project: Path, message: str) -> None:
    for command in (["add", "-A"], ["commit", "-qm", message]):
        subprocess.run(["git", "-C", str(project), *command], check=True)


def said(project: Path, *arguments: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(succeed(project, *arguments, "--json"))
    return loaded


def command(project: Path, prompt: str, *turns: Turn) -> Run:
    seen = run(project, prompt, turns, timeout=300)
    played_out(seen)
    return seen


def snapshot(project: Path) -> dict[str, bytes]:
    """Return every file that git could keep, by its path."""
    listed = subprocess.run(
        ["git", "-C", str(project), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    )
    return {path: (project / path).read_bytes() for path in listed.stdout.split("\0") if path}


# --- What the model does --------------------------------------------------------------------


def plan(project: Path) -> None:
    seen = command(
        project,
        "/plan-project-phases PRPs/INITIAL.md",
        shell("prp plan show"),
        write(project, letters.PLAN, letters.plan()),
        shell("prp plan check"),
        *(write(project, phase.requirements, letters.requirements(phase)) for phase in PHASES),
        shell("prp plan render"),
        shell("prp plan check"),
        [text("Three phases are planned.")],
    )
    assert "drawn     PRPs/PHASE_DEPENDENCY_MAP.md" in seen.requests[7].news
    assert "2 files checked, no findings" in seen.requests[8].news


def generate(project: Path, phase: Phase, *, forgets: Phase | None = None) -> Run:
    """Fill in the scaffold; with `forgets`, first as a model that read no summary would."""

    def fill(by: Phase) -> Turn:
        def turn(_: Request) -> Sequence[Block]:
            scaffold = (project / phase.prp).read_text(encoding="utf-8")
            return write(project, phase.prp, letters.filled(scaffold, by))

        return turn

    forgotten = [fill(forgets), [text("It is complete.")]] if forgets else []
    return command(
        project,
        f"/generate-prp {phase.requirements}",
        shell(f"prp new {phase.requirements}"),
        read(project, phase.prp),
        *forgotten,
        fill(phase),
        shell(f"prp check {phase.prp}"),
        [text("The PRP is written.")],
    )


def execute(project: Path, phase: Phase) -> Run:
    known = [path for path in phase.files if (project / path).exists()]
    return command(
        project,
        f"/execute-prp {phase.prp}",
        *(read(project, path) for path in known),
        *(write(project, path, content) for path, content in phase.files.items()),
        shell(f"prp gate run {phase.prp}"),
        shell(f"prp check {phase.prp}"),
        [text("What commands decide is proven. Please read the README and say so.")],
    )


def complete(project: Path, phase: Phase, *status: str) -> Run:
    """Sum up the phase; what only the author can say comes between two runs of one command."""
    words = " ".join(f'"{word}"' if " " in word else word for word in status)
    summing_up = shell(f"prp complete {phase.number} {words}".rstrip())

    def hand_over(_: Request) -> Sequence[Block]:
        summary = (project / phase.summary).read_text(encoding="utf-8")
        return write(project, phase.summary, letters.handed_over(summary, phase))

    return command(
        project,
        f"/update-phase-completion {phase.number}",
        shell("prp status"),
        shell(f"prp complete {phase.number} --dry-run"),
        shell(f"prp reconcile {phase.number}"),
        summing_up,
        read(project, phase.summary),
        hand_over,
        summing_up,
        shell("prp plan render"),
        shell("prp check PRPs"),
        [text("The phase is summed up.")],
    )


# --- What a person does beside it -----------------------------------------------------------


def attest(project: Path, phase: Phase) -> None:
    item = "C.Component.3"
    succeed(project, "attest", phase.prp, item, "--by", "Ada", "--note", "read the README")
    assert said(project, "gate", "status", phase.prp)["ready"] is True


def line_of(project: Path, path: str, wanted: str) -> str:
    """Return where a line of a document stands, as prp names it."""
    lines = (project / path).read_text(encoding="utf-8").splitlines()
    return f"{path}:{lines.index(wanted) + 1}"


def is_next(project: Path, following: str) -> None:
    """Assert that `prp status` and the line at the start of a session name the same command."""
    assert said(project, "status")["next"] == following
    seen = command(project, "Hello.", [text("Hello.")])
    assert f"is next: {following}" in seen.requests[0].text


def test_three_phases_from_nothing_to_complete(project: Path) -> None:
    plan(project)
    commit(project, "Plan")
    is_next(project, f"/generate-prp {FIRST.requirements}")

    generate(project, FIRST)
    commit(project, "Write the PRP of phase 1")
    is_next(project, f"/execute-prp {FIRST.prp}")
    seen = execute(project, FIRST)
    assert holds(seen) == 0, "what is left is not the agent's to say"
    assert any("prp attest PRPs/phase1.md C.Component.3" in each for each in messages(seen))
    attest(project, FIRST)
    commit(project, "Build phase 1")
    seen = complete(project, FIRST, *PARTIAL)
    assert "PHASE1_COMPLETION_SUMMARY.md: partial" in seen.requests[4].news
    assert "no findings" in seen.requests[9].news
    commit(project, "Sum up phase 1")
    is_next(project, f"/generate-prp {SECOND.requirements}")

    forgets = Phase(**{**vars(SECOND), "promises": ""})
    seen = generate(project, SECOND, forgets=forgets)
    refused = f"error PRP606 phase 1 is partial, and its deferral at {FIRST.summary}:"
    assert refused in seen.requests[3].news
    assert f"is named nowhere: “{DEFERRAL}”" in seen.requests[3].news
    assert "/generate-prp can't end yet" in seen.requests[4].news
    assert refused in seen.requests[4].news
    handed_over = (project / SECOND.prp).read_text(encoding="utf-8")
    deferral, provided = f'  - "{DEFERRAL}"', f'    - "{FIRST.provides}"'
    for line in (
        "  number: 2  # PRPs/PHASE2_REQUIREMENTS.md:3",
        f"  previous_phases: [1]  # {letters.PLAN}:17",
        f"    status: partial  # {line_of(project, FIRST.summary, 'status: partial')}",
        f'      - "{DEFERRAL}"  # {line_of(project, FIRST.summary, deferral)}',
        f'      - "{FIRST.provides}"  # {line_of(project, FIRST.summary, provided)}',
    ):
        assert f"\n{line}\n" in handed_over, line
    commit(project, "Write the PRP of phase 2")
    execute(project, SECOND)
    attest(project, SECOND)
    commit(project, "Build phase 2")
    assert "no findings" in complete(project, SECOND).requests[9].news
    commit(project, "Sum up phase 2")
    is_next(project, f"/generate-prp {THIRD.requirements}")

    generate(project, THIRD)
    handed_over = (project / THIRD.prp).read_text(encoding="utf-8")
    provided = f'    - "{SECOND.provides}"'
    for line in (
        f"  previous_phases: [1, 2]  # {letters.PLAN}:25",
        f"    status: complete  # {line_of(project, SECOND.summary, 'status: complete')}",
        f'      - "{SECOND.provides}"  # {line_of(project, SECOND.summary, provided)}',
    ):
        assert f"\n{line}\n" in handed_over, line
    commit(project, "Write the PRP of phase 3")
    execute(project, THIRD)
    attest(project, THIRD)
    commit(project, "Build phase 3")
    assert "no findings" in complete(project, THIRD).requests[9].news
    commit(project, "Sum up phase 3")
    states = [phase["state"] for phase in said(project, "status")["phases"]]
    assert states == ["partial", "complete", "complete"]

    finish_the_first(project)
    everything_is_settled(project)
    a_second_run_changes_nothing(project)


def finish_the_first(project: Path) -> None:
    """Complete the phase that ended partial, now that a later one did what it had left."""
    refused = prp(project, "complete", "1")
    assert refused.returncode == 1
    assert f"prp gate run {FIRST.prp} --item L1.1" in refused.stdout
    succeed(project, "gate", "run", FIRST.prp)
    summary = (project / FIRST.summary).read_text(encoding="utf-8")
    done = summary.replace(f'deferred:\n  - "{DEFERRAL}"\n', "deferred: []\n")
    assert done != summary
    (project / FIRST.summary).write_text(done, encoding="utf-8")
    assert "complete" in succeed(project, "complete", "1")
    succeed(project, "plan", "render")
    commit(project, "Complete phase 1")


def everything_is_settled(project: Path) -> None:
    stands = said(project, "status")
    assert [phase["state"] for phase in stands["phases"]] == ["complete"] * 3
    assert [phase["remarks"] for phase in stands["phases"]] == [[]] * 3
    assert stands["next"] is None
    succeed(project, "check", "--strict")
    for phase in PHASES:
        assert said(project, "gate", "status", phase.prp)["ready"] is True
        # The first two were proven on files that a later phase has changed.
        assert "- [ ]" not in (project / phase.prp).read_text(encoding="utf-8")


def a_second_run_changes_nothing(project: Path) -> None:
    before = snapshot(project)
    contexts = [succeed(project, "context", phase.requirements) for phase in PHASES]
    succeed(project, "plan", "render")
    for phase in PHASES:
        assert "unchanged" in succeed(project, "complete", str(phase.number))
    assert [succeed(project, "context", phase.requirements) for phase in PHASES] == contexts
    assert snapshot(project) == before
