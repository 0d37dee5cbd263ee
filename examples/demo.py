"""The main job on the embedded example: `make demo`.

Every line after a `$` is a command that really runs, in a temporary copy of the example.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

# What the hooks say to the model, in the text of a request.
SAID = re.compile(r"(?:^|context: )(prp(?: check)?: .*|- line \d+: .*)")

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/parcel-tracker"
PRP = Path(sys.executable).parent / "prp"
PHASE = "PRPs/phase3.md"
PLACEHOLDER = "- [ ] [Criterion with a number and its unit]\n- [ ] "
sys.path.insert(0, str(ROOT))

from tests.e2e.client import CannotRunError, Run, check_sandbox, installed, run  # noqa: E402
from tests.e2e.scripted_model import text, tool_use  # noqa: E402


def say(title: str, words: str) -> None:
    print(f"\n\033[1m{title}\033[0m" if sys.stdout.isatty() else f"\n{title}\n{'-' * len(title)}")
    print(textwrap.fill(words, 92), flush=True)


def prp(project: Path, *arguments: str, expect: int) -> None:
    """Run prp as a reader would, and end the demo when it doesn't end as announced."""
    print(f"\n$ prp {' '.join(arguments)}", flush=True)
    status = subprocess.run([PRP, *arguments], cwd=project, check=False).returncode
    sys.stdout.flush()
    print(f"(exit status {status})", flush=True)
    if status != expect:
        sys.exit(f"demo: expected exit status {expect}")


def copy_example(folder: Path) -> Path:
    project = folder / "parcel-tracker"
    skipped = shutil.ignore_patterns(
        "__pycache__", ".*_cache", "*.db", ".venv", ".coverage", ".prp"
    )
    shutil.copytree(EXAMPLE, project, ignore=skipped)
    for command in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all"],
        ["-c", "user.name=demo", "-c", "user.email=demo@example.invalid",
         "commit", "--quiet", "--message=The example"],
    ):  # fmt: skip
        subprocess.run(["git", *command], cwd=project, check=True)
    return project


def broken(clean: str) -> str:
    """Return the PRP as a hurried agent leaves it: fluent, complete-looking, wrong."""
    wrong = clean.replace("total_phases: 3", "total_phases: 5")
    wrong = wrong.replace(
        "MODIFY src/parcel_tracker/models.py", "MODIFY src/parcel_tracker/tables.py"
    )
    why = wrong.index("## Why\n")
    wrong = wrong[:why] + wrong[wrong.index("## What\n") :]
    level = wrong.index("### Level 4: System Integration")
    end = wrong.index("\n## Final Validation Checklist")
    hidden = f"```text\n{wrong[level:end].replace('```', '')}\n```\n"
    return wrong[:level] + hidden + wrong[end:].replace("- [ ] ", PLACEHOLDER, 1)


# A PRP of which only the end is shown, ticked by whoever wrote it.
GATES = """\
---
template: prp_base
---

## Validation Loop

### Level 1: Component Validation
```bash
python3 -m compileall -q src
```

## Final Validation Checklist
- [x] Everything compiles: `python3 -m compileall -q src`
"""


def proof(project: Path) -> None:
    """Show what a tick is worth without a run, with one, and when the gate is weakened."""
    path = "PRPs/gates.md"
    say("4. Done means proven", "A box was ticked, and nothing stands behind it.")
    (project / path).write_text(GATES, encoding="utf-8")
    prp(project, "check", path, "--select", "PRP505", expect=1)
    prp(project, "gate", "seal", path, expect=0)
    prp(project, "gate", "run", path, expect=0)
    prp(project, "check", path, "--select", "PRP505", expect=0)
    print("\nThe tick now rests on a run on record. A gate that is weakened afterwards is found:")
    weaker = GATES.replace("compileall -q src\n```", "compileall -q src || true\n```")
    (project / path).write_text(weaker, encoding="utf-8")
    prp(project, "check", path, "--select", "PRP507", expect=1)


def in_the_client(project: Path, clean: str, program: Path) -> None:
    """Let the real client run /generate-prp; the model's part is played from a script."""
    subprocess.run([PRP, "init"], cwd=project, check=True, capture_output=True)
    path = project / PHASE
    path.unlink()

    turns = [
        [tool_use("Write", file_path=str(path), content=broken(clean))],
        [text("The PRP is complete.")],
        [tool_use("Write", file_path=str(path), content=clean)],
        [text("Now it is.")],
    ]
    seen = run(project, "/generate-prp PRPs/PHASE3_REQUIREMENTS.md", turns, program=program)
    show(seen)
    prp(project, "check", PHASE, expect=0)


# What the model does after each request, as the client would show it.
ACTIONS = (f"Write({PHASE})", "The PRP is complete.", f"Write({PHASE})", "Now it is.")


def show(seen: Run) -> None:
    print("\n> /generate-prp PRPs/PHASE3_REQUIREMENTS.md")
    for request, action in zip(seen.requests, ACTIONS, strict=True):
        for line in request.news.splitlines():
            if said := SAID.search(line):
                print("  " + textwrap.shorten(said[1], 98, placeholder=" …"))
        print(f"\n● {action}")


def find_client() -> Path:
    """Return the client to run; raises CannotRunError with the reason why there is none."""
    program = shutil.which("claude")
    client = Path(program) if program else installed()
    if client is None:
        raise CannotRunError("Claude Code isn't installed here; `make e2e` installs one")
    check_sandbox()
    return client


def main() -> None:
    clean = (EXAMPLE / PHASE).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="prp-demo-") as folder:
        project = copy_example(Path(folder))
        say(
            "1. What a program can know, no agent has to guess",
            "PRPs/PROJECT_PHASE_PLAN.md has three phases. From the plan, the requirements and the "
            "summaries of earlier phases comes the block that every PRP begins with:",
        )
        prp(project, "context", "PRPs/PHASE3_REQUIREMENTS.md", expect=0)
        say(
            "2. A PRP that only looks complete is refused",
            "The same PRP as a hurried agent leaves it: a section left out, one hidden in a code "
            "fence, a wrong number of phases, a file that doesn't exist, a placeholder.",
        )
        (project / PHASE).write_text(broken(clean), encoding="utf-8")
        prp(project, "check", PHASE, expect=1)
        say("3. The mended one is accepted", "Nothing else has changed.")
        (project / PHASE).write_text(clean, encoding="utf-8")
        prp(project, "check", PHASE, expect=0)

        proof(project)
        say("5. The same inside Claude Code", "The hooks hold the agent to it while it writes.")
        try:
            client = find_client()
            print(
                "The real client runs /generate-prp below, without network and account: a script\n"
                "plays the model, badly at first."
            )
            in_the_client(project, clean, client)
        except CannotRunError as reason:
            print(f"skipped: {reason}")
    print("\nNext: `pip install .`, then `prp init` in a repository of yours. docs/ has the rest.")


if __name__ == "__main__":
    main()
