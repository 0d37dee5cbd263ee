"""Secrets in what commands print, replaced before anything is written down.

Replaced are the values of environment variables whose names say that they are secret, all that
has the shape of an issuer's credential, passwords in URLs, what follows `Authorization:` and
`Bearer`, and private keys. Other secrets, such as a password in a sentence, can't be known.
Printing too many `[redacted: …]` costs little here, so stand-ins aren't spared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from prp_pack.check import secrets

# A variable's value that is shorter could stand anywhere in ordinary output.
LEAST_VALUE = 8
# How much of a line without an end is looked at in one go, and how much of it waits for what
# follows. The longest shape of a credential, a JSON web token, has 12,020 characters.
WINDOW = 65_536
OVERLAP = 16_384
# A private key of 16,384 bits has some 200 lines; what never ends is none.
_KEY_LINES = 400

_NAMES = re.compile(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|APIKEY|(?:_|^)(?:AUTH|KEYS?|PASS|PAT)(?:_|$)|_PWD$",
    re.IGNORECASE,
)
_NO_SECRET = re.compile(
    r"(?:true|false|enabled|disabled|required|optional)$|[~.]{0,2}/|[A-Za-z]:\\|\\\\",
    re.IGNORECASE,
)

_AUTHORIZATION = r"\bauthorization[\"']?[ \t]{0,9}[:=][ \t]{0,9}[\"']?"
_SCHEMES = r"(?:(?:basic|bearer|token|negotiate|api-?key|key)[ \t]{1,9})?"
_SHAPES = tuple((re.compile(shape, re.IGNORECASE), label) for shape, label in (
    (r"://[^\s/:@<>\"'`]{0,256}:([^\s/@<>\"'`]{1,512})@", "a password in a URL"),
    (r"https?://([\w.~-]{20,512})@", "a token in a URL"),
    (_AUTHORIZATION + r"digest[ \t]{1,9}([^\r\n]{1,4096})", "an authorization"),
    (_AUTHORIZATION + _SCHEMES + r"([^\s\"',;]{8,8192})", "an authorization"),
    # Not `bearer authentication`: a token has more than letters.
    (r"\bbearer[ \t]{1,9}((?![a-z-]{8,40}\b)[\w.~+/=-]{8,8192})", "a bearer token"),
))  # fmt: skip
# The words without one of which none of these shapes is there.
_HINTS = re.compile(r"://|authorization|bearer", re.IGNORECASE)

_KEY = "a private key"
_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----")
_BEGIN_LENGTH = 64
_END = re.compile(r"-----END [A-Z0-9 ]{0,40}-----")
_KEY_LINE = re.compile(r"[A-Za-z0-9+/=]{24}|\b(?:Proc-Type|DEK-Info|Version|Comment|Hash): ")
_KEY_WORD = re.compile(r"[A-Za-z0-9+/=]{1,80}")
_MIXED = re.compile(r"(?=.*[0-9])(?=.*[A-Z]).*[a-z]|.*=$")


@dataclass(frozen=True, slots=True)
class Known:
    """Values that must not be written down, each with what to write in its place."""

    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def longest(self) -> int:
        return max(map(len, self.labels), default=0)


def known(environment: Mapping[str, str]) -> Known:
    """Return the secret values of an environment, as they are, in JSON and in URLs."""
    labels: dict[str, str] = {}
    for name, value in environment.items():
        if _NAMES.search(name) and not _NO_SECRET.match(value):
            # Output is read line by line, and so is a value of several lines.
            for line in value.splitlines():
                forms = (line.strip(), json.dumps(line.strip())[1:-1], _quoted(line.strip()))
                for form in forms:
                    if len(form) >= LEAST_VALUE:
                        labels.setdefault(form, f"${name}")
    return Known(labels)


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="surrogateescape")


def redact(text: str, values: Known = Known()) -> str:
    """Return the text without its secrets, which read `[redacted: a GitHub token]` then."""
    redaction = Redaction(values)
    content = text.encode("utf-8", "surrogatepass")
    return (redaction.feed(content) + redaction.end()).decode("utf-8", "surrogatepass")


class Redaction:
    """Secrets taken out of a stream of bytes, which need not be text.

    What comes out lags behind by a line, or by `OVERLAP` in a line that doesn't end; no more
    than `WINDOW` and a chunk is ever held.
    """

    def __init__(self, values: Known = Known()) -> None:
        self._labels = values.labels
        longest_first = sorted(values.labels, key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
        self._overlap = max(OVERLAP, values.longest)
        self._window = max(WINDOW, 2 * self._overlap)
        self._pending = b""
        self._key_lines = 0
        """How many more lines may belong to a private key that has begun."""

    def feed(self, content: bytes) -> bytes:
        """Return what of the stream so far can be written down."""
        ready, newline, rest = content.rpartition(b"\n")
        done = []
        if newline:
            done.append(self._lines(self._pending + ready + newline))
            self._pending = b""
        self._pending += rest
        while len(self._pending) > self._window:
            cut, text = self._window_of(self._pending)
            done.append(text)
            self._pending = self._pending[cut:]
        return b"".join(done)

    def end(self) -> bytes:
        """Return what is left when the stream has ended."""
        rest, self._pending = self._pending, b""
        return self._lines(rest)

    def take(self) -> bytes:
        """Return what was fed and hasn't come out, as it was; it won't come out any more."""
        rest, self._pending = self._pending, b""
        return rest

    def _lines(self, block: bytes) -> bytes:
        """Return whole lines, of which each alone may be a line of a private key."""
        done = []
        while block:
            size = block.rfind(b"\n", 0, self._window) + 1 or block.find(b"\n") + 1 or len(block)
            lines, block = block[:size], block[size:]
            while len(lines) > self._window:
                cut, text = self._window_of(lines)
                done.append(text)
                lines = lines[cut:]
            one_by_one = self._key_lines or b"PRIVATE KEY" in lines
            for line in lines.splitlines(keepends=True) if one_by_one else (lines,):
                done.append(_bytes(self._redacted(_text(line))))
                self._key_lines = max(0, self._key_lines - 1)
        return b"".join(done)

    def _window_of(self, line: bytes) -> tuple[int, bytes]:
        """Return how much of a long line is done with, and what is to be written for it."""
        text = _text(line[: self._window])
        cut = len(text) - self._overlap
        for start, end, _ in self._spans(text):
            if start < cut:
                # What runs to the end of the window is a key: it goes on, its first words don't.
                cut = max(cut, end if end < len(text) else min(start + _BEGIN_LENGTH, end))
        begun = text[:cut]
        return len(_bytes(begun)), _bytes(self._redacted(begun))

    def _redacted(self, text: str) -> str:
        done, at = [], 0
        for start, end, label in self._spans(text, keep_state=True):
            done += [text[at:start], f"[redacted: {label}]"]
            at = end
        return "".join((*done, text[at:]))

    def _spans(self, text: str, *, keep_state: bool = False) -> list[tuple[int, int, str]]:
        """Return what is to be replaced, in order and apart from each other."""
        keys, key_lines = _keys(text, self._key_lines)
        if keep_state:
            self._key_lines = key_lines
        found = [*keys, *_shapes(text)]
        found += [(*match.span(), self._labels[match[0]]) for match in self._values.finditer(text)]
        apart: list[tuple[int, int, str]] = []
        for start, end, label in sorted(found):
            if apart and start < apart[-1][1]:
                apart[-1] = (apart[-1][0], max(end, apart[-1][1]), apart[-1][2])
            else:
                apart.append((start, end, label))
        return apart


def _shapes(text: str) -> Iterator[tuple[int, int, str]]:
    yield from secrets.spans(text)
    for shape, label in _SHAPES if _HINTS.search(text) else ():
        for match in shape.finditer(text):
            yield *match.span(1), label


def _keys(text: str, lines: int) -> tuple[list[tuple[int, int, str]], int]:
    """Return where private keys stand in a line, and how many more lines the last may take.

    `lines` is how many more lines the key may have that began before this one, 0 without any.
    """
    found: list[tuple[int, int, str]] = []
    stop = len(text.rstrip("\r\n"))
    begin, at = (0, 0) if lines else (-1, 0)
    while True:
        if begin < 0:
            match = _BEGIN.search(text, at)
            if match is None:
                return found, lines
            begin, at, lines = match.start(), match.end(), _KEY_LINES
        end = _END.search(text, at)
        if end is None:
            if at == 0 and not _is_of_key(text):
                return found, 0
            return [*found, (begin, stop, _KEY)], lines
        found.append((begin, end.end(), _KEY))
        begin, at, lines = -1, end.end(), 0


def _is_of_key(line: str) -> bool:
    """Tell whether a line may stand between the two ends of a key, be it behind some mark."""
    words = line.split()
    if _KEY_LINE.search(line) or not words:
        return True
    if len(words) > 3:  # noqa: PLR2004 - a time, a bar, and what is behind them
        return False
    last = words[-1]
    # The last line of a key is short, and so are `2 passed` and `1 error`.
    short = _KEY_WORD.fullmatch(last) and (len(words) == 1 or _MIXED.match(last))
    return bool(short) or not any(map(str.isalnum, last))


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
