from __future__ import annotations

from collections.abc import Iterator, Mapping

from prp_pack.check.registry import Target, rule
from prp_pack.model import Fence, Finding
from prp_pack.parse import yaml_block
from prp_pack.schema.shapes import SHAPES, Shape, mismatches


@rule(
    "PRP306",
    name="bad-shape",
    summary="YAML that parses, but isn't what its section asks for.",
)
def bad_shape(target: Target) -> Iterator[Finding]:
    for section, shape, fence in _fences(target):
        block = yaml_block.load(fence.content, fence.line + 1, target.document.path)
        # What doesn't parse is PRP303's, and an empty fence has no shape.
        if block.problems or block.value is None:
            continue
        for found in mismatches(block.value, shape):
            line = _line(found.path, block.lines, fence.line + 1)
            message = f"{_named(found.path)} must be {found.expected}, {found.found}"
            yield Finding(line, message, help=f"the template shows what “{section}” holds")


def _fences(target: Target) -> Iterator[tuple[str, Shape, Fence]]:
    """Yield the YAML fences that have a shape; one that is still to be filled in has none."""
    for match in target.located.matches:
        shape = SHAPES.get(match.spec.id)
        for fence in target.document.outline.fences_of(match.section) if shape else ():
            if (
                shape
                and fence.language in ("yaml", "yml")
                and not target.is_unfilled(fence.line, fence.end)
            ):
                yield match.spec.title, shape, fence


def _line(path: str, lines: Mapping[str, int], default: int) -> int:
    """Return the line of the value, or of the nearest that holds it."""
    while path and path not in lines:
        path = path.rpartition(".")[0]
    return lines.get(path, default)


def _named(path: str) -> str:
    """Return the value's name: its keys, or for an item of a list, its number."""
    parts = path.split(".")
    name = ".".join(part for part in parts if not part.isdecimal())
    if parts[-1].isdecimal():
        entry = f"entry {int(parts[-1]) + 1}"
        return f"{entry} of “{name}”" if name else entry
    return f"“{name}”" if name else "the fence"
