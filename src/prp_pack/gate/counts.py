"""How many tests ran, from what their runner printed or wrote down, and what to think of it.

An exit status of 0 says that nothing failed. It doesn't say that anything was tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from xml.parsers import expat

from prp_pack.check.invocations import invocations, script_of
from prp_pack.gate.runners import COMMANDS, NOT_RUNS, ROWS, TAP, Row
from prp_pack.parse.script import Command
from prp_pack.repository import UnreadableError

# A report of a hundred thousand tests has some 20 MB.
MAX_REPORT = 256 * 1024 * 1024

_CHUNK = 1024 * 1024
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|[@-Z\\^_])")


@dataclass(frozen=True, slots=True)
class Counts:
    """What a runner reports. An error counts as failed, what is expected to fail as skipped."""

    runner: str
    passed: int
    failed: int = 0
    skipped: int = 0

    def __str__(self) -> str:
        numbers = ((self.passed, "passed"), (self.failed, "failed"), (self.skipped, "skipped"))
        said = ", ".join(f"{n} {word}" for n, word in numbers if n)
        return f"{self.runner}: {said or 'no tests'}"


class Doubt(StrEnum):
    """Why an exit status of 0 isn't believed."""

    FAILED = "failed"
    NONE_RAN = "none-ran"
    ALL_SKIPPED = "all-skipped"
    UNCOUNTED = "uncounted"


@dataclass(frozen=True, slots=True)
class Judgement:
    doubt: Doubt
    message: str


def judge(status: int | None, counts: Iterable[Counts], runner: str = "") -> Judgement | None:
    """Return why a status of 0 proves nothing; None where it does, or where it isn't 0.

    `runner` is what `runner_of` says of the command. `UNCOUNTED`, a runner that printed no
    counts, is the one judgement that says nothing against the tests.
    """
    if status != 0:
        return None
    counts = tuple(counts)
    for one in counts:
        if one.failed:
            tests = "1 test" if one.failed == 1 else f"{one.failed} tests"
            message = f"{tests} failed though the exit status is 0 ({one})"
            return Judgement(Doubt.FAILED, message)
    for one in counts:
        if not one.passed and one.skipped:
            return Judgement(Doubt.ALL_SKIPPED, f"zero tests ran: all were skipped ({one})")
        if not one.passed:
            return Judgement(Doubt.NONE_RAN, f"zero tests ran: {one.runner} reports none")
    if runner and not counts:
        message = f"{runner} ran, but its output doesn't say how many tests"
        return Judgement(Doubt.UNCOUNTED, message)
    return None


def runner_of(commands: Iterable[Command]) -> str:
    """Return the first test runner that commands start; empty without one that runs tests."""
    for command in commands:
        for call in invocations(command):
            script = script_of(call)
            words = call.values
            name = call.name if script is None or script.value is None else script.value
            for word in COMMANDS.get(name.rsplit("/", 1)[-1], ()):
                if _says(words, word) and not NOT_RUNS & set(words):
                    return f"{name.rsplit('/', 1)[-1]} {word}".rstrip()
    return ""


def _says(words: Iterable[str], first: str) -> bool:
    if first.startswith("-"):
        return first in words
    # `cargo +nightly test`, `npm run test:unit`, `manage.py test`.
    said = [word for word in words if not word.startswith(("-", "+"))][:2]
    return not first or any(word == first or word.startswith(f"{first}:") for word in said)


def plain(text: str) -> str:
    """Return the text without what colours it on a terminal."""
    return _ANSI.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def in_text(text: str) -> tuple[Counts, ...]:
    """Return the counts of each runner that has a summary in the text, added up."""
    text = plain(text)
    found: dict[str, Counts] = {}
    for row in ROWS:
        if row.runner not in found and (counts := _read(row, text)):
            found[row.runner] = counts
    # Several runners print TAP beside their own summary.
    if not found and (counts := _read(TAP, text)):
        found[TAP.runner] = counts
    return tuple(found.values())


def _read(row: Row, text: str) -> Counts | None:
    if row.when not in text:
        return None
    matches = [match[0] for match in row.seen.finditer(text)]
    if not matches:
        return None
    passed, failed, skipped, total = (
        sum(number for match in matches for number in _numbers(pattern, match))
        for pattern in (row.passed, row.failed, row.skipped, row.total)
    )
    if row.total:
        passed = max(0, total - failed - skipped)
    return Counts(row.runner, passed, failed, skipped)


def _numbers(pattern: re.Pattern[str] | None, text: str) -> Iterator[int]:
    """Yield the number of each match, 1 where the pattern has no group for one."""
    for match in pattern.finditer(text) if pattern else ():
        yield int(match[1]) if match.re.groups else 1


def from_junit(path: Path) -> Counts:
    """Return the counts of a JUnit report; raises `UnreadableError` for what isn't one.

    The test cases are counted, not what the report says of itself. Declarations of entities,
    by which a few lines become gigabytes, are refused with the whole document type.
    """
    parser = expat.ParserCreate()
    report = _Report()
    parser.StartElementHandler = report.start
    parser.EndElementHandler = report.end
    parser.StartDoctypeDeclHandler = _refuse
    try:
        with path.open("rb") as file:
            size = 0
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > MAX_REPORT:
                    raise UnreadableError(str(path), f"has more than {MAX_REPORT:,} bytes")
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except OSError as error:
        reason = f"cannot be read: {(error.strerror or str(error)).lower()}"
        raise UnreadableError(str(path), reason) from None
    except (expat.ExpatError, _RefusedError) as error:
        raise UnreadableError(str(path), f"is no JUnit report: {error}") from None
    if report.root not in ("testsuites", "testsuite"):
        raise UnreadableError(str(path), f"is no JUnit report: it holds <{report.root[:40]}>")
    return Counts("JUnit", report.passed, report.failed, report.skipped)


class _RefusedError(Exception):
    pass


def _refuse(*_declared: object) -> None:
    raise _RefusedError("it declares a document type")


class _Report:
    """What a parser has met so far."""

    def __init__(self) -> None:
        self.root = ""
        self.passed = self.failed = self.skipped = 0
        self._case: set[str] = set()

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self.root = self.root or name
        if name == "testcase":
            self._case = set()
        elif name in ("failure", "error", "skipped"):
            self._case.add(name)

    def end(self, name: str) -> None:
        if name == "testcase":
            failed = bool(self._case & {"failure", "error"})
            skipped = "skipped" in self._case and not failed
            self.failed += failed
            self.skipped += skipped
            self.passed += not failed and not skipped
