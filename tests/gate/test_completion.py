"""Completing a phase: what is refused, what is written, and that nothing of it is made up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from prp_pack.check import goalposts
from prp_pack.check.registry import Target
from prp_pack.evidence import ledger
from prp_pack.evidence.record import COMPARISON, Kind, Measurement, Status
from prp_pack.gate.completion import Asked, Completion, complete
from prp_pack.gate.recording import Contract
from prp_pack.parse import summary
from prp_pack.repository import UnreadableError
from prp_pack.values import replace
from tests.gate import phases, projects
from tests.gate.phases import SUMMARY, commit, contract, git, record, seal, settle, work, write
from tests.test_cli import prp


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return phases.project(tmp_path / "project")


@pytest.fixture
def done(root: Path) -> Path:
    """Return a project whose phase 1 is built, committed and proven."""
    seal(contract(root))
    work(root)
    commit(root, "Store letters")
    settle(contract(root))
    return root


def nothing(_: Target) -> Mapping[str, str]:
    return {}


def completed(
    at: Path | Contract, status: str = "complete", *deferrals: str, **rest: Any
) -> Completion:
    asked = Asked(status, deferrals, **rest)
    return complete(contract(at) if isinstance(at, Path) else at, asked, nothing)


def front(root: Path, path: str = SUMMARY) -> dict[str, Any]:
    text = (root / path).read_text(encoding="utf-8")
    return dict(yaml.safe_load(text.split("---\n")[1]))


def completions(root: Path) -> list[str]:
    at = contract(root)
    return [r.run_id for r in at.target().proof.ledger.of_kind(Kind.COMPLETION)]


# --- Complete -------------------------------------------------------------------------------


def test_a_complete_phase_says_what_is_on_record(done: Path) -> None:
    outcome = completed(done)
    head = git(done, "rev-parse", "HEAD").strip()
    said = front(done)
    assert (said["phase"], said["name"], said["status"]) == (1, "Store", "complete")
    assert (said["commit"], said["uncommitted"]) == (head, False)
    assert (said["open"], said["waived"], said["deferred"], said["metrics"]) == ([], [], [], [])
    assert said["attested"] == [{"item": "C.Component.2", "note": "read it", "by": "Ada"}]
    runs = {r.run_id for r in contract(done).target().proof.ledger.records}
    levels = {gate["level"]: gate for gate in said["gates"]}
    assert {level: gate["state"] for level, gate in levels.items()} == {
        "1": "proven", "2": "proven", "C": "attested", "S": "proven",
    }  # fmt: skip
    for gate in levels.values():
        assert all(item["run"] in runs for item in gate["items"].values())
    assert list(levels["C"]["items"]) == ["C.Component.1", "C.Component.2"]
    assert outcome.record is not None
    assert not contract(done).checker().check(SUMMARY)


def test_the_body_lists_what_changed_since_the_seal_with_the_tests_apart(done: Path) -> None:
    completed(done)
    text = (done / SUMMARY).read_text(encoding="utf-8")
    before, _, tests = text.partition("Tests:\n")
    assert "2 added, 1 changed, 1 deleted" in before
    assert "- added `src/store.py`\n- changed `src/app.py`\n- deleted `src/old.py`\n" in before
    assert tests.startswith("\n- added `tests/test_store.py`\n<!-- prp:end -->")


def test_a_second_run_changes_nothing(done: Path) -> None:
    completed(done)
    first = (done / SUMMARY).read_bytes()
    outcome = completed(done)
    assert (done / SUMMARY).read_bytes() == first
    assert (outcome.changes, outcome.record) == (False, None)
    assert len(completions(done)) == 1


def test_neither_a_commit_of_the_summary_nor_later_work_changes_it(done: Path) -> None:
    completed(done)
    first = (done / SUMMARY).read_bytes()
    commit(done, "Sum up phase 1")
    completed(done)
    write(done, "src/app.py", "a = 3\n")
    write(done, "src/later.py", "l = 1\n")
    commit(done, "Begin phase 2")
    completed(done)
    assert (done / SUMMARY).read_bytes() == first
    assert len(completions(done)) == 1


def test_later_work_makes_no_tick_of_a_complete_phase_stale(done: Path) -> None:
    completed(done)
    write(done, "src/app.py", "a = 3\n")
    assert not contract(done).target().proof.open


def test_work_that_is_committed_after_completion_gives_its_commit(root: Path) -> None:
    seal(contract(root))
    work(root)
    settle(contract(root))
    begun = git(root, "rev-parse", "HEAD").strip()
    completed(root)
    assert (front(root)["commit"], front(root)["uncommitted"]) == (begun, True)
    head = commit(root, "Store letters")
    completed(root)
    assert (front(root)["commit"], front(root)["uncommitted"]) == (head, False)
    assert len(completions(root)) == 1


def test_the_first_python_file_of_a_later_phase_re_opens_nothing(root: Path) -> None:
    for path in ("src/app.py", "src/old.py"):
        (root / path).unlink()
    commit(root, "Begin without Python")
    settle(contract(root))
    completed(root)
    first = (root / SUMMARY).read_bytes()
    write(root, "src/app.py", "a = 1\n")
    outcome = completed(root)
    assert (outcome.reopened, outcome.obstacles, outcome.changes) == ((), (), False)
    assert (root / SUMMARY).read_bytes() == first


def test_without_git_a_summary_claims_no_commit_and_nothing_is_complete(tmp_path: Path) -> None:
    write(tmp_path, "PRPs/labels.md", phases.FEATURE)
    write(tmp_path, "PRPs/prp.toml", projects.SETTINGS)
    at = contract(tmp_path, "PRPs/labels.md")
    assert [o.item for o in completed(at).obstacles] == ["C.1"]
    completed(at, "unverified")
    said = front(tmp_path, "PRPs/labels_COMPLETION_SUMMARY.md")
    assert (said["commit"], said["uncommitted"]) == (None, True)


def test_a_project_before_its_first_commit_has_no_commit_to_name(root: Path) -> None:
    git(root, "update-ref", "-d", "HEAD")
    settle(contract(root))
    completed(root)
    assert front(root)["commit"] is None


# --- Refused --------------------------------------------------------------------------------


def test_complete_is_refused_while_an_item_is_open(done: Path) -> None:
    write(done, "src/app.py", "a = 3\n")
    settle(contract(done), without=("L2.1", "C.Component.1"))
    outcome = completed(done)
    assert [(o.item, o.mend) for o in outcome.obstacles] == [
        ("L2.1", "prp gate run PRPs/phase1.md --item L2.1"),
        ("C.Component.1", "prp gate run PRPs/phase1.md --item C.Component.1"),
    ]
    assert "stale: pytest tests (the tree changed since" in outcome.obstacles[0].what
    assert not (done / SUMMARY).exists()
    assert not completions(done)


def test_a_failed_run_and_a_box_without_a_word_are_open(root: Path) -> None:
    at = contract(root)
    settle(at, without=("L1.1", "C.Component.2"))
    record(at, "L1.1", status=Status.FAIL)
    assert [(o.item, o.mend.split(" --")[0]) for o in completed(at).obstacles] == [
        ("L1.1", "prp gate run PRPs/phase1.md"),
        ("C.Component.2", "prp attest PRPs/phase1.md C.Component.2"),
    ]


def test_a_broken_ledger_is_no_completion(done: Path) -> None:
    records = sorted((done / "PRPs/evidence/phase_1").glob("2*.json"))
    records[1].unlink()
    outcome = completed(done)
    assert any("the ledger is broken" in o.what for o in outcome.obstacles)
    assert any(f"prp waive PRPs/phase1.md {records[1].stem}" in o.mend for o in outcome.obstacles)


def test_a_weakened_goalpost_is_no_completion(done: Path) -> None:
    at = contract(done)
    weakened = {"3f2a9c01b2d4": "tests/test_store.py:2: an assertion was removed"}
    outcome = complete(at, Asked(), lambda _: weakened)
    assert [o.what for o in outcome.obstacles] == [
        "weakened since the seal: tests/test_store.py:2: an assertion was removed"
    ]
    assert "prp gate accept PRPs/phase1.md 3f2a9c01b2d4 --by NAME" in outcome.obstacles[0].mend
    assert not (done / SUMMARY).exists()


def test_a_prp_with_nothing_to_prove_is_not_complete(root: Path) -> None:
    write(root, "PRPs/labels.md", "---\ntemplate: prp_base\n---\n\n## Goal\nLabels.\n")
    outcome = completed(contract(root, "PRPs/labels.md"))
    assert [o.what for o in outcome.obstacles] == ["it has no gate and no box that could be proven"]


# --- What isn't complete --------------------------------------------------------------------


@pytest.mark.parametrize("status", ["partial", "blocked"])
def test_what_is_unfinished_needs_a_word_on_what_is_left(root: Path, status: str) -> None:
    with pytest.raises(UnreadableError, match=f"{status} needs a word on what is left"):
        completed(root, status)
    with pytest.raises(UnreadableError, match="needs a word"):
        completed(root, status, "   ")
    assert not (root / SUMMARY).exists()
    completed(root, status, "pages for\nGET /letters")
    said = front(root)
    assert (said["status"], said["deferred"]) == (status, ["pages for GET /letters"])
    assert said["open"] == ["L1.0", "L1.1", "L2.1", "C.Component.1", "C.Component.2", "S.1"]
    assert not completions(root)


def test_deferrals_add_up_and_stand_once(root: Path) -> None:
    completed(root, "partial", "pages")
    first = (root / SUMMARY).read_bytes()
    completed(root, "partial", "pages")
    completed(root, "partial")
    assert (root / SUMMARY).read_bytes() == first
    completed(root, "partial", "an index", "pages")
    assert front(root)["deferred"] == ["pages", "an index"]


def test_unverified_asks_for_nothing_and_claims_nothing(root: Path) -> None:
    outcome = completed(root, "unverified")
    said = front(root)
    assert (said["status"], outcome.record) == ("unverified", None)
    states = {item["state"] for gate in said["gates"] for item in gate["items"].values()}
    assert states == {"unrun"}


def test_a_complete_phase_keeps_the_context_that_it_was_built_from(done: Path) -> None:
    assert "PRP204" in prp(done, "check", "PRPs/phase1.md").stdout
    completed(done)
    assert "PRP204" not in prp(done, "check", "PRPs/phase1.md").stdout


def test_later_work_makes_no_tick_of_a_partial_phase_stale(done: Path) -> None:
    completed(done, "partial", "pages")
    first = (done / SUMMARY).read_bytes()
    write(done, "src/app.py", "a = 3\n")
    proof = contract(done).target().proof
    assert (proof.closed, proof.open) == (None, ())
    assert proof.standings["L2.1"].why.startswith("settled when it ended partial, 2026-11-23")
    assert completed(done, "partial").record is None
    assert b"stale" not in (done / SUMMARY).read_bytes()
    assert (done / SUMMARY).read_bytes().count(b"proven") == first.count(b"proven")


def test_complete_asks_anew_for_what_a_partial_phase_had_settled(done: Path) -> None:
    completed(done, "partial", "pages")
    write(done, "src/app.py", "a = 3\n")
    assert {o.item for o in completed(done).obstacles} == {
        "L1.0", "L1.1", "L2.1", "C.Component.1", "S.1",
    }  # fmt: skip


def test_a_later_failure_counts_in_a_partial_phase(done: Path) -> None:
    completed(done, "partial", "pages")
    write(done, "src/app.py", "a = 3\n")
    record(contract(done), "L2.1", status=Status.FAIL)
    assert {item.id for item in contract(done).target().proof.open} == {"L2.1", "C.Component.1"}


# --- Re-opened ------------------------------------------------------------------------------


def test_a_changed_prp_re_opens_its_phase_and_asks_for_everything_again(done: Path) -> None:
    completed(done)
    write(done, "src/app.py", "a = 3\n")
    text = (done / "PRPs/phase1.md").read_text(encoding="utf-8")
    write(done, "PRPs/phase1.md", text.replace("```bash\npytest tests\n", "```bash\npytest\n"))
    outcome = completed(done)
    assert outcome.reopened == ("L2.1 has changed",)
    assert {o.item for o in outcome.obstacles} == {
        "L1.0", "L1.1", "L2.1", "C.Component.1", "S.1",
    }, "what a person attested is about the text of a box, which is the same"  # fmt: skip
    settle(contract(done))
    again = completed(done)
    assert (again.reopened, again.obstacles) == (("L2.1 has changed",), ())
    assert len(completions(done)) == 2
    assert not completed(done).reopened


def test_a_gate_that_is_gone_re_opens_its_phase(done: Path) -> None:
    completed(done)
    text = (done / "PRPs/phase1.md").read_text(encoding="utf-8")
    write(done, "PRPs/phase1.md", text.replace("ruff check src | tee\n", ""))
    assert completed(done).reopened == ("L1.1 is gone",)


def test_a_phase_that_was_complete_can_be_called_partial_again(done: Path) -> None:
    completed(done)
    write(done, "src/app.py", "a = 3\n")
    outcome = completed(done, "partial", "it leaks")
    assert outcome.record is not None
    assert contract(done).target().proof.closed is None
    assert front(done)["open"] == ["L1.0", "L1.1", "L2.1", "C.Component.1", "S.1"]
    first = (done / SUMMARY).read_bytes()
    assert completed(done, "partial", "it leaks").record is None
    assert (done / SUMMARY).read_bytes() == first


# --- Numbers, waivers, endpoints -------------------------------------------------------------


def test_a_metric_comes_from_a_record_or_has_no_value(done: Path) -> None:
    at = contract(done)
    ratio = Measurement("response_time ratio", 1.1, "×", role=COMPARISON)
    measured = (Measurement("response_time", 12.5, "ms"), Measurement("memory", None, "MB"), ratio)
    run = record(at, "L2.1", metrics=measured)
    completed(done)
    assert front(done)["metrics"] == [
        {"metric": "response_time", "value": 12.5, "unit": "ms", "run": run.run_id},
        {"metric": "memory", "value": None, "unit": "MB", "run": None},
    ]
    read = summary.parse((done / SUMMARY).read_text(encoding="utf-8"), SUMMARY)
    assert [(m.name, m.value, m.run) for m in read.metrics] == [
        ("response_time", 12.5, run.run_id), ("memory", None, ""),
    ]  # fmt: skip


def test_a_number_that_was_measured_on_other_files_is_none(done: Path) -> None:
    record(contract(done), "L2.1", metrics=[Measurement("response_time", 12.5, "ms")])
    write(done, "src/app.py", "a = 3\n")
    settle(contract(done))
    completed(done)
    assert front(done)["metrics"] == [
        {"metric": "response_time", "value": None, "unit": "ms", "run": None}
    ]


def test_a_crashed_run_measured_nothing(done: Path) -> None:
    run = Measurement("response_time", 12.5, "ms")
    record(contract(done), "L2.1", status=Status.ERROR, metrics=[run])
    record(contract(done), "L2.1")
    completed(done)
    assert front(done)["metrics"] == []


def test_a_waiver_is_listed_with_its_reason(root: Path) -> None:
    at = contract(root)
    settle(at, without=("L2.1", "C.Component.1", "S.1"))
    record(at, "L2.1", Kind.WAIVER, said="no | service: <!-- prp:end -->")
    record(at, "S.1", Kind.RUN)
    completed(at)
    waived = front(root)["waived"]
    # Both stand for the same command.
    assert [word["item"] for word in waived] == ["L2.1", "C.Component.1"]
    assert waived[0] == {"item": "L2.1", "reason": "no | service: <!-- prp:end -->", "by": "Ada"}
    first = (root / SUMMARY).read_bytes()
    assert not completed(root).changes
    assert (root / SUMMARY).read_bytes() == first


def test_endpoints_come_from_the_contract_in_the_words_of_the_summary(done: Path) -> None:
    openapi = {
        "servers": [{"url": "https://x.example/api"}],
        "paths": {"/letters": {"post": {}, "get": {}}, "/letters/{id}": {"get": {}}},
    }
    write(done, "PRPs/contracts/phase_1/openapi.json", json.dumps(openapi))
    write(done, SUMMARY, (
        "---\ntemplate: completion_summary\nphase: 1\nendpoints:\n"
        "  - {kind: http, method: POST, path: /api/letters, usage: stores}\n"
        "  - {kind: http, method: DELETE, path: /letters}\n"
        "  - {kind: websocket, path: /ws, usage: news}\n---\n\n# Phase 1\n"
    ))  # fmt: skip
    completed(done)
    assert front(done)["endpoints"] == [
        {"kind": "http", "method": "POST", "path": "/api/letters", "usage": "stores"},
        {"kind": "http", "method": "GET", "path": "/api/letters"},
        {"kind": "http", "method": "GET", "path": "/api/letters/{id}"},
        {"kind": "websocket", "path": "/ws", "usage": "news"},
    ]
    assert not completed(done).changes
    assert not contract(done).checker().check(SUMMARY)


def test_an_example_that_nobody_gave_is_the_recorded_answer(done: Path) -> None:
    folder = "PRPs/contracts/phase_1"
    paths: dict[str, object] = {"/letters": {"post": {}, "get": {}}, "/letters/{id}": {"get": {}}}
    write(done, f"{folder}/openapi.json", json.dumps({"paths": paths}))
    answers = {
        "a": {"operation": "POST /letters", "status": 201, "body": {"id": "ä"}},
        "b": {"operation": "GET /letters/{id}", "status": 200, "body": {"text": "x" * 500}},
        "c": {"operation": "GET /letters", "status": 200, "body": []},
    }
    for name, answer in answers.items():
        write(done, f"{folder}/examples/{name}.answer.json", json.dumps(answer))
    write(done, f"{folder}/examples/broken.answer.json", "{")
    write(done, f"{folder}/examples/list.answer.json", "[1]")
    write(done, SUMMARY, (
        "---\ntemplate: completion_summary\nphase: 1\nendpoints:\n"
        "  - {kind: http, method: GET, path: /letters, example: mine}\n---\n\n# Phase 1\n"
    ))  # fmt: skip
    completed(done)
    assert {(e["method"], e["path"]): e["example"] for e in front(done)["endpoints"]} == {
        ("POST", "/letters"): 'POST /letters -> 201 {"id": "ä"}',
        ("GET", "/letters"): "mine",
        ("GET", "/letters/{id}"):
            "GET /letters/{id} -> 200, as in PRPs/contracts/phase_1/examples/b.answer.json",
    }  # fmt: skip
    assert not completed(done).changes
    assert not contract(done).checker().check(SUMMARY)


@pytest.mark.parametrize(
    ("toml", "path"),
    [
        ('folder = "api"', "api/phase_1/openapi.json"),
        ('folder = "api"\nfiles = { phase_1 = "docs/one.json" }', "docs/one.json"),
    ],
)
def test_contract_and_recorded_answers_may_lie_elsewhere(root: Path, toml: str, path: str) -> None:
    write(root, "PRPs/prp.toml", f"{phases.SETTINGS}\n[contracts]\n{toml}\n")
    seal(contract(root))
    work(root)
    write(root, path, json.dumps({"paths": {"/letters": {"get": {}}}}))
    answer = {"operation": "GET /letters", "status": 200, "body": []}
    # Where create_integration_examples leaves it.
    write(root, "api/phase_1/examples/a.answer.json", json.dumps(answer))
    commit(root, "Store letters")
    settle(contract(root))
    completed(root)
    (endpoint,) = front(root)["endpoints"]
    assert endpoint["example"] == "GET /letters -> 200 []"
    assert not contract(root).checker().check(SUMMARY)


def test_a_contract_that_cannot_be_read_is_named_with_its_line(done: Path) -> None:
    write(done, "PRPs/contracts/phase_1/openapi.json", '{"paths":\n')
    with pytest.raises(UnreadableError, match=r"phase_1/openapi\.json:2: JSON doesn't parse"):
        completed(done)


# --- What people wrote ----------------------------------------------------------------------

BY_HAND = """\
---
# why this file is here
template: completion_summary
phase: 1            # the first
status: unverified
endpoints:
  # from a session
  - {kind: http, method: POST, path: "/letters"}   # stores
provides:
    database_schema: [letters]
deferred: []
# last words
---

# Phase 1

## How it was checked
By hand.

## What was built
A store.
### Details
More.

    indented <!-- prp:begin gates -->

## Odd
Kept.  \t
"""


PART = "<!-- prp:begin gates -->\n<!-- prp:end -->\n"
TWICE = f"---\ntemplate: completion_summary\n---\n{PART}\n{PART}"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_people_wrote_stays_byte_for_byte(done: Path, newline: str) -> None:
    write(done, SUMMARY, "\ufeff" + BY_HAND.replace("\n", newline))
    completed(done)
    raw = (done / SUMMARY).read_bytes().decode()
    assert raw.startswith(f"\ufeff---{newline}# why this file is here{newline}template:")
    own = (
        'endpoints:\n  # from a session\n  - {kind: http, method: POST, path: "/letters"}   # stores\n',
        "provides:\n    database_schema: [letters]\n", "# last words\n---\n\n# Phase 1\n",
        "## How it was checked\nBy hand.\n", "## What was built\nA store.\n",
        "### Details\nMore.\n\n    indented <!-- prp:begin gates -->\n\n## Odd\nKept.  \t\n",
    )  # fmt: skip
    for part in own:
        assert part.replace("\n", newline) in raw
    assert raw.count("\n") == raw.count(newline)
    assert raw.count("<!-- prp:end -->") == 3
    assert raw.index("A store.") < raw.index("prp:begin changes") < raw.index("### Details")
    first = (done / SUMMARY).read_bytes()
    assert not completed(done).changes
    assert (done / SUMMARY).read_bytes() == first


def test_words_beside_the_drawn_parts_stay_when_the_parts_change(root: Path) -> None:
    completed(root, "unverified")
    text = (root / SUMMARY).read_text(encoding="utf-8")
    own = text.replace("[What the next phase needs to know]", "Ids grow.").replace(
        "<!-- prp:end -->\n\n## Hand-off", "<!-- prp:end -->\nMind the *gap*.\n\n## Hand-off"
    )
    assert own != text
    write(root, SUMMARY, own)
    settle(contract(root))
    completed(root)
    after = (root / SUMMARY).read_text(encoding="utf-8")
    assert "## Hand-off\nIds grow.\n" in after
    assert "<!-- prp:end -->\nMind the *gap*.\n" in after
    assert "| L1.1 | proven |" in after


def test_a_new_summary_is_the_project_s_own_template(root: Path) -> None:
    template = "---\ntemplate: completion_summary\nphase: 1\nprovides: {queue: []}\n---\n# P[N]\n"
    write(root, "PRPs/templates/completion_summary.md", template)
    completed(root, "unverified")
    text = (root / SUMMARY).read_text(encoding="utf-8")
    assert "provides: {queue: []}\n" in text
    assert "\n---\n# P1\n\n## What was built\n<!-- prp:begin changes " in text


def test_lines_that_still_are_the_template_s_are_named(root: Path) -> None:
    lines = root / SUMMARY
    outcome = completed(root, "unverified")
    shown = lines.read_text(encoding="utf-8").split("\n")
    assert [shown[line - 1] for line in outcome.unfilled] == [
        "[Files and their responsibility]", "[What was looked at beside the gates]",
        "[What the next phase needs to know]",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("---\ntemplate: completion_summary\nphase: [1\n---\n", 3, "YAML"),
        ("---\ntemplate: completion_summary\nname: x\n", 1, "front matter is not closed"),
        ("---\ntemplate: phase_plan\n---\n", 2, "is not a completion summary"),
        ("---\ntemplate: completion_summary\nendpoints:\n  - {usage: x}\n---\n", 4, "needs a `path`"),
        ("---\ntemplate: completion_summary\n---\n<!-- prp:begin gates -->\nx\n", 4, "has no `<!-- "),
        ("---\n{template: completion_summary, phase: 1}\n---\n", 2, "a line of its own"),
        ('name: "Phase 1"\ndescription: |\n  x\n\n# T\n', 1, "no `---`"),
        (TWICE, 7, "stands twice, first at line 4"),
        ("---\ntemplate: completion_summary\n---\n\n```text\nopen\n", 7, "would not be read as one"),
    ],
)  # fmt: skip
def test_a_malformed_summary_is_an_error_with_its_line_and_stays(
    done: Path, text: str, line: int, said: str
) -> None:
    write(done, SUMMARY, text)
    with pytest.raises(UnreadableError) as raised:
        completed(done)
    assert (raised.value.path, raised.value.line) == (SUMMARY, line)
    assert said in raised.value.reason
    assert (done / SUMMARY).read_text(encoding="utf-8") == text
    assert not completions(done)


def test_a_drawn_part_that_somebody_edited_is_not_drawn_over(done: Path) -> None:
    completed(done)
    text = (done / SUMMARY).read_text(encoding="utf-8")
    edited = text.replace("| L1.1 | proven |", "| L1.1 | proven by heart |")
    write(done, SUMMARY, edited)
    with pytest.raises(UnreadableError, match="“gates” was edited since it was drawn"):
        completed(done)
    assert (done / SUMMARY).read_text(encoding="utf-8") == edited
    completed(done, force=True)
    assert (done / SUMMARY).read_text(encoding="utf-8") == text


def test_front_matter_that_somebody_edited_is_put_right(done: Path) -> None:
    completed(done)
    text = (done / SUMMARY).read_text(encoding="utf-8")
    write(done, SUMMARY, text.replace("waived: []", "waived:\n  - everything"))
    completed(done)
    assert (done / SUMMARY).read_text(encoding="utf-8") == text


def test_a_dry_run_writes_nothing(done: Path) -> None:
    outcome = completed(done, dry_run=True)
    assert "status: complete\n" in (outcome.after or "")
    assert not (done / SUMMARY).exists()
    assert not completions(done)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Letters are stored:", "[TODO: what is stored]:", "PRP301"),
        ("## Validation Loop\n", "## Validation Loop\n```yaml\n", "PRP10"),
        ("number: 1", "number: 2", "PRP201"),
    ],
)
def test_a_phase_is_not_complete_while_its_prp_is_not_sound(
    done: Path, old: str, new: str, said: str
) -> None:
    write(done, "PRPs/phase1.md", phases.PRP.replace(old, new))
    first = completed(contract(done)).obstacles[0]
    assert first.what.startswith("the PRP has an error: line ")
    assert said in first.what
    assert first.mend == "mend it: prp check PRPs/phase1.md"
    assert not (done / SUMMARY).exists()


def test_what_was_complete_stays_so_when_a_later_check_finds_more(done: Path) -> None:
    completed(contract(done))
    write(done, "PRPs/prp.toml", "[check]\nselect = ['PRP101']\n")
    assert completed(contract(done)).obstacles == ()


# --- Where it lies --------------------------------------------------------------------------


def test_a_feature_has_its_summary_beside_its_prp(root: Path) -> None:
    at = contract(root, "PRPs/labels.md")
    settle(at)
    completed(at)
    path = "PRPs/labels_COMPLETION_SUMMARY.md"
    said = front(root, path)
    assert ("phase" in said, said["prp"], said["status"]) == (False, "PRPs/labels.md", "complete")
    assert "# Labels: completion summary\n" in (root / path).read_text(encoding="utf-8")
    assert not at.checker().check(path)
    assert not completed(at).changes


def test_a_summary_that_lies_beside_the_prp_is_found_there(done: Path) -> None:
    write(done, "PRPs/a/phase1.md", phases.PRP.replace("Letters are", "All letters are"))
    write(done, "PRPs/a/PHASE1_COMPLETION_SUMMARY.md", "---\ntemplate: completion_summary\n---\n")
    outcome = completed(contract(done, "PRPs/a/phase1.md"), "unverified")
    assert outcome.path == "PRPs/a/PHASE1_COMPLETION_SUMMARY.md"


# --- The command ----------------------------------------------------------------------------


def test_the_command_refuses_writes_and_repeats(root: Path) -> None:
    seal(contract(root))
    work(root)
    refused = prp(root, "complete", "1")
    assert refused.returncode == 1
    assert "PRPs/phase1.md: L2.1 unrun: pytest tests (never run)\n" in refused.stdout
    assert "    prp gate run PRPs/phase1.md --item L2.1\n" in refused.stdout
    assert "not complete: 6 things open" in refused.stderr
    settle(contract(root))
    assert prp(root, "complete", "1", "--dry-run").stdout.startswith("---\n")
    assert not (root / SUMMARY).exists()
    written = prp(root, "complete", "1")
    assert written.returncode == 0
    assert written.stdout.startswith(f"created {SUMMARY}: complete\nrecorded 2")
    assert f"{SUMMARY}:" in written.stderr
    assert "no commit holds these files yet" in written.stderr
    first = (root / SUMMARY).read_bytes()
    assert prp(root, "complete", "PRPs/phase1.md").stdout == f"unchanged {SUMMARY}: complete\n"
    assert (root / SUMMARY).read_bytes() == first
    assert prp(root, "check", SUMMARY).returncode == 0


def test_the_command_tells_it_as_json(root: Path) -> None:
    settle(contract(root), without=("L2.1", "C.Component.1"))
    refused = prp(root, "complete", "1", "--json")
    said = json.loads(refused.stdout)
    assert (refused.returncode, said["version"], said["refused"], said["written"]) == (
        1,
        1,
        True,
        False,
    )
    assert [o["item"] for o in said["obstacles"]] == ["L2.1", "C.Component.1"]
    partial = ("--status", "partial", "--defer", "pages", "--json")
    said = json.loads(prp(root, "complete", "1", *partial).stdout)
    assert (said["summary"], said["status"], said["written"]) == (SUMMARY, "partial", True)
    assert (said["deferred"], [said["record"]]) == (["pages"], completions(root))


def test_the_command_needs_a_deferral_and_one_prp(root: Path) -> None:
    partial = prp(root, "complete", "1", "--status", "partial")
    assert (partial.returncode, partial.stdout) == (2, "")
    assert "partial needs a word on what is left" in partial.stderr
    assert "--defer TEXT" in partial.stderr
    assert "there is no PRP for phase 7" in prp(root, "complete", "7").stderr
    other = phases.PRP.replace("name: Store\n", "name: Store\ntrack: Mobile\n")
    write(root, "PRPs/mobile/phase1.md", other)
    several = prp(root, "complete", "1", "--status", "unverified")
    assert several.returncode == 2
    assert "PRPs/phase1.md, PRPs/mobile/phase1.md" in several.stderr
    told = prp(root, "complete", "1", "--track", "mobile", "--status", "unverified")
    assert told.returncode == 0, told.stderr


def test_a_weakened_test_must_be_accepted_by_a_person_before_the_phase_is_complete(
    done: Path,
) -> None:
    head = "from src.store import s\n\n\ndef test_store():\n    "
    write(done, "tests/test_store.py", f"{head}assert s == 1\n")
    assert prp(done, "gate", "seal", "PRPs/phase1.md").returncode == 0
    write(done, "tests/test_store.py", f"{head}pass\n")
    commit(done, "Pass")
    settle(contract(done))
    refused = prp(done, "complete", "1", "--json")
    (obstacle,) = json.loads(refused.stdout)["obstacles"]
    assert refused.returncode == 1
    assert obstacle["what"].startswith("weakened since the seal: tests/test_store.py")
    key = obstacle["mend"].partition("PRPs/phase1.md ")[2].split()[0]
    said = ("--by", "Ada", "--reason", "it tests nothing any more")
    assert prp(done, "gate", "accept", "PRPs/phase1.md", key, *said).returncode == 0
    assert prp(done, "complete", "1").returncode == 0
    (accepted,) = front(done)["accepted"]
    assert accepted["reason"] == "it tests nothing any more"
    assert accepted["item"].startswith("tests/test_store.py")


def test_a_goalpost_that_is_weakened_after_completion_is_found(done: Path) -> None:
    assert prp(done, "gate", "seal", "PRPs/phase1.md").returncode == 0
    assert prp(done, "complete", "1").returncode == 0
    # Tests and settings are the next phase's by now, and its seal has them.
    write(done, "tests/test_store.py", "def test_store():\n    pass\n")
    assert contract(done).target().proof.closed is not None
    assert goalposts.weakened(contract(done).target()) == ()
    text = (done / "PRPs/phase1.md").read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    left = [line for line in lines if "says what a letter is" not in line]
    assert len(left) == len(lines) - 1
    write(done, "PRPs/phase1.md", "".join(left))
    (moved,) = goalposts.weakened(contract(done).target())
    assert "says what a letter is" in str(moved)


def test_a_prp_that_was_put_away_stands_for_nothing(root: Path) -> None:
    write(root, "PRPs/done/phase1.md", phases.PRP)
    assert prp(root, "complete", "1", "--status", "unverified").returncode == 0


def test_the_command_says_that_a_phase_is_re_opened(done: Path) -> None:
    assert prp(done, "complete", "1").returncode == 0
    text = (done / "PRPs/phase1.md").read_text(encoding="utf-8")
    write(done, "PRPs/phase1.md", text.replace("says what a letter is", "says what letters are"))
    again = prp(done, "complete", "1")
    assert again.returncode == 1
    assert "PRPs/phase1.md: re-opened: it was complete on" in again.stderr
    assert "C.Component.2 has changed" in again.stderr


def test_a_record_of_completion_knows_what_it_settled(done: Path) -> None:
    outcome = completed(done)
    assert outcome.record is not None
    folder = "PRPs/evidence/phase_1"
    written = ledger.read(contract(done).repository, folder).records[-1]
    assert written == outcome.record
    items = contract(done).target().proof.items
    assert written.data["settled"] == {
        item.key: contract(done).target().proof.standings[item.id].run for item in items
    }
    assert written.data["status"] == "complete"
    assert replace(written, data={}) != written
