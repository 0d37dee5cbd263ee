"""The metadata at the top of a document: real front matter, or the older bare header."""

from __future__ import annotations

from functools import lru_cache

from prp_pack.markdown import front_matter_end
from prp_pack.model import FrontMatter, Place, Problem
from prp_pack.parse import yaml_block
from prp_pack.regex import regex

# The header of older templates: `name:` on the first line, then `description: |`, no `---`.
_TEMPLATE = regex(r"^template[ \t]*:[ \t]*[\"']?(\w+)")
_LEGACY = regex(r"^(name|description)[ \t]*:[ \t]*(.*)$")


@lru_cache(maxsize=16)
def parse(text: str, path: str) -> FrontMatter:
    """Return the front matter of `text`; `present` is False when there is none."""
    lines = text.split("\n")
    closing = front_matter_end(lines)
    if closing is not None:
        block = yaml_block.load("\n".join(lines[1:closing]), 2, path)
        problems = block.problems
        if not problems and not isinstance(block.value, dict | None):
            what = "front matter must be keys and values"
            problems = (Problem(Place(path, 2), what),)
        values, at = block.mapping, block.lines
        if problems and not values:
            values, at = _template_line(lines[1:closing])
        return FrontMatter(values, at, closing + 2, present=True, problems=problems)
    if lines[0].rstrip() == "---" and any(_LEGACY.match(line) for line in lines[1:10]):
        problem = Problem(Place(path, 1), "front matter is not closed by a line `---`")
        return FrontMatter(end=1, present=True, problems=(problem,))
    return _legacy_header(lines)


def _template_line(lines: list[str]) -> tuple[dict[str, object], dict[str, int]]:
    """Return the template that unparsable front matter names; it says whose document it is."""
    for line, content in enumerate(lines, start=2):
        if match := _TEMPLATE.match(content):
            return {"template": match[1]}, {"template": line}
    return {}, {}


def _legacy_header(lines: list[str]) -> FrontMatter:
    first = _LEGACY.match(lines[0])
    if not first or first[1] != "name":
        return FrontMatter()
    said: dict[str, list[str]] = {}
    at: dict[str, int] = {}
    end = 0
    for end, line in enumerate(lines):
        match = _LEGACY.match(line)
        if match and match[1] not in said:
            said[match[1]] = [match[2].strip().strip("\"'").removeprefix("|").strip()]
            at[match[1]] = end + 1
        elif line.startswith("#") or (line.strip() and not line.startswith((" ", "\t"))):
            break
        elif line.strip():
            # An indented line continues the block text of `description: |`.
            said[next(reversed(said))].append(line.strip())
    values = {key: " ".join(texts).strip() for key, texts in said.items()}
    return FrontMatter(values, at, end + 1, present=True, legacy=True)
