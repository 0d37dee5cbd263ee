"""Counts of tests: from runners that run here, and from outputs of others as they were recorded.

The files in `outputs/` are what the runners of those versions printed. Outputs in `DOCUMENTED` are
typed from the runners' documentation: those runners have not been run for this test.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.gate.counts import (
    Counts,
    Doubt,
    from_junit,
    in_text,
    judge,
    plain,
    runner_of,
)
from prp_pack.gate.process import Outcome, run
from prp_pack.parse import shell
from prp_pack.repository import UnreadableError
from tests.gate.conftest import JobMaker

OUTPUTS = Path(__file__).parent / "outputs"

RECORDED = {
    "ava-7-failed": ("ava", 0, 1, 2),
    "ava-7-passed": ("ava", 1, 0, 0),
    "cargo-1.95-failed": ("cargo test", 1, 1, 1),
    "cargo-1.95-none": ("cargo test", 0, 0, 0),
    "go-1.27-failed": ("go test", 0, 1, 0),
    "go-1.27-json": ("go test", 1, 1, 1),
    "go-1.27-no-files": ("go test", 0, 0, 0),
    "go-1.27-none": ("go test", 0, 0, 0),
    "go-1.27-passed": ("go test", 1, 0, 0),
    "go-1.27-verbose": ("go test", 1, 1, 1),
    "jest-30-all-skipped": ("jest", 0, 0, 1),
    "jest-30-failed": ("jest", 1, 1, 2),
    "jest-30-none": ("jest", 0, 0, 0),
    "jest-30-passed": ("jest", 1, 0, 0),
    "mocha-12-failed": ("mocha", 1, 1, 2),
    "mocha-12-none": ("mocha", 0, 0, 0),
    "vitest-4-all-skipped": ("vitest", 0, 0, 4),
    "vitest-4-failed": ("vitest", 1, 1, 2),
    "vitest-4-none": ("vitest", 0, 0, 0),
}

DOCUMENTED = {
    "     Summary [   0.512s] 4 tests run: 2 passed, 1 failed, 1 timed out, 3 skipped": ("cargo nextest", 2, 2, 3),
    "  1 failed\n    [chromium] › a.spec.ts:3:5 › bad ───\n  1 flaky\n  2 skipped\n  3 passed (4.1s)": ("playwright", 4, 1, 2),
    "ok | 3 passed (2 steps) | 0 failed | 1 ignored (12ms)": ("deno test", 3, 0, 1),
    " 3 pass\n 1 skip\n 1 fail\n 5 expect() calls\nRan 5 tests across 1 files. [12.00ms]": ("bun test", 3, 1, 1),
    "Finished in 0.01 seconds\n5 examples, 1 failure, 2 pending": ("rspec", 2, 1, 2),
    "5 runs, 9 assertions, 1 failures, 1 errors, 1 skips": ("minitest", 2, 2, 1),
    "OK (3 tests, 5 assertions)": ("phpunit", 3, 0, 0),
    "FAILURES!\nTests: 6, Assertions: 5, Errors: 1, Failures: 2, Skipped: 1.": ("phpunit", 2, 3, 1),
    "No tests executed!": ("phpunit", 0, 0, 0),
    "[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in A\n[INFO] \n[ERROR] Tests run: 5, Failures: 1, Errors: 1, Skipped: 1\n": ("maven", 2, 2, 1),
    "Passed!  - Failed:     0, Passed:     3, Skipped:     1, Total:     4, Duration: 5 ms - a.dll (net8.0)": ("dotnet test", 3, 0, 1),
    "75% tests passed, 1 tests failed out of 4": ("ctest", 3, 1, 0),
    "No tests were found!!!": ("ctest", 0, 0, 0),
    "All tests successful.\nFiles=2, Tests=7,  0 wallclock secs ( 0.01 usr )\nResult: PASS": ("prove", 7, 0, 0),
    "TAP version 14\n1..4\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP no\nnot ok 4 # TODO later\n": ("TAP", 1, 1, 2),
    "1..0 # SKIP nothing to do": ("TAP", 0, 0, 0),
    "ok 1\nBail out! no database": ("TAP", 1, 1, 0),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(path.stem for path in OUTPUTS.iterdir()))
def test_recorded_outputs(name: str) -> None:
    text = (OUTPUTS / f"{name}.txt").read_text(encoding="utf-8")
    assert in_text(text) == (Counts(*RECORDED[name]),)
    assert in_text(text.replace("\n", "\r\n")) == (Counts(*RECORDED[name]),)


@pytest.mark.parametrize("text", DOCUMENTED)
def test_documented_outputs(text: str) -> None:
    assert in_text(text) == (Counts(*DOCUMENTED[text]),)


# --- pytest, unittest and node, run here ----------------------------------------------------

PYTESTS = """
import pytest
def test_ok(): print("7 passed in 3s as a print")
def test_bad(): assert 0
@pytest.mark.skip
def test_skipped(): pass
@pytest.mark.xfail
def test_expected(): assert 0
@pytest.mark.xfail
def test_unexpected(): pass
@pytest.fixture
def broken(): raise RuntimeError
def test_error(broken): pass
@pytest.mark.parametrize("x", [1, 2])
def test_two(x): pass
"""


def pytest_run(job: JobMaker, folder: Path, source: str, *options: str) -> Outcome:
    (folder / "test_it.py").write_text(source)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COV_", "PYTEST_"))}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    environment["PYTEST_ADDOPTS"] = "--junit-xml=report.xml"
    words = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options)
    return run(job(words, environment=environment))


@pytest.mark.parametrize("options", [(), ("-q",), ("-v", "--color=yes"), ("-rA", "--tb=no")])
def test_outcomes_of_pytest(job: JobMaker, tmp_path: Path, options: tuple[str, ...]) -> None:
    outcome = pytest_run(job, tmp_path, PYTESTS, *options)
    assert outcome.status == 1
    assert in_text(outcome.tail) == (Counts("pytest", 4, 2, 2),)
    report = from_junit(tmp_path / "report.xml")
    assert report == Counts("JUnit", 4, 2, 2)
    assert str(report) == "JUnit: 4 passed, 2 failed, 2 skipped"


def test_pytest_that_finds_nothing(job: JobMaker, tmp_path: Path) -> None:
    outcome = pytest_run(job, tmp_path, "x = 1\n")
    assert outcome.status == 5
    assert in_text(outcome.tail) == (Counts("pytest", 0),)
    assert from_junit(tmp_path / "report.xml") == Counts("JUnit", 0)


def test_pytest_that_only_collects_is_no_run(job: JobMaker, tmp_path: Path) -> None:
    outcome = pytest_run(job, tmp_path, PYTESTS, "--collect-only", "-q")
    assert (outcome.status, in_text(outcome.tail)) == (0, ())


def test_pytest_that_can_not_import(job: JobMaker, tmp_path: Path) -> None:
    outcome = pytest_run(job, tmp_path, "import no_such_module\n")
    assert in_text(outcome.tail) == (Counts("pytest", 0, 1),)
    assert from_junit(tmp_path / "report.xml") == Counts("JUnit", 0, 1)


UNITTESTS = """
import unittest
class T(unittest.TestCase):
    def test_ok(self): pass
    def test_bad(self): self.fail()
    def test_error(self): raise OSError
    @unittest.skip("no")
    def test_skipped(self): pass
    @unittest.expectedFailure
    def test_expected(self): self.fail()
    @unittest.expectedFailure
    def test_unexpected(self): pass
"""


@pytest.mark.parametrize(
    ("source", "counts"),
    [
        (UNITTESTS, (1, 3, 2)),
        ("import unittest\nclass T(unittest.TestCase):\n def test_a(self): pass\n", (1, 0, 0)),
        ("", (0, 0, 0)),
    ],
)
def test_outcomes_of_unittest(
    job: JobMaker, tmp_path: Path, source: str, counts: tuple[int, int, int]
) -> None:
    (tmp_path / "test_it.py").write_text(source)
    outcome = run(job((sys.executable, "-m", "unittest", "test_it")))
    assert in_text(outcome.tail) == (Counts("unittest", *counts),)


@pytest.mark.skipif(not shutil.which("node"), reason="node isn't installed")
@pytest.mark.parametrize("reporter", ["spec", "tap"])
def test_outcomes_of_node(job: JobMaker, tmp_path: Path, reporter: str) -> None:
    (tmp_path / "a.mjs").write_text("""
        import test from 'node:test'
        import assert from 'node:assert'
        test('ok', () => {})
        test('bad', () => assert.equal(1, 2))
        test('skipped', { skip: true }, () => {})
        test('later', { todo: true }, () => {})
    """)
    outcome = run(job(("node", "--test", f"--test-reporter={reporter}", "a.mjs")))
    assert in_text(outcome.tail) == (Counts("node --test", 1, 1, 2),)


def test_two_runs_are_added_up_and_two_runners_are_not() -> None:
    text = "2 passed in 0.1s\n=== 1 failed, 1 skipped in 3.25s (0:00:03) ===\nTests:  1 passed, 1 total\n"
    assert in_text(text) == (Counts("pytest", 2, 1, 1), Counts("jest", 1))


@pytest.mark.parametrize(
    "text",
    ["", "it passed 3 times", "Tests are good", "ok", "1 passed", "All checks passed!",
     "Success: no issues found in 3 source files", "passing (3)", "12 pass\n"],
)  # fmt: skip
def test_other_text_counts_nothing(text: str) -> None:
    assert [one for one in in_text(text) if one.runner != "TAP"] == []


@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    for counts in in_text(text):
        assert min(counts.passed, counts.failed, counts.skipped) >= 0


@pytest.mark.parametrize(
    "piece", ["1 passed, ", "= ", "Ran 1 test in 1s\n", "\x1b[", "ok 1 - ", "  1 ", "Tests: 1 "]
)
def test_no_text_takes_long(piece: str) -> None:
    in_text(piece * (65_536 // len(piece)))


def test_colours_and_titles_are_taken_off() -> None:
    assert plain("\x1b[1;31mred\x1b[0m \x1b]0;title\x07x\r\ny") == "red x\ny"


# --- JUnit ----------------------------------------------------------------------------------


def report(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "report.xml"
    path.write_text(text)
    return path


def test_cases_are_counted_and_claims_are_not(tmp_path: Path) -> None:
    path = report(
        tmp_path,
        """<testsuites tests="99"><testsuite failures="0">
        <testcase name="a"/><testcase><failure/><error/></testcase>
        <testcase><skipped/></testcase><system-out>x</system-out></testsuite></testsuites>""",
    )
    assert from_junit(path) == Counts("JUnit", 1, 1, 1)


BOMB = """<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<testsuites>&b;</testsuites>"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BOMB, "is no JUnit report: it declares a document type"),
        ("<html/>", "is no JUnit report: it holds <html>"),
        ("<testsuites><testcase>", "is no JUnit report: no element found"),
        ("", "is no JUnit report: no element found"),
    ],
)
def test_what_is_no_report(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        from_junit(report(tmp_path, text))
    assert raised.value.reason.startswith(reason)


def test_a_report_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="cannot be read: no such file"):
        from_junit(tmp_path / "none.xml")


def test_a_report_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prp_pack.gate.counts.MAX_REPORT", 10)
    with pytest.raises(UnreadableError, match="has more than 10 bytes"):
        from_junit(report(tmp_path, "<testsuites></testsuites>"))


# --- Judgement ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "runner", "doubt", "message"),
    [
        ([], "", None, ""),
        ([Counts("pytest", 1, 0, 3)], "pytest", None, ""),
        ([Counts("pytest", 0)], "", Doubt.NONE_RAN, "zero tests ran: pytest reports none"),
        ([Counts("pytest", 5), Counts("jest", 0)], "", Doubt.NONE_RAN, "zero tests ran: jest reports none"),
        ([Counts("jest", 0, 0, 4)], "jest", Doubt.ALL_SKIPPED,
         "zero tests ran: all were skipped (jest: 4 skipped)"),
        ([Counts("pytest", 7, 3)], "", Doubt.FAILED,
         "3 tests failed though the exit status is 0 (pytest: 7 passed, 3 failed)"),
        ([Counts("pytest", 0, 1)], "", Doubt.FAILED,
         "1 test failed though the exit status is 0 (pytest: 1 failed)"),
        ([], "npm test", Doubt.UNCOUNTED, "npm test ran, but its output doesn't say how many tests"),
    ],
)  # fmt: skip
def test_what_a_status_of_0_is_worth(
    counts: list[Counts], runner: str, doubt: Doubt | None, message: str
) -> None:
    judged = judge(0, counts, runner)
    assert (judged.doubt if judged else None) == doubt
    assert (judged.message if judged else "") == message
    assert judge(1, counts, runner) is None
    assert judge(None, counts, runner) is None


def test_no_tests_reads_as_such() -> None:
    assert str(Counts("pytest", 0)) == "pytest: no tests"


@pytest.mark.parametrize(
    ("command", "runner"),
    [
        ("pytest tests -q", "pytest"), ("uv run pytest", "pytest"), ("python -m pytest -x", "pytest"),
        ("python3 -m unittest discover", "unittest"), ("coverage run -m pytest", "pytest"),
        ("timeout 60 .venv/bin/pytest -l", "pytest"), ("cd x && go test ./...", "go test"),
        ("cargo +nightly test", "cargo test"), ("npm test", "npm test"), ("npm run test:unit", "npm test"),
        ("npx jest", "jest"), ("node --test", "node --test"), ("python manage.py test app", "manage.py test"),
        ("./gradlew test", "gradlew test"), ("A=1 pnpm --silent test", "pnpm test"),
        ("ruff check . && npx vitest run", "vitest"),
        ("pytest --collect-only", ""), ("pytest --version", ""), ("go build ./...", ""), ("node x.js", ""),
        ("npm run build", ""), ("ruff check tests", ""), ("echo pytest", ""), ("cargo test --no-run", ""),
        ("$RUNNER tests", ""),
    ],
)  # fmt: skip
def test_a_test_runner_is_known_by_its_words(command: str, runner: str) -> None:
    assert runner_of(shell.parse(command).commands) == runner
