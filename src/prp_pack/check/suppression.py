"""`<!-- prp: ignore PRP304 the reason -->`: what it covers, and what it may not silence."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from prp_pack.model import Comment, Document, Edit, Finding, Severity
from prp_pack.regex import regex
from prp_pack.values import dataclass, replace

_ENGINE = "it is about the ignores themselves"
_FORM = "nothing below it can be read as what it is"
_CONTEXT = "it says that this document contradicts the project's own"
_EVIDENCE = "what nothing proved isn't done; `prp waive` takes a reason, with a name"
_SAFETY = "it guards whoever reads or executes the document"

# An agent must not be able to talk its way out of these; a person turns one off in prp.toml.
UNSILENCEABLE: Mapping[str, str] = {
    "PRP001": _ENGINE, "PRP002": _ENGINE,
    "PRP107": _FORM, "PRP109": _FORM,
    "PRP201": _CONTEXT, "PRP202": _CONTEXT,
    "PRP505": _EVIDENCE, "PRP506": _EVIDENCE, "PRP507": _EVIDENCE, "PRP508": _EVIDENCE,
    "PRP509": _EVIDENCE, "PRP511": _EVIDENCE,
    "PRP701": _SAFETY, "PRP702": _SAFETY, "PRP703": _SAFETY,
}  # fmt: skip

# `prp:begin` and `prp:end` are around what is drawn, and address nobody.
_OURS = regex(r"<!--\s*prp:(?!begin [a-z]|end -->)", re.IGNORECASE)
_BODY = regex(r"<!--\s*prp:\s*([\w-]*)(.*?)\s*-->", re.IGNORECASE | re.DOTALL)
_IDS = regex(r"\s+(PRP\d{3}(?:\s*,\s*PRP\d{3})*)(?![\w-])[\s,:;–—-]*", re.IGNORECASE)
_ID = regex(r"PRP\d{3}", re.IGNORECASE)
_SPAN = regex(r"`[^`]*`")
_ITEM = regex(r"\s{0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)")
_WORD = regex(r"[^\W\d_]{2}")
_CODE_INDENT = 4
_EXAMPLE = "write `<!-- prp: ignore PRP302 why it doesn't hold here -->`"


@dataclass(frozen=True, slots=True)
class Ignore:
    """One comment. It covers the lines `[start, stop)`; `stop` is None for a whole file."""

    line: int
    end: int
    rules: tuple[str, ...]
    reason: str
    start: int = 1
    stop: int | None = None

    def covers(self, finding: Finding) -> bool:
        if finding.rule not in self.rules:
            return False
        return self.stop is None or self.start <= finding.line < self.stop


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps an ignore comment from silencing anything."""

    line: int
    message: str
    help: str = ""
    column: int = 1


@dataclass(frozen=True, slots=True)
class Ignores:
    """The ignore comments of one document. `unused` holds those that silenced nothing, by id."""

    valid: tuple[Ignore, ...] = ()
    faults: tuple[Fault, ...] = ()
    unused: tuple[tuple[Ignore, tuple[str, ...]], ...] = ()

    @property
    def named(self) -> frozenset[str]:
        return frozenset(id_ for ignore in self.valid for id_ in ignore.rules)

    def silencing(self, finding: Finding) -> list[Ignore]:
        return [ignore for ignore in self.valid if ignore.covers(finding)]


@dataclass(frozen=True, slots=True)
class Silenced:
    """Findings parted by the comments; `used` are the pairs of comment and id that matched."""

    kept: tuple[Finding, ...]
    silenced: tuple[Finding, ...]
    used: frozenset[tuple[int, str]]


def is_ours(comment: str) -> bool:
    """Tell whether an HTML comment is addressed to this program."""
    return _OURS.match(comment) is not None


def reason_in(comment: str) -> str | None:
    """Return the words of an ignore comment that are the author's; None for any other comment."""
    found = _BODY.fullmatch(comment.strip())
    if found is None or found[1].lower() != "ignore" or "<!--" in found[2]:
        return None
    ids = _IDS.match(found[2])
    return found[2][ids.end() :] if ids else None


def comment_lines(document: Document) -> frozenset[int]:
    """Return the lines that such comments take."""
    ours = (c for c in document.outline.comments if is_ours(c.text))
    return frozenset(line for c in ours for line in range(c.line, c.end))


def read(document: Document, known: Collection[str]) -> Ignores:
    """Return the ignore comments of a document; `known` are the ids that there are."""
    # Hardly any document has one, and one search tells.
    if "prp:" not in document.text.lower():
        return Ignores()
    valid: list[Ignore] = []
    faults = list(_misplaced(document))
    lines = comment_lines(document)
    for comment in document.outline.comments:
        if not is_ours(comment.text):
            continue
        found = _ignore(comment, known)
        if isinstance(found, Ignore):
            start, stop = _covered(document, found, lines)
            valid.append(replace(found, start=start, stop=stop))
        else:
            faults += found
            valid += _without_unsilenceable(document, comment, known, lines)
    return Ignores(tuple(valid), tuple(sorted(faults, key=lambda fault: fault.line)))


def _without_unsilenceable(
    document: Document, comment: Comment, known: Collection[str], lines: frozenset[int]
) -> Iterator[Ignore]:
    """Yield what a comment still ignores beside the ids that it can't."""
    reason = reason_in(comment.text)
    if reason is None or not _WORD.search(reason):
        return
    rules = tuple(id_ for id_ in _ids(comment.text) if id_ in known and id_ not in UNSILENCEABLE)
    if rules:
        bare = Ignore(comment.line, comment.end, rules, reason)
        start, stop = _covered(document, bare, lines)
        yield replace(bare, start=start, stop=stop)


def _ignore(comment: Comment, known: Collection[str]) -> Ignore | list[Fault]:
    """Return the ignore that a comment is, or why it is none."""
    line, text = comment.line, comment.text
    body = _BODY.match(text)
    if body is None:
        return [Fault(line, "the ignore comment isn't closed", _EXAMPLE)]
    if body.end() != len(text.rstrip()):
        return [Fault(line, "an ignore comment stands alone on its line", _EXAMPLE)]
    if body[1].lower() != "ignore":
        return [Fault(line, f"“prp: {body[1]}” means nothing in a comment", _EXAMPLE)]
    if not _IDS.match(body[2]):
        return [Fault(line, "the ignore comment names no rule", _EXAMPLE)]
    reason = reason_in(text) or ""
    ids = _ids(text)
    faults = []
    for id_ in ids:
        if id_ in UNSILENCEABLE:
            said = f"rule {id_} can't be silenced by a comment: {UNSILENCEABLE[id_]}"
            faults.append(Fault(line, said, "mend what it finds"))
        elif id_ not in known:
            faults.append(
                Fault(line, f"no rule is called “{id_}”", "`prp explain` lists the rules")
            )
    if not _WORD.search(reason):
        said = f"the ignore of {', '.join(ids)} gives no reason"
        faults.append(Fault(line, said, "say behind the id why it doesn't hold here"))
    return faults or Ignore(line, comment.end, ids, reason)


def _ids(text: str) -> tuple[str, ...]:
    body = _BODY.match(text)
    found = _IDS.match(body[2]) if body else None
    return tuple(dict.fromkeys(id_.upper() for id_ in _ID.findall(found[1]))) if found else ()


def _misplaced(document: Document) -> Iterator[Fault]:
    """Yield ignore comments that stand within a line; in code they are text."""
    outline = document.outline
    passed = {n for f in outline.fences for n in range(f.line, f.end)}
    passed |= {n for c in outline.comments for n in range(c.line, c.end)}
    for number, line in enumerate(document.lines, start=1):
        if "<!--" not in line or number in passed or number < document.front_matter.end:
            continue
        bare = _SPAN.sub(lambda span: " " * len(span[0]), line)
        found = _OURS.search(bare)
        if found is None:
            continue
        before = bare[: found.start()]
        if before.strip() or len(before.expandtabs(4)) < _CODE_INDENT:
            said = "an ignore comment stands on a line of its own, outside of other HTML"
            yield Fault(number, said, "put it on the line above", found.start() + 1)


def _covered(document: Document, ignore: Ignore, ours: frozenset[int]) -> tuple[int, int | None]:
    """Return the lines that a comment covers: all, a section, or the next block."""
    sections = document.outline.sections
    if not sections or ignore.line < sections[0].line:
        return 1, None
    lines = document.lines
    start = ignore.end
    while start <= len(lines) and (start in ours or not lines[start - 1].strip()):
        start += 1
    for section in sections:
        if section.line == start:
            return start, section.end
    fence = next((f for f in document.outline.fences if f.line == start), None)
    if fence:
        return start, fence.end
    stops = {section.line for section in sections} | ours
    return start, _block_end(lines, start, stops, document)


def _block_end(lines: Sequence[str], start: int, stops: Collection[int], document: Document) -> int:
    """Return the line after a paragraph, table, quote or list."""
    if start > len(lines):
        return start
    fences = {fence.line: fence.end for fence in document.outline.fences}
    is_list = _ITEM.match(lines[start - 1]) is not None
    number = start
    while number <= len(lines) and (number == start or number not in stops):
        line = lines[number - 1]
        if number in fences:
            if not is_list or not line.startswith((" ", "\t")):
                break
            number = fences[number]
        elif line.strip() or (is_list and _goes_on(lines, number)):
            number += 1
        else:
            break
    return number


def _goes_on(lines: Sequence[str], blank: int) -> bool:
    """Tell whether a list goes on behind a blank line."""
    following = next((line for line in lines[blank:] if line.strip()), "")
    return following.startswith(("  ", "\t")) or _ITEM.match(following) is not None


def part(findings: Sequence[Finding], ignores: Ignores, *, strict: bool) -> Silenced:
    """Return the findings that stay and those that a comment silences.

    With `strict` an error stays: whoever is being held to the document wrote the comment.
    """
    kept: list[Finding] = []
    silenced: list[Finding] = []
    used: set[tuple[int, str]] = set()
    for finding in findings:
        covering = ignores.silencing(finding)
        used |= {(ignore.line, finding.rule) for ignore in covering}
        if not covering:
            kept.append(finding)
        elif strict and finding.severity is Severity.ERROR:
            said = f"the ignore on line {covering[0].line} doesn't count while a command runs"
            help_ = f"{finding.help}; {said}" if finding.help else said
            kept.append(replace(finding, help=help_))
        else:
            silenced.append(finding)
    return Silenced(tuple(kept), tuple(silenced), frozenset(used))


def with_unused(
    ignores: Ignores, used: Collection[tuple[int, str]], judged: Collection[str]
) -> Ignores:
    """Return the ignores with those that silenced nothing of the rules that could be judged."""
    found = []
    for ignore in ignores.valid:
        ids = tuple(i for i in ignore.rules if i in judged and (ignore.line, i) not in used)
        if ids:
            found.append((ignore, ids))
    return replace(ignores, unused=tuple(found))


def removal(document: Document, ignore: Ignore, ids: Collection[str]) -> Edit:
    """Return the edit that takes ids out of a comment, or all of the comment."""
    lines = document.lines
    end = min(ignore.end, len(lines) + 1)
    left = [id_ for id_ in ignore.rules if id_ not in ids]
    text = "\n".join(lines[ignore.line - 1 : end - 1])
    body = _BODY.search(text)
    named = _IDS.match(body[2]) if body else None
    if left and body and named:
        start, stop = (body.start(2) + named.start(1), body.start(2) + named.end(1))
        return Edit(ignore.line, end, f"{text[:start]}{', '.join(left)}{text[stop:]}\n")
    before = lines[ignore.line - 2].strip() if ignore.line > 1 else ""
    if not before and end <= len(lines) - 1 and not lines[end - 1].strip():
        # The blank line below it parted it from its block.
        end += 1
    return Edit(ignore.line, end, "")
