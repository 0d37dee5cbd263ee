"""PRPs of the older template that most were written from, in the sections of today's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prp_pack import context, scaffold
from prp_pack.context import ResolvedContext
from prp_pack.markdown import display_title, outline
from prp_pack.migration.headers import old_front_matter
from prp_pack.migration.placing import NOWHERE, Piece, Placed, place, unplaced
from prp_pack.migration.rewriting import (
    Part,
    Renamed,
    Rewrite,
    Unplaced,
    body,
    fenced,
    kept,
)
from prp_pack.migration.subject import Subject
from prp_pack.model import Document, Lineage, Place, Problem, Requirements, Section
from prp_pack.parse import front_matter, phase_number
from prp_pack.render.scalar import scalar
from prp_pack.schema.matrix import Matrix
from prp_pack.values import replace

# What the pack fills in stands first there; what the author wrote stays below it.
_FILLED = ("project-context", "all-needed-context.previous-phase-integration")
_TREE = "all-needed-context.current-codebase-tree-to-get-an-overview-of-the-codebase"
_CARRIED = {"name", "description"}
_WHICH = "say it with --to simple or --to 'phase N'"


def is_older(subject: Subject) -> bool:
    return subject.is_prp(Lineage.V2)


def in_todays_sections(subject: Subject) -> Rewrite | Problem:
    """Put each section's text where the template has it, and fill in what a program can know."""
    document, target, checker = subject.document, subject.target, subject.checker
    if subject.obstacle:
        return subject.obstacle
    resolved = _context(subject)
    if isinstance(resolved, Problem) or resolved.context is None:
        return resolved if isinstance(resolved, Problem) else _unknown(document, resolved)
    form = checker.form_for(resolved.context)
    placed = place(target, form.matrix, resolved.context)
    tree = "" if _TREE in placed.headed else scaffold.tree_of(target.project.files)
    frame = scaffold.new_prp(resolved, form.template, form.matrix, tree)
    old, start = old_front_matter(document)
    first = document.outline.sections[0]
    above = (range(start, first.line), *_title(document, placed))
    nowhere = placed.pieces.get(NOWHERE, ())
    homeless = [Unplaced(title, lines) for title, lines in unplaced(nowhere)]
    gone: list[Part] = list(_lines_of(nowhere))
    if old and not _is_carried(document):
        homeless.append(Unplaced("the older front matter", len(old)))
        gone = ["\n", fenced(old), *gone]
    parts: list[Part] = [_front_matter(frame, document), *above]
    parts += _filled(frame, form.matrix, placed)
    parts += kept(document, gone) if gone else ()
    return Rewrite(tuple(parts), tuple(_renamed(frame, form.matrix, placed)), tuple(homeless))


def _context(subject: Subject) -> ResolvedContext | Problem:
    """Return what the document is about: as told, else by its name and the plan."""
    document, repository = subject.document, subject.checker.repository
    number = phase_number.number_in_name(document.path) or None
    if subject.destination is not None:
        number = subject.destination.phase
    elif number is not None and not context.find_plan(repository, Requirements(document.path)):
        said = f"the file name says phase {number}, and no plan says which phase that is"
        return Problem(Place(document.path), said, help=_WHICH)
    if number is None:
        return replace(context.feature_in_words(), sources={})
    resolved = context.resolve(repository, "", number)
    return resolved if resolved.is_sound else _unknown(document, resolved)


def _is_carried(document: Document) -> bool:
    """Tell whether all that the front matter says stands in the new one."""
    front = document.front_matter
    return not front.problems and all(
        key in _CARRIED and isinstance(value, str) for key, value in front.values.items()
    )


def _front_matter(frame: str, document: Document) -> str:
    """Return the scaffold's front matter with what the document says of itself."""
    stated = document.front_matter
    title = next((s.title for s in document.outline.sections[:1] if s.level == 1), "")
    values = dict(front_matter.parse(frame, "").values)
    values["name"] = stated.text("name") or title or values.get("name")
    values["description"] = stated.text("description") or values.get("description")
    lines = [f"{key}: {scalar(str(value))}" for key, value in values.items() if value]
    return "\n".join(["---", *lines, "---", ""])


def _title(document: Document, placed: Placed) -> Iterator[Part]:
    if placed.title:
        yield "\n"
        yield body(document, placed.title.line, placed.title.body_end)


def _filled(frame: str, matrix: Matrix, placed: Placed) -> Iterator[Part]:
    """Yield the scaffold with the author's text in place of the template's."""
    lines = frame.split("\n")
    sections = outline(frame).sections
    for section in sections:
        spec = matrix.at(section.path)
        pieces = placed.pieces.get(spec.id, ()) if spec else ()
        yield f"\n{lines[section.line - 1]}\n"
        own = _text(lines, section.line + 1, section.body_end)
        if not any(piece.above or piece.lines for piece in pieces):
            yield own
            continue
        if spec and spec.id in _FILLED:
            yield f"{own}\n"
        yield from _lines_of(pieces)
        if own.endswith("\n---\n"):
            yield "\n---\n"


def _text(lines: Sequence[str], start: int, end: int) -> str:
    text = "\n".join(lines[start - 1 : end - 1]).strip("\n")
    return f"{text}\n" if text else ""


def _lines_of(pieces: Sequence[Piece]) -> Iterator[Part]:
    for index, piece in enumerate(pieces):
        if index and (piece.above or piece.lines):
            yield "\n"
        yield piece.above
        yield piece.lines


def _renamed(frame: str, matrix: Matrix, placed: Placed) -> Iterator[Renamed]:
    titles: Mapping[str, str] = {
        spec.id: section.title
        for section in outline(frame).sections
        if (spec := matrix.at(section.path))
    }
    for id_, section in placed.headed.items():
        new = titles.get(id_, "")
        if new and not _same(section, new):
            yield Renamed(section.title, new)


def _same(section: Section, new: str) -> bool:
    return display_title(section.title) == display_title(new)


def _unknown(document: Document, resolved: ResolvedContext) -> Problem:
    """Return why nothing can be said of the phase that the document is to be."""
    first = next(iter(resolved.errors or resolved.problems), None)
    said = f"{first.place}: {first.message}" if first else "the plan doesn't say which phase it is"
    return Problem(Place(document.path), said, help=first.help if first else _WHICH)
