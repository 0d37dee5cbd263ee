from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import Fence, Finding, Lineage, Severity
from prp_pack.parse import python_source, tasks, yaml_block


@rule(
    "PRP303",
    name="unparsable-fence",
    summary="YAML, Python or a task list that a machine can't read.",
    v2=Severity.NOTE,
)
def unparsable_fence(target: Target) -> Iterator[Finding]:
    yield from _without_task(target)
    for fence in target.document.outline.fences:
        spec = target.spec_at(fence.line)
        # An unclosed fence holds what was never meant for it; PRP202 reads the context block.
        skipped = not fence.closed or fence.nested or fence == target.document.block.fence
        if spec is None or spec.grammar == "free" or skipped:
            continue
        if fence.language in ("yaml", "yml"):
            yield from _tasks(fence) if spec.grammar == "tasks" else _yaml(target, fence)
        elif fence.language in ("python", "py", "python3"):
            for line, reason in python_source.unparsable(fence.content, fence.line + 1):
                message = f"fence doesn't parse as Python: {reason}"
                yield Finding(line, message, help="correct it, or use a fence `text`")


def _without_task(target: Target) -> Iterator[Finding]:
    """Yield when our own template's task list is text that names no file to work on."""
    if target.lineage is not Lineage.V3:
        return
    for match in target.located.matches:
        section = match.section
        free = match.spec.grammar != "tasks" or target.document.outline.fences_of(section)
        if free or target.paths.tasks:
            continue
        said = [text.strip() for _, text in target.own_lines(section) if text.strip()]
        if said and not said[0].startswith(("N/A", "<!--", "[")):
            hint = "a task is `Task 1:`, `MODIFY path:` or `CREATE path:`, then `- ` steps"
            yield Finding(section.line, "the task list has no task that can be read", help=hint)


def _yaml(target: Target, fence: Fence) -> Iterator[Finding]:
    block = yaml_block.load(fence.content, fence.line + 1, target.document.path)
    for problem in block.problems[:1]:
        reason = problem.message.removeprefix("YAML doesn't parse: ")
        message = f"fence doesn't parse as YAML: {reason}"
        hint = "quote values with `:`, `[`, `#` or `@` in them; a list item begins with `- `"
        yield Finding(problem.place.line, message, help=hint)


def _tasks(fence: Fence) -> Iterator[Finding]:
    lines = [t for t in tasks.parse(fence.content, fence.line + 1) if t.kind == "unreadable"]
    if lines:
        first, more = lines[0], len(lines) - 1
        rest = f", and neither {'does' if more == 1 else 'do'} {more} below it" if more else ""
        message = f"“{first.text[:60]}” doesn't read as a line of a task list{rest}"
        hint = "a task is `Task 1:`, `MODIFY path:` or `CREATE path:`, then `- ` steps"
        yield Finding(first.line, message, help=hint)
