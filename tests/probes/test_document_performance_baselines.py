from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.check.engine import Checker
from prp_pack.evidence.record import COMPARISON, Measurement, Status
from prp_pack.model import Baseline
from prp_pack.parse import baselines
from prp_pack.render.baselines import to_json, to_table
from prp_pack.repository import Repository
from tests.gate import phases
from tests.gate.phases import SUMMARY, commit, contract, record, settle, work, write
from tests.gate.test_hand_off import PHASE_2, REQUIREMENTS
from tests.probes.site import Site
from tests.test_cli import prp

SCRIPT = "document_performance_baselines"
FILE = "PRPs/baselines/phase_1.json"
TIME = Measurement("response_time", 12.5, "ms", "lower", (11.0, 14.0), 200)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a project whose phase 1 is done and committed, nothing of it measured."""
    root = phases.project(tmp_path / "project")
    work(root)
    commit(root, "Work")
    return Site(root, 0)


def measured(site: Site, metric: Measurement = TIME, status: Status = Status.PASS) -> str:
    return record(contract(site.root), "L2.1", status=status, metrics=[metric]).run_id


def documented(site: Site) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((site.root / FILE).read_text(encoding="utf-8"))
    return loaded


def test_what_a_clean_passing_run_measured_is_written_with_its_run_and_commit(site: Site) -> None:
    run = measured(site)
    site.run(SCRIPT, "--phase=phase_1", status=0)
    (metric,) = documented(site)["metrics"]
    head = phases.git(site.root, "rev-parse", "HEAD").strip()
    said = (metric["name"], metric["value"], metric["ci95"], metric["n"], metric["run"])
    assert said == ("response_time", 12.5, [11.0, 14.0], 200, run)
    assert metric["commit"] == head
    table = (site.root / "PRPs/baselines/phase_1.md").read_text(encoding="utf-8")
    assert f"| response_time | 12.5 ms | 11.0 to 14.0 | 200 | lower | {run} |" in table


def test_how_two_versions_compare_is_no_baseline(site: Site) -> None:
    ratio = Measurement("response_time ratio", 1.1, "×", "lower", role=COMPARISON)
    record(contract(site.root), "L2.1", status=Status.PASS, metrics=[TIME, ratio])
    site.run(SCRIPT, "--phase=1", status=0)
    assert [each["name"] for each in documented(site)["metrics"]] == ["response_time"]


def test_a_second_run_changes_nothing_and_check_holds_it_to_that(site: Site) -> None:
    measured(site)
    assert "it is not there" in site.run(SCRIPT, "--phase=1", "--check", status=1).stdout
    assert not (site.root / FILE).exists()
    site.run(SCRIPT, "--phase=1", status=0)
    before = (site.root / FILE).read_bytes()
    site.run(SCRIPT, "--phase=1", status=0)
    site.run(SCRIPT, "--phase=1", "--check", status=0)
    assert (site.root / FILE).read_bytes() == before
    (site.root / FILE).write_bytes(before.replace(b"12.5", b"9.5"))
    done = site.run(SCRIPT, "--phase=1", "--check", status=1)
    assert 'would be written anew: "value": 12.5' in done.stdout
    assert documented(site)["metrics"][0]["value"] == 9.5


def test_nothing_measured_is_no_baseline(site: Site) -> None:
    assert "nothing was measured" in site.run(SCRIPT, "--phase=1", status=1).stdout
    assert not (site.root / "PRPs/baselines").exists()


def test_a_number_of_uncommitted_files_is_refused(site: Site) -> None:
    write(site.root, "src/store.py", "s = 2\n")
    measured(site)
    assert "differ from every commit" in site.run(SCRIPT, "--phase=1", status=1).stdout
    assert not (site.root / FILE).exists()


def test_an_older_pass_is_no_way_out_of_a_newer_failure(site: Site) -> None:
    measured(site)
    measured(site, Measurement("response_time", 90.0, "ms"), Status.FAIL)
    assert "did not pass (fail)" in site.run(SCRIPT, "--phase=1", status=1).stdout
    measured(site, Measurement("response_time", 13.0, "ms"))
    site.run(SCRIPT, "--phase=1", status=0)
    assert documented(site)["metrics"][0]["value"] == 13.0


def test_what_could_not_be_measured_is_refused(site: Site) -> None:
    measured(site, Measurement("memory", None, "MB"))
    assert "could not measure it" in site.run(SCRIPT, "--phase=1", status=1).stdout


def test_an_altered_or_removed_record_stops_it(site: Site) -> None:
    measured(site)
    later = measured(site, Measurement("response_time", 90.0, "ms"), Status.FAIL)
    path = site.root / f"PRPs/evidence/phase_1/{later}.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("90.0", "9.0"), encoding="utf-8")
    assert "edited" in site.run(SCRIPT, "--phase=1", status=1).stdout
    path.unlink()
    assert not (site.root / FILE).exists()
    assert (
        "the record was written here and is gone" in site.run(SCRIPT, "--phase=1", status=1).stdout
    )
    assert not (site.root / FILE).exists()


def test_a_reason_excuses_a_lost_record_but_gives_it_no_number(site: Site) -> None:
    lost = measured(site)
    (site.root / f"PRPs/evidence/phase_1/{lost}.json").unlink()
    site.run(SCRIPT, "--phase=1", status=1)
    waived = prp(
        site.root, "waive", "PRPs/phase1.md", lost, "--reason", "a full disk", "--by", "Ada"
    )
    assert waived.returncode == 0, waived.stderr
    assert "nothing was measured" in site.run(SCRIPT, "--phase=1", status=1).stdout
    measured(site)
    site.run(SCRIPT, "--phase=1", status=0)


def test_files_that_changed_since_are_named(site: Site) -> None:
    measured(site)
    write(site.root, "src/store.py", "s = 2\n")
    commit(site.root, "More")
    assert "since then src/store.py changed" in site.run(SCRIPT, "--phase=1", status=0).stdout


def test_a_placeholder_or_an_unknown_phase_is_bad_usage(site: Site) -> None:
    assert "placeholder" in site.run(SCRIPT, "--phase=[N]", status=2).stderr
    assert "no PRP for phase 7" in site.run(SCRIPT, "--phase=7", status=2).stderr
    site.run(SCRIPT, status=2)


def test_a_dry_run_says_what_would_be_refused(site: Site) -> None:
    measured(site, status=Status.FAIL)
    assert "did not pass" in site.run(SCRIPT, "--phase=1", "--dry-run", status=0).stdout


# --- What comes of it ---


def test_completion_cites_the_run_of_the_baseline(site: Site) -> None:
    settle(contract(site.root))
    run = measured(site)
    site.run(SCRIPT, "--phase=1", status=0)
    done = prp(site.root, "complete", "1", "--status", "partial", "--defer", "pages")
    assert done.returncode == 0, done.stderr
    text = (site.root / SUMMARY).read_text(encoding="utf-8")
    (metric,) = yaml.safe_load(text.split("---\n")[1])["metrics"]
    assert (metric["metric"], metric["value"], metric["run"]) == ("response_time", 12.5, run)
    problems = Checker(Repository(site.root)).check(SUMMARY)
    assert [found for found in problems if found.rule in {"PRP508", "PRP109"}] == []


@pytest.fixture
def handed_over(site: Site) -> Site:
    """Return the project with phase 1 summed up by hand, its number only in the baselines."""
    measured(site)
    site.run(SCRIPT, "--phase=1", status=0)
    summary = "---\ntemplate: completion_summary\nphase: 1\nstatus: unverified\nmetrics: []\n---\n"
    write(site.root, SUMMARY, summary)
    write(site.root, REQUIREMENTS, "---\ntemplate: phase_requirements\nphase: 2\n---\n# Track\n")
    return site


def test_the_next_prp_is_filled_from_the_baselines_and_checks_clean(handed_over: Site) -> None:
    made = prp(handed_over.root, "new", REQUIREMENTS, "-o", "-").stdout
    assert f"current: 12.5  # {FILE}:5, run 2026" in made
    gate = "\n```bash\npython scripts/performance_benchmark.py --baseline=phase_1 --target-phase=2\n```\n"
    section = f"{PHASE_2}```\n\n### Level 3: Performance Validation{gate}".replace(
        "```\n```", "```"
    )

    def found(text: str) -> set[str]:
        checked = Checker(Repository(handed_over.root)).check_text(text, "PRPs/phase2.md")
        return {finding.rule for finding in checked} & {"PRP508", "PRP604"}

    assert found(section) == set()
    assert found(section.replace("12.5", "12.4")) == {"PRP508"}
    (handed_over.root / FILE).unlink()
    assert found(section) == {"PRP604"}


def test_a_summary_that_says_another_number_is_named_with_both_places(handed_over: Site) -> None:
    text = (handed_over.root / SUMMARY).read_text(encoding="utf-8")
    other = text.replace("metrics: []", "metrics: [{metric: response_time, value: 14, unit: ms}]")
    write(handed_over.root, SUMMARY, other)
    made = prp(handed_over.root, "new", REQUIREMENTS, "-o", "-")
    assert f"current: 14  # {SUMMARY}:5" in made.stdout
    told = prp(handed_over.root, "context", REQUIREMENTS)
    assert f"“response_time” is 12.5 here but 14 at {SUMMARY}:5" in told.stdout + told.stderr


# --- The file ---

_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
_NUMBER = st.floats(allow_nan=False, allow_infinity=False)
_BASELINES = st.builds(
    Baseline,
    name=_TEXT.filter(bool),
    value=_NUMBER,
    unit=_TEXT,
    run=_TEXT.filter(bool),
    commit=_TEXT,
    measured=_TEXT,
    script=_TEXT,
    better=st.sampled_from(["", "lower", "higher"]),
    ci95=st.none() | st.tuples(_NUMBER, _NUMBER),
    n=st.none() | st.integers(1, 10**9),
)


@given(st.lists(_BASELINES, max_size=4, unique_by=lambda one: one.name))
def test_what_is_written_is_read_and_the_order_does_not_matter(known: list[Baseline]) -> None:
    text = to_json(1, known)
    assert to_json(1, known[::-1]) == text
    read = baselines.parse(text, FILE)
    assert read.problems == ()
    bare = [(o.name, o.value, o.run, o.ci95, o.n) for o in read.metrics]
    assert bare == sorted(
        ((o.name, o.value, o.run, o.ci95, o.n) for o in known), key=lambda o: o[0]
    )
    assert to_table(1, known).count("\n| ") == len(known) + 1


@given(st.text(max_size=200) | st.builds(json.dumps, st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(
        st.sampled_from(["metrics", "name", "value", "run", "ci95"]), below, max_size=4),
    max_leaves=12,
)))  # fmt: skip
def test_no_file_makes_the_parser_raise(text: str) -> None:
    for one in baselines.parse(text, FILE).metrics:
        assert one.name
        assert one.run
