from __future__ import annotations

import re
from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.model import Checkbox, Finding, Section, Severity
from prp_pack.regex import regex

_SECTION = "what.success-criteria"
# A number that only names something: a phase, a version, a year's release.
_NAMING = regex(
    r"\b(?:phase|level|step|task|version|release|python|node|java|section|chapter|page|v|es|http/?|"
    r"tier|option|milestone|sprint|prp|issue|item|type)[\s#_-]*\d[\d.]*\b|#\d+|\b[a-z_]+\d+\w*\b|"
    r"^\s*\d+[.)]\s", re.IGNORECASE,
)  # fmt: skip
_MEASURED = regex(
    r"[<>≤≥=~±]\s*\d|\d\s*(?:%|‰|°|×|[xX]\b)|"
    # A number and its unit, or what is counted; no code needs more than its name before it.
    r"\b\d[\d.,_]*(?:\s*[-–]\s*\d[\d.,]*)?\s*\+?\s*[-/a-zµ]*[a-zµ]|"
    r"\b(?:status|code|answers?|returns?|exit|exits with|http|responds? with|closed with)\s+\d+|"
    r"\b(?:at (?:least|most)|under|below|above|within|over|than|max(?:imum)?|min(?:imum)?|up to|of|"
    r"to|is|are|equals?)\s+\d|\bzero\s+\w|\b\d+(?:[.,]\d+)?\s*$|\b\d+\s*[.,;:)]",
    re.IGNORECASE,
)
_TEST = regex(
    r"\btest_\w+|\w+_test\b|\bTest[A-Z]\w+|\w\.(?:test|spec)\.\w+|\btests?/[\w./-]+|::\w+|\w+Tests?\b(?=\.)"
)
_COMMAND = regex(r"`([^`\n]+)`")
_PROGRAMS = frozenset("""
    ant bash bats bazel behave black bun bundle cargo clippy cmake composer coverage ctest curl
    cypress deno detox docker docker-compose dotnet eslint flake8 flutter gh git go golangci-lint
    gradle grep hatch helm hey http ix java jest just k6 kubectl ls locust make mix mocha mvn mypy
    newman nix node nox npm npx nx perl php phpunit pip playwright pnpm podman poetry pre-commit
    prp psql pylint pyright pytest python python3 rake rspec rubocop ruby ruff sbt sh shellcheck
    sqlite3 swift terraform test time tox tsc turbo uv uvx vitest wrk xcodebuild yarn zig
""".split())  # fmt: skip  # noqa: SIM905 - a list of words


@rule(
    "PRP305",
    name="unmeasurable-criterion",
    summary="A success criterion that nothing can decide.",
    severity=Severity.WARNING,
)
def unmeasurable_criterion(target: Target) -> Iterator[Finding]:
    for match in target.located.by_id.get(_SECTION, ()):
        if _is_prose(target, match.section):
            message = "no criterion stands here: nothing can be ticked"
            hint = "write each criterion on a line of its own that begins with `- [ ]`"
            yield Finding(match.section.line, message, help=hint)
        for box, text in _criteria(target, match.section):
            unfilled = box.line in target.placeholders
            if not unfilled and text and not _is_measurable(target, text):
                shown = box.text.strip() if len(box.text) <= 80 else f"{box.text[:77]}…"  # noqa: PLR2004
                message = f"nothing decides “{shown}”"
                hint = "add a number with its unit, a command in backticks, or the name of a test"
                yield Finding(box.line, message, help=hint)


def _is_prose(target: Target, section: Section) -> bool:
    """Tell whether the section says something, and none of it is a checkbox."""
    boxes = target.document.outline.checkboxes
    if any(section.line < box.line < section.end for box in boxes):
        return False
    comments = target.document.outline.comments
    hidden = {line for comment in comments for line in range(comment.line, comment.end)}
    said = [text.strip() for line, text in target.own_lines(section) if line not in hidden]
    filled = not target.is_unfilled(section.line, section.end)
    # A section that is empty or waived is PRP104's.
    return filled and any(said) and not any(text.startswith("N/A") for text in said)


def _criteria(target: Target, section: Section) -> Iterator[tuple[Checkbox, str]]:
    """Yield the section's checkboxes with their whole text, over several lines where it goes on."""
    boxes = [b for b in target.document.outline.checkboxes if section.line < b.line < section.end]
    ends = [*(box.line for box in boxes[1:]), section.end]
    for box, following in zip(boxes, ends, strict=False):
        rest: list[str] = []
        for line in target.lines[box.line : following - 1]:
            if not line.strip() or not line.startswith((" ", "\t")):
                break
            rest.append(line.strip())
        yield box, " ".join([box.text, *rest])[:2000]


def _is_measurable(target: Target, text: str) -> bool:
    if _TEST.search(text) or any(_is_command(target, said) for said in _COMMAND.findall(text)):
        return True
    return _MEASURED.search(_NAMING.sub(" ", _COMMAND.sub(" … ", text))) is not None


def _is_command(target: Target, said: str) -> bool:
    words = said.split()
    program = words[0].rpartition("/")[2] if words else ""
    runs = program in _PROGRAMS or words[:1] == ["$"] or (words and words[0].startswith("./"))
    return bool(runs) or (len(words) > 1 and target.project.has_program(program))
