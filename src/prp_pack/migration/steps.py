"""The steps of a migration, in order, and the document that they make together."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from prp_pack.check.engine import Checker
from prp_pack.migration import headers, older, order, phase_documents, titles
from prp_pack.migration.losses import losses
from prp_pack.migration.rewriting import Renamed, Rewrite, Unplaced, written
from prp_pack.migration.subject import Destination, Subject
from prp_pack.model import Lineage, Place, Problem, Severity
from prp_pack.parse import document as documents
from prp_pack.regex import regex
from prp_pack.repository import Source
from prp_pack.values import dataclass, replace


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of change. `change` is asked again until `applies` says no or nothing changes."""

    name: str
    summary: str
    applies: Callable[[Subject], bool]
    change: Callable[[Subject], Rewrite | Problem]


STEPS = (
    Step("plan", "front matter from the drawn phases",
         phase_documents.is_drawn_plan, phase_documents.plan_with_front_matter),
    Step("summary", "front matter, with the status unverified",
         phase_documents.is_plain_summary, phase_documents.summary_with_front_matter),
    Step("older-template", "the sections of today's template",
         older.is_older, older.in_todays_sections),
    Step("header", "front matter from the bare header", headers.has_legacy, headers.rewrite),
    Step("front-matter", "front matter that is read as it was meant", headers.is_bad, headers.mend),
    Step("titles", "today's titles", titles.has_older, titles.rename),
    Step("duplicates", "sections that stood twice, merged", titles.has_duplicate, titles.merge),
    Step("order", "the template's order", order.is_mixed_up, order.sort),
)  # fmt: skip

# A document has no more repairs of one kind than this, else a step undoes what it did.
_ROUNDS = 200


# `str.splitlines` splits at more characters than git does.
_LINES = regex(r"[^\n]*\n|[^\n]+")
_NO_NEWLINE = "\n\\ No newline at end of file\n"


@dataclass(frozen=True, slots=True)
class Migration:
    """What became of a document; `raw` is its new text as it is to lie on disk.

    `steps` are those that changed something. `problems` say what was left, and why.
    """

    before: Source
    raw: str
    steps: tuple[Step, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def path(self) -> str:
        return self.before.path

    @property
    def changes(self) -> bool:
        return self.raw != self.before.raw

    @property
    def is_left(self) -> bool:
        """Whether something that has an older form keeps it."""
        return any(problem.severity is not Severity.NOTE for problem in self.problems)

    @property
    def diff(self) -> str:
        """The change as a unified diff of lines with LF; empty when there is none."""
        after = _source(self.path, self.raw).text
        old, new = _LINES.findall(self.before.text), _LINES.findall(after)
        lines = difflib.unified_diff(old, new, f"a/{self.path}", f"b/{self.path}")
        return "".join(line if line.endswith("\n") else f"{line}{_NO_NEWLINE}" for line in lines)


def migrate(checker: Checker, source: Source, destination: Destination | None = None) -> Migration:
    """Return a document in today's form; what would lose a word of it is left undone."""
    made = Migration(source, source.raw)
    # A section that has moved may stand where its title means another one.
    for _ in range(_ROUNDS):
        begun = made.raw
        for step in STEPS:
            now = _source(source.path, made.raw)
            made = _taken(step, made, Subject(now, checker, destination))
        if made.raw == begun:
            break
    if not made.changes and not made.problems:
        return replace(made, problems=_free_form(Subject(source, checker)))
    return made


def _taken(step: Step, made: Migration, subject: Subject) -> Migration:
    """Return what is made when a step has been taken as often as it applies."""
    for _ in range(_ROUNDS):
        if not step.applies(subject):
            break
        change = step.change(subject)
        if isinstance(change, Problem):
            return _with(made, change)
        raw = written(subject.source, change.parts)
        after = _source(made.path, raw)
        if raw == subject.source.raw:
            break
        before = subject.document
        lost = next(losses(before, documents.parse(after.text, made.path), change.renamed), "")
        if lost:
            said = f"“{step.summary}” would lose {lost}; nothing of it was done"
            return _with(made, Problem(Place(made.path), said))
        made = replace(
            made,
            raw=raw,
            steps=made.steps if step in made.steps else (*made.steps, step),
            renamed=(*made.renamed, *change.renamed),
            unplaced=(*made.unplaced, *change.unplaced),
        )
        subject = replace(subject, source=after)
    return made


def _with(made: Migration, problem: Problem) -> Migration:
    # Several steps may meet the same obstacle.
    return replace(made, problems=tuple(dict.fromkeys((*made.problems, problem))))


def _free_form(subject: Subject) -> tuple[Problem, ...]:
    if not subject.is_prp(Lineage.OTHER):
        return ()
    said = "has no form that is known, so there is nothing to bring it from"
    help_ = "`prp new` writes a PRP to move its text into"
    return (Problem(Place(subject.source.path), said, Severity.NOTE, help_),)


def _source(path: str, raw: str) -> Source:
    text = raw.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return Source(path, text, raw)
