"""Where a run by hand is filed."""

from __future__ import annotations

import json

import pytest

from prp_pack.probes.filing import prp_in_work
from prp_pack.repository import Repository
from tests.probes.site import Site

SCRIPT = ("response_time_test", "--path=/items", "--target=60s", "--requests=20")
PRP = "---\ntemplate: prp_base\nname: {name}\n---\n\n## Goal\nIt.\n"
PHASED = """\
---
template: prp_base
name: Phase {number}
---

## Project Context
```yaml
PROJECT_TYPE: complex_multi_phase
PHASE_INFO:
  number: {number}
  total_phases: 2
  phase_type: foundation
  previous_phases: []
  template_source: "PRPs/PROJECT_PHASE_PLAN.md"
  complexity_level: low
```

## Goal
It.
"""
PLAN = """\
---
template: project_phase_plan
project: Lamps
phases:
  - number: 1
    name: One
    type: foundation
    complexity: low
    depends_on: []
  - number: 2
    name: Two
    type: integration
    complexity: low
    depends_on: [1]
---
"""


@pytest.fixture
def phased(site: Site) -> Site:
    site.put("PRPs/PROJECT_PHASE_PLAN.md", PLAN)
    for number in (1, 2):
        site.put(f"PRPs/phase{number}.md", PHASED.format(number=number))
    return site


def test_without_a_prp_it_is_by_hand(site: Site) -> None:
    found = site.result(*SCRIPT, status=0)
    assert found["record"].startswith("PRPs/evidence/by-hand/")


def test_the_only_prp_is_meant(site: Site) -> None:
    site.put("PRPs/lamps.md", PRP.format(name="Lamps"))
    found = site.result(*SCRIPT, status=0)
    assert found["record"].startswith("PRPs/evidence/lamps/")
    record = json.loads((site.root / found["record"]).read_text(encoding="utf-8"))
    assert (record["prp"], record["item"], record["key"]) == ("PRPs/lamps.md", "", "")


def test_of_several_none_is_meant(site: Site) -> None:
    for name in ("lamps", "chairs"):
        site.put(f"PRPs/{name}.md", PRP.format(name=name))
    assert prp_in_work(Repository(site.root)) == ""


def test_the_first_phase_that_is_not_complete_is_meant(phased: Site) -> None:
    assert prp_in_work(Repository(phased.root)) == "PRPs/phase1.md"
    summary = "---\ntemplate: completion_summary\nphase: {}\nname: One\nstatus: complete\n---\n"
    phased.put("PRPs/PHASE1_COMPLETION_SUMMARY.md", summary.format(1))
    assert prp_in_work(Repository(phased.root)) == "PRPs/phase2.md"
    phased.put("PRPs/PHASE2_COMPLETION_SUMMARY.md", summary.format(2))
    assert prp_in_work(Repository(phased.root)) == ""


def test_the_named_prp_is_meant(phased: Site) -> None:
    found = phased.result(*SCRIPT, "--prp=PRPs/phase2.md", status=0)
    assert found["record"].startswith("PRPs/evidence/phase_2/")
    assert phased.run(*SCRIPT, "--prp=PRPs/phase9.md", status=2).stderr


def test_no_record_is_left_where_none_is_wanted(site: Site) -> None:
    found = site.result(*SCRIPT, "--no-evidence", status=0)
    assert found["record"] is None
    assert not (site.root / "PRPs/evidence").exists()


def test_secrets_on_the_command_line_are_not_recorded(site: Site) -> None:
    secret = "tok-" + "4f9a" * 8
    words = (*SCRIPT, f"--base-url={site.base_url}/?token={secret}", "--no-start", "--json")
    done = site.run(*words, API_TOKEN=secret)
    (path,) = (site.root / "PRPs/evidence/by-hand").glob("*.json")
    assert secret not in path.read_text(encoding="utf-8")
    assert done.returncode == 3
