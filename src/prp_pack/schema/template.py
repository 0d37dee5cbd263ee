"""A template as fingerprints: its placeholders, and the lines that must not stay in a PRP.

Both are read from the template itself, so that a team's own template is checked like ours. The
user's seed template is not shipped; `seed.json` holds digests of its tokens and lines. Those of
the template that is shipped are a generated file too, `template.json`, because it is read so often.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from pathlib import Path

from prp_pack import assets, markdown
from prp_pack.model import Outline, Section
from prp_pack.parse import front_matter
from prp_pack.regex import regex
from prp_pack.schema.matrix import Matrix, digest, shipped
from prp_pack.values import dataclass

TOKEN = regex(r"\[[^\[\]\n]+\]")
# A capital X in brackets is a box only behind a bullet; elsewhere it stands for a number.
_BOX = regex(r"\[[ x]\]")
_BOX_OF_ITEM = regex(r"[\s>]*(?:[-*+]|\d{1,9}[.)])\s+(\[[ xX]\])(?=\s|$)")
_WORD = regex(r"\w")
_QUOTED = regex(r"\"[^\"]*\"|'[^']*'")
_SHORT = regex(r"\[[\w+-]+\]")
_WORDS_OF_GUIDANCE = 4
_LETTERS_OF_CODE = 12
# Longer lines are rare, and would make what is remembered large.
_REMEMBERED = 200


def is_short(token: str) -> bool:
    """Tell whether a placeholder is one word, and so may also be a subscript or a list of one."""
    return _SHORT.fullmatch(token) is not None


def squeeze(text: str) -> str:
    """Return the text as lines are compared by: spaces collapsed, ends stripped."""
    return " ".join(text.split())


def fingerprint(text: str) -> str:
    """Return sixteen hexadecimal digits, the same for lines that differ in spaces alone."""
    return _remembered(text) if len(text) <= _REMEMBERED else _digest(text)


def _digest(text: str) -> str:
    return hashlib.sha256(squeeze(text).encode("utf-8", "surrogatepass")).hexdigest()[:16]


# Several rules ask for the same lines, and documents of one template share many.
_remembered = lru_cache(maxsize=2048)(_digest)


@dataclass(frozen=True)
class Template:
    """A template's text with what is looked for in documents made from it.

    `tokens` and `guidance` are fingerprints, of bracket placeholders and of whole lines.
    """

    text: str
    outline: Outline
    tokens: frozenset[str]
    guidance: frozenset[str]

    @cached_property
    def samples(self) -> tuple[tuple[Section, frozenset[str]], ...]:
        """The sections with their lines that hold a word, squeezed, without their subsections."""
        lines = self.text.split("\n")
        return tuple(
            (section, frozenset(squeeze(line) for line in body if _WORD.search(line)))
            for section in self.outline.sections
            for body in (lines[section.line : section.body_end - 1],)
        )

    def own_text(self, section: Section) -> str:
        """Return a section's heading and body, without its subsections and the rule below."""
        lines = self.text.split("\n")[section.line - 1 : section.body_end - 1]
        return "\n".join(lines).rstrip().removesuffix("\n---").rstrip() + "\n"


def read(text: str, matrix: Matrix) -> Template:
    """Return the fingerprints of a template's text, together with those of the seed."""
    outline = markdown.outline(text)
    is_ours = matrix is shipped() and digest(text) == matrix.template_sha256
    tokens, lines = _digests("template.json") if is_ours else _derived(text, outline, matrix)
    seed_tokens, seed_lines = seed()
    return Template(text, outline, tokens | seed_tokens, lines | seed_lines)


Fingerprints = tuple[frozenset[str], frozenset[str]]
"""Those of a template's placeholders, and those of its guidance lines."""


def _derived(text: str, outline: Outline, matrix: Matrix) -> Fingerprints:
    return (
        frozenset(fingerprint(token) for token in placeholders(text)),
        frozenset(fingerprint(line) for line in guidance(text, outline, matrix)),
    )


def _digests(name: str) -> Fingerprints:
    """Return what a generated file beside this module holds."""
    fields = json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return frozenset(fields["tokens"]), frozenset(fields["lines"])


@lru_cache(maxsize=1)
def shipped_text() -> str:
    path = assets.folder("templates") / "prp_base.md"
    return path.read_text(encoding="utf-8")


def bracket_tokens(line: str) -> Iterator[re.Match[str]]:
    """Yield what stands in brackets on a line; a checkbox doesn't count."""
    box = _BOX_OF_ITEM.match(line)
    boxed = box.start(1) if box else -1
    for match in TOKEN.finditer(line):
        if match.start() != boxed and not _BOX.fullmatch(match[0]):
            yield match


def placeholders(text: str) -> Iterator[str]:
    """Yield every bracket placeholder of a template."""
    return (match[0] for line in text.split("\n") for match in bracket_tokens(line))


def guidance(text: str, outline: Outline, matrix: Matrix) -> Iterator[str]:
    """Yield the lines that tell the writer what to do, and the samples that look like content.

    A line with a placeholder is found by its placeholder, a checkbox or a command is meant to
    stay, and so is the text of a carried section.
    """
    lines = text.split("\n")
    stays = _staying_lines(text, outline, matrix)
    in_fence: dict[int, str] = {}
    for fence in outline.fences:
        in_fence.update(dict.fromkeys(range(fence.line, fence.end), fence.language))
    tasks = _task_lines(outline, matrix)
    boxes = {box.line for box in outline.checkboxes}
    commented = {line for c in outline.comments for line in range(c.line, c.end)}
    for number, line in enumerate(lines, start=1):
        bare = line.strip()
        if number in stays or number in boxes or not bare or bare.startswith(("```", "---")):
            continue
        language = in_fence.get(number)
        if number in commented or (
            not TOKEN.search(bare) and _is_guidance(bare, language, task=number in tasks)
        ):
            yield bare


def _is_guidance(line: str, language: str | None, *, task: bool) -> bool:
    words = len(line.split())
    if language is None:
        return words >= _WORDS_OF_GUIDANCE
    if task:
        return words > 1 and not line.startswith("Task ")
    if language == "python":
        return len(line) >= _LETTERS_OF_CODE
    if language == "yaml":
        comment = line.startswith("#") and words >= _WORDS_OF_GUIDANCE
        return comment or any(" " in quoted for quoted in _QUOTED.findall(line))
    return False


def _staying_lines(text: str, outline: Outline, matrix: Matrix) -> set[int]:
    stays = set(range(1, front_matter.parse(text, "").end))
    stays.update(section.line for section in outline.sections)
    for section in outline.sections:
        spec = matrix.at(section.path)
        if spec and (spec.carried or spec.id == "project-context"):
            stays.update(range(section.line, section.end))
    return stays


def _task_lines(outline: Outline, matrix: Matrix) -> set[int]:
    found: set[int] = set()
    for section in outline.sections:
        spec = matrix.at(section.path)
        if spec and spec.grammar == "tasks":
            fences = outline.fences_of(section)
            found.update(line for fence in fences for line in range(fence.line, fence.end))
    return found


@lru_cache(maxsize=1)
def seed() -> Fingerprints:
    """Return the fingerprints of the seed template, which is not shipped."""
    return _digests("seed.json")


# Sample commands of the seed that no rule of wording tells from real ones.
_SEED_SAMPLES = ("test_new_feature.py", "src.main --dev", "/feature", '"test_value"')


def seed_json(text: str, matrix: Matrix) -> str:
    """Render `seed.json` from the seed's text: digests only, none of its words."""
    lines: Iterable[str] = guidance(text, markdown.outline(text), matrix)
    samples = (line for line in text.split("\n") if any(s in line for s in _SEED_SAMPLES))
    return _as_json("the seed template", placeholders(text), (*lines, *samples))


def template_json(text: str, matrix: Matrix) -> str:
    """Render `template.json` from the text and matrix of the template that the pack ships."""
    lines = guidance(text, markdown.outline(text), matrix)
    return _as_json("our template", placeholders(text), lines)


def _as_json(whose: str, tokens: Iterable[str], lines: Iterable[str]) -> str:
    fields = {
        "generated": f"digests of {whose}'s placeholders and guidance; do not edit",
        "tokens": sorted({fingerprint(token) for token in tokens}),
        "lines": sorted({fingerprint(line) for line in lines}),
    }
    return json.dumps(fields, indent=1) + "\n"
