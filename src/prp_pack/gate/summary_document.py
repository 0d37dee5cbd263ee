"""A completion summary on disk: what a program writes into it, beside what people wrote.

The program's keys of the front matter and the marked parts of the body are replaced; every other
byte stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from prp_pack import assets
from prp_pack.check import fix
from prp_pack.check.registry import Target
from prp_pack.markdown import normalise
from prp_pack.model import Document, Edit, Finding, FrontMatter, Section
from prp_pack.parse import document as documents
from prp_pack.parse import front_matter
from prp_pack.render import generated_block
from prp_pack.render.completion_summary import SECTIONS
from prp_pack.render.generated_block import GeneratedBlock
from prp_pack.repository import Repository, Source, UnreadableError, decode

_TEMPLATE = "completion_summary.md"
# What stands above a key and belongs to it; an indented one is part of the value before.
_REMARK = re.compile(r"(?:#.*)?")
_PLACEHOLDER = re.compile(r"\[[^\[\]]*\]")


def path_of(repository: Repository, target: Target) -> str:
    """Return where the summary of a PRP lies, or will: the one that is there comes first.

    A phase's lies beside the plan, where the next phase looks for it; a feature's beside its PRP.
    """
    document = target.document
    if target.number is None:
        return f"{document.path.removesuffix('.md')}_COMPLETION_SUMMARY.md"
    name = f"PHASE{target.number}_COMPLETION_SUMMARY.md"
    expected = target.expected
    sources = (expected.requirements, expected.plan) if expected else ()
    paths = [
        PurePosixPath(path).with_name(name).as_posix() for path in (*sources, document.path) if path
    ]
    plan = expected.plan if expected else ""
    usual = PurePosixPath(plan or document.path).with_name(name).as_posix()
    return next((path for path in paths if repository.exists(path)), usual)


def begun(repository: Repository, path: str, number: int | None, name: str) -> Source:
    """Return a new summary from the project's template, else from the shipped one."""
    own = f"PRPs/templates/{_TEMPLATE}"
    there = repository.read_if_there(own)
    shipped = assets.folder("templates") / _TEMPLATE
    text = there.text if there else shipped.read_text(encoding="utf-8")
    front = front_matter.parse(text, own)
    for problem in front.problems:
        raise UnreadableError(own, problem.message, problem.place.line, problem.help)
    if number is None:
        line = front.lines.get("phase", 0)
        lines = [each for at, each in enumerate(text.split("\n"), start=1) if at != line]
        text = "\n".join(lines).replace("Phase [N]", name)
    text = text.replace("[N]", str(number))
    return decode(text.replace("\n", there.newline if there else "\n").encode(), path)


def placeholders(document: Document) -> Iterator[int]:
    """Yield the lines that still are the template's `[…]`."""
    for line, text in enumerate(document.lines, start=1):
        if line >= document.front_matter.end and _PLACEHOLDER.fullmatch(text.strip()):
            yield line


def updated(
    source: Source, values: Mapping[str, str], parts: Mapping[str, str], *, force: bool = False
) -> str:
    """Return the raw text with the keys and parts put in; the same again when nothing changed.

    Raises `UnreadableError` with the line for what can't be understood, and for a part that
    somebody has edited, unless `force` says that it may be drawn over.
    """
    document = documents.parse(source.text, source.path)
    edits = [_front_matter(document, values)]
    blocks = _blocks(document, force=force)
    for name, content in parts.items():
        if name in blocks:
            edits.append(_redrawn(blocks[name], content))
        else:
            edits.append(_added(document, name, content))
    findings = [Finding(edit.line, "", fix=edit) for edit in edits if edit]
    raw = fix.apply(source, findings)
    _expect_readable(decode(raw.encode(), source.path), parts, findings)
    return raw


def _front_matter(document: Document, values: Mapping[str, str]) -> Edit | None:
    front, path = document.front_matter, document.path
    for problem in front.problems:
        raise UnreadableError(path, problem.message, problem.place.line, problem.help)
    if front.legacy:
        hint = "put a line `---` above and below it"
        raise UnreadableError(path, "its header has no `---`", 1, hint)
    if not front.present:
        return Edit(1, 1, f"---\n{''.join(values.values())}---\n\n")
    chunks = _chunks(document.lines, front, path)
    last, _ = chunks.pop("", ("", ""))
    keys = list(chunks)
    before = ""
    for key in values:
        if key not in keys:
            keys.insert(keys.index(before) + 1 if before else 0, key)
        before = key
    text = ""
    for key in keys:
        remarks, own = chunks.get(key, ("", ""))
        text += remarks + values.get(key, own)
    text += last
    old = "".join(f"{line}\n" for line in document.lines[1 : front.end - 2])
    return Edit(2, front.end - 1, text) if text != old else None


def _chunks(lines: Sequence[str], front: FrontMatter, path: str) -> dict[str, tuple[str, str]]:
    """Return for each key the remarks above it and its own lines, in the order of the document.

    Under "" stands what comes behind the last one, if there is something.
    """
    found: dict[str, tuple[str, str]] = {}
    at = sorted((front.lines.get(key, 0), key) for key in front.values)
    if len({line for line, _ in at}) != len(at) or any(line < 2 for line, _ in at):  # noqa: PLR2004
        raise UnreadableError(path, "front matter needs a line of its own for each key", 2)
    ends = [*(line for line, _ in at[1:]), front.end - 1]
    start = 2
    for (line, key), end in zip(at, ends, strict=True):
        remarks = lines[start - 1 : line - 1]
        start = end
        while (
            start > line + 1 and _REMARK.fullmatch(lines[start - 2]) and lines[start - 2][:1] != " "
        ):
            start -= 1
        own = lines[line - 1 : start - 1]
        found[key] = (_joined(remarks), _joined(own))
    if rest := lines[start - 1 : front.end - 2]:
        found[""] = (_joined(rest), "")
    return found


def _joined(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


# --- Parts of the body ----------------------------------------------------------------------


def _blocks(document: Document, *, force: bool) -> dict[str, GeneratedBlock]:
    found: dict[str, GeneratedBlock] = {}
    for block in generated_block.find(document):
        if block.name not in SECTIONS:
            continue
        if not block.closed:
            hint = "put `<!-- prp:end -->` behind it, or remove the marker"
            said = f"the part “{block.name}” has no `<!-- prp:end -->`"
            raise UnreadableError(document.path, said, block.line, hint)
        if block.name in found:
            said = f"the part “{block.name}” stands twice, first at line {found[block.name].line}"
            raise UnreadableError(document.path, said, block.line, "remove one of them")
        if block.is_edited and not force:
            said = f"the part “{block.name}” was edited since it was drawn"
            hint = "move what you want to keep below `<!-- prp:end -->`; --force draws over it"
            raise UnreadableError(document.path, said, block.line, hint)
        found[block.name] = block
    return found


def _redrawn(block: GeneratedBlock, content: str) -> Edit | None:
    if block.digest and generated_block.plain(block.content) == generated_block.plain(content):
        return None
    return Edit(block.line, block.end, generated_block.render(block.name, content))


def _added(document: Document, name: str, content: str) -> Edit:
    """Return the edit that puts a part behind what stands in its section, or adds the section."""
    block = generated_block.render(name, content)
    wanted = normalise(SECTIONS[name])
    section = next((s for s in document.outline.sections if s.path[-1] == wanted), None)
    if section is None:
        end = document.last_line + 1
        return Edit(end, end, f"\n## {SECTIONS[name]}\n{block}")
    last = _last_line(document.lines, section)
    after = "".join(document.lines[last : last + 1]).strip()
    gaps = ("\n" if last > section.line else "", "\n" if after else "")
    return Edit(last + 1, last + 1, f"{gaps[0]}{block}{gaps[1]}")


def _last_line(lines: Sequence[str], section: Section) -> int:
    """Return the last line of a section's own text that isn't blank; of none, the heading's."""
    last = min(section.body_end - 1, len(lines))
    while last > section.line and not lines[last - 1].strip():
        last -= 1
    return last


def _expect_readable(source: Source, parts: Mapping[str, str], findings: list[Finding]) -> None:
    """Raise `UnreadableError` when what was put in is not what a reader would find."""
    document = documents.parse(source.text, source.path)
    found = {block.name: block for block in generated_block.find(document)}
    for name in parts:
        if name not in found or found[name].is_edited or not found[name].closed:
            line = findings[-1].line if findings else 1
            said = f"the part “{name}” would not be read as one"
            hint = "close the fence or the comment that is open above this line"
            raise UnreadableError(source.path, said, line, hint)
    for problem in document.front_matter.problems:
        raise UnreadableError(source.path, problem.message, problem.place.line, problem.help)
