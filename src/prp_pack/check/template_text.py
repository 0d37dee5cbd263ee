"""Which lines of a section are the template's own, and which somebody wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property

from prp_pack.check.registry import Target
from prp_pack.model import Fence
from prp_pack.regex import regex
from prp_pack.schema.sections import Match
from prp_pack.schema.template import TOKEN, fingerprint, squeeze

_COMMENT = regex(r"<!--.*?(?:-->|$)")
_WORD = regex(r"\w")
_KEY_ALONE = regex(r"[\s-]*(?:\w+\s*:)?[\s\"']*")
_SHELLS = frozenset({"bash", "sh", "shell", "console"})


class Text(StrEnum):
    """What a line is to its template."""

    NOTHING = "nothing"
    ASIDE = "aside"
    """The author's own comment or heading: no content, and not the template's either."""
    SKELETON = "skeleton"
    """A line of the template that only content makes sense of, such as a key without value."""
    KEPT = "kept"
    """A checkbox or command of the template, which is meant to stay."""
    GUIDANCE = "guidance"
    PLACEHOLDER = "placeholder"
    MIXED = "mixed"
    """The author's words beside a placeholder."""
    WRITTEN = "written"


CONTENT = frozenset({Text.KEPT, Text.PLACEHOLDER, Text.MIXED, Text.WRITTEN})
AUTHORED = frozenset({Text.ASIDE, Text.MIXED, Text.WRITTEN})
RESIDUE = frozenset({Text.GUIDANCE, Text.PLACEHOLDER, Text.MIXED})


class Reader:
    """Tells what the lines of one document are."""

    def __init__(self, target: Target) -> None:
        self._target = target
        outline = target.document.outline
        self._headings = {section.line for section in outline.sections}
        self._known = {match.section.line for match in target.located.matches}
        self._boxes = {box.line for box in outline.checkboxes}
        self._comments = {line for c in outline.comments for line in range(c.line, c.end)}

    @cached_property
    def samples(self) -> Mapping[str, frozenset[str]]:
        """The template's own lines by section id, without those of subsections."""
        template, matrix = self._target.template, self._target.matrix
        named = ((matrix.at(section.path), lines) for section, lines in template.samples)
        return {spec.id: lines for spec, lines in named if spec}

    @cached_property
    def _owners(self) -> list[Match | None]:
        """For each line, the innermost known section it stands in."""
        owners: list[Match | None] = [None] * (len(self._target.lines) + 2)
        for match in self._target.located.matches:
            section = match.section
            end = min(section.end, len(owners))
            owners[section.line : end] = [match] * (end - section.line)
        return owners

    def of_section(self, match: Match) -> Iterator[tuple[int, Text]]:
        """Yield the lines of a section and what they are, without those of known subsections."""
        end = min(match.section.end, len(self._target.lines) + 1)
        inside = range(match.section.line + 1, end)
        return self._read(match, (n for n in inside if self._owners[n] is match))

    def texts(self, match: Match, start: int, end: int) -> frozenset[Text]:
        """Return what the lines `[start, end)`, which stand in the section, are."""
        return frozenset(text for _, text in self._read(match, range(start, end)))

    def _read(self, match: Match, numbers: Iterable[int]) -> Iterator[tuple[int, Text]]:
        for number in numbers:
            owner = self._owners[number] or match
            yield number, self._text(number, self.samples.get(owner.spec.id, frozenset()))

    def _text(self, number: int, samples: frozenset[str]) -> Text:
        line = squeeze(self._target.lines[number - 1])
        fence = self._target.fence_lines.get(number)
        if fence and (number == fence.line or (fence.closed and number == fence.end - 1)):
            return Text.NOTHING
        if number in self._headings:
            return Text.NOTHING if number in self._known else Text.ASIDE
        if number in self._target.placeholders:
            bare = line in samples or _KEY_ALONE.fullmatch(TOKEN.sub("", line))
            return Text.PLACEHOLDER if bare else Text.MIXED
        if not _WORD.search(line):
            return Text.NOTHING
        return self._words(number, line, fence, samples)

    def _words(self, number: int, line: str, fence: Fence | None, samples: frozenset[str]) -> Text:
        if fingerprint(line) in self._target.template.guidance:
            return Text.GUIDANCE
        outside = line if fence else _COMMENT.sub("", line)
        if number in self._comments or not _WORD.search(outside):
            return Text.ASIDE
        if line in samples:
            stays = number in self._boxes or (fence and fence.language in _SHELLS)
            return Text.KEPT if stays else Text.SKELETON
        return Text.WRITTEN
