"""What the page says of a project: the figures of `prp status`, and where each comes from."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.gate.phases import commit, write
from tests.report.page import sample
from tests.report.page.reading import Reading
from tests.test_cli import prp

STAGES = {1: "stage-1", 2: "stage-2", 3: "stage-3", 4: "stage-4", None: "stage-5"}


def status(root: Path) -> dict[str, Any]:
    done = prp(root, "status", "--json")
    assert done.returncode == 0
    return dict(json.loads(done.stdout))


def test_every_figure_of_the_status_is_on_the_page(built: Path, html: str) -> None:
    said, read = status(built), Reading(html)
    assert said["plan"] in read.text
    assert said["project"] in read.text
    assert f"Next: {said['next']}" in read.said("stand")
    everything = [*said["phases"], *said["features"]]
    settled, total = (sum(each[key] for each in everything) for key in ("settled", "total"))
    assert f"{settled} of {total} required items are settled" in read.said("stand")
    assert [each["number"] for each in everything] == list(STAGES)
    for each in everything:
        shown = read.said(STAGES[each["number"]])
        assert f"{each['settled']} of {each['total']} required items" in shown
        counted = ", ".join(f"{count} {state}" for state, count in each["items"].items())
        assert f"In the ledger {counted or 'no items'} " in shown
        levels = (f"{'L' * level[0].isdigit()}{level} {s}" for level, s in each["levels"].items())
        assert ", ".join(levels) in shown
        assert f"State {each['state']} " in shown
        for key in ("name", "type", "prp", "summary", "next"):
            assert (each[key] or "") in shown
        for words in (*each["deferred"], *each["remarks"]):
            assert words in shown


def test_what_is_only_claimed_is_told_from_what_is_proven(html: str) -> None:
    read = Reading(html)
    for counted in ("proven 13", "attested 4", "waived 2", "stale 2", "only claimed 15", "failed 2",
                    "inconclusive 1", "unrun 7"):  # fmt: skip
        assert counted in read.said("stand")
    assert "State unverified " in read.said("stage-3")
    assert "its summary says that the work is done; never run" in read.said("stage-3")
    assert "ticked in the PRP; never run" in read.said("stage-2")


def test_a_mark_is_a_word_a_sign_and_a_colour(html: str) -> None:
    chips = re.findall(r'<span class="chip c-([\w-]+)">(.*?)</span>', html, re.DOTALL)
    assert len({mark for mark, _ in chips}) == 8
    for mark, content in chips:
        assert f'<use href="#i-{mark}"/>' in content
        assert re.sub(r"<.*?>", "", content).strip()


def test_a_summary_that_admits_what_is_open_claims_nothing(project: Path) -> None:
    path = project / "PRPs/PHASE3_COMPLETION_SUMMARY.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("metrics:", "open: [L1.0, L1.1]\nmetrics:"), encoding="utf-8")
    read = Reading(sample.page(project))
    assert "only claimed 13" in read.said("stand")
    assert "unrun 9" in read.said("stand")


def test_evidence_has_its_age_its_command_and_its_last_lines(html: str) -> None:
    shown = Reading(html).said("stage-2")
    assert "Run, 2 hours ago" in shown
    assert "Attestation, 2 hours ago by Ada" in shown
    assert "Age of the evidence 2 hours to 2 days" in shown
    assert "2 failed, 39 passed in 6.21s" in shown
    assert "not decided throughput >= 200" in shown


def test_a_log_that_is_not_what_was_recorded_is_not_shown(project: Path) -> None:
    for log in (project / ".prp/logs").iterdir():
        log.write_text("API_KEY=something", encoding="utf-8")
    shown = Reading(sample.page(project)).said("stage-2")
    assert "it is not what was recorded, and is not shown" in shown
    assert "something" not in shown


def test_without_its_logs_a_page_says_so(project: Path) -> None:
    for log in (project / ".prp/logs").iterdir():
        log.unlink()
    assert "it is not here: logs stay where the gate ran" in Reading(sample.page(project)).text


def test_a_record_leads_to_no_file_but_a_log(project: Path) -> None:
    secret = "token = 'very secret'\n"
    write(project, "settings.py", secret)
    for path in ("settings.py", ".prp/logs/../../settings.py", "/etc/passwd"):
        made = sample.ran(sample.at(project, "PRPs/phase2.md", timedelta(0)), "L2.2")
        file = project / f"PRPs/evidence/phase_2/{made.run_id}.json"
        named = json.loads(file.read_text(encoding="utf-8"))
        named["artefacts"][0] |= {
            "path": path,
            "sha256": hashlib.sha256(secret.encode()).hexdigest(),
        }
        del named["digest"]
        canonical = json.dumps(named, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        file.write_text(json.dumps(named | {"digest": digest}), encoding="utf-8")
        (project / ".prp/written.log").unlink(missing_ok=True)
        read = Reading(sample.page(project))
        assert "it lies in no place for logs, and is not shown" in read.text
        assert "very secret" not in read.text
        file.unlink()


def test_baselines_say_what_is_measured_stale_and_claimed(html: str) -> None:
    shown = Reading(html).said("baselines")
    assert "p95 latency in ms" in shown
    assert re.search(r"1 86\.2 77\.2 to 97\.2 ≤ 200 on record \d{8}T", shown)
    assert re.search(r"2 121\.7 112\.7 to 132\.7 ≤ 150 stale \d{8}T", shown)
    assert "3 64 – only claimed PRPs/PHASE3_COMPLETION_SUMMARY.md" in shown
    assert "memory growth in MB lower is better" in shown


def test_a_claimed_number_is_not_covered_by_another_record(project: Path) -> None:
    path = project / "PRPs/PHASE1_COMPLETION_SUMMARY.md"
    text = path.read_text(encoding="utf-8")
    assert "86.2" in text
    path.write_text(text.replace("86.2", "6.2"), encoding="utf-8")
    shown = Reading(sample.page(project)).said("baselines")
    assert "1 6.2 ≤ 200 only claimed PRPs/PHASE1_COMPLETION_SUMMARY.md" in shown


def test_contracts_show_what_came_and_went(html: str) -> None:
    shown = Reading(html).said("contracts")
    assert "Phase 1 PRPs/contracts/phase_1/openapi.json: 3 added, 0 removed, 0 kept" in shown
    assert "Phase 2, against phase 1" in shown
    assert "− removed GET /parcels/{code}/history + added GET /parcels/{code}/events" in shown


def test_contracts_are_read_where_the_configuration_says(project: Path) -> None:
    write(project, "PRPs/prp.toml", '[contracts]\nfiles = { phase_2 = "docs/two.json" }\n')
    write(project, "docs/two.json", '{"paths": {"/elsewhere": {"get": {}}}}')
    shown = Reading(sample.page(project)).said("contracts")
    assert "PRPs/contracts/phase_1/openapi.json: 3 added" in shown
    assert "added GET /elsewhere" in shown


def test_a_contract_that_cannot_be_read_is_told(project: Path) -> None:
    write(project, "PRPs/contracts/phase_2/openapi.json", "{")
    read = Reading(sample.page(project))
    assert "JSON doesn't parse" in read.said("contracts")
    assert "promised against delivered: " in read.said("stage-2")


def test_promises_and_weakened_goalposts_are_shown(project: Path) -> None:
    path = project / "PRPs/phase2.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("--cov-fail-under=90", "--cov-fail-under=9"), encoding="utf-8")
    read = Reading(sample.page(project))
    assert "Weakened since the work was sealed:" in read.said("stage-2")
    assert "weakened since the seal" in read.said("stand")
    assert "file docs/live.md it isn't there PRPs/phase2.md:" in read.said("stage-2")
    assert "1 file that nobody planned src/scratch.py" in read.said("stage-2")


def test_the_same_project_at_the_same_time_gives_the_same_page(built: Path, html: str) -> None:
    assert sample.page(built) == html
    later = sample.page(built, sample.NOW + timedelta(days=1))
    assert later != html
    assert "Age of the evidence 1 day to 3 days" in Reading(later).said("stage-2")


def test_nothing_is_fetched_and_nothing_runs(html: str) -> None:
    read = Reading(html)
    assert not {tag for tag, _ in read.elements} & {"script", "link", "img", "iframe", "object"}
    assert not [name for _, found in read.elements for name in found if name.startswith("on")]
    assert "style" not in {name for _, found in read.elements for name in found}
    assert all(value.startswith("#") for value in (*read.values("href"), *read.values("src")))
    style = html.partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"@import|url\((?!#)", style)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = [found["content"] for _, found in read.elements
                 if found.get("http-equiv") == "Content-Security-Policy"]  # fmt: skip
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")


def test_links_lead_somewhere_and_names_are_given_once(html: str) -> None:
    read = Reading(html)
    ids = read.values("id")
    assert len(ids) == len(set(ids))
    assert {href.removeprefix("#") for href in read.values("href")} <= set(ids)


def test_headings_go_down_one_step_at_a_time(html: str) -> None:
    levels = [int(tag[1]) for tag, _ in Reading(html).elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_many_phases_are_a_table_and_no_drawing(tmp_path: Path) -> None:
    phases = "".join(
        f"  - {{number: {n}, name: P{n}, type: integration, complexity: low, "
        f"depends_on: [{n - 1 or ''}]}}\n" for n in range(1, 62)
    )  # fmt: skip
    plan = f"---\ntemplate: phase_plan\nproject: Long\nphases:\n{phases}---\n"
    write(tmp_path, "PRPs/PROJECT_PHASE_PLAN.md", plan)
    read = Reading(sample.page(tmp_path))
    assert "The graph of 61 phases is not drawn" in read.said("phases")
    assert "Phase 61: P61" in read.said("phases")


def test_a_project_without_git_plan_or_prp_has_a_page(tmp_path: Path) -> None:
    (tmp_path / "PRPs").mkdir()
    assert "no phase plan and no PRP yet" in Reading(sample.page(tmp_path)).said("stand")
    write(tmp_path, "PRPs/labels.md", sample.FEATURE)
    read = Reading(sample.page(tmp_path))
    assert "Parcel labels" in read.said("stage-1")
    assert "0 of 3 required items are settled" in read.said("stand")


# --- The command ----------------------------------------------------------------------------


def test_the_page_lies_where_it_outdates_no_evidence(project: Path) -> None:
    before = status(project)
    done = prp(project, "report")
    assert (done.returncode, done.stdout, done.stderr) == (0, ".prp/report.html\n", "")
    assert (project / ".prp/report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert status(project) == before


def test_a_page_among_the_files_is_warned_of(project: Path) -> None:
    done = prp(project, "report", "-o", "page.html")
    assert (done.returncode, done.stdout) == (0, "page.html\n")
    assert "page.html counts as a file of the project" in done.stderr
    write(project, ".gitignore", ".prp/\npage.html\n")
    commit(project, "Ignore the page")
    assert prp(project, "report", "-o", "page.html").stderr == ""


@pytest.mark.parametrize("output", ["PRPs/phase1.md", "src/app.py", "folder.html"])
def test_a_page_replaces_nothing_but_a_page(project: Path, output: str) -> None:
    (project / "folder.html").mkdir()
    before = (project / "PRPs/phase1.md").read_bytes()
    done = prp(project, "report", "-o", output)
    assert done.returncode == 2
    assert done.stderr.startswith(f"prp: {output}: is ")
    assert (project / "PRPs/phase1.md").read_bytes() == before


def test_a_page_can_be_printed(project: Path) -> None:
    done = prp(project, "report", "-o", "-")
    assert done.returncode == 0
    assert Reading(done.stdout).sections.keys() >= {"stand", "phases", "stage-1", "baselines"}


def test_without_the_extra_it_says_how_to_get_it(project: Path) -> None:
    code = (
        "import sys; sys.modules['jinja2'] = None; from prp_pack.cli import main; main(['report'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == (
        "prp: the report is an extra\n    help: pip install 'prp-pack[report]'\n"
    )
