"""`PRPs/.prp-baseline.json`: what an old repository had wrong when it began to be checked.

A finding is known by its file, its rule and its message without line numbers, so that an edit
elsewhere in the file leaves the baseline valid; how often it is known is counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from prp_pack.model import Finding
from prp_pack.regex import regex
from prp_pack.repository import Repository, UnreadableError
from prp_pack.values import dataclass, field

PATH = "PRPs/.prp-baseline.json"
VERSION = 1

# Rules about the ignores of today have nothing to do with the past.
NEVER = frozenset({"PRP001", "PRP002"})

_KEYS = ("path", "rule", "message", "count")
_LINE_NUMBER = regex(r"(?<=:)\d+\b|(?<=\bline )\d+\b|(?<=\blines )\d+\b|\b\d+(?= lines?\b)")
_HELP = f"`prp check --write-baseline` writes it anew; delete {PATH} first"

Key = tuple[str, str, str]
"""Path, rule, and message without line numbers."""


@dataclass(frozen=True, slots=True)
class Held:
    """Findings parted by the baseline; `stale` counts what it holds and nothing matched."""

    new: tuple[Finding, ...]
    known: tuple[Finding, ...] = ()
    stale: int = 0


@dataclass(frozen=True, slots=True)
class Baseline:
    """How often each finding is known."""

    counts: Mapping[Key, int] = field(default_factory=dict)

    def part(self, path: str, findings: Sequence[Finding], ran: Collection[str]) -> Held:
        """Return which findings on a file are new; `ran` are the rules that could have found."""
        left = {key: count for key, count in self.counts.items() if key[0] == path}
        if not left:
            return Held(tuple(findings))
        new: list[Finding] = []
        known: list[Finding] = []
        for finding in findings:
            key = key_of(finding)
            if left.get(key, 0) and finding.rule not in NEVER:
                left[key] -= 1
                known.append(finding)
            else:
                new.append(finding)
        stale = sum(count for (_, rule, _), count in left.items() if rule in ran)
        return Held(tuple(new), tuple(known), stale)

    def gone(self, repository: Repository) -> int:
        """Return how many findings it holds on files that exist no more."""
        there = {path: repository.exists(path) for path, _, _ in self.counts}
        return sum(count for (path, _, _), count in self.counts.items() if not there[path])

    def updated(
        self,
        repository: Repository,
        checked: Collection[str],
        ran: Collection[str],
        findings: Iterable[Finding],
    ) -> Baseline:
        """Return it with what was found now; what wasn't checked stays as it was."""
        there = {path: repository.exists(path) for path, _, _ in self.counts}
        kept = {
            key: count
            for key, count in self.counts.items()
            if there[key[0]] and (key[0] not in checked or key[1] not in ran)
        }
        found = Counter(key_of(f) for f in findings if f.rule not in NEVER)
        return Baseline(kept | found)

    def to_json(self) -> str:
        """Return the file's content: the same findings always give the same bytes."""
        entries = [
            dict(zip(_KEYS, (*key, count), strict=True))
            for key, count in sorted(self.counts.items())
        ]
        document = {"version": VERSION, "findings": entries}
        written = json.dumps(document, indent=1, ensure_ascii=False)
        # A reviewer reads it, so that no character in it may hide.
        shown = (c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in written)
        return "".join(shown) + "\n"


def key_of(finding: Finding) -> Key:
    return finding.path, finding.rule, fingerprint(finding.message)


def fingerprint(message: str) -> str:
    """Return a message without its line numbers."""
    return _LINE_NUMBER.sub("…", message)


def load(repository: Repository) -> Baseline:
    """Return what the project's file holds; raises `UnreadableError` with the line."""
    source = repository.read_if_there(PATH)
    return parse(source.text) if source else Baseline()


def parse(text: str) -> Baseline:
    """Return what a text holds; raises `UnreadableError`, and nothing else, for any other text."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        reason = f"is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise UnreadableError(PATH, reason, error.lineno, _HELP) from None
    except (ValueError, RecursionError) as error:
        raise UnreadableError(PATH, f"is not valid JSON: {error}", 1, _HELP) from None
    entries = document.get("findings") if isinstance(document, dict) else None
    if not isinstance(entries, list) or document.get("version") != VERSION:
        raise UnreadableError(PATH, f"is not a baseline of version {VERSION}", 1, _HELP)
    counts: dict[Key, int] = {}
    for index, entry in enumerate(entries):
        key, count = _entry(entry, index, text)
        counts[key] = counts.get(key, 0) + count
    return Baseline(counts)


def _entry(entry: object, index: int, text: str) -> tuple[Key, int]:
    fields = entry if isinstance(entry, dict) else {}
    path, rule, message, count = (fields.get(key) for key in _KEYS)
    words = isinstance(path, str) and isinstance(rule, str) and isinstance(message, str)
    if not words or set(fields) != set(_KEYS) or type(count) is not int or count < 1:
        reason = f"entry {index + 1} is not {', '.join(_KEYS[:-1])} and a count from 1"
        raise UnreadableError(PATH, reason, _line_of(text, index), _HELP)
    return (path, rule, message), count  # type: ignore[return-value]


def _line_of(text: str, index: int) -> int:
    """Return the line on which an entry of the list begins, as `to_json` writes it."""
    starts = tuple(_openings(text))
    return starts[index] if index < len(starts) else 1


def _openings(text: str) -> Iterator[int]:
    """Yield the line of each value of the outermost list."""
    decoder = json.JSONDecoder()
    at = text.find("[", max(text.find('"findings"'), 0)) + 1
    while at < len(text):
        while at < len(text) and text[at] in " \t\n,":
            at += 1
        if at >= len(text) or text[at] == "]":
            return
        yield text.count("\n", 0, at) + 1
        at = decoder.raw_decode(text, at)[1]
