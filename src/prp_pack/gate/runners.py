"""What is known about test runners, as one table: how their summaries look, how they are called."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """How a runner's summary reads. The other patterns are looked for in each match of `seen`.

    The first group of a pattern is a number to add; a pattern without a group counts one each
    time. Where there is a `total`, passed is what is left of it. Without the words `when`
    anywhere in the output the row doesn't apply; of a runner's rows the first that does counts.
    """

    runner: str
    seen: re.Pattern[str]
    passed: re.Pattern[str] | None = None
    failed: re.Pattern[str] | None = None
    skipped: re.Pattern[str] | None = None
    total: re.Pattern[str] | None = None
    when: str = ""


def _row(  # noqa: PLR0913, PLR0917 - the columns of the table
    runner: str,
    seen: str,
    passed: str = "",
    failed: str = "",
    skipped: str = "",
    total: str = "",
    when: str = "",
) -> Row:
    def compiled(pattern: str) -> re.Pattern[str] | None:
        return re.compile(pattern, re.MULTILINE) if pattern else None

    return Row(
        runner, re.compile(seen, re.MULTILINE), compiled(passed), compiled(failed),
        compiled(skipped), compiled(total), when,
    )  # fmt: skip


_PYTEST = (r"(?:\d+ (?:failed|passed|skipped|deselected|xfailed|xpassed|warnings?|errors?|rerun|"
           r"subtests (?:passed|failed|skipped))(?:, )?)+")  # fmt: skip

# Bounded repetitions, one line each where possible: hostile output must not take long.
ROWS = (
    _row("pytest",
         rf"^(?:=+ )?(?:{_PYTEST}|no tests ran)(?: in |, )[\d.]+ ?s(?:econds)?\b",
         r"(\d+) x?passed", r"(\d+) (?:failed|error)", r"(\d+) (?:skipped|xfailed)"),
    _row("unittest",
         r"^Ran \d+ tests? in [\d.]+s\s{1,4}^(?:OK|FAILED|NO TESTS RAN)(?: \([^()\n]{1,200}\))?$",
         "", r"(?:\(|, )(?:failures|errors|unexpected successes)=(\d+)",
         r"(?:\(|, )(?:skipped|expected failures)=(\d+)", r"^Ran (\d+)"),
    _row("node --test", r"^(?:#|ℹ) (?:pass|fail|cancelled|skipped|todo) \d+$",
         r"pass (\d+)", r"(?:fail|cancelled) (\d+)", r"(?:skipped|todo) (\d+)"),
    _row("cargo test", r"^test result: (?:ok|FAILED)\. \d.*$",
         r"(\d+) passed", r"(\d+) failed", r"(\d+) ignored"),
    _row("cargo nextest", r"^ *Summary \[ *[\d.]+s\] .*$",
         r"(\d+) passed", r"(\d+) (?:failed|timed out)", r"(\d+) skipped"),
    _row("go test", r"^--- (?:PASS|FAIL|SKIP): .*$",
         r"^--- PASS", r"^--- FAIL", r"^--- SKIP", when="=== RUN "),
    _row("go test", r'^\{"Time":.*"Action":"(?:start|pass|fail|skip)".*$',
         r'"Action":"pass".*"Test":"[^"/]+"', r'"Action":"fail".*"Test":"[^"/]+"',
         r'"Action":"skip".*"Test":"[^"/]+"', when='"Action":"start"'),
    # Without -v it counts packages.
    _row("go test", r"^(?:ok  \t\S+\t.*|FAIL\t\S+(?:\t| \[).*|\?   \t\S+\t\[no test files\])$",
         r"^ok(?!.*\[no tests to run\])", r"^FAIL"),
    _row("jest", r"^Tests: +\d.* total$|^No tests found, exiting with code 0$",
         r"(\d+) passed", r"(\d+) failed", r"(\d+) (?:skipped|todo)"),
    _row("vitest", r"^ *Tests  +\d.*\(\d+\)$|^No test files found, exiting with code 0$",
         r"(\d+) passed", r"(\d+) failed", r"(\d+) (?:skipped|todo)"),
    _row("mocha", r"^  \d+ (?:passing \(.*\)|pending|failing)$",
         r"(\d+) passing", r"(\d+) failing", r"(\d+) pending"),
    _row("ava", r"^  \d+ (?:tests? (?:passed|failed|skipped|todo)|known failures?)$",
         r"(\d+) tests? passed", r"(\d+) tests? failed",
         r"(\d+) (?:tests? (?:skipped|todo)|known)"),
    _row("playwright", r"^  \d+ (?:passed \([\d.]+m?s\)|failed|flaky|skipped|did not run)$",
         r"(\d+) (?:passed|flaky)", r"(\d+) failed", r"(\d+) (?:skipped|did not run)"),
    _row("deno test", r"^(?:ok|FAILED) \| \d+ passed.*$",
         r"(\d+) passed", r"\| (\d+) failed", r"(\d+) ignored"),
    _row("bun test", r"^ *\d+ (?:pass|fail|skip|todo)$",
         r"(\d+) pass", r"(\d+) fail", r"(\d+) (?:skip|todo)", when="Ran "),
    _row("rspec", r"^\d+ examples?, \d+ failures?.*$",
         "", r"(\d+) (?:failure|error)", r"(\d+) pending", r"^(\d+) example"),
    _row("minitest", r"^\d+ (?:runs|tests), \d+ assertions, .*$",
         "", r"(\d+) (?:failures|errors)", r"(\d+) skips", r"^(\d+)"),
    _row("phpunit", r"^(?:OK \(\d+ tests?, .*|Tests: \d+, Assertions: .*|No tests executed!)$",
         "", r"(?:Failures|Errors): (\d+)", r"(?:Skipped|Incomplete): (\d+)",
         r"(?:^OK \(|^Tests: )(\d+)"),
    # The lines of single classes have a time behind them.
    _row("maven", r"^(?:\[\w+\] )?Tests run: \d+, Failures: \d+, Errors: \d+, Skipped: \d+$",
         "", r"(?:Failures|Errors): (\d+)", r"Skipped: (\d+)", r"run: (\d+)"),
    _row("dotnet test", r"^(?:Passed!|Failed!|Skipped!) +- Failed: .*$",
         r"Passed: +(\d+)", r"Failed: +(\d+)", r"Skipped: +(\d+)"),
    _row("ctest", r"^\d+% tests passed, \d+ tests? failed out of \d+$|^No tests were found!!!$",
         "", r"(\d+) tests? failed", "", r"out of (\d+)"),
    _row("prove", r"^Files=\d+, Tests=\d+,.*\nResult: \w+$",
         "", r"Result: FAIL", "", r"Tests=(\d+)"),
)  # fmt: skip

TAP = _row("TAP", r"^(?:(?:not )?ok\b.*|Bail out!.*|1\.\.\d+.*)$",
           r"^ok\b(?!.*# (?i:skip|todo))", r"^not ok\b(?!.*# (?i:todo|skip))|^Bail out",
           r"^(?:not )?ok\b.*# (?i:skip|todo)")  # fmt: skip

# A program and the word that makes it run tests, which is empty where it does nothing else.
COMMANDS: dict[str, tuple[str, ...]] = {
    "pytest": ("",), "py.test": ("",), "unittest": ("",), "nose2": ("",), "manage.py": ("test",),
    "go": ("test",), "gotestsum": ("",), "cargo": ("test", "t", "nextest"),
    "npm": ("test", "t", "tst"), "pnpm": ("test", "t"), "yarn": ("test",), "bun": ("test",),
    "deno": ("test",), "node": ("--test",), "jest": ("",), "vitest": ("",), "mocha": ("",),
    "ava": ("",), "playwright": ("test",), "tap": ("",), "bats": ("",), "prove": ("",),
    "rspec": ("",), "phpunit": ("",), "mvn": ("test", "verify"), "mvnw": ("test", "verify"),
    "gradle": ("test", "check"), "gradlew": ("test", "check"), "dotnet": ("test",),
    "ctest": ("",), "swift": ("test",), "mix": ("test",), "tox": ("",), "nox": ("",),
}  # fmt: skip

# With one of these words no test is run.
NOT_RUNS = frozenset((
    "--collect-only", "--co", "--help", "-h", "--version", "--no-run", "--list", "-list",
    "--listTests", "--list-tests", "--fixtures", "--markers", "--showConfig", "--show-only",
))  # fmt: skip
