"""What a PRP promised, against what is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prp_pack.gate.reconciliation import Promise, Reconciliation, reconcile
from prp_pack.model import Place
from prp_pack.parse import adaptation_log
from tests.gate import phases
from tests.gate.phases import SUMMARY, commit, contract, seal, settle, work, write
from tests.test_cli import prp

PRP, LOG = "PRPs/phase1.md", "PRPs/PHASE_ADAPTATION_LOG.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return phases.project(tmp_path / "project")


def found(root: Path) -> Reconciliation:
    return reconcile(contract(root).target())


def broken(root: Path, kind: str) -> list[tuple[str, str]]:
    return [(p.what, p.missing) for p in found(root).broken if p.kind == kind]


def line_of(root: Path, text: str) -> int:
    lines = (root / PRP).read_text(encoding="utf-8").split("\n")
    return lines.index(text) + 1


def test_all_that_was_promised_is_there(root: Path) -> None:
    seal(contract(root))
    work(root)
    settle(contract(root))
    outcome = found(root)
    assert (outcome.broken, outcome.unplanned) == ((), ())
    assert {promise.kind for promise in outcome.promises} == {"file", "criterion"}


def test_what_isn_t_there_is_named_with_the_line_that_promised_it(root: Path) -> None:
    outcome = found(root)
    promised = [promise for promise in outcome.broken if promise.kind == "file"]
    assert promised == [
        Promise("file", what, promised_at(root, line), missing)
        for what, line, missing in (
            ("src/store.py", "src/store.py  # stores letters", "it isn't there"),
            ("tests/test_store.py", "tests/test_store.py  # tests it", "it isn't there"),
            ("CREATE src/store.py", "CREATE src/store.py:", "it isn't there"),
            ("CREATE tests/test_store.py", "CREATE tests/test_store.py:", "it isn't there"),
            ("DELETE src/old.py", "DELETE src/old.py", "it is still there"),
        )
    ]


def promised_at(root: Path, text: str) -> Place:
    return Place(PRP, line_of(root, text))


def test_a_file_to_modify_that_is_as_it_was_sealed_is_not_delivered(root: Path) -> None:
    seal(contract(root))
    work(root)
    write(root, "src/app.py", "a = 1\n")
    assert broken(root, "file") == [
        ("MODIFY src/app.py", "it is as it was when the work was sealed")
    ]


def test_without_a_seal_it_says_what_it_can_t_tell(root: Path) -> None:
    work(root)
    outcome = found(root)
    assert [p for p in outcome.broken if p.kind == "file"] == []
    assert outcome.unplanned == ()
    assert outcome.unjudged[0].startswith("nothing was sealed")


def test_unplanned_files_are_listed_and_no_failure(root: Path) -> None:
    seal(contract(root))
    work(root)
    write(root, "src/extra.py", "e = 1\n")
    write(root, "README.md", "Two letters.\n")
    settle(contract(root))
    outcome = found(root)
    assert (outcome.unplanned, outcome.broken) == (("README.md", "src/extra.py"), ())
    done = prp(root, "reconcile", "1")
    assert (done.returncode, "README.md: unplanned\n" in done.stdout) == (0, True)


def test_a_folder_whose_files_nobody_names_is_promised_as_a_whole(root: Path) -> None:
    text = (root / PRP).read_text(encoding="utf-8")
    tree = "src/store.py  # stores letters\ndata/  # samples\n"
    write(root, PRP, text.replace("src/store.py  # stores letters\n", tree))
    seal(contract(root))
    work(root)
    write(root, "data/deep/a.json", "{}")
    write(root, "src/extra.py", "e = 1\n")
    assert found(root).unplanned == ("src/extra.py",)


def test_a_renamed_file_must_be_where_it_was_to_go(root: Path) -> None:
    text = (root / PRP).read_text(encoding="utf-8")
    write(root, PRP, text.replace("DELETE src/old.py", "RENAME src/old.py -> src/new.py"))
    work(root)
    assert broken(root, "file") == [("RENAME src/old.py → src/new.py", "src/new.py isn't there")]
    write(root, "src/new.py", "o = 1\n")
    assert broken(root, "file") == []
    write(root, "src/old.py", "o = 1\n")
    assert broken(root, "file") == [("RENAME src/old.py → src/new.py", "src/old.py is still there")]


def test_a_criterion_is_delivered_when_it_is_settled(root: Path) -> None:
    criterion = "S.1 pytest tests/test_store.py"
    assert broken(root, "criterion") == [(criterion, "it is unrun (never run)")]
    settle(contract(root))
    assert broken(root, "criterion") == []
    write(root, "src/app.py", "a = 5\n")
    assert broken(root, "criterion")[0][1].startswith("it is stale (the tree changed")


def delivers(root: Path, *endpoints: str) -> None:
    path = root / "PRPs/PROJECT_PHASE_PLAN.md"
    listed = ", ".join(json.dumps(each) for each in endpoints)
    text = path.read_text(encoding="utf-8").replace('"pages of letters"', listed)
    path.write_text(text, encoding="utf-8")


def sums_up(root: Path, *endpoints: str) -> None:
    listed = "".join(
        f"  - {{kind: http, method: {e.split()[0]}, path: {e.split()[1]!r}}}\n" for e in endpoints
    )
    write(root, SUMMARY, f"---\ntemplate: completion_summary\nphase: 1\nendpoints:\n{listed}---\n")


def test_endpoints_of_the_plan_must_be_in_summary_or_contract(root: Path) -> None:
    delivers(root, "POST /letters", "GET /letters/{id}", "pages of letters", "WS /ws")
    assert broken(root, "endpoint") == []
    assert "no endpoint was judged" in found(root).unjudged[1]
    sums_up(root, "POST /letters")
    missing = f"{SUMMARY} doesn't name it"
    assert broken(root, "endpoint") == [("GET /letters/{id}", missing), ("WS /ws", missing)]
    sums_up(root, "POST /letters", "GET /letters/{number}")
    text = (root / SUMMARY).read_text(encoding="utf-8")
    write(
        root,
        SUMMARY,
        text.replace("endpoints:\n", "endpoints:\n  - {kind: websocket, path: /ws}\n"),
    )
    assert broken(root, "endpoint") == []


def test_summary_and_contract_must_say_the_same(root: Path) -> None:
    sums_up(root, "POST /letters", "DELETE /letters")
    write(
        root, "PRPs/contracts/phase_1/openapi.json",
        json.dumps({"paths": {"/letters": {"post": {}, "get": {}}}}),
    )  # fmt: skip
    assert broken(root, "endpoint") == [
        ("GET /letters", f"{SUMMARY} doesn't name it"),
        ("DELETE /letters", "it is not in PRPs/contracts/phase_1/openapi.json"),
    ]
    places = [str(p.place) for p in found(root).broken if p.kind == "endpoint"]
    assert places == ["PRPs/contracts/phase_1/openapi.json", f"{SUMMARY}:6"]
    write(root, "PRPs/prp.toml", f'{phases.SETTINGS}\n[contracts]\nfolder = "api"\n')
    assert broken(root, "endpoint") == []
    write(root, "api/phase_1/openapi.yaml", "paths: {/letters: {post: {}, get: {}}}\n")
    assert broken(root, "endpoint")[1] == (
        "DELETE /letters", "it is not in api/phase_1/openapi.yaml"
    )  # fmt: skip


# --- The command ----------------------------------------------------------------------------


def test_the_command_fails_with_file_and_line(root: Path) -> None:
    seal(contract(root))
    done = prp(root, "reconcile", "1")
    assert done.returncode == 1
    at = line_of(root, "DELETE src/old.py")
    said = f"{PRP}:{at}: undelivered file: DELETE src/old.py: it is still there\n"
    assert said in done.stdout
    assert done.stdout.endswith(f"{PRP}: 0 of 7 promises delivered\n")
    said_json = json.loads(prp(root, "reconcile", PRP, "--json").stdout)
    assert (said_json["version"], said_json["delivered"], said_json["log"]) == (1, False, None)
    assert {"kind": "file", "what": "DELETE src/old.py", "path": PRP, "line": at,
            "delivered": False, "missing": "it is still there"} in said_json["promises"]  # fmt: skip
    assert not (root / LOG).exists()


def test_drift_is_logged_once_in_a_form_that_the_log_s_reader_knows(root: Path) -> None:
    seal(contract(root))
    because = ("--log", "--because", "it was not\nneeded")
    first = prp(root, "reconcile", "1", *because)
    assert first.stdout.endswith(f"recorded {LOG}\n")
    text = (root / LOG).read_text(encoding="utf-8")
    (entry,) = adaptation_log.parse(text, LOG)
    assert entry.phases == (1, 2), "phase 2 depends on it"
    assert entry.title.endswith("phase 1, promised against delivered")
    assert "- **Reason**: it was not needed\n" in text
    assert f"{PRP}:{line_of(root, 'DELETE src/old.py')}: it is still there" in text
    again = prp(root, "reconcile", "1", *because)
    assert (again.returncode, "recorded" in again.stdout) == (1, False)
    assert (root / LOG).read_text(encoding="utf-8") == text


def test_what_stands_in_the_log_stays_and_an_open_fence_takes_no_entry(root: Path) -> None:
    own = "# Log\n\n## 2026-01-01: earlier\n- **Phase**: 2\n\n```text\n"
    write(root, LOG, own)
    refused = prp(root, "reconcile", "1", "--log")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"{LOG}:7: takes no entry" in refused.stderr
    assert (root / LOG).read_text(encoding="utf-8") == own
    write(root, LOG, (own + "```\n").replace("\n", "\r\n"))
    assert prp(root, "reconcile", "1", "--log").returncode == 1
    raw = (root / LOG).read_bytes().decode()
    assert raw.startswith((own + "```").replace("\n", "\r\n"))
    assert raw.count("\n") == raw.count("\r\n")


def test_a_feature_has_no_log(root: Path) -> None:
    assert prp(root, "reconcile", "PRPs/labels.md").returncode == 0
    refused = prp(root, "reconcile", "PRPs/labels.md", "--log")
    assert refused.returncode == 2
    assert "belongs to no phase plan" in refused.stderr


def test_work_that_was_committed_meanwhile_counts(root: Path) -> None:
    seal(contract(root))
    work(root)
    commit(root, "Store letters")
    assert broken(root, "file") == []
