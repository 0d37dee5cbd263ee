"""Plans that were drawn as a tree and summaries without front matter, with front matter on top."""

from __future__ import annotations

from collections.abc import Iterator

from prp_pack.markdown import display_title
from prp_pack.migration.headers import old_front_matter
from prp_pack.migration.rewriting import Part, Rewrite, Unplaced, fenced, kept
from prp_pack.migration.subject import Subject
from prp_pack.model import Document, Kind, PlannedPhase, Problem
from prp_pack.parse import plan, summary
from prp_pack.regex import regex
from prp_pack.render.scalar import flow_list, scalar

# `- **Project Name**: Parcels`, as the older documents write what front matter says today.
_ITEM = regex(r"[-*+] \** ?(Project Name|Phase Name) ?\** ?: ?\** ?(.*)")
# It stands near the top; further down the text speaks of others.
_HEAD_LINES = 60


def is_drawn_plan(subject: Subject) -> bool:
    document = subject.document
    if document.kind is not Kind.PLAN or "phases" in document.front_matter.values:
        return False
    return bool(plan.parse(document.text, document.path).phases)


def plan_with_front_matter(subject: Subject) -> Rewrite | Problem:
    """Put what the tree says into front matter; the tree stays where it is drawn."""
    document = subject.document
    phases = plan.parse(document.text, document.path).phases
    name = document.front_matter.text("project") or _named(document, "Project Name")
    lines = ["template: phase_plan", f"project: {scalar(name)}", "phases:"]
    for phase in phases:
        lines += _phase(phase)
    return _on_top(subject, lines)


def _phase(phase: PlannedPhase) -> Iterator[str]:
    yield f"  - number: {phase.number}"
    yield f"    name: {scalar(phase.name)}"
    # What the tree doesn't say, or says in no word of ours, stays to be said.
    if phase.type:
        yield f"    type: {phase.type}"
    if phase.complexity:
        yield f"    complexity: {phase.complexity}"
    yield f"    depends_on: {flow_list(phase.depends_on)}"
    if phase.scope:
        yield f"    scope: {scalar(phase.scope)}"
    if phase.delivers:
        yield "    delivers:"
        yield from (f"      - {scalar(item.strip())}" for item in phase.delivers)


def is_plain_summary(subject: Subject) -> bool:
    document = subject.document
    return document.kind is Kind.SUMMARY and not document.front_matter.text("template")


def summary_with_front_matter(subject: Subject) -> Rewrite | Problem:
    """Put number and name into front matter; whatever the text claims, nothing proves it."""
    document = subject.document
    number = summary.parse(document.text, document.path).number
    name = document.front_matter.text("name") or _named(document, "Phase Name")
    lines = ["template: completion_summary"]
    lines += [f"phase: {number}"] if number else []
    lines += [f"name: {scalar(name)}", "status: unverified", "commit: null"]
    lines += [f"{key}: []" for key in ("endpoints", "metrics", "deferred", "open")]
    return _on_top(subject, lines)


def _named(document: Document, label: str) -> str:
    """Return what a list near the top says, else the document's title."""
    for line in document.lines[:_HEAD_LINES]:
        found = _ITEM.fullmatch(" ".join(line.split()))
        if found and found[1] == label and (name := found[2].strip("* ")):
            return name
    titles = (section.title for section in document.outline.sections if section.level == 1)
    return display_title(next(titles, ""))


def _on_top(subject: Subject, lines: list[str]) -> Rewrite | Problem:
    """Return the document below new front matter; older one goes to the end as it was."""
    document = subject.document
    old, start = old_front_matter(document)
    front = "\n".join(["---", *lines, "---", "", ""])
    rest = range(start, len(document.lines) + 1)
    if not any(line.strip() for line in old):
        return Rewrite((front, rest))
    if subject.obstacle:
        return subject.obstacle
    unplaced = (Unplaced("the older front matter", len(old)),)
    below: tuple[Part, ...] = tuple(kept(document, [fenced(old)]))
    return Rewrite((front, rest, *below), (), unplaced)
