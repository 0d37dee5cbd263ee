"""The baseline: it holds what was there, counts it, and outlives edits elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from prp_pack.check.baseline import PATH, Baseline, fingerprint, key_of, load, parse
from prp_pack.check.engine import Checker
from prp_pack.check.settings import Settings
from prp_pack.model import Finding
from prp_pack.repository import Repository, UnreadableError

A = "PRPs/a.md"
RAN = frozenset({"PRP103", "PRP301"})


def finding(message: str, line: int = 1, rule: str = "PRP301", path: str = A) -> Finding:
    return Finding(line, message, path=path, rule=rule)


def of(repository: Repository, *findings: Finding) -> Baseline:
    return Baseline().updated(repository, {f.path for f in findings}, RAN, findings)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    (tmp_path / "PRPs").mkdir()
    for name in ("a", "b"):
        (tmp_path / f"PRPs/{name}.md").write_text("x\n")
    return Repository(tmp_path)


def test_what_it_holds_is_known_as_often_as_it_is_counted(repository: Repository) -> None:
    baseline = of(repository, finding("x", 1), finding("x", 5), finding("y", 2))
    held = baseline.part(A, [finding("x", 7), finding("x", 8), finding("x", 9)], RAN)
    assert [f.line for f in held.known] == [7, 8]
    assert [f.line for f in held.new] == [9]
    assert held.stale == 1
    assert baseline.part("PRPs/b.md", [finding("x", path="PRPs/b.md")], RAN).known == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("differs from PRPs/p.md:3", "differs from PRPs/p.md:42", True),
        ("the ignore on line 4", "the ignore on line 9", True),
        ("“x” and 3 lines below it", "“x” and 12 lines below it", True),
        ("“total” is 3", "“total” is 4", False),
        ("phase 2 is missing", "phase 3 is missing", False),
    ],
)
def test_line_numbers_do_not_count(one: str, other: str, same: bool) -> None:
    assert (fingerprint(one) == fingerprint(other)) == same


def test_a_rule_that_did_not_run_makes_nothing_stale(repository: Repository) -> None:
    baseline = of(repository, finding("x"))
    assert baseline.part(A, [], RAN).stale == 1
    assert baseline.part(A, [], frozenset({"PRP103"})).stale == 0


def test_what_was_not_checked_stays_and_what_is_gone_goes(repository: Repository) -> None:
    old = Baseline({
        (A, "PRP301", "x"): 1, (A, "PRP999", "x"): 1, ("PRPs/b.md", "PRP301", "y"): 2,
        ("PRPs/gone.md", "PRP301", "z"): 3,
    })  # fmt: skip
    assert old.gone(repository) == 3
    new = old.updated(repository, {A}, RAN, [finding("new")])
    assert new.counts == {
        (A, "PRP999", "x"): 1, ("PRPs/b.md", "PRP301", "y"): 2, (A, "PRP301", "new"): 1,
    }  # fmt: skip


def test_findings_about_ignores_are_never_held(repository: Repository) -> None:
    about = finding("x", rule="PRP001")
    assert of(repository, about).counts == {}
    assert Baseline({key_of(about): 1}).part(A, [about], RAN).new == (about,)


findings = st.builds(
    finding, st.text(max_size=20), st.integers(1, 9), st.sampled_from(sorted(RAN)),
    st.sampled_from([A, "PRPs/b.md"]),
)  # fmt: skip


@given(st.lists(findings, max_size=12))
@example([finding("\u202e\ud800\x00“x”")])
def test_written_and_read_again_it_is_the_same_and_holds_everything(found: list[Finding]) -> None:
    baseline = Baseline().updated(Repository(Path("/nowhere")), {A, "PRPs/b.md"}, RAN, found)
    written = baseline.to_json()
    assert parse(written) == baseline
    assert Baseline(dict(reversed(list(baseline.counts.items())))).to_json() == written
    assert all(c.isprintable() or c == "\n" for c in written)
    for path in (A, "PRPs/b.md"):
        held = baseline.part(path, [f for f in found if f.path == path], RAN)
        assert (held.new, held.stale) == ((), 0)


BROKEN = [
    ("", 1, "is not valid JSON: expecting value"),
    ('{"version": 1,\n"findings": [}', 2, "is not valid JSON"),
    ("[" * 100_000, 1, "is not valid JSON"),
    ("9" * 5000, 1, "is not valid JSON"),
    ("[]", 1, "is not a baseline of version 1"),
    ('{"version": 2, "findings": []}', 1, "is not a baseline of version 1"),
    (('{"version": 1, "findings": [\n{"path": "a", "rule": "b", "message": "c", "count": 1},\n'
     '{"path": "a", "rule": "b", "message": "c", "count": 0}]}'), 3, "entry 2 is not path, rule"),
    ('{"version": 1, "findings": [\n\n7]}', 3, "entry 1 is not path"),
    ('{"version": 1, "findings": [{"path": "a", "rule": "b", "message": "c", "count": true}]}', 1,
     "entry 1 is not"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "said"), BROKEN)
def test_what_is_no_baseline_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        parse(text)
    assert (raised.value.path, raised.value.line) == (PATH, line)
    assert said in raised.value.reason


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(text)
    except UnreadableError as error:
        assert error.line >= 1


def test_a_checker_reads_it_and_a_running_command_does_not(repository: Repository) -> None:
    text = "---\ntemplate: prp_base\n---\n# T\n\n## Goal\nOne.\n\n## Goal\nTwo.\n"
    found = Checker(repository).check_text(text, A)
    ran = {f.rule for f in found}
    repository.write(PATH, Baseline().updated(repository, {A}, ran, found).to_json())
    outcome = Checker(repository).examine(f"{text}\n\nMore words.\n", A)
    assert outcome.findings == ()
    assert len(outcome.baselined) == len(found)
    assert {f.rule for f in Checker(repository, strict=True).check_text(text, A)} >= ran
    assert load(repository).counts
    assert len(Checker(repository, settings=Settings()).check_text(text, A)) == len(found)
