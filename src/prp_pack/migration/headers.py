"""What stands at the top of a document, brought to front matter that is read as it was meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from prp_pack.check.rules.prp108_legacy_header import legacy_header
from prp_pack.check.rules.prp109_bad_front_matter import KEYS, bad_front_matter
from prp_pack.migration.rewriting import (
    Part,
    Renamed,
    Rewrite,
    Unplaced,
    edited,
    fenced,
    kept,
)
from prp_pack.migration.subject import Subject
from prp_pack.model import Document, Edit, Kind, Lineage, Place, Problem
from prp_pack.parse import yaml_block
from prp_pack.parse.document import TEMPLATES
from prp_pack.regex import regex
from prp_pack.render.scalar import scalar

_KEY = regex(r"([A-Za-z_][\w-]*)[ \t]*:(?=[ \t]|$)[ \t]*(.*)")
# YAML would read it as a comment, and whoever wrote it meant a section.
_HEADING = regex(r" {0,3}#{1,6}(?:[ \t]|$)")
_RULER = "---"
# What YAML reads as the beginning of something longer than its line.
_OPENS = ("|", ">", "&", "*", "!")
_HEAD_LINES = 20
# A key as near to one of ours as this is a slip.
_NEAR = 0.8


def has_legacy(subject: Subject) -> bool:
    return subject.is_prp(Lineage.V3) and subject.document.front_matter.legacy


def rewrite(subject: Subject) -> Rewrite | Problem:
    """Put `name:` and `description:` between two lines `---`."""
    edits = [finding.fix for finding in legacy_header.check(subject.target) if finding.fix]
    return Rewrite(edited(subject.document, edits))


# --- Front matter that is not read as it was meant -------------------------------------------


def is_bad(subject: Subject) -> bool:
    ours = subject.target.lineage is Lineage.V3 or _names_template(subject.document)
    return ours and subject.document.kind in KEYS and any(bad_front_matter.check(subject.target))


def _names_template(document: Document) -> bool:
    """Tell whether it names a template of ours near its top, rightly or with a slip."""
    found = (_KEY.match(line) for line in document.lines[:_HEAD_LINES])
    named = (match[2].strip("\"' ") for match in found if match and match[1] == "template")
    return any(get_close_matches(name, TEMPLATES, 1, _NEAR) for name in named)


def mend(subject: Subject) -> Rewrite | Problem:
    """Make one repair, of what keeps the others from being seen first."""
    document = subject.document
    front = document.front_matter
    first = _KEY.match(document.lines[0])
    if not front.present and first and first[1] == "template":
        return Rewrite(_between_rulers(document, 0))
    if front.problems and front.end == 1:
        return Rewrite(_between_rulers(document, 1))
    edits = list(_quoted(document))
    change = Rewrite(edited(document, edits)) if edits else _with_known_keys(subject)
    if isinstance(change, Rewrite) and change.parts == edited(document, ()):
        found = next(iter(bad_front_matter.check(subject.target)))
        return Problem(Place(document.path, found.line), found.message, help=found.help)
    return change


def _between_rulers(document: Document, start: int) -> tuple[Part, ...]:
    """Return the document with both rulers around the keys that begin at an index."""
    lines = document.lines
    end = start
    while end < len(lines) and _goes_on(lines, end):
        end += 1
    edits = [] if start else [Edit(1, 1, f"{_RULER}\n")]
    if end == len(lines) or lines[end].rstrip() != _RULER:
        edits.append(Edit(end + 1, end + 1, f"{_RULER}\n\n"))
    return edited(document, edits)


def _goes_on(lines: Sequence[str], index: int) -> bool:
    line = lines[index]
    if _HEADING.match(line):
        return False
    return bool(_KEY.match(line)) or (line.startswith((" ", "-")) and line.rstrip() != _RULER)


def _quoted(document: Document) -> Iterator[Edit]:
    """Yield the edits that put texts in quotes which YAML reads as something else."""
    front, known = document.front_matter, KEYS[document.kind] | {"template": "text"}
    for number, line in _front_lines(document):
        found = _KEY.match(line)
        if found is None or known.get(found[1]) != "text" or not found[2]:
            continue
        value = found[2].strip()
        alone = yaml_block.load(line, number, document.path)
        read = alone.mapping.get(found[1])
        said = isinstance(read, str | None) and not alone.problems
        whole = front.values.get(found[1])
        meant = isinstance(whole, str | None) or bool(front.problems)
        if not (said and meant) and not value.startswith(_OPENS) and _is_on_one_line(value):
            yield Edit(number, number + 1, f"{found[1]}: {scalar(_bare(value))}\n")


def _is_on_one_line(value: str) -> bool:
    """Tell whether brackets that open here are closed here."""
    return value.count("[") == value.count("]") and value.count("{") == value.count("}")


def _bare(value: str) -> str:
    quoted = value[:1] in ('"', "'") and value[-1:] == value[:1] and len(value) > 1
    return value[1:-1] if quoted else value


def _front_lines(document: Document) -> Iterator[tuple[int, str]]:
    """Yield the lines between the rulers, each with its number."""
    for number in range(2, document.front_matter.end - 1):
        yield number, document.lines[number - 1]


def _with_known_keys(subject: Subject) -> Rewrite | Problem:
    """Correct slips in keys and in the template's name; what else is unknown goes to the end."""
    document = subject.document
    front = document.front_matter
    if front.problems:
        return Rewrite((range(1, len(document.lines) + 1),))
    known = {"template", *KEYS[document.kind]}
    edits: list[Edit] = []
    renamed: list[Renamed] = []
    homeless: list[Edit] = []
    named = front.text("template")
    slip = get_close_matches(named, TEMPLATES, 1, _NEAR) if named not in TEMPLATES else []
    for number, end, key in _entries(document):
        near = get_close_matches(key, known - front.values.keys(), 1, _NEAR)
        line = document.lines[number - 1]
        if key == "template" and slip:
            edits.append(Edit(number, number + 1, f"template: {slip[0]}\n"))
            renamed.append(Renamed(named, slip[0]))
        elif key in known or subject.target.lineage is not Lineage.V3:
            continue
        elif near and near[0] not in {one.new for one in renamed}:
            edits.append(Edit(number, number + 1, f"{near[0]}{line[len(key) :]}\n"))
            renamed.append(Renamed(key, near[0]))
        else:
            homeless.append(Edit(number, end, ""))
    if homeless and subject.obstacle:
        return subject.obstacle
    gone = [document.lines[n - 1] for edit in homeless for n in range(edit.line, edit.end)]
    parts = edited(document, (*edits, *homeless))
    if gone:
        parts = (*parts, *kept(document, [fenced(gone)]))
    unplaced = [Unplaced(document.lines[edit.line - 1], edit.end - edit.line) for edit in homeless]
    return Rewrite(parts, tuple(renamed), tuple(unplaced))


def _entries(document: Document) -> Iterator[tuple[int, int, str]]:
    """Yield the lines `[line, end)` of each key at the top level, with the key."""
    lines = list(_front_lines(document))
    begins = [(number, found[1]) for number, line in lines if (found := _KEY.match(line))]
    ends = [number for number, _ in begins[1:]] + [document.front_matter.end - 1]
    for (number, key), end in zip(begins, ends, strict=True):
        yield number, end, key


def old_front_matter(document: Document) -> tuple[list[str], int]:
    """Return the lines of real front matter between its rulers, and the line behind it."""
    front = document.front_matter
    if not front.present or front.legacy or front.end == 1:
        return [], front.end if front.legacy and document.kind is Kind.PRP else 1
    return [line for _, line in _front_lines(document)], front.end
