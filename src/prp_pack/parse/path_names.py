"""The path that a piece of text names, without what people put around it.

“`src/app.py:12-40` (new file)” names `src/app.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from prp_pack.regex import regex
from prp_pack.values import dataclass

# No file system has longer names, and nobody writes longer paths.
MAX_LENGTH = 1024

_CLOSING = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "<": ">", "„": "“"}
_OPENING = regex(r"(?:\s|[*]{2}(?![/.*])|[*](?![/.*]))*")
_LINK = regex(r"\[[^\[\]\n]*\]\(([^()\s]+)\)")
_WORD = regex(r"\S+")
# After a name with spaces: a remark in parentheses, a comment, a dash.
_REMARK = regex(r"(?<!\s)\s+(?:[(#\[<]|[-–—←]|//|->|→)")
_LONGER = regex(r"(?: [^\s/#(),:]+){1,4}\.[A-Za-z]\w{0,5}(?=$|[\s`\"',;:)])")
_PLACE = regex(
    r"(?:#[^/\s]*|::[^\s/]+|:L?\d+(?::\d+)?(?:[-–,]L?\d+)*|:[A-Za-z_][\w.]*(?:\(\))?|\([^()/]*\)?)$"
)
_TRAILING = ",;:*`'\"”’>!"
_SUFFIX = regex(r"[\w)\]*}]\.[A-Za-z][\w+-]{0,11}$|(?:^|/)\.[A-Za-z][\w.-]*$")
_BARE_NAMES = frozenset("""
    Makefile Dockerfile Containerfile Procfile Gemfile Rakefile Jenkinsfile LICENSE README
    justfile Justfile Vagrantfile CODEOWNERS
""".split())  # fmt: skip  # noqa: SIM905 - a list of words
# A word with a dot and no slash is a file only with a suffix that files have.
_SUFFIXES = frozenset("""
    py pyi ipynb ts tsx js jsx mjs cjs json jsonc json5 md mdx rst txt toml yaml yml ini cfg conf
    env lock rs go cs csproj sln java kt kts gradle rb php sql sh bash zsh ps1 bat html htm css
    scss sass less c h cc cpp hpp swift m vue svelte astro xml axaml xaml proto prisma graphql tf
    lua ex exs erl hs ml scala clj dart r jl csv tsv svg png example template tmpl j2 db
""".split())  # fmt: skip  # noqa: SIM905 - a list of words
_NOT_IN_PATHS = regex(r"[=;|<>\"'`!?\\^]|::|\s-|^-")
_MORE = regex(r"\s*(?:,|&|\+|;|\band\b|\bund\b|\be\b|\bet\b|\bor\b)\s*")


@dataclass(frozen=True, slots=True)
class PathName:
    """A path as written, and where: `column` counts from 1; `rest` is what follows it."""

    name: str
    column: int
    rest: str = ""


def read(text: str, start: int = 0) -> PathName | None:
    """Return the name at the beginning of `text[start:]`; None when there is none."""
    opening = _OPENING.match(text, start)
    begin = opening.end() if opening else start
    if link := _LINK.match(text, begin):
        return _trimmed(link[1], link.start(1), text[link.end() :])
    if begin < len(text) and (closing := _CLOSING.get(text[begin])):
        end = text.find(closing, begin + 1)
        if end > begin + 1:
            inner = text[begin + 1 : end]
            if remark := _REMARK.search(inner):
                inner = inner[: remark.start()]
            space = len(inner) - len(inner.lstrip(" *`"))
            return _trimmed(inner[space:].rstrip(), begin + 1 + space, text[end + 1 :])
        begin += 1
    word = _WORD.match(text, begin)
    if word is None:
        return None
    end = word.end()
    if "/" in word[0] and not has_suffix(word[0]) and (longer := _LONGER.match(text, end)):
        end = longer.end()
    return _trimmed(text[begin:end], begin, text[end:])


def read_all(text: str, start: int = 0) -> Iterator[PathName]:
    """Yield the name at `text[start:]`, and those that a comma or “and” adds to it."""
    found = read(text, start)
    while found is not None:
        yield found
        end = found.column - 1 + len(found.name)
        while end < len(text) and text[end] in "`\"'*”":
            end += 1
        more = _MORE.match(text, end)
        if more is None or more.end() == end:
            return
        found = read(text, more.end())
        if found is not None and not is_path(found.name, strict=True):
            return


def _trimmed(name: str, begin: int, rest: str) -> PathName | None:
    kept = name
    while kept:
        shorter = kept.rstrip(_TRAILING)
        if shorter.endswith(".") and shorter.strip("./"):
            shorter = shorter.rstrip(".")
        if shorter.endswith(")") and shorter.count(")") > shorter.count("("):
            shorter = shorter[:-1]
        place = _PLACE.search(shorter[-200:])
        # What is left must still be a name: `C:x` and `#fragment` are nothing without it.
        if place and len(shorter) - len(place[0]) > 1 and not shorter.startswith("http"):
            shorter = shorter[: len(shorter) - len(place[0])]
        if shorter == kept:
            break
        kept = shorter
    return PathName(kept, begin + 1, name[len(kept) :] + rest) if kept else None


def has_suffix(name: str) -> bool:
    return _SUFFIX.search(name[-64:]) is not None


def is_path(name: str, *, strict: bool = False) -> bool:
    """Tell whether a word is a path and no prose; `strict` where any word may stand.

    Strictly, `input/output` is none: it has neither a suffix nor a slash at its end.
    """
    if not name or len(name) > MAX_LENGTH or _NOT_IN_PATHS.search(name) or "://" in name:
        return False
    last = name.rstrip("/").rpartition("/")[2]
    if last in _BARE_NAMES:
        return True
    if "/" in name.strip("/") or (name.endswith("/") and len(name) > 1):
        return not strict or name.endswith("/") or has_suffix(last)
    if name.startswith("."):
        return has_suffix(name) and len(name) > 2  # noqa: PLR2004
    return has_suffix(last) and last.rpartition(".")[2].lower() in _SUFFIXES
