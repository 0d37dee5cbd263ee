"""Text of a document that a page doesn't show, and what of it speaks to an agent."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from prp_pack.model import Document
from prp_pack.regex import regex
from prp_pack.values import dataclass

_TAG = regex(r"<([a-z][a-z0-9]{0,15})\b([^<>]{1,500})>", re.IGNORECASE)
_HIDING = regex(
    r"(?:^|\s)hidden(?:\s|=|/|$)"
    r"|display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden"
    r"|font-size\s{0,3}:\s{0,3}0(?![.\d])|opacity\s{0,3}:\s{0,3}0(?![.\d])"
    r"|(?<!max-)(?<!min-)(?:width|height)\s{0,3}[:=]\s{0,3}[\"']?0(?![.\d%])"
    r"|(?<!-)color\s{0,3}[:=]\s{0,3}[\"']?(?:white|transparent|#fff(?:fff)?)\b",
    re.IGNORECASE,
)
_REFERENCE = regex(r"^ {0,3}\[[^\]\n]{0,60}\]: ?(?:#|<>) ?[\"'(](.*)$")
_SPAN = regex(r"`[^`\n]{1,300}`")
# What one element or comment may hold and still be looked at.
_LONGEST = 20_000

_AGENT = (r"(?:claude|chatgpt|gpt|copilot|cursor|codex|gemini|llms?|"
          r"(?:ai|coding|language) ?(?:agent|assistant|model)s?|ais?|(?:the|dear|note to) (?:ai )?"
          r"(?:agent|assistant|model)s?)")  # fmt: skip
# Each is bounded: what lies between two of its words is at most some characters.
_TELLS: dict[str, tuple[str, ...]] = {
    "tells an agent to ignore its instructions": (
        (
            r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}?"
            r"\b(?:previous|prior|above|earlier|preceding|other|all|any|your|these|system)\b.{0,30}?"
            r"\b(?:instruction|prompt|rule|direction|guideline|guardrail|restriction|message)s?\b"
        ),
    ),
    "asks for silence towards people": (
        (
            r"\b(?:do not|don['’]t|never|without)\b.{0,20}?"
            r"\b(?:tell|inform|mention|reveal|alert|notify|ask|disclose?|report)(?:ing)?\b.{0,30}?"
            r"\b(?:user|human|developer|reviewer|maintainer|anyone|anybody|person|operator)s?\b"
        ),
        r"\bwithout (?:asking|telling|any confirmation|confirmation|permission|approval)\b",
    ),
    "speaks as a system prompt": (
        r"^\W{0,5}(?:system|assistant)\s?:\s?\S",
        r"\b(?:new|real|actual|updated|your) system prompt\b",
        r"\bsystem (?:prompt|message|instruction)s?\s?:",
        r"<\|im_start\|>|\[/?INST\]|</?(?:system|assistant|system-reminder|instructions)>",
    ),
    "gives an agent a role": (
        (
            r"(?<!\bif )\byou are (?:now )?(?:an?|the|in) (?:\w+ ){0,3}"
            r"(?:ai|assistant|agent|model|llm|developer mode|admin mode|root)\b"
        ),
    ),
    "gives an agent orders": (
        (
            rf"\b{_AGENT}\b[\s,:]{{1,3}}(?:you )?"
            r"(?:must|should|shall|please|need to|have to|do not|don['’]t|never|always|run|execute|"
            r"ignore|read|send|delete|install|approve|skip|mark)\b"
        ),
        r"\b(?:if you are|as) an? (?:ai|llm|language model|coding agent|assistant)\b",
        (
            r"\byou (?:must|have to|are required to|need to|shall) "
            r"(?:now |always |also |first |immediately ){0,2}"
            r"(?:run|execute|send|upload|ignore|delete|install|fetch|download|push|commit|disable|skip|"
            r"approve|tick|mark|obey|comply|reply|respond|pretend|claim)\b"
        ),
    ),
    "tells an agent to run something": (
        (
            r"\b(?:run|execute|invoke|eval)\b.{0,60}?"
            r"(?:\b(?:curl|wget|ncat|nc|base64|sudo|scp|ssh|powershell|chmod)\b|\brm -|"
            r"\b(?:ba)?sh -c|\| ?(?:ba)?sh\b)"
        ),
    ),
    "tells an agent to hand out secrets": (
        (
            r"\b(?:send|upload|post|forward|exfiltrate|leak|copy|print|output|include)\b.{0,40}?"
            r"(?:\b(?:credential|secret|token|api.?key|password|ssh key|private key|"
            r"environment variable)s?\b|\.env\b).{0,40}?"
            r"\b(?:to|at) (?:https?:|\S{1,40}@|"
            r"(?:an? |the |this |my )(?:address|url|server|endpoint|webhook))"
        ),
    ),
}
_COMPILED = tuple(
    (says, regex("|".join(shapes), re.IGNORECASE | re.MULTILINE)) for says, shapes in _TELLS.items()
)


@dataclass(frozen=True, slots=True)
class HiddenText:
    """`how` it is hidden, as a message begins; `source` with its markup, `text` without."""

    how: str
    line: int
    column: int
    text: str
    source: str


def told(text: str) -> str:
    """Return what a hidden text does to an agent, in words for a message; empty when nothing."""
    plain = "\n".join(" ".join(line.split()) for line in text[:_LONGEST].split("\n"))
    joined = " ".join(plain.split())
    found = (says for says, shape in _COMPILED if shape.search(plain) or shape.search(joined))
    return next(found, "")


def find(document: Document) -> Iterator[HiddenText]:
    """Yield comments, hidden elements and unused link references; what a fence shows is visible."""
    text = _without_code(document)
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    for how, start, inner, end in (*_comments(text), *_elements(text)):
        line = bisect_right(starts, start)
        yield HiddenText(how, line, start - starts[line - 1] + 1, inner, text[start:end])
    for number, content in enumerate(text.split("\n"), start=1):
        if "]:" in content and (match := _REFERENCE.match(content)):
            yield HiddenText("a link reference that is no link", number, 1, match[1], content)


def _without_code(document: Document) -> str:
    """Return the text with fences and code spans blanked, every offset as it was."""
    lines = list(document.lines)
    for fence in document.outline.fences:
        for number in range(fence.line, min(fence.end, len(lines) + 1)):
            lines[number - 1] = " " * len(lines[number - 1])
    return "\n".join(_SPAN.sub(_blank, line) if "`" in line else line for line in lines)


def _blank(span: re.Match[str]) -> str:
    # A span inside of a comment is no span, and what it holds is read with the comment.
    at_comment = "<!--" in span.string or "-->" in span.string
    return span[0] if at_comment else " " * len(span[0])


_Found = tuple[str, int, str, int]


def _comments(text: str) -> Iterator[_Found]:
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        end = len(text) if end < 0 else end
        yield "an HTML comment", start, text[start + 4 : end], end + 3
        start = text.find("<!--", end)


def _elements(text: str) -> Iterator[_Found]:
    reached = 0
    for match in _TAG.finditer(text):
        if match.start() >= reached and _HIDING.search(match[2]):
            end = text.find(f"</{match[1]}", match.end(), match.end() + _LONGEST)
            # Without a closing tag the paragraph ends it, more or less as a browser shows it.
            end = text.find("\n\n", match.end()) if end < 0 else end
            reached = len(text) if end < 0 else end
            inner = f"{match[2]}\n{text[match.end() : reached]}"
            yield "a hidden element", match.start(), inner, reached
