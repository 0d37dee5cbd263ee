"""What a comment `# gate: background ready=URL timeout=30s scope=a,b` says of the gate below it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from prp_pack.regex import regex
from prp_pack.values import dataclass

_GATE = regex(r"^\s*(?:#+|<!--)\s*gate:(.*?)(?:-->)?\s*$")
_TIMEOUT = regex(r"(\d+(?:\.\d+)?)(ms|s|m|min|h)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, None: 1.0}
_ADDRESS = regex(r"(?:https?|tcp)://[^\s/]+\S*")
_PLACEHOLDER = regex(r"\[[^\]]*\]")

_KNOWN = ("background", "ready", "timeout", "scope")
_WANTED = {
    "background": "it is a word of its own, as in `# gate: background`",
    "ready": "write `ready=` and the address that answers, as in `ready=http://127.0.0.1:8000/`",
    "timeout": "write a number and `ms`, `s`, `m` or `h`, as in `timeout=30s`",
    "scope": "write `scope=` and paths, as in `scope=src,tests`",
}


@dataclass(frozen=True, slots=True)
class Attributes:
    """`timeout` is in seconds; `unknown` are the words that say nothing."""

    background: bool = False
    ready: str = ""
    timeout: float | None = None
    scope: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Idle:
    """A word that nobody reads; `new` may take its place, and is `word` where nothing is sure."""

    word: str
    message: str
    help: str
    new: str


def attributes(comment: str) -> Attributes:
    """Return what a comment says; nothing, when it is no comment about a gate."""
    values = {key: value for _, key, _, value in _parted(comment)}
    timeout = _TIMEOUT.fullmatch(values.get("timeout", ""))
    return Attributes(
        background="background" in values,
        ready=values.get("ready", ""),
        timeout=float(timeout[1]) * _SECONDS[timeout[2]] if timeout else None,
        scope=tuple(path for path in values.get("scope", "").split(",") if path),
        unknown=tuple(idle.word for idle in idle_words(comment)),
    )


def idle_words(comment: str) -> Iterator[Idle]:
    """Yield the words of a comment about a gate that say nothing, each with what was meant."""
    if _PLACEHOLDER.search(comment):
        # Not filled in yet, and reported as that.
        return
    seen: set[str] = set()
    for word, key, sign, value in _parted(comment):
        if key not in _KNOWN:
            yield _unknown(word, key, sign + value)
        elif not _says_something(key, sign, value):
            yield Idle(word, f"“{word}” says nothing of the gate", _WANTED[key], word)
        elif key in seen:
            yield Idle(word, f"“{key}” stands twice, and only the last counts", "keep one", word)
        seen.add(key)


def _parted(comment: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield each word with its key, its `=` if it has one, and its value."""
    said = _GATE.match(comment)
    for word in said[1].split() if said else ():
        yield (word, *word.partition("="))


def _says_something(key: str, sign: str, value: str) -> bool:
    if key == "background":
        return not sign
    if key == "ready":
        return bool(_ADDRESS.fullmatch(value))
    if key == "timeout":
        found = _TIMEOUT.fullmatch(value)
        return found is not None and float(found[1]) > 0
    return any(value.split(","))


def _unknown(word: str, key: str, rest: str) -> Idle:
    message = f"“{word}” is no attribute of a gate"
    near = get_close_matches(key.lower(), _KNOWN, 1)
    if not near:
        return Idle(word, message, f"a gate has {', '.join(f'`{name}`' for name in _KNOWN)}", word)
    sure = _says_something(near[0], rest[:1], rest[1:])
    hint = f"did you mean “{near[0]}”?" + ("" if sure else f" {_WANTED[near[0]]}")
    return Idle(word, message, hint, near[0] + rest if sure else word)
