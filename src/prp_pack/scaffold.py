"""A new PRP from the template: everything a program can know is filled in, the rest is marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import frontmatter

from prp_pack.context import ResolvedContext
from prp_pack.markdown import normalise
from prp_pack.model import Fence, Outline, PhaseContext, Section
from prp_pack.parse import front_matter
from prp_pack.regex import regex
from prp_pack.render import context_block, previous_phases, tree
from prp_pack.schema.conditions import applies
from prp_pack.schema.matrix import Matrix, SectionSpec
from prp_pack.schema.template import Template

_PREVIOUS = "all-needed-context.previous-phase-integration"
_TREE = "all-needed-context.current-codebase-tree-to-get-an-overview-of-the-codebase"
_PATTERNS = "implementation-blueprint.phase-specific-architecture-patterns"
_HALF = regex("[\ud800-\udfff]")
_PATTERN_KEY = regex(r"^(FOUNDATION|INTEGRATION|OPTIMIZATION)_PHASE:")


def tree_of(files: Iterable[str]) -> str:
    """Return the current tree as a PRP shows it: the code, without the documents about it."""
    return tree.of_code(files)


def path_for(resolved: ResolvedContext) -> str:
    """Return where a new PRP goes: by its phase, or by its name."""
    if resolved.context and resolved.context.phase:
        return f"PRPs/phase{resolved.context.phase.number}.md"
    name = resolved.name or resolved.requirements.rpartition("/")[2].removesuffix(".md")
    return f"PRPs/{normalise(name) or 'feature'}.md"


def new_prp(
    resolved: ResolvedContext, template: Template, matrix: Matrix, current_tree: str
) -> str:
    """Return the text of a PRP for a context that is sound.

    Sections that this phase must not have are left out. Phase numbers, the context block, the
    hand-over of earlier phases and the tree are filled in. What only the author can know stays
    a bracket placeholder, which `prp check` reports until it is gone.
    """
    if resolved.context is None:
        raise ValueError("a PRP needs a context that is known")
    context = resolved.context
    block = context_block.render(context, resolved.sources, resolved.digest)
    fillings = {
        "project-context": block,
        _PREVIOUS: previous_phases.render(resolved.outputs),
        _TREE: (current_tree or tree.NO_FILES) + "\n",
        _PATTERNS: _pattern(template, matrix, context),
    }
    body = "\n".join(_body(template, matrix, context, fillings)).strip("\n")
    front = _front_matter(resolved, template)
    return f"{front}\n\n{body}\n"


def _front_matter(resolved: ResolvedContext, template: Template) -> str:
    known = front_matter.parse(template.text, "").values
    values = {
        **known,
        "name": resolved.name or known.get("name", ""),
        "description": resolved.scope or known.get("description", ""),
        "requirements": resolved.requirements or known.get("requirements", ""),
    }
    if not resolved.requirements:
        del values["requirements"]
    post = frontmatter.Post("")
    # Half of a character, as in a file name that isn't UTF-8: no YAML can hold it.
    for key, value in values.items():
        half = isinstance(value, str) and _HALF.search(value)
        post[key] = _HALF.sub("\N{REPLACEMENT CHARACTER}", str(value)) if half else value
    return frontmatter.dumps(post, sort_keys=False, width=1000).strip()


def _body(
    template: Template, matrix: Matrix, context: PhaseContext, fillings: Mapping[str, str]
) -> Iterator[str]:
    """Yield the template's lines without unwanted sections, with the fillings in their fences."""
    outline = template.outline
    lines = template.text.split("\n")
    specs = {section.line: matrix.at(section.path) for section in outline.sections}
    left_out = _left_out(lines, outline, specs, context)
    replaced: dict[int, tuple[Fence, str]] = {}
    for section in outline.sections:
        spec = specs[section.line]
        fences = outline.fences_of(section)
        if spec and spec.id in fillings and fences:
            replaced[fences[0].line] = (fences[0], fillings[spec.id])
    number = front_matter.parse(template.text, "").end
    while number <= len(lines):
        if number in left_out:
            number += 1
        elif number in replaced:
            fence, content = replaced[number]
            yield lines[number - 1]
            yield from content.rstrip("\n").split("\n")
            number = fence.end - 1
        else:
            yield from _numbered(lines[number - 1], context)
            number += 1


def _left_out(
    lines: Sequence[str],
    outline: Outline,
    specs: Mapping[int, SectionSpec | None],
    context: PhaseContext,
) -> set[int]:
    """Return the lines of the sections that this phase must not have, and of filled guidance."""
    out: set[int] = set()
    for section in outline.sections:
        spec = specs[section.line]
        if spec and not applies(spec.when, context):
            out.update(range(section.line, _end_before_rule(lines, section)))
        elif spec and spec.id in (_PREVIOUS, _PATTERNS):
            # The guidance above these fences is for whoever fills them by hand.
            inside = (c for c in outline.comments if section.line < c.line < section.body_end)
            out.update(line for comment in inside for line in range(comment.line, comment.end))
    return out


def _end_before_rule(lines: Sequence[str], section: Section) -> int:
    """Return the section's end; a rule `---` below it parts others and is not the section's."""
    last = section.end - 1
    while last > section.line and not lines[last - 1].strip():
        last -= 1
    return last if lines[last - 1].strip() == "---" else section.end


def _pattern(template: Template, matrix: Matrix, context: PhaseContext) -> str:
    """Return the pattern block of this phase's type from the template's fence."""
    section = _section(template, matrix, _PATTERNS)
    fences = template.outline.fences_of(section) if section else ()
    if not fences or context.phase is None:
        return ""
    wanted = f"{context.phase.type.upper()}_PHASE"
    kept, keeping = [], False
    for line in fences[0].content.split("\n"):
        if match := _PATTERN_KEY.match(line):
            keeping = f"{match[1]}_PHASE" == wanted
        if keeping:
            kept.append(line)
    return "\n".join(kept).rstrip() + "\n"


def _section(template: Template, matrix: Matrix, id_: str) -> Section | None:
    found = (s for s in template.outline.sections if (at := matrix.at(s.path)) and at.id == id_)
    return next(found, None)


def _numbered(line: str, context: PhaseContext) -> Iterator[str]:
    """Yield a template's line with the phase's numbers, unless it needs a phase that isn't there.

    What earlier phases wrote is not the template's: an index `[N-1]` in it stays.
    """
    phase = context.phase
    if phase is None:
        yield line
        return
    before = max(phase.previous, default=0)
    after = phase.number + 1 if not phase.is_final else 0
    if ("[N-1]" in line and not before) or ("[N+1]" in line and not after):
        return
    numbered = line.replace("[N-1]", str(before)).replace("[N+1]", str(after))
    yield numbered.replace("[N]", str(phase.number))
