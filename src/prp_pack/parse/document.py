"""A Markdown file of a project: what kind it is, and its parts."""

from __future__ import annotations

import re

from prp_pack import markdown
from prp_pack.model import Document, FrontMatter, Kind
from prp_pack.parse import context_block, front_matter
from prp_pack.regex import regex

# What `template:` in the front matter says, and what file names say when it is silent.
TEMPLATES = {
    "prp_base": Kind.PRP,
    "phase_plan": Kind.PLAN,
    "phase_requirements": Kind.REQUIREMENTS,
    "initial": Kind.INITIAL,
    "completion_summary": Kind.SUMMARY,
    "dependency_map": Kind.OTHER,
    "adaptation_log": Kind.OTHER,
}
_NAMES = (
    (regex(r"PHASE_PLAN\.md$", re.IGNORECASE), Kind.PLAN),
    (regex(r"REQUIREMENTS?\.md$", re.IGNORECASE), Kind.REQUIREMENTS),
    (regex(r"COMPLETION(_SUMMARY|_REPORT)?\.md$", re.IGNORECASE), Kind.SUMMARY),
    (regex(r"^INITIAL[^/]*\.md$", re.IGNORECASE), Kind.INITIAL),
    (regex(r"(DEPENDENCY_MAP|ADAPTATION_LOG)\.md$|^(README|CHANGELOG)\.md$", re.IGNORECASE),
     Kind.OTHER),
)  # fmt: skip


def kind_of(path: str, front: FrontMatter) -> Kind:
    """Return what the document is: by its front matter, else by its file name, else a PRP."""
    template = front.text("template").split(maxsplit=1)[:1]
    if template and template[0] in TEMPLATES:
        return TEMPLATES[template[0]]
    name = path.rpartition("/")[2]
    return next((kind for pattern, kind in _NAMES if pattern.search(name)), Kind.PRP)


def parse(text: str, path: str) -> Document:
    """Return the document of a text with LF newlines. What is wrong with it is for the rules."""
    front = front_matter.parse(text, path)
    outline = markdown.outline(text)
    kind = kind_of(path, front)
    if kind is not Kind.PRP:
        return Document(path, text, kind, front, outline)
    return Document(path, text, kind, front, outline, context_block.parse(outline, path))
