"""Credentials in text, by shapes that their issuers publish. Nothing here ever returns a secret.

With the extra `secrets`, detect-secrets adds the shapes of more issuers; see ADR 7.
"""

from __future__ import annotations

import base64
import importlib
import importlib.util
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

SHOWN = 4

_PASSWORD, _KEY, _WEB_TOKEN = "a password in a URL", "a private key", "a JSON web token"
_URL = r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@<>\"'`]{0,64}:[^\s/@<>\"'`]{3,128}@[A-Za-z0-9\[]"

# Kind, shape, and the words without one of which the text can't hold it: they decide in no time.
# Every repetition is bounded, so that a scan is linear in the text.
_SHAPES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("an AWS access key id", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b", ("AKIA", "ASIA")),
    ("a GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{36,251}\b", ("gh",)),
    ("a GitHub token", r"\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b", ("github_pat_",)),
    ("a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,64}(?![\w-])", ("glpat-",)),
    ("a Slack token", r"\bxox[abeoprs]-\d{8,16}-[A-Za-z0-9-]{16,120}\b", ("xox",)),
    ("a Slack webhook", r"\bhooks\.slack\.com/services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/\w{24}\b",
     ("hooks.slack.com",)),
    ("a Stripe key", r"\b[sr]k_live_[A-Za-z0-9]{16,247}\b", ("k_live_",)),
    ("a Google API key", r"\bAIza[A-Za-z0-9_-]{35}(?![\w-])", ("AIza",)),
    ("an Anthropic key", r"\bsk-ant-[a-z]{3,6}\d\d-[A-Za-z0-9_-]{80,120}(?![\w-])", ("sk-ant-",)),
    ("an OpenAI key", r"\bsk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,200}(?![\w-])", ("sk-",)),
    ("an OpenAI key", r"\bsk-[A-Za-z0-9]{48}\b", ("sk-",)),
    ("an npm token", r"\bnpm_[A-Za-z0-9]{36}\b", ("npm_",)),
    ("a PyPI token", r"\bpypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZw)[A-Za-z0-9_-]{50,400}",
     ("pypi-AgE",)),
    (_WEB_TOKEN, r"\beyJ[\w-]{8,2000}\.eyJ[\w-]{8,8000}\.[\w-]{16,2000}(?![\w-])", ("eyJ",)),
    (_PASSWORD, _URL, ()),
    (_KEY, r"-----BEGIN (?:[A-Z0-9]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----", ("PRIVATE KEY",)),
)  # fmt: skip
_URL_SHAPE = re.compile(_URL)
_COMPILED = tuple((kind, re.compile(shape), hints) for kind, shape, hints in _SHAPES)
# Where a URL may hold a password; the whole shape is tried from its scheme on.
_CREDENTIALS = re.compile(r"://[^\s:/@<>\"'`]{0,64}:[^\s/@<>\"'`]{3,128}@")

# Words of which a random token of these lengths has one in some ten thousands.
_SAYS_SO = re.compile(
    r"example|placeholder|change.?me|redacted|dummy|fake|sample|replace|xxxx|\.\.\.|…|\*\*\*|"
    r"0000|1234|abcd|your|here|insert|notreal|not.real|secret.?key",
    re.IGNORECASE,
)
# What documents write where a password would stand, as a whole or as one of its words.
_STAND_INS = frozenset((
    "password", "passwd", "pass", "pwd", "pw", "secret", "token", "user", "username", "admin",
    "root", "guest", "test", "testing", "dev", "local", "postgres", "mysql", "redis", "mongo",
    "rabbit", "db", "database", "app", "demo", "foo", "bar", "foobar", "key", "apikey",
    "credentials", "my", "the",
))  # fmt: skip
_MARKUP = re.compile(r"[$%{}()\[\]<>*|\\]")
# A key in a document may be quoted, or have its newlines written as `\n`.
_BETWEEN = re.compile(r"\s|\\[nr]|[\"',>]")
_KEY_BODY = re.compile(r"[A-Za-z0-9+/=]{48}")
_LEAST_DIFFERENT = 8
# What each shape of the detectors has in it; few lines do.
_WORTH_A_LOOK = re.compile(r"[A-Za-z0-9_-]{24}|AKC|AP[\dA-F]|AccountKey=")
# No shape has a space in its value, and some take cubic time over many in a row.
_SPACES = re.compile(r"  +")

# detect-secrets' detectors of shapes that the table lacks. Its entropy, keyword and address
# detectors are left out: in documents they find words.
_MORE = ("artifactory", "azure_storage_key", "cloudant", "discord", "ibm_cloud_iam",
         "ibm_cos_hmac", "mailchimp", "sendgrid", "softlayer", "square_oauth", "telegram_token",
         "twilio")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Secret:
    """That a credential stands somewhere; `shown` is all of it that may be printed."""

    kind: str
    line: int
    column: int
    shown: str


def find(text: str) -> Iterator[Secret]:
    """Yield the credentials of a text with LF newlines, one kind after the other."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    for kind, match in _matches(text):
        if _is_real(kind, match):
            line = bisect_right(starts, match.start())
            column = match.start() - starts[line - 1] + 1
            yield Secret(kind, line, column, match[0][:SHOWN])
    for line, content in enumerate(text.split("\n"), start=1) if _more() else ():
        for kind, value in _detected(content):
            if not _is_stand_in(value):
                yield Secret(kind, line, max(content.find(value), 0) + 1, value[:SHOWN])


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of what has the shape of a credential, also stand-ins.

    Without private keys and passwords in URLs, of which the shapes say only where they begin.
    """
    for kind, match in _matches(text):
        if kind not in (_PASSWORD, _KEY):
            yield *match.span(), kind
    worth = (line for line in text.split("\n") if _WORTH_A_LOOK.search(line))
    for kind, value in set(_detected("\n".join(worth)) if _more() else ()):
        for match in re.finditer(re.escape(value), text):
            yield *match.span(), kind


def _matches(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    for kind, shape, hints in _COMPILED:
        if not hints or any(hint in text for hint in hints):
            for match in shape.finditer(text) if hints else _passwords(text):
                yield kind, match


def _detected(text: str) -> Iterator[tuple[str, str]]:
    if _more() and _WORTH_A_LOOK.search(text):
        text = _SPACES.sub(" ", text)
        for detect in _more():
            yield from detect(text)


def _passwords(text: str) -> Iterator[re.Match[str]]:
    for found in _CREDENTIALS.finditer(text):
        # A scheme has at most 21 characters; the search ends with what was found.
        if match := _URL_SHAPE.search(text, max(0, found.start() - 21), found.end() + 1):
            yield match


def _is_real(kind: str, match: re.Match[str]) -> bool:
    if kind == _PASSWORD:
        return _is_real_password(match[0])
    if kind == _KEY:
        body = _BETWEEN.sub("", match.string[match.end() : match.end() + 200])
        return _KEY_BODY.match(body) is not None and not _is_stand_in(body[:48])
    if kind == _WEB_TOKEN:
        return _is_real_web_token(match[0])
    return not _is_stand_in(match[0])


def _is_stand_in(value: str) -> bool:
    return len(set(value)) < _LEAST_DIFFERENT or _SAYS_SO.search(value) is not None


def _is_real_password(url: str) -> bool:
    user, _, password = url.partition("://")[2][:-2].partition(":")
    words = re.split(r"[\W_\d]+", password.lower())
    return not (
        password.lower() == user.lower()
        or _MARKUP.search(password)
        or _SAYS_SO.search(password)
        or len(set(password)) < 4  # noqa: PLR2004
        or all(word in _STAND_INS or word in user.lower() for word in words if word)
    )


def _is_real_web_token(token: str) -> bool:
    header, payload = (_decoded(part) for part in token.split(".")[:2])
    if not isinstance(header, dict) or "alg" not in header or not isinstance(payload, dict):
        return False
    # The token that jwt.io shows, in all its variants.
    said = json.dumps(payload)
    return "1234567890" not in said and not re.search(r"john doe|example", said, re.IGNORECASE)


def _decoded(part: str) -> object:
    try:
        return json.loads(base64.urlsafe_b64decode(f"{part}{'=' * (-len(part) % 4)}"))
    except (ValueError, RecursionError):
        return None


_Detect = Callable[[str], Iterator[tuple[str, str]]]


@cache
def _more() -> tuple[_Detect, ...]:
    """Return the detectors of the extra `secrets`, none when it isn't installed."""
    if importlib.util.find_spec("detect_secrets") is None:
        return ()
    return tuple(_detector(name) for name in _MORE)


def _detector(name: str) -> _Detect:
    module = importlib.import_module(f"detect_secrets.plugins.{name}")
    plugin = next(
        value()
        for value in vars(module).values()
        if isinstance(value, type)
        and value.__module__ == module.__name__
        and hasattr(value, "analyze_string")
    )

    def detect(line: str) -> Iterator[tuple[str, str]]:
        for value in plugin.analyze_string(line):
            text = value if isinstance(value, str) else "".join(value)
            yield f"a secret ({plugin.secret_type})", text

    return detect
