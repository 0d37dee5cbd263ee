"""The ledger: it only grows, and what was edited or taken away is noticed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from prp_pack.evidence import ledger, record
from prp_pack.evidence.record import (
    Artefact,
    Kind,
    Measurement,
    Record,
    Status,
    Threshold,
    Verdict,
    verdict_of,
)
from prp_pack.evidence.standing import State, standing
from prp_pack.repository import Repository
from prp_pack.values import replace
from tests.evidence.conftest import FOLDER, git, made, run_id

Write = Callable[[Record], Record]


def read(repository: Repository) -> ledger.Ledger:
    return ledger.read(repository, FOLDER)


def path_of(repository: Repository, written: Record) -> Path:
    return repository.root / FOLDER / f"{written.run_id}.json"


def troubles(repository: Repository, *, history: bool = False) -> list[str]:
    found = read(repository)
    lost = ledger.losses(repository, found, history=history)
    return [p.message for p in (*found.problems, *lost)]


def test_a_record_comes_back_as_it_was_written_and_fits_the_schema(
    repository: Repository, write: Write
) -> None:
    rich = replace(
        made(),
        metrics=(
            Measurement("p95", 12.5, "ms", "lower", (11.0, 14.0), 100),
            Measurement("x", None, ""),
        ),
        thresholds=(Threshold("p95", "<=", 200.0, ok=True), Threshold("x", "<", 1, ok=None)),
        artefacts=(Artefact(".prp/logs/1.log", "0" * 64, "log"),),
        data={"deep": [1, {"a": None}]},
    )
    written = write(rich)
    assert read(repository).records == (written,)
    schema = json.loads(Path(record.__file__).with_name("record.schema.json").read_text())
    Draft202012Validator(schema).validate(json.loads(path_of(repository, written).read_text()))


def test_each_record_knows_the_heads_before_it(repository: Repository, write: Write) -> None:
    first, second = write(made()), write(made())
    assert second.parents == {first.run_id: first.digest}
    assert read(repository).heads == {second.run_id: second.digest}


def test_two_writers_at_once_make_two_heads_and_the_next_joins_them(
    repository: Repository, write: Write
) -> None:
    first = write(made())
    # Another working copy that doesn't see the second one yet.
    twin = Repository(repository.root.with_name("twin"))
    shutil.copytree(repository.root, twin.root)
    second, third = write(made()), ledger.write(twin, FOLDER, made())
    shutil.copy(path_of(twin, third), path_of(repository, third))
    assert read(repository).heads.keys() == {second.run_id, third.run_id}
    assert write(made()).parents.keys() == {second.run_id, third.run_id}
    assert troubles(repository) == []
    assert third.parents == {first.run_id: first.digest}


def test_the_chain_decides_the_order_and_no_clock(repository: Repository, write: Write) -> None:
    late = write(made(number=999))
    early = write(made(number=1, status=Status.FAIL))
    assert [each.run_id for each in read(repository).records] == [late.run_id, early.run_id]
    assert standing(read(repository), "k", "t", "c").state is State.FAILED


EDITS: dict[str, Callable[[dict[str, object]], object]] = {
    "the verdict": lambda plain: plain.update(verdict="pass"),
    "the tree": lambda plain: plain.update(git={"sha": None, "dirty": False, "tree_sha": "now"}),
    "the digest": lambda plain: plain.update(digest="0" * 64),
    "no digest": lambda plain: plain.pop("digest"),
    "the command": lambda plain: plain.update(key="other"),
    "the schema": lambda plain: plain.update(schema_version=3),
    "a new field": lambda plain: plain.update(surprise=1),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edited_record_is_no_record(
    repository: Repository, write: Write, edit: Callable[[dict[str, object]], object]
) -> None:
    written = write(made(status=Status.FAIL))
    path = path_of(repository, written)
    plain = json.loads(path.read_text())
    edit(plain)
    path.write_text(json.dumps(plain))
    assert read(repository).records == ()
    assert len(troubles(repository)) == 1


def test_a_record_that_was_edited_with_its_digest_breaks_what_came_after(
    repository: Repository, write: Write
) -> None:
    failed, later = write(made(status=Status.FAIL)), write(made(key="other"))
    forged = replace(failed, verdict=Verdict.PASS)
    path_of(repository, failed).write_text(record.to_json(forged))
    assert f"it was altered after {later.run_id} had seen it" in troubles(repository)


def test_the_last_record_edited_with_its_digest_is_not_what_was_written(
    repository: Repository, write: Write
) -> None:
    failed = write(made(status=Status.FAIL))
    path_of(repository, failed).write_text(record.to_json(replace(failed, verdict=Verdict.PASS)))
    assert troubles(repository) == ["the record is not what was written here"]


def test_a_record_that_a_later_one_knew_is_missed(repository: Repository, write: Write) -> None:
    first, second = write(made()), write(made())
    path_of(repository, first).unlink()
    assert f"the record was removed; {second.run_id} knew it" in troubles(repository)


def test_the_last_record_is_missed_when_it_is_removed(repository: Repository, write: Write) -> None:
    path_of(repository, write(made())).unlink()
    assert troubles(repository) == ["the record was written here and is gone"]


def test_a_whole_ledger_is_missed(repository: Repository, write: Write) -> None:
    write(made())
    write(made())
    shutil.rmtree(repository.root / FOLDER)
    assert len(troubles(repository)) == 2


def test_committed_records_are_missed_without_the_local_log(
    repository: Repository, write: Write
) -> None:
    first, second = write(made()), write(made(status=Status.FAIL))
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "Record")
    shutil.rmtree(repository.root / ".prp")
    assert troubles(repository) == []
    path_of(repository, second).write_text(record.to_json(replace(second, verdict=Verdict.PASS)))
    assert troubles(repository) == ["the record is not what was committed"]
    git(repository.root, "commit", "-qam", "Correct a typo")
    assert troubles(repository, history=True) == ["the record is not what was committed"]
    path_of(repository, first).unlink()
    path_of(repository, second).unlink()
    git(repository.root, "commit", "-qam", "Tidy up")
    gone = ["the record was committed and is gone"] * 2
    assert troubles(repository, history=True) == gone


def test_an_uncommitted_removal_is_seen_without_the_history(
    repository: Repository, write: Write
) -> None:
    written = write(made())
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "Record")
    path_of(repository, written).unlink()
    assert troubles(repository) == ["the record was committed and is gone"]
    git(repository.root, "add", "-A")
    assert troubles(repository) == ["the record was committed and is gone"], "staged as well"


def test_another_branch_may_lack_the_records(repository: Repository, write: Write) -> None:
    git(repository.root, "checkout", "-qb", "work")
    write(made())
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "Record")
    git(repository.root, "checkout", "-q", "main")
    assert read(repository).records == ()
    assert troubles(repository) == []


def test_a_stash_may_hold_the_records(repository: Repository, write: Write) -> None:
    write(made())
    (repository.root / "src/a.py").write_text("a = 2\n")
    git(repository.root, "stash", "push", "-q", "--include-untracked")
    assert read(repository).records == ()
    assert troubles(repository) == []
    git(repository.root, "stash", "pop", "-q")
    assert len(read(repository).records) == 1
    assert troubles(repository) == []


def test_a_removal_that_was_committed_here_is_missed(repository: Repository, write: Write) -> None:
    first, last = write(made()), write(made(status=Status.FAIL))
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "Record")
    git(repository.root, "branch", "other")
    path_of(repository, last).unlink()
    git(repository.root, "commit", "-qam", "Tidy up")
    assert troubles(repository) == ["the record was written here and is gone"]
    git(repository.root, "checkout", "-q", "other")
    assert read(repository).records == (first, last)
    assert troubles(repository) == []


def test_a_renaming_that_was_undone_is_no_loss(repository: Repository, write: Write) -> None:
    path = path_of(repository, write(made()))
    other = path.with_name(f"{run_id(0)}.json")
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "Record")
    path.rename(other)
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "Rename")
    other.rename(path)
    assert troubles(repository) == []
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "Undo")
    assert troubles(repository, history=True) == []
    # What the false name held is missed as soon as it isn't here under its own.
    path.unlink()
    assert troubles(repository, history=True) == ["the record was committed and is gone"] * 2


def test_two_branches_merge_into_one_ledger(repository: Repository, write: Write) -> None:
    base = write(made(tree="old"))
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "Base")
    git(repository.root, "checkout", "-qb", "left")
    write(made(status=Status.PASS))
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "Left")
    git(repository.root, "checkout", "-q", "main")
    write(made(status=Status.FAIL))
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "Right")
    git(repository.root, "merge", "-q", "--no-edit", "left")
    merged = read(repository)
    assert len(merged.heads) == 2
    assert merged.records[0].run_id == base.run_id
    assert troubles(repository) == []
    assert standing(merged, "k", "t", "c").state is State.FAILED, "the worse of two newest counts"
    write(made(status=Status.PASS))
    assert standing(read(repository), "k", "t", "c").state is State.PROVEN


def test_a_merge_that_drops_records_is_noticed(repository: Repository, write: Write) -> None:
    git(repository.root, "checkout", "-qb", "work")
    write(made())
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "Record")
    git(repository.root, "checkout", "-q", "main")
    git(repository.root, "commit", "-qm", "Other", "--allow-empty")
    git(repository.root, "merge", "-q", "-s", "ours", "--no-edit", "work")
    shutil.rmtree(repository.root / ".prp")
    assert troubles(repository, history=True) == ["the record was committed and is gone"]


def test_an_unfinished_record_proves_nothing_and_gives_way(
    repository: Repository, write: Write
) -> None:
    begun = write(replace(made(), finished=False, verdict=Verdict.ERROR))
    assert standing(read(repository), "k", "t", "c").state is State.UNRUN
    assert read(repository).heads == {}
    done = write(replace(begun, finished=True, verdict=Verdict.PASS))
    assert read(repository).records == (done,)
    assert [each.name for each in (repository.root / FOLDER).iterdir()] == [f"{done.run_id}.json"]
    assert troubles(repository) == []


def test_what_a_checkout_with_other_newlines_leaves_is_the_same_record(
    repository: Repository, write: Write
) -> None:
    written = write(made())
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-qm", "Record")
    path = path_of(repository, written)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert troubles(repository) == []


def test_a_circle_of_records_is_no_ledger(repository: Repository) -> None:
    folder = repository.root / FOLDER
    folder.mkdir(parents=True)
    one = replace(made(number=1), parents={run_id(2): "0" * 64})
    two = replace(made(number=2), parents={run_id(1): "0" * 64})
    for each in (one, two):
        (folder / f"{each.run_id}.json").write_text(record.to_json(each))
    assert read(repository).records == ()
    assert "the records name each other in a circle" in troubles(repository)


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_file_in_the_folder_is_a_problem_and_no_crash(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("any") / FOLDER
    folder.mkdir(parents=True)
    (folder / f"{run_id(1)}.json").write_bytes(content)
    found = ledger.read(Repository(folder.parents[2]), FOLDER)
    assert (found.records, len(found.problems)) == ((), 1)


@given(
    value=st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists),
    data=st.data(),
)
def test_a_record_of_another_shape_is_refused_even_with_its_digest(
    value: object, data: st.DataObject
) -> None:
    plain = json.loads(record.to_json(made(number=1)))
    del plain["digest"]
    name = data.draw(st.sampled_from(sorted(plain)))
    was, plain[name] = plain[name], value
    plain["digest"] = record.digest(plain)
    try:
        record.from_json(json.dumps(plain))
    except ValueError:
        return
    assert isinstance(value, type(was)) or name in (
        "phase",
        "baseline",
        "target_phase",
        "subject_phase",
        "duration_s",
        "exit_code",
    )


VERDICTS = [
    ((), (), Verdict.FAIL),
    ((Status.PASS,), (), Verdict.PASS),
    ((Status.WARN,), (), Verdict.FAIL),
    ((Status.SKIP,), (), Verdict.SKIPPED),
    ((Status.SKIP, Status.PASS), (), Verdict.PASS),
    ((Status.PASS, Status.FAIL), (), Verdict.FAIL),
    ((Status.FAIL, Status.ERROR), (), Verdict.ERROR),
    ((Status.PASS,), (True, None), Verdict.INCONCLUSIVE),
    ((Status.PASS,), (None, False), Verdict.FAIL),
    ((), (True,), Verdict.PASS),
]


@pytest.mark.parametrize(("statuses", "outcomes", "verdict"), VERDICTS)
def test_the_verdict_follows_from_checks_and_thresholds(
    statuses: tuple[Status, ...], outcomes: tuple[bool | None, ...], verdict: Verdict
) -> None:
    checks = tuple(record.Check("x", status, "") for status in statuses)
    thresholds = tuple(Threshold("m", "<", 1, ok=ok) for ok in outcomes)
    assert verdict_of(checks, thresholds) is verdict


STANDINGS = [
    ([], State.UNRUN),
    ([made()], State.PROVEN),
    ([made(tree="old")], State.STALE),
    ([made(config="old")], State.STALE),
    ([made(key="other")], State.UNRUN),
    ([made(status=Status.FAIL)], State.FAILED),
    ([made(), made(status=Status.FAIL)], State.FAILED),
    ([made(status=Status.FAIL), made()], State.PROVEN),
    ([made(status=Status.FAIL), made(tree="old")], State.FAILED),
    ([made(status=Status.SKIP)], State.UNRUN),
    ([made(kind=Kind.WAIVER)], State.WAIVED),
    ([made(kind=Kind.ATTESTATION)], State.ATTESTED),
    ([made(kind=Kind.WAIVER), made(status=Status.FAIL)], State.WAIVED),
    ([made(kind=Kind.WAIVER), made()], State.PROVEN),
    ([made(kind=Kind.SEAL)], State.UNRUN),
]


@pytest.mark.parametrize(("records", "state"), STANDINGS)
def test_an_item_stands_where_its_newest_fresh_record_puts_it(
    repository: Repository, write: Write, records: list[Record], state: State
) -> None:
    for number, each in enumerate(records, start=1):
        write(replace(each, run_id=run_id(number)))
    assert standing(read(repository), "k", "t", "c").state is state
    assert standing(read(repository), "k", None, "c").state is not State.PROVEN


_WRITER = """
import sys
from prp_pack.values import replace
from pathlib import Path
from prp_pack.evidence import ledger
from prp_pack.repository import Repository
from tests.evidence.conftest import FOLDER, made, run_id
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    ledger.write(Repository(Path(sys.argv[1])), FOLDER, made(number=number))
"""


def test_eight_writers_at_once_lose_nothing(repository: Repository) -> None:
    command = [sys.executable, "-c", _WRITER, str(repository.root)]
    writers = [subprocess.Popen([*command, str(n * 10), str(n * 10 + 10)]) for n in range(8)]
    assert [writer.wait() for writer in writers] == [0] * 8
    assert len(read(repository).records) == 80
    assert troubles(repository) == []
