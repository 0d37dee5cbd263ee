from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.docs.blocks import holds
from tests.probes.site import Site
from tests.probes.target import app

SCRIPT = "validate_api_contracts"
CONTRACT = "PRPs/contracts/phase_1/openapi.json"
FEW = "--examples=4"
PRP = """\
---
template: prp_base
name: Phase {number}
---

## Project Context
```yaml
PROJECT_TYPE: complex_multi_phase
PHASE_INFO:
  number: {number}
  total_phases: 3
  phase_type: foundation
  previous_phases: []
  template_source: "PRPs/PROJECT_PHASE_PLAN.md"
  complexity_level: low
```

## Goal
It.
"""


def own_contract() -> dict[str, Any]:
    """Return what the sound target promises, without what other scripts have added to it."""
    document = json.loads(json.dumps(app.openapi()))
    kept = ("/health", "/items", "/items/{id}")
    document["paths"] = {path: document["paths"][path] for path in kept}
    return dict(document)


@pytest.fixture
def frozen(site: Site) -> Site:
    site.put(CONTRACT, json.dumps(own_contract(), indent=2, sort_keys=True))
    return site


def checks(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {check["id"]: check for check in found["checks"]}


def test_a_kept_contract_passes_operation_by_operation(frozen: Site) -> None:
    frozen.put("PRPs/phase2.md", PRP.format(number=2))
    found = frozen.result(SCRIPT, FEW, status=0)
    assert found["subject_phase"] == 1
    assert {"openapi-spec-validator", "schemathesis", "specshift"} <= set(found["tools"])
    told = checks(found)
    for name in ("GET /health", "GET /items", "POST /items", "GET /items/{id}"):
        assert (told[name]["status"], told[name]["where"]) == ("pass", name)
        assert any(status.startswith("2") for status in told[name]["data"]["statuses"])
    assert told["operations that answered 2xx"]["message"] == "4 of 4"
    metrics = {each["name"]: each for each in found["metrics"]}
    assert metrics["operations that answered 2xx"]["value"] == 100
    assert metrics["requests answered"]["value"] >= 8
    (artefact,) = found["artefacts"]
    assert (frozen.root / artefact["path"]).is_file()
    record = json.loads((frozen.root / found["record"]).read_text(encoding="utf-8"))
    assert (record["verdict"], record["subject_phase"]) == ("pass", 1)
    assert not [each for each in psutil.process_iter() if str(frozen.port) in _words(each)]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_renamed_field_and_a_new_required_parameter_break_callers(frozen: Site) -> None:
    found = frozen.result(SCRIPT, "--phase=1", FEW, status=1, knobs="breaking_change")
    broken = [each["message"] for each in found["checks"] if each["id"] == "breaking change"]
    assert len(broken) == 2
    assert "currency" in broken[0]
    assert "'price' has been removed" in broken[1]
    told = checks(found)
    assert "New field added: 'cost'" in told["published contract"]["message"]
    # The frozen contract knows no parameter, so that the service refuses what it allows.
    assert told["GET /items"]["status"] == "fail"
    assert told["POST /items"]["status"] == "pass"
    shown = "prp run validate_api_contracts --phase=1"
    holds("docs/scripts/validate_api_contracts.md", shown, found)


def test_answers_other_than_promised_fail_though_the_same_is_published(frozen: Site) -> None:
    found = frozen.result(SCRIPT, "--phase=1", FEW, status=1, knobs="lying_schema")
    told = checks(found)
    assert told["GET /items"]["status"] == "fail"
    assert '"12.00" is not of type "integer"' in told["GET /items"]["message"]
    assert told["published contract"]["status"] == "pass"


def test_what_is_excluded_is_not_sent_and_a_share_may_be_asked_for(frozen: Site) -> None:
    frozen.configure(
        '\n[contracts]\nexclude = ["POST /items"]\nconfirmed = "100%"\nexamples = 3\n'
        "parameters = { id = 77 }\n"
    )
    found = frozen.result(SCRIPT, "--phase=1", status=1)
    told = checks(found)
    assert told["POST /items"]["status"] == "skip"
    assert told["GET /items/{id}"]["status"] == "warn"
    assert set(told["GET /items/{id}"]["data"]["statuses"]) == {"404"}
    (threshold,) = found["thresholds"]
    assert (threshold["ok"], threshold["limit"]) == (False, 100)
    assert threshold["metric"] in {each["name"] for each in found["metrics"]}


def test_a_wrong_base_url_is_named_and_no_finding(frozen: Site) -> None:
    wrong = f"{frozen.base_url}/v9"
    done = frozen.run(SCRIPT, "--phase=1", f"--base-url={wrong}", status=3)
    assert f"answer 404 or a web page below {wrong}" in done.stderr
    assert "the base URL is wrong" in done.stderr


def test_a_service_that_is_down_can_not_be_checked(frozen: Site) -> None:
    assert "nothing answers at" in frozen.run(SCRIPT, "--phase=1", "--no-start", status=3).stderr


def test_a_run_that_takes_too_long_is_ended_and_proves_nothing(frozen: Site) -> None:
    frozen.configure('\n[contracts]\nlimit = "1s"\n')
    assert "within 1 s" in frozen.run(SCRIPT, "--phase=1", status=3).stderr


def test_no_published_contract_is_an_error_unless_there_is_none(frozen: Site) -> None:
    text = (frozen.root / "PRPs/prp.toml").read_text(encoding="utf-8")
    frozen.put("PRPs/prp.toml", text.replace("[service]", '[service]\nopenapi = "/nowhere"'))
    told = checks(frozen.result(SCRIPT, "--phase=1", FEW, status=3))
    assert "/nowhere answered 404" in told["published contract"]["message"]
    frozen.put("PRPs/prp.toml", text.replace("[service]", '[service]\nopenapi = ""'))
    found = frozen.result(SCRIPT, "--phase=1", FEW, status=0)
    assert checks(found)["published contract"]["status"] == "skip"


def test_an_invalid_published_contract_fails_and_is_compared_all_the_same(frozen: Site) -> None:
    text = (frozen.root / "PRPs/prp.toml").read_text(encoding="utf-8")
    said = '[service]\nopenapi = "docs/now.json"'
    frozen.put("PRPs/prp.toml", text.replace("[service]", said))
    published = own_contract()
    published["paths"]["/health"]["get"]["parameters"] = [{"name": "deep", "in": "nowhere"}]
    frozen.put("docs/now.json", json.dumps(published))
    told = checks(frozen.result(SCRIPT, "--phase=1", FEW, status=1))
    assert told["contract"]["status"] == "pass"
    now = told["published contract"]
    assert (now["status"], now["where"]) == ("fail", "docs/now.json")
    assert (
        "docs/now.json is no valid OpenAPI 3.1.0: paths//health/get/parameters/0" in now["message"]
    )
    assert now["message"].endswith("breaks nothing")
    # What the tool that compares can't read either is no reason to find nothing.
    published["paths"]["/health"]["get"]["responses"]["200"]["content"] = [1]
    frozen.put("docs/now.json", json.dumps(published))
    now = checks(frozen.result(SCRIPT, "--phase=1", FEW, status=1))["published contract"]
    assert now["status"] == "fail"
    assert "; not compared: specshift could not compare" in now["message"]


def test_headers_are_sent_and_kept_out_of_what_is_left(frozen: Site) -> None:
    text = (frozen.root / "PRPs/prp.toml").read_text(encoding="utf-8")
    said = '[service]\nheaders = { "X-Pass" = "${PASS_WORD}" }\n'
    frozen.put("PRPs/prp.toml", text.replace("[service]\n", said))
    done = frozen.run(SCRIPT, "--phase=1", FEW, "--json", status=0, PASS_WORD="opensesame99")
    folder = (frozen.root / json.loads(done.stdout)["artefacts"][0]["path"]).parent
    events = (folder / "schemathesis.ndjson").read_text(encoding="utf-8")
    assert "X-Pass" in events
    left = [each for each in folder.rglob("*") if each.is_file()]
    assert not [each for each in left if b"opensesame99" in each.read_bytes()]


@pytest.mark.parametrize("phase", ["[N-1]", "<N>", "first"])
def test_a_phase_must_be_a_number(frozen: Site, phase: str) -> None:
    said = frozen.run(SCRIPT, f"--phase={phase}", status=2).stderr
    assert ("placeholder" in said) is (phase != "first")


def test_before_the_first_phase_there_is_nothing_to_keep(frozen: Site) -> None:
    assert frozen.result(SCRIPT, "--phase=0", status=5)["verdict"] == "skipped"
    frozen.put("PRPs/phase1.md", PRP.format(number=1))
    assert "nothing was promised" in frozen.run(SCRIPT, status=5).stdout


def test_a_phase_without_a_contract_says_what_makes_one(frozen: Site) -> None:
    done = frozen.run(SCRIPT, "--phase=2", status=2)
    assert "PRPs/contracts/phase_2/openapi.json: phase 2 has no frozen contract" in done.stderr
    assert "prp run generate_api_docs --phase=2" in done.stderr


def test_without_phase_and_prp_it_is_asked_for(frozen: Site) -> None:
    assert "--phase=N" in frozen.run(SCRIPT, status=2).stderr


def test_a_broken_contract_is_named_with_its_line(frozen: Site) -> None:
    frozen.put(CONTRACT, '{"openapi": "3.1.0",\n"paths": }')
    assert f"{CONTRACT}:2: JSON" in frozen.run(SCRIPT, "--phase=1", status=2).stderr


def test_other_hosts_are_refused(frozen: Site) -> None:
    done = frozen.run(SCRIPT, "--phase=1", "--base-url=http://192.0.2.7", status=2)
    assert "192.0.2.7 is not among the allowed hosts" in done.stderr


def test_a_dry_run_says_where_the_contract_lies(frozen: Site) -> None:
    frozen.configure('\n[contracts]\nfiles = { phase_1 = "docs/api.yaml" }\n')
    frozen.put("docs/api.yaml", json.dumps(own_contract()))
    said = frozen.run(SCRIPT, "--phase=1", "--dry-run", status=0).stdout
    assert "contract: docs/api.yaml, OpenAPI 3.1.0, 4 operations" in said
    frozen.configure('\n[contracts]\nexclude = ["GET /nothing"]\n')
    said = frozen.run(SCRIPT, "--phase=1", "--dry-run", status=2).stderr
    assert "PRPs/prp.toml:" in said
    assert "no operation “GET /nothing”" in said


def test_a_track_has_its_contracts_beside_its_documents(site: Site) -> None:
    site.put("PRPs/a/phase2.md", PRP.format(number=2))
    site.put("PRPs/a/contracts/phase_1/openapi.json", json.dumps(own_contract()))
    words = (SCRIPT, "--prp=PRPs/a/phase2.md", "--dry-run")
    assert "PRPs/a/contracts/phase_1/openapi.json, OpenAPI" in site.run(*words, status=0).stdout
    site.configure('\n[contracts]\nfolder = "api"\n')
    assert "api/phase_1/openapi.json: phase 1 has no frozen" in site.run(*words, status=2).stderr


def test_oasdiff_on_path_compares(frozen: Site, tmp_path: Path) -> None:
    # A stand-in for the program, which no registry of Python has, that answers as it does.
    told = [{"id": "x", "text": "response property removed", "level": 3,
             "operation": "GET", "path": "/items"}]  # fmt: skip
    program = tmp_path / "bin/oasdiff"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\nimport sys, json\n"
        "if sys.argv[1] == '--version':\n    print('oasdiff version 9.9.1')\n"
        "else:\n    [json.load(open(each)) for each in sys.argv[2:4]]\n"
        f"    print({json.dumps(json.dumps(told))})\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    path = f"{program.parent}:/usr/bin:/bin"
    found = json.loads(frozen.run(SCRIPT, "--phase=1", FEW, "--json", status=1, PATH=path).stdout)
    assert found["tools"]["oasdiff"] == "9.9.1"
    assert "specshift" not in found["tools"]
    assert checks(found)["breaking change"]["where"] == "GET /items"
