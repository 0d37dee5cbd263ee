from __future__ import annotations

import difflib
from collections.abc import Iterator

from prp_pack.check.paths import How
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding
from prp_pack.parse.tasks import Anchor, TaskTarget
from prp_pack.schema.template import squeeze

# Looking for the closest line compares each one; longer files and lines go without a hint.
_MAX_LINES = 3000
_MAX_LINE = 300


@rule(
    "PRP404",
    name="missing-anchor",
    summary="A task looks for text that its file doesn't have.",
)
def missing_anchor(target: Target) -> Iterator[Finding]:
    # Executing a task replaces what it looked for: only before that has an anchor to be there.
    if target.paths.executed:
        return
    added: dict[str, list[str]] = {}
    for task in target.paths.tasks:
        path = _path(target, task)
        text = target.project.text(path) if path and task.anchors else None
        if text is not None:
            earlier = "\n".join(added.get(path, ()))
            for anchor in task.anchors:
                wanted = [squeeze(reading) for reading in anchor.readings]
                # Nearly always it stands there with the same spaces, which is quick to see.
                if not any(one in some for some in (text, earlier) for one in wanted) and not any(
                    one in squeeze(some) for some in (text, earlier) for one in wanted
                ):
                    yield _finding(anchor, path, text)
        added.setdefault(path, []).extend(step for _, step in task.steps)


def _path(target: Target, task: TaskTarget) -> str:
    """Return the path of a file that is there; empty for one that a task creates."""
    found = target.paths.resolve(task.path)
    return found.path if found.how is How.THERE else ""


def _finding(anchor: Anchor, path: str, text: str) -> Finding:
    shown = anchor.text if len(anchor.text) <= 80 else f"{anchor.text[:77]}…"  # noqa: PLR2004
    near = _closest(anchor.text, text)
    hint = f"line {near[0]} has “{near[1]}”" if near else "quote text that stands in the file today"
    return Finding(anchor.line, f"“{shown}” isn't in “{path}”", anchor.column, hint)


def _closest(wanted: str, text: str) -> tuple[int, str] | None:
    lines = {line.strip(): n for n, line in enumerate(text.split("\n")[:_MAX_LINES], start=1)}
    short = [line for line in lines if 0 < len(line) <= _MAX_LINE]
    if len(wanted) > _MAX_LINE:
        return None
    found = difflib.get_close_matches(wanted, short, 1)
    return (lines[found[0]], found[0]) if found else None
