from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from prp_pack.check import phase_patterns
from prp_pack.check.registry import Target, rule
from prp_pack.check.template_text import AUTHORED, RESIDUE, Reader, Text
from prp_pack.model import Edit, Finding, Phase, PhaseContext, PhaseType, Severity
from prp_pack.regex import regex
from prp_pack.schema.conditions import CONDITIONS
from prp_pack.schema.sections import How, Match

_RULER = regex(r"\s*-{3,}\s*")

# What to say of a section, by the condition that doesn't hold.
REASONS: dict[str, Callable[[PhaseContext], str]] = {
    "complex": lambda _: "doesn't apply to a simple feature",
    "not-final": lambda context: f"doesn't apply to {_of(context.phase)}, the last",
    "final-or-optimization": lambda context: (
        f"is for the last or an optimization phase, this is {_of(context.phase)}"
    ),
}


@rule(
    "PRP105",
    name="unexpected-section",
    summary="A section that this phase must not have.",
    severity=Severity.WARNING,
    fixable=True,
)
def unexpected_section(target: Target) -> Iterator[Finding]:
    if not target.knows_context:
        return
    reader, reached = Reader(target), 0
    for match in target.sections:
        section = match.section
        failing = [name for name in match.spec.when if not CONDITIONS[name](target.context)]
        if failing and section.line >= reached:
            end = min(section.end, target.document.last_line + 1)
            texts = reader.texts(match, section.line + 1, end)
            # The author's own section may have a title like one of ours.
            if match.how is not How.ELSEWHERE or RESIDUE & texts:
                said = f"section “{match.spec.title}” {REASONS[failing[0]](target.context)}"
                yield _finding(target, section.line, said, texts, _removal(target, match, end))
                reached = section.end
        elif match.spec.id == phase_patterns.SECTION and target.context.phase:
            yield from _other_patterns(target, reader, match, target.context.phase.type)


def _other_patterns(
    target: Target, reader: Reader, match: Match, type_: PhaseType
) -> Iterator[Finding]:
    article = "a" if type_ is PhaseType.FOUNDATION else "an"
    for fence in target.document.outline.fences_of(match.section):
        for block in phase_patterns.others(target.lines, fence, type_):
            said = f"pattern “{block.key}” doesn't apply to {article} {type_} phase"
            texts = reader.texts(match, block.start, block.end)
            yield _finding(target, block.line, said, texts, Edit(block.start, block.end, ""))


def _of(phase: Phase | None) -> str:
    return f"phase {phase.number} of {phase.total}" if phase else "a simple feature"


def _finding(target: Target, line: int, said: str, texts: Collection[Text], fix: Edit) -> Finding:
    sources = target.expected.sources if target.expected else {}
    place = sources.get("phase_info.number") or sources.get("project_type")
    return Finding(
        line,
        said,
        help=f"remove it; {place or '“Project Context”'} says which phase this is",
        severity=Severity.ERROR if RESIDUE.intersection(texts) else None,
        # What somebody wrote is theirs to remove.
        fix=None if AUTHORED.intersection(texts) else fix,
    )


def _removal(target: Target, match: Match, end: int) -> Edit:
    """Return the removal of the section; a ruler below it belongs to what follows."""
    line, last = match.section.line, end
    while last > line + 1 and not target.lines[last - 2].strip():
        last -= 1
    if last > line + 1 and _RULER.fullmatch(target.lines[last - 2]):
        return Edit(line, last - 1, "")
    while end > target.document.last_line and line > 1 and not target.lines[line - 2].strip():
        line -= 1
    return Edit(line, end, "")
