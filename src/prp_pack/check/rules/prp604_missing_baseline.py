from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding
from prp_pack.regex import regex

_SHELL = frozenset({"bash", "sh", "shell", "console", "zsh"})
_BASELINE = regex(r"(?<!\S)--baseline[= ][\"']?phase[_-]?0*(\d{1,4})\b")
_MEMORY = regex(r"memory_profile\b.{0,200}?--max-growth\b")
_PHASE_0 = regex(r"phases?[\"']?(?: ?[:=] ?|[ _-])?[\"']?0(?![\d.])", re.IGNORECASE)
_INTEGRATION = "previous-phase-integration"


@rule(
    "PRP604",
    name="missing-baseline",
    summary="A gate compares with a baseline that nobody recorded.",
    requires=("PRP202",),
)
def missing_baseline(target: Target) -> Iterator[Finding]:
    phase = target.context.phase
    if phase is None:
        return
    for line, text in _commands(target):
        match = _BASELINE.search(text)
        wanted = int(match[1]) if match else 0
        if _MEMORY.search(text):
            wanted = max(phase.previous, default=0)
        if wanted and not _is_recorded(target, wanted):
            folder = f"PRPs/baselines/phase_{wanted}.json"
            message = f"phase {wanted} has no recorded baseline to compare with"
            hint = f"record one (scripts/document_performance_baselines.py --phase={wanted}): "
            hint += f"neither {folder} nor a value under `metrics` in its summary is there"
            yield Finding(line, message, help=hint)
    if phase.is_first:
        for line, text in (*_commands(target), *_previous(target)):
            if _PHASE_0.search(text):
                hint = "the first phase establishes: remove what compares or integrates with less"
                yield Finding(line, "phase 0 is named here, and there is none", help=hint)


def _commands(target: Target) -> Iterator[tuple[int, str]]:
    """Yield the lines of shell fences; a continued line comes whole, at its beginning."""
    for fence in target.document.outline.fences:
        if fence.language in _SHELL:
            begun, text = fence.line + 1, ""
            for line, content in enumerate(fence.content.split("\n"), start=fence.line + 1):
                text += content
                if content.endswith("\\"):
                    text = f"{text[:-1]} "
                    continue
                if not text.lstrip().startswith("#"):
                    yield begun, text
                begun, text = line + 1, ""


def _previous(target: Target) -> Iterator[tuple[int, str]]:
    for section in target.document.outline.sections:
        if section.path[-1] == _INTEGRATION:
            for fence in target.document.outline.fences_of(section):
                if fence.language not in _SHELL:
                    yield from enumerate(fence.content.split("\n"), start=fence.line + 1)


def _is_recorded(target: Target, number: int) -> bool:
    expected = target.expected
    plan = expected.plan if expected else ""
    folders = ("PRPs", *([str(PurePosixPath(plan).parent)] if plan else []))
    if any(target.project.exists(f"{folder}/baselines/phase_{number}.json") for folder in folders):
        return True
    outputs = expected.outputs if expected else ()
    measured = (output.metrics for output in outputs if output.number == number)
    return any(metric.value is not None for metrics in measured for metric in metrics)
