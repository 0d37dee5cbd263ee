"""Results that validation scripts hand to the gate that runs them.

Only a script that the gate's command names is listened to: what else runs below it, such as the
user's own tests, may use scripts for its own ends.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from prp_pack.check.gates import Step
from prp_pack.check.invocations import innermost, script_of
from prp_pack.evidence import result as results
from prp_pack.evidence.record import Check, Record, Status, verdict_of
from prp_pack.evidence.result import Result
from prp_pack.gate.process import Outcome
from prp_pack.gate.recording import EXITS
from prp_pack.repository import STATE
from prp_pack.values import replace

# No result comes near; who writes more is no script of ours.
_MAX_BYTES = 16 * 1024 * 1024


def folder_for(run_id: str) -> str:
    return f"{STATE}/results/{run_id}"


def scripts_of(step: Step) -> frozenset[str]:
    """Return the names of the scripts that a gate's command calls: `scripts/x.py`, `prp run x`."""
    found = set()
    for command in step.commands:
        call = innermost(command)
        if call is None:
            continue
        script = script_of(call)
        if script and script.value:
            found.add(PurePosixPath(script.value.replace("\\", "/")).stem)
        elif PurePosixPath(call.name).name == "prp" and call.values[:1] == ("run",):
            found.update(call.values[1:2])
    return frozenset(found)


def take(folder: Path, step: Step | None) -> tuple[tuple[Result, ...], list[Check]]:
    """Return what was handed over for a step, and what is wrong with it; the folder is removed."""
    named = scripts_of(step) if step else frozenset[str]()
    found: list[Result] = []
    wrong: list[Check] = []
    for path in sorted(folder.glob("*.json")):
        try:
            if path.is_symlink() or path.stat().st_size > _MAX_BYTES:
                raise ValueError("it is no plain file of a bearable size")  # noqa: TRY301
            result = results.from_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            wrong.append(Check("result", Status.ERROR, f"{path.name} can't be read: {error}"))
            continue
        if result.invoked_as in named:
            found.append(result)
    shutil.rmtree(folder, ignore_errors=True)
    return tuple(found), wrong


def end(outcome: Outcome, found: Sequence[Result], checks: Sequence[Check]) -> list[Check]:
    """Return the checks of a command's end, where results say the same more exactly.

    A status that is just what the results amount to adds nothing to them; any other one counts.
    """
    verdict = verdict_of(
        [check for each in found for check in each.found.checks],
        [threshold for each in found for threshold in each.found.thresholds],
    )
    if not found or outcome.status in (0, None) or outcome.status != EXITS[verdict]:
        return list(checks)
    told = Check("exit", Status.WARN, f"exit status {outcome.status}: {verdict.value}")
    return [told if check.id == "exit" else check for check in checks]


def added(record: Record, found: Sequence[Result]) -> Record:
    """Return a record with what scripts have measured in its run; their checks come separately."""
    if not found:
        return record
    last = found[-1]
    return replace(
        record,
        script=last.script,
        invoked_as=last.invoked_as if last.invoked_as != last.script else "",
        subject_phase=last.subject_phase,
        target_phase=last.target_phase,
        baseline=last.baseline,
        tools={**record.tools, **{k: v for each in found for k, v in each.tools.items()}},
        machine={**record.machine, **{k: v for each in found for k, v in each.machine.items()}},
        metrics=tuple(metric for each in found for metric in each.found.metrics),
        thresholds=tuple(one for each in found for one in each.found.thresholds),
        artefacts=tuple(one for each in found for one in each.found.artefacts),
    )
