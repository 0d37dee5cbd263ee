"""The form that a document is held to: a template, and the section matrix that it gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from prp_pack.markdown import normalise
from prp_pack.repository import Repository
from prp_pack.schema import template as templates
from prp_pack.schema.matrix import Matrix, SectionSpec, matrix_for
from prp_pack.schema.template import Template
from prp_pack.values import dataclass, replace

DEFAULT = "PRPs/templates/prp_base.md"

Aliases = Mapping[str, tuple[str, ...]]
"""Section ids or titles, and the further titles that each may have."""


@dataclass(frozen=True, slots=True)
class Form:
    template: Template
    matrix: Matrix


def read(repository: Repository, path: str, aliases: Aliases) -> Form:
    """Return the form of a project's template, of the shipped one where there is none."""
    source = repository.read_if_there(path)
    text = source.text if source else None
    matrix = matrix_for(text, path)
    # Fingerprints are the template's own; what people call a section elsewhere changes none.
    template = templates.read(templates.shipped_text() if text is None else text, matrix)
    return Form(template, with_aliases(matrix, aliases))


def with_aliases(matrix: Matrix, aliases: Aliases) -> Matrix:
    """Return the matrix with further titles; one that names no section of it adds nothing."""
    added: dict[str, tuple[str, ...]] = {}
    for name, titles in aliases.items():
        if spec := _named(matrix, name):
            more = tuple(normalise(title) for title in titles)
            added[spec.id] = (*added.get(spec.id, spec.aliases), *more)
    if not added:
        return matrix
    sections = (replace(s, aliases=added.get(s.id, s.aliases)) for s in matrix.sections)
    return replace(matrix, sections=tuple(sections))


def refused(aliases: Aliases, matrices: Iterable[Matrix]) -> Iterator[tuple[str, str, str, str]]:
    """Yield the aliases that can't be: section, title or nothing, what is wrong, how to mend."""
    known = tuple(matrices)
    taken: dict[tuple[str, str], str] = {}
    for name, titles in aliases.items():
        specs = [spec for matrix in known if (spec := _named(matrix, name))]
        if not specs:
            yield name, "", *_unnamed(name, known)
            continue
        spec = specs[0]
        for title in titles:
            word = normalise(title)
            other = _holder(known, spec, word) or taken.setdefault((spec.parent, word), spec.id)
            if not word:
                yield name, title, f"“{title}” is no title", "write the heading's words"
            elif other != spec.id:
                yield name, title, f"“{title}” already means the section “{other}”", ""


def _unnamed(name: str, matrices: tuple[Matrix, ...]) -> tuple[str, str]:
    """Return why a name is no section's, and how to mend it."""
    same = [s.id for matrix in matrices for s in matrix.sections if s.name == normalise(name)]
    if same:
        listed = " or ".join(f"“{id_}”" for id_ in dict.fromkeys(same))
        return f"“{name}” is the title of several sections", f"name one by its id: {listed}"
    names = [word for matrix in matrices for s in matrix.sections for word in (s.id, s.title)]
    near = get_close_matches(name, names, 1)
    meant = f"did you mean “{near[0]}”" if near else "`prp matrix --json` lists the ids"
    return f"“{name}” is no section of the template", meant


def _holder(matrices: tuple[Matrix, ...], spec: SectionSpec, word: str) -> str:
    """Return the id of another section beside `spec` that already has this name."""
    beside = (s for m in matrices for s in m.sections if s.parent == spec.parent and s is not spec)
    return next((s.id for s in beside if word in s.names and s.id != spec.id), "")


def _named(matrix: Matrix, name: str) -> SectionSpec | None:
    return matrix.by_id.get(name) or matrix.named(normalise(name))
