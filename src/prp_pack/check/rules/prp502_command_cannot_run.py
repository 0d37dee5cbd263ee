from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.gates import Step, where
from prp_pack.check.ground import Ground, ground_of
from prp_pack.check.invocations import Invocation
from prp_pack.check.programs import BUILTINS, EVERYWHERE
from prp_pack.check.registry import Target, rule
from prp_pack.check.runnable import missing
from prp_pack.model import Finding, Severity


@rule(
    "PRP502",
    name="command-cannot-run",
    summary="A command needs what is neither there nor created by this PRP.",
    v2=Severity.NOTE,
)
def command_cannot_run(target: Target) -> Iterator[Finding]:
    gates = target.gates
    if not gates.steps and not gates.skipped:
        return
    ground = ground_of(target, gates.steps)
    reported: set[str] = set()
    redirected = {r.line for step in gates.steps for c in step.commands
                  for r in c.redirections if r.placeholder}  # fmt: skip
    fences = set()
    for line, reason in gates.skipped.items():
        fence = target.fence_lines.get(line)
        # One stray line makes those around it unreadable: one finding says so.
        if line not in target.placeholders and line not in redirected and fence not in fences:
            fences.add(fence)
            yield Finding(line, reason, severity=Severity.WARNING)
    for step in gates.steps:
        for command, call in ((command, call) for command, calls in step.calls for call in calls):
            # What a placeholder stands for isn't known; that it stands there is for PRP301.
            if command.broken or target.is_unfilled(command.line, command.end):
                continue
            for lack in missing(call, ground):
                column = where(target.document, lack.word)
                yield Finding(lack.word.line, lack.message, column=column, help=lack.help)
            if call.name not in reported and not _starts(call, step, ground):
                reported.add(call.name)
                message = f"“{call.name}” is not on the PATH here"
                column = where(target.document, call.word)
                hint = "install it, or name it among the project's dependencies"
                yield Finding(call.word.line, message, column, hint, Severity.WARNING)


def _starts(call: Invocation, step: Step, ground: Ground) -> bool:
    """Tell whether the program itself could be started; what has a path is judged as a path."""
    name = call.name.split(maxsplit=1)[0] if call.name.strip() else ""
    if not name or "/" in name or "\n" in name or call.provided or call.module:
        return True
    if call.command.defined or name in BUILTINS or name in EVERYWHERE:
        return True
    if not ground.knows_programs or ground.project.has_program(name) or ground.declares(name):
        return True
    # An environment that the gate enters brings its own programs.
    return any(c.program in (".", "source") for c in (*step.setup, *step.commands))
