from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import CompletionSummary, Finding
from prp_pack.regex import regex

_UNFINISHED = ("partial", "blocked")
_INTEGRATION = "previous-phase-integration"
_NOT_WORD = regex(r"[\W_]+")
_SHOWN = 60


@rule(
    "PRP606",
    name="dependency-not-complete",
    summary="A phase that this one depends on isn't complete, and what is open stands nowhere.",
    requires=("PRP202",),
)
def dependency_not_complete(target: Target) -> Iterator[Finding]:
    unfinished = [o for o in _outputs(target) if o.status in _UNFINISHED]
    if not unfinished:
        return
    block = target.document.block
    fence = block.fence.line if block.fence else 1
    line = block.lines.get("PHASE_INFO.previous_phases", fence)
    said = _plain("\n".join(_body(target)))
    for output in unfinished:
        here = f"phase {output.number} is {output.status}"
        if not output.deferred:
            place = output.places.get("status", output.path)
            hint = "list what is open under `deferred` in its completion summary"
            yield Finding(line, f"{here} at {place} and defers nothing by name", help=hint)
        for index, deferral in enumerate(output.deferred):
            if f" {_plain(deferral)} " not in f" {said} ":
                place = output.places.get(f"deferred.{index}", output.path)
                shown = deferral if len(deferral) <= _SHOWN else f"{deferral[:_SHOWN]}…"
                hint = "name it in its words under “What” or “Success Criteria”: done here, or left"
                yield Finding(
                    line,
                    f"{here}, and its deferral at {place} is named nowhere: “{shown}”",
                    help=hint,
                )


def _outputs(target: Target) -> tuple[CompletionSummary, ...]:
    return target.expected.outputs if target.expected else ()


def _body(target: Target) -> Iterator[str]:
    """Yield the lines that are the author's word: no front matter, comment or filled-in YAML."""
    outline = target.document.outline
    left_out = {n for part in outline.comments for n in range(part.line, part.end)}
    for section in outline.sections:
        if section.path[-1] == _INTEGRATION:
            fences = outline.fences_of(section)
            left_out.update(n for fence in fences for n in range(fence.line, fence.end))
    for number, line in enumerate(target.lines, start=1):
        if number >= target.document.front_matter.end and number not in left_out:
            yield line


def _plain(text: str) -> str:
    return _NOT_WORD.sub(" ", text).strip().casefold()
