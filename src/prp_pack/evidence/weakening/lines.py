"""Tests that aren't read as Python: their assertions as text, compared as a heap."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prp_pack.evidence.weakening.change import Change, neutral, shown, strengthened, weakened

_ASSERTION = re.compile(
    r"""\b(?:expect(?:TypeOf|Type)?|assert\w*!?|debug_assert\w*!|should|require|verify\w*|ok|equal|deepEqual|
            EXPECT_\w+|ASSERT_\w+|REQUIRE\w*|CHECK\w*|XCT\w+|refute\w*)(?:\.\w+)*\s*
            (?:<[^<>\n]{0,100}>\s{0,9})?\( |
        \bassert\s+\S | \bt\.(?:Error|Fatal|Fail)\w*\( | \.should\b | \bassert!\s*[({] |
        \bif\s[^{}\n]{1,300}\{\s*t\.(?:Error|Fatal)\w*\( |
        ^[ \t]*(?:\[\[?|test|grep|diff|cmp)\s.*$ |
        \b(?:raises|assertRaises|assertRaisesRegex|warns)\s*\( """,
    re.VERBOSE | re.MULTILINE,
)
_DECLARED = re.compile(
    r"""\b(?:it|test|specify)(?:\.each\b[^\n]{0,300}?)?\s*\(\s*["'`] |
        \bfunc\s+(?:Test|Fuzz|Example)\w*\( |
        \#\[(?:\w+::)?test\] | ^@test\s | @Test\b | ^[ \t]*(?:async\s+)?def\s+test\w*\s*\( |
        ^\s*(?:function\s+)?test_\w+\s*\(\)\s*\{ | \bTEST(?:_F|_P)?\(""",
    re.VERBOSE | re.MULTILINE,
)
_OFF = re.compile(
    r"""\b(?:describe|it|test|suite|context|specify)\.
            (?:skip|only|todo|fixme|failing|fails|skipIf|runIf)\b |
        \b(?:xit|xdescribe|xtest|xcontext|fit|fdescribe|fcontext)\s*[(.] |
        \b[tb]\.(?:Skip|SkipNow|Skipf)\( | \#\[ignore\b | \#\[should_panic\b |
        @Disabled\b | @Ignore\b | ^[ \t]*skip(?:\s|$) | \bpending\s*\( |
        \bthis\.skip\(\) | \bGTEST_SKIP\b | \bDISABLED_\w+ | \bXCTSkip\w*\( |
        @pytest\.mark\.(?:skip|skipif|xfail)\b | @unittest\.(?:skip|expectedFailure)\w* |
        \bpytest\.skip\(""",
    re.VERBOSE | re.MULTILINE,
)
_QUOTES = str.maketrans({"'": '"', "`": '"', ";": None})
# An assertion is not longer than this.
_LONGEST = 1500


@dataclass(frozen=True, slots=True)
class _Said:
    key: str
    path: str
    line: int
    text: str


def compare(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    """Yield what test files lost or gained in assertions, tests and skips, all taken together."""
    before, after = _all(old), _all(new)
    had, has = Counter(one.key for one in before), Counter(one.key for one in after)
    lost, gained = _surplus(before, had - has), _surplus(after, has - had)
    deleted = {path for path in old.keys() - new.keys() if any(one.path == path for one in lost)}
    for path in sorted(deleted):
        many = sum(one.path == path for one in lost)
        message = f"the file is gone, and with it {many} assertion{'s' * (many != 1)}"
        yield weakened(path, 0, "test-deleted", message)
    for one in lost:
        if one.path not in deleted:
            yield _lost(one, gained)
    for path in old.keys() - new.keys() - deleted:
        yield neutral(path, 0, "test-moved", "the file is gone; other files have its assertions")
    if not deleted:
        yield from _declared(old, new)
    yield from _switched_off(old, new)
    for one in gained:
        message = f"{shown(one.text)} is checked now"
        yield strengthened(one.path, one.line, "assertion-added", message)


def _all(files: Mapping[str, str]) -> list[_Said]:
    return [one for path, text in files.items() for one in _assertions(path, text)]


def _surplus(found: list[_Said], many: Counter[str]) -> list[_Said]:
    chosen = []
    for one in found:
        if many[one.key] > 0:
            many[one.key] -= 1
            chosen.append(one)
    return chosen


def _assertions(path: str, text: str) -> Iterator[_Said]:
    """Yield the assertions; white space, quotes and what stands in comment lines don't count."""
    end = line = counted = 0
    for found in _ASSERTION.finditer(text):
        if found.start() < end:
            continue
        begin = text.rfind("\n", max(0, found.start() - _LONGEST), found.start()) + 1
        if text[begin : found.start()].lstrip().startswith(("//", "#", "*", "/*")):
            continue
        end = _end(text, found.start())
        said = text[found.start() : end]
        line += text.count("\n", counted, found.start())
        counted = found.start()
        key = re.sub(r"\s+|,(?=[\])}])", "", re.sub(r",(\s*)(?=[\])}])", "", said)).translate(
            _QUOTES
        )
        yield _Said(key, path, line + 1, said)


def _end(text: str, start: int) -> int:
    """Return where the statement ends: at a line's end outside of brackets, before no `.`."""
    depth = 0
    limit = min(len(text), start + _LONGEST)
    for index in range(start, limit):
        character = text[index]
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth < 0:
                return index
        elif (character == ";" and depth == 0) or (
            character == "\n" and depth == 0 and text[index : index + 200].lstrip()[:1] != "."
        ):
            return index
    return limit


def _lost(one: _Said, gained: list[_Said]) -> Change:
    head = one.key.partition(")")[0]
    other = next((new for new in gained if new.path == one.path and new.key.startswith(head)), None)
    if other is None:
        return weakened(one.path, 0, "assertion-removed", f"{shown(one.text)} is no longer checked")
    gained.remove(other)
    message = (f"{shown(one.text)} became {shown(other.text)}, and whether that asks for less "
               "can't be told")  # fmt: skip
    return weakened(one.path, other.line, "assertion-changed", message)


def _declared(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    had = {path: len(_DECLARED.findall(text)) for path, text in old.items()}
    has = {path: len(_DECLARED.findall(text)) for path, text in new.items()}
    if sum(had.values()) > sum(has.values()):
        path = max(had, key=lambda one: had[one] - has.get(one, 0))
        message = f"{had[path]} tests are declared before and {has.get(path, 0)} now"
        yield weakened(path, 0, "test-deleted", message)


def _switched_off(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    known = Counter(found[0].strip() for text in old.values() for found in _OFF.finditer(text))
    for path, text in new.items():
        for found in _OFF.finditer(text):
            word = found[0].strip()
            if known[word] > 0:
                known[word] -= 1
                continue
            only = re.search(r"only|^f(?:it|describe|context)", word)
            kind = "only-added" if only else "skip-added"
            reason = "nothing else of the file runs" if only else "what it marks no longer counts"
            line = text.count("\n", 0, found.start()) + 1
            yield weakened(path, line, kind, f"{shown(word)} is new: {reason}")
    for word, many in known.items():
        if many > 0:
            path = next((path for path, text in old.items() if word in text), "")
            yield strengthened(path, 0, "skip-removed", f"{shown(word)} is gone")
