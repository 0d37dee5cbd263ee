"""The parts of a document that are drawn from a plan, and where they aren't what it gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prp_pack.markdown import normalise, outline
from prp_pack.model import Document, Edit, Plan, Section
from prp_pack.render import dependency_map, generated_block, status_table
from prp_pack.render.generated_block import GeneratedBlock
from prp_pack.values import dataclass

MAP_TEMPLATE = "dependency_map"
_NOT_DRAWN = "was not drawn by prp"


@dataclass(frozen=True, slots=True)
class Drift:
    """A part that isn't as the plan gives it, at a line.

    `edit` draws it; None when only a person can tell where. `by_hand` says that what the edit
    would replace was written by somebody.
    """

    line: int
    message: str
    edit: Edit | None
    by_hand: bool = False


def drifts(document: Document, plan: Plan, statuses: Mapping[int, str]) -> Iterator[Drift]:
    """Yield where a document's blocks, and a map's sections, aren't what a sound plan gives."""
    titled = {normalise(title): (title, text) for title, text in _parts(plan, statuses).items()}
    blocks = list(generated_block.find(document))
    for block in blocks:
        if block.name not in titled:
            known = ", ".join(f"“{name}”" for name in titled)
            message = f"nothing is drawn into a block “{block.name}”; there is {known}"
            yield Drift(block.line, message, None)
        elif drift := _of_block(block, *titled[block.name], plan.path):
            yield drift
    if document.front_matter.text("template") != MAP_TEMPLATE:
        return
    drawn = {block.name for block in blocks}
    sections = {s.path[-1]: s for s in reversed(document.outline.sections)}
    for title, text in dependency_map.render(plan).items():
        name = normalise(title)
        if name in drawn:
            continue
        part = generated_block.render(name, text)
        if (section := sections.get(name)) is None:
            edit = _added(document, title, part)
            yield Drift(document.last_line, f"the section “{title}” is missing", edit)
        elif generated_block.plain(own := _own(document, section)) != text.strip():
            by_hand = not generated_block.is_placeholder(own)
            message = _differs(title, plan.path, _NOT_DRAWN if by_hand else "")
            yield Drift(section.line, message, _replaced(document, section, part), by_hand)


def _parts(plan: Plan, statuses: Mapping[int, str]) -> dict[str, str]:
    """Return what can be drawn from a plan, by title; a block has its title's name."""
    return {**dependency_map.render(plan), "Status": status_table.render(plan, statuses)}


def _of_block(block: GeneratedBlock, title: str, text: str, source: str) -> Drift | None:
    if not block.closed:
        return Drift(block.line, f"“{title}” has no `<!-- prp:end -->`", None)
    if generated_block.plain(block.content) == text.strip():
        return None
    edit = Edit(block.line, block.end, generated_block.render(block.name, text))
    why = "was edited since it was drawn" if block.digest else _NOT_DRAWN
    message = _differs(title, source, why if block.is_edited else "")
    return Drift(block.line, message, edit, block.is_edited)


def _differs(title: str, source: str, why: str) -> str:
    message = f"“{title}” differs from what {source} gives"
    return f"{message}, and {why}" if why else message


def _own(document: Document, section: Section) -> str:
    """Return the section's own text, without heading and subsections."""
    return "\n".join(document.lines[section.line : section.body_end - 1])


def _replaced(document: Document, section: Section, part: str) -> Edit | None:
    if not document.lines[section.line - 1].startswith("#"):
        # An underlined heading has its line below, which must stay.
        return None
    end = min(section.body_end, document.last_line + 1)
    return Edit(section.line + 1, end, part if end != section.body_end else f"{part}\n")


def _added(document: Document, title: str, part: str) -> Edit | None:
    if _ends_open(document):
        return None
    end = document.last_line + 1
    gap = "\n" if document.lines[end - 2 : end - 1] != ("",) else ""
    return Edit(end, end, f"{gap}## {title}\n{part}")


def _ends_open(document: Document) -> bool:
    """Tell whether an open fence or comment would swallow a section put at the end."""
    extended = outline(f"{document.text}\n\n## end\n").sections
    return not extended or extended[-1].title != "end"
