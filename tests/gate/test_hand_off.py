"""What a finished phase hands to the next: measured numbers, deferrals, each with its source."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from prp_pack.check.engine import Checker
from prp_pack.evidence.record import Measurement
from prp_pack.model import Finding
from prp_pack.repository import Repository
from tests.gate import phases
from tests.gate.phases import SUMMARY, contract, record, settle, write
from tests.test_cli import prp

REQUIREMENTS = "PRPs/PHASE2_REQUIREMENTS.md"
PHASE_2 = """\
---
template: prp_base
name: Track
---

## Project Context
```yaml
PROJECT_TYPE: complex_multi_phase
PHASE_INFO:
  number: 2
  total_phases: 2
  phase_type: integration
  previous_phases: [1]
  template_source: PRPs/PROJECT_PHASE_PLAN.md
  complexity_level: high
```

## All Needed Context
### Previous Phase Integration
```yaml
performance_baselines:
  - metric: response_time
    current: 12.5
```
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a project whose phase 1 ended partial, with one number measured."""
    root = phases.project(tmp_path / "project")
    settle(contract(root))
    record(contract(root), "L2.1", metrics=[Measurement("response_time", 12.5, "ms")])
    write(root, REQUIREMENTS, "---\ntemplate: phase_requirements\nphase: 2\n---\n# Track\n")
    done = prp(root, "complete", "1", "--status", "partial", "--defer", "pages for GET /letters")
    assert done.returncode == 0, done.stderr
    return root


def unmeasured(root: Path, path: str, text: str) -> list[Finding]:
    found = Checker(Repository(root)).check_text(text, path)
    return [finding for finding in found if finding.rule == "PRP508"]


def line_of(root: Path, text: str) -> int:
    lines = (root / SUMMARY).read_text(encoding="utf-8").split("\n")
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_the_next_prp_is_filled_from_the_summary_each_value_with_its_line(root: Path) -> None:
    made = prp(root, "new", REQUIREMENTS, "-o", "-").stdout
    deferral = line_of(root, "pages for GET /letters")
    measured = line_of(root, "metric: response_time")
    assert f'- "pages for GET /letters"  # {SUMMARY}:{deferral}\n' in made
    assert f"status: partial  # {SUMMARY}:{line_of(root, 'status: partial')}\n" in made
    assert f"current: 12.5  # {SUMMARY}:{measured}, run 2026" in made
    (section,) = [p for p in made.split("```yaml\n") if p.startswith("previous_phase_outputs")]
    block = yaml.safe_load(section.split("```")[0])
    assert block["previous_phase_outputs"][0]["deferred"] == ["pages for GET /letters"]


def test_the_next_context_names_the_deferrals_with_their_lines(root: Path) -> None:
    place = f"{SUMMARY}:{line_of(root, 'pages for GET /letters')}"
    told = prp(root, "context", REQUIREMENTS, "--format", "markdown").stdout
    assert f"- deferred: pages for GET /letters ({place})\n" in told
    (output,) = json.loads(prp(root, "context", REQUIREMENTS, "--format", "json").stdout)[
        "previous_phase_outputs"
    ]
    assert (output["status"], output["deferred"]) == ("partial", ["pages for GET /letters"])
    assert output["sources"]["deferred.0"] == place


def test_a_prp_of_the_next_phase_must_take_up_the_deferral(root: Path) -> None:
    write(root, "PRPs/phase2.md", PHASE_2)
    named = Checker(Repository(root)).check("PRPs/phase2.md")
    assert [f.rule for f in named if "pages for GET /letters" in f.message] == ["PRP606"]


def test_a_baseline_is_measured_when_a_record_of_the_phase_carries_it(root: Path) -> None:
    assert unmeasured(root, "PRPs/phase2.md", PHASE_2) == []
    (found,) = unmeasured(root, "PRPs/phase2.md", PHASE_2.replace("12.5", "12.4"))
    assert found.message == "“response_time” is “12.4” here, and no record carries it"
    other = PHASE_2.replace("response_time", "memory")
    assert len(unmeasured(root, "PRPs/phase2.md", other)) == 1


def test_a_summary_s_number_must_be_that_of_the_run_it_names(root: Path) -> None:
    text = (root / SUMMARY).read_text(encoding="utf-8")
    assert unmeasured(root, SUMMARY, text) == []
    (found,) = unmeasured(root, SUMMARY, text.replace("value: 12.5", "value: 9.9"))
    assert found.line == line_of(root, "metric: response_time")
    assert found.fix is not None
    assert "value: null, unit: ms" in found.fix.text
    run = contract(root).target().proof.ledger.records[0].run_id
    before, _, after = text.partition("value: 12.5, unit: ms, run: ")
    other = f'{before}value: 12.5, unit: ms, run: "{run}"{after[after.index("}") :]}'
    assert len(unmeasured(root, SUMMARY, other)) == 1


def test_an_altered_record_measures_nothing(root: Path) -> None:
    for path in (root / "PRPs/evidence/phase_1").glob("*.json"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"value": 12.5', '"value": 9.9'), encoding="utf-8")
    assert len(unmeasured(root, "PRPs/phase2.md", PHASE_2.replace("12.5", "9.9"))) == 1


def test_the_prp_that_a_summary_names_says_where_its_records_are(root: Path) -> None:
    (root / "PRPs/prps").mkdir()
    (root / "PRPs/phase1.md").rename(root / "PRPs/prps/phase1.md")
    at = contract(root, "PRPs/prps/phase1.md")
    record(at, "L2.1", metrics=[Measurement("memory", 40.0, "MB")])
    (root / SUMMARY).unlink()
    assert prp(root, "complete", "1", "--status", "unverified").returncode == 0
    assert "prp: PRPs/prps/phase1.md\n" in (root / SUMMARY).read_text(encoding="utf-8")
    assert unmeasured(root, SUMMARY, (root / SUMMARY).read_text(encoding="utf-8")) == []
    memory = PHASE_2.replace("response_time", "memory").replace("12.5", "40")
    assert unmeasured(root, "PRPs/phase2.md", memory) == []
