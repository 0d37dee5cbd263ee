"""Comments that silence a tool, and code that knows whether it is being tested."""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prp_pack.evidence.weakening.change import Change, shown, strengthened, weakened
from prp_pack.evidence.weakening.roles import Role, is_python, role_of

_CODES = r"(?:\s*[:=]\s*(?P<codes>[A-Za-z][\w-]*(?:\s*,\s*[A-Za-z][\w-]*)*))?"
_BRACKETS = r"(?:\[(?P<codes>[\w\s,-]*)\])?"
_PYTHON = {
    "noqa": rf"#\s*(?:ruff:\s*|flake8:\s*)?noqa\b{_CODES}",
    "type: ignore": rf"#\s*type:\s*ignore{_BRACKETS}",
    "pyright: ignore": rf"#\s*pyright:\s*(?:ignore{_BRACKETS}|basic|"
    r"report\w+\s*=\s*(?:false|none))",
    "ty: ignore": rf"#\s*ty:\s*ignore{_BRACKETS}",
    "mypy": r"#\s*mypy:\s*(?P<codes>ignore-errors|disable-error-code|allow-[\w-]+)",
    "pragma: no cover": r"#\s*pragma:?\s*(?P<codes>no\s*cover|no\s*branch|no\s*mutate)",
    "pylint: disable": rf"#\s*pylint:\s*(?:disable(?:-next|-msg)?|skip-file){_CODES}",
    "nosec": rf"#\s*nosec\b{_CODES}",
    "allowlist secret": r"#\s*pragma:\s*allowlist(?:\s+nextline)?\s+secret",
    "NOSONAR": r"#\s*NOSONAR\b",
}
_OTHERS = {
    "eslint-disable": r"eslint-disable(?:-next-line|-line)?\b"
    r"(?:\s+(?P<codes>[@\w/-]+(?:\s*,\s*[@\w/-]+)*))?",
    "@ts-ignore": r"@ts-ignore\b",
    "@ts-nocheck": r"@ts-nocheck\b",
    "@ts-expect-error": r"@ts-expect-error\b",
    "biome-ignore": r"biome-ignore(?:-all|-start)?\b(?:\s+(?P<codes>[\w/]+))?",
    "tslint:disable": r"tslint:disable\b",
    "coverage ignore": r"(?:istanbul|c8|v8|node:coverage)\s+(?:ignore|disable)\b",
    "nolint": r"//\s*nolint\b(?::(?P<codes>[\w,-]+))?",
    "#[allow]": r"#!?\[allow\((?P<codes>[\w:,\s]+)\)\]",
    "shellcheck disable": r"#\s*shellcheck\s+disable=(?P<codes>[\w,]+)",
    "@SuppressWarnings": r"@(?:SuppressWarnings|Suppress)\b",
    "pragma warning disable": r"#pragma\s+warning\s+disable\b",
    "rubocop:disable": r"rubocop:(?:disable|todo)\s+(?P<codes>[\w/, ]+)",
    "phpcs:ignore": r"@?phpcs:(?:ignore|disable)\b|@phpstan-ignore\b",
    "NOLINT": r"//\s*NOLINT\b|LCOV_EXCL_(?:LINE|START)",
    "NOSONAR": r"//\s*NOSONAR\b",
}
_ALL = "all"
_TESTED = re.compile(
    r"PYTEST_CURRENT_TEST|PYTEST_XDIST_WORKER|[\"'](?:pytest|unittest|_pytest)[\"']\s+(?:not\s+)?in\s+sys\.|"
    r"sys\.modules\.get\(\s*[\"'](?:pytest|unittest)|JEST_WORKER_ID|process\.env\.VITEST\b|"
    r"import\.meta\.vitest|NODE_ENV\s*===?\s*[\"']test[\"']|hasattr\(sys,\s*[\"']_called_from_test"
)


def _table(patterns: Mapping[str, str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(pattern)) for name, pattern in patterns.items())


_IN_PYTHON, _ELSEWHERE = _table(_PYTHON), _table(_OTHERS)
# Without one of these a line needs no closer look.
_HINT = re.compile(
    r"ignore|noqa|pragma|disable|nosec|NOSONAR|nolint|NOLINT|allow|Suppress|@ts-|LCOV|mypy|pyright|"
    r"skip-file|rubocop|phpcs"
)


@dataclass(frozen=True, slots=True)
class _Comment:
    name: str
    code: str
    path: str
    line: int
    text: str


def compare(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    """Yield the silencing comments that a project has more or fewer of than before."""
    before, after = tuple(_comments(old)), tuple(_comments(new))
    had = Counter((one.name, one.code) for one in before)
    has = Counter((one.name, one.code) for one in after)
    added = _surplus(after, has - had, before)
    gone = _surplus(before, had - has, after)
    # What was silenced altogether and now only by name is less, not more.
    wide = Counter(one.name for one in gone if one.code == _ALL)
    narrowed: set[tuple[str, int]] = set()
    for one in added:
        place = (one.path, one.line)
        if one.code != _ALL and (place in narrowed or wide[one.name] > 0):
            if place not in narrowed:
                wide[one.name] -= 1
                narrowed.add(place)
                message = f"{shown(one.text)} silences less than before"
                yield strengthened(one.path, one.line, "suppression-narrowed", message)
        else:
            what = one.name if one.code == _ALL else f"{one.name} {one.code}"
            message = f"“{what}” is new: {shown(one.text)}"
            yield weakened(one.path, one.line, "suppression-added", message)
    for one in gone:
        if one.code != _ALL or not narrowed:
            message = f"{shown(one.text)} is no longer there"
            yield strengthened(one.path, 0, "suppression-removed", message)


def _surplus(
    found: Sequence[_Comment], many: Counter[tuple[str, str]], known: Sequence[_Comment]
) -> list[_Comment]:
    """Return as many comments as there are more of, those on unknown lines before others."""
    texts = Counter(one.text for one in known)
    chosen = []
    for one in sorted(found, key=lambda one: texts[one.text] > 0):
        if many[(one.name, one.code)] > 0:
            many[(one.name, one.code)] -= 1
            chosen.append(one)
    return sorted(chosen, key=lambda one: (one.path, one.line))


def _comments(files: Mapping[str, str]) -> Iterator[_Comment]:
    for path, text in files.items():
        if role_of(path) not in (Role.TEST, Role.SUPPORT, Role.SOURCE) or not _HINT.search(text):
            continue
        python = is_python(path)
        lines = text.split("\n")
        places = _python_comments(text) if python else enumerate(lines, 1)
        for line, comment in places:
            if not _HINT.search(comment):
                continue
            for name, pattern in _IN_PYTHON if python else _ELSEWHERE:
                found = pattern.search(comment)
                if found:
                    for code in _codes(found):
                        yield _Comment(name, code, path, line, lines[line - 1].strip())


def _codes(found: re.Match[str]) -> tuple[str, ...]:
    said = found.groupdict().get("codes") or ""
    codes = {" ".join(code.split()) for code in said.split(",")} - {""}
    return tuple(sorted(codes)) or (_ALL,)


def _python_comments(text: str) -> Iterator[tuple[int, str]]:
    """Yield comments with their lines; where tokens can't be told, all that looks like one."""
    try:
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        found = [(one.start[0], one.string) for one in tokens if one.type == tokenize.COMMENT]
    except (tokenize.TokenError, SyntaxError):
        found = [
            (n, line[line.index("#") :])
            for n, line in enumerate(text.split("\n"), 1)
            if "#" in line
        ]
    last = text.count("\n") + 1
    return ((line, comment) for line, comment in found if line <= last)


def knowing(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    """Yield the source lines that newly ask whether a test is running."""
    known: Counter[str] = Counter()
    for path, text in old.items():
        if role_of(path) is Role.SOURCE:
            known.update(line.strip() for line in text.split("\n") if _TESTED.search(line))
    for path, text in new.items():
        if role_of(path) is not Role.SOURCE or not _TESTED.search(text):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if not _TESTED.search(line):
                continue
            if known[line.strip()] > 0:
                known[line.strip()] -= 1
            else:
                message = f"the code asks whether it is being tested: {shown(line)}"
                yield weakened(path, number, "test-special-case", message)


_JSON_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*+")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+")|,(?=\s*[\]}])')


def without_comments(text: str) -> str:
    """Return JSON without its comments and the commas before closing brackets."""
    bare = _JSON_COMMENT.sub(lambda found: found[1] or " ", text)
    return _TRAILING_COMMA.sub(lambda found: found[1] or "", bare)
