"""What a document refers to, read line by line: half of all real YAML fences don't parse."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prp_pack.model import Document, Fence
from prp_pack.parse import path_names
from prp_pack.parse.path_names import PathName
from prp_pack.regex import regex
from prp_pack.values import dataclass, field

KINDS = ("file", "docfile", "doc", "url", "completion_summary", "phase_plan", "dependency_map")
# The kinds whose value is a path of the project.
FILES = frozenset({"file", "docfile", "completion_summary", "phase_plan", "dependency_map"})
REASONS = ("why", "section", "critical")
SEE, ADD_TO = "see", "add to"

_KEY = regex(
    rf"^(?P<indent>[\s>]*)(?P<dash>[-*+][ \t]+|\d{{1,3}}[.)][ \t]+)?[*_`\"']{{0,3}}"
    rf"(?P<key>{'|'.join((*KINDS, *REASONS))}|\w[\w ]{{0,40}})[*_`\"']{{0,3}}[ \t]{{0,8}}:"
    rf"(?=\s|[*_`\"']|$)[*_]{{0,2}}(?P<value>.*)$",
    re.IGNORECASE,
)
_DASH = regex(r"^[\s>]*[-*+][ \t]")
_SEE = regex(r"(?:#|//|--|/?\*|^\s*-)\s[^\n]{0,200}?\bsee(?: also)?:?[ \t]+", re.IGNORECASE)
_ADD_TO = regex(r"^\s*(?:[-*][ \t]+)?[*`\"']{0,3}add[ _]to[*`\"']{0,3}[ \t]*:", re.IGNORECASE)
_COMMENT = regex(r"^\W*(?:#|//|[-–—←]|\()?\s*([^\W\d_].*)", re.DOTALL)
_LINES_ONLY = regex(r"^\W*(?:lines?|ll?\.?|new(?: file)?|existing)?[\s\d,–-]*\W*$", re.IGNORECASE)
# A longer line is no list item.
MAX_LINE = 4000
# A program has keys of these names of its own.
_LANGUAGES = frozenset({"", "yaml", "yml", "md", "markdown", "text", "txt"})


@dataclass(frozen=True, slots=True)
class Reference:
    """One name that the document refers to.

    `entry` is the line on which its list item begins; `reasons` are the item's `why`, `section`
    and `critical`, and the remark behind a name. `column` counts from 1.
    """

    kind: str
    name: str
    line: int
    column: int
    entry: int = 0
    reasons: tuple[str, ...] = ()

    @property
    def is_file(self) -> bool:
        return self.kind in FILES


@dataclass
class _Entry:
    line: int
    indent: int
    found: list[Reference] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def close(self) -> Iterator[Reference]:
        for ref in self.found:
            reasons = tuple(self.reasons)
            yield Reference(ref.kind, ref.name, ref.line, ref.column, self.line, reasons)


def parse(document: Document) -> tuple[Reference, ...]:
    """Return the references of a document in the order of their lines."""
    found: list[Reference] = []
    entry: _Entry | None = None
    foreign = {f.line for f in document.outline.fences if f.language not in _LANGUAGES}
    for number, text, fence in _lines(document):
        if fence and text is not None:
            found += _mentions(number, text)
        keyed = text is not None and ":" in text and not (fence and fence.line in foreign)
        match = _KEY.match(text) if text is not None and keyed else None
        if entry is None and match is None:
            # Most lines neither name anything nor stand in the item of something that does.
            continue
        indent = _indent(text or "")
        starts = text is not None and _DASH.match(text) is not None
        ends = text is None or text.startswith("#") or (entry and starts and indent <= entry.indent)
        if entry and ends:
            found += entry.close()
            entry = None
        if match is None:
            continue
        entry = _keyed(match, number, entry, indent if starts else -1, in_fence=fence is not None)
        if entry and entry.indent < 0:
            # A key on its own: what follows it belongs to something else.
            found += entry.close()
            entry = None
    found += entry.close() if entry else ()
    return tuple(sorted(found, key=lambda ref: (ref.line, ref.column)))


def _lines(document: Document) -> Iterator[tuple[int, str | None, Fence | None]]:
    """Yield number and text of each line, None for a fence's marker, with the fence around it."""
    fences = document.fence_lines
    for number, text in enumerate(document.lines, start=1):
        fence = fences.get(number)
        closes = fence is not None and fence.closed and number == fence.end - 1
        marker = fence is not None and (number == fence.line or closes)
        yield number, None if marker else text[:MAX_LINE], fence


def _keyed(
    match: re.Match[str], line: int, entry: _Entry | None, indent: int, *, in_fence: bool
) -> _Entry | None:
    """Return the entry after a line with a key: the same, or one that begins here."""
    key = match["key"].lower()
    if key in REASONS and entry and match["value"].strip(" \t\"'"):
        entry.reasons.append(key)
    elif key in KINDS and _counts(key, match, entry, in_fence=in_fence):
        entry = entry or _Entry(line, indent)
        _add(entry, key, line, match.string, match.start("value"))
    return entry


def _counts(key: str, match: re.Match[str], entry: _Entry | None, *, in_fence: bool) -> bool:
    """Tell whether a key names a reference here, and isn't a word of something else."""
    if not in_fence:
        return bool(match["dash"]) and match["key"] == key
    return bool(match["dash"]) or entry is not None or "_" in key


def _add(entry: _Entry, key: str, line: int, text: str, start: int) -> None:
    if key in ("url", "doc"):
        value = text[start:].strip().strip("\"'`*")
        if value:
            column = text.find(value, start) + 1
            name, remark = _address(value) if key == "url" else (value, "")
            entry.found.append(Reference(key, name, line, column))
            entry.reasons += ["remark"] if _is_remark(remark) else []
        return
    names = [named for named in path_names.read_all(text, start) if not _is_prose(named)]
    entry.found += [Reference(key, named.name, line, named.column) for named in names]
    if names and _is_remark(names[-1].rest):
        entry.reasons.append("remark")


def _is_prose(named: PathName) -> bool:
    """Tell whether a word without slash and suffix is the first of a sentence."""
    name = named.name
    is_word = "/" not in name and "\\" not in name and not path_names.has_suffix(name)
    return is_word and re.match(r"\s+\w", named.rest) is not None


def _address(value: str) -> tuple[str, str]:
    """Return an address, and what stands behind it."""
    if link := re.match(r"\[[^\[\]]*\]\(([^()\s]+)\)", value):
        return link[1], value[link.end() :]
    value = value.removeprefix("<")
    cut = re.search(r"[>\s\"'`]", value)
    end = cut.start() if cut else len(value)
    return value[:end].rstrip(","), value[end:]


def _is_remark(rest: str) -> bool:
    return _LINES_ONLY.match(rest[:300]) is None and _COMMENT.match(rest) is not None


def _mentions(line: int, text: str) -> Iterator[Reference]:
    """Yield the paths of `see PATH` in comments, and of `add to: PATH`."""
    lowered = text.lower()
    if "add" in lowered and (match := _ADD_TO.match(text)):
        for named in path_names.read_all(text, match.end()):
            if path_names.is_path(named.name, strict=True):
                yield Reference(ADD_TO, named.name, line, named.column, line)
    elif "see" in lowered and (match := _SEE.search(text)):
        named_ = path_names.read(text, match.end())
        if named_ and path_names.is_path(named_.name, strict=True):
            yield Reference(SEE, named_.name, line, named_.column, line)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())
