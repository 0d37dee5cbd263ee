from __future__ import annotations

import json
from typing import Any

from prp_pack.evidence.record import Measurement
from tests.evidence.conftest import git
from tests.gate.phases import contract, record
from tests.probes.hand_off.conftest import CALLS, PLAN, Letters
from tests.probes.hand_off.test_generate_api_docs import ASYNC

SCRIPT = "validate_next_phase_interfaces"
REQUIREMENTS = "PRPs/PHASE2_REQUIREMENTS.md"
CRITICAL = """
[[performance.critical_paths]]
name = "read"
path = "/v1/letters/L-1"
target = "40ms"
"""
PRP = """\
---
template: prp_base
name: Store
---

## Project Context
```yaml
PROJECT_TYPE: complex_multi_phase
PHASE_INFO:
  number: 1
  total_phases: 2
  phase_type: foundation
  previous_phases: []
  template_source: PRPs/PROJECT_PHASE_PLAN.md
  complexity_level: low
```

## Validation Loop
### Level 3: Performance Validation
```bash
python scripts/response_time_test.py --target=40ms
```
"""


def consume(site: Letters, *words: str) -> None:
    listed = json.dumps(list(words))
    site.put(
        REQUIREMENTS, f"---\ntemplate: phase_requirements\nphase: 2\nconsumes: {listed}\n---\n"
    )


def judged(site: Letters, status: int, *words: str, knobs: str = "") -> dict[str, tuple[str, str]]:
    """Run the script; return the worst status of each thing, and its message."""
    found: dict[str, Any] = site.result(SCRIPT, "--phase=2", *words, status=status, knobs=knobs)
    assert (found["subject_phase"], found["target_phase"]) == (1, 2)
    # What is still to come is said after what holds.
    return {check["id"]: (check["status"], check["message"]) for check in found["checks"]}


def test_what_is_delivered_is_consumed_while_nobody_says_more(frozen: Letters) -> None:
    found = judged(frozen, 0)
    where = "in PRPs/contracts/phase_1/openapi.json; answers as the contract has it"
    assert found == {"GET /v1/letters": ("pass", where), "POST /v1/letters": ("pass", where)}


def test_what_the_requirements_say_counts(frozen: Letters) -> None:
    consume(frozen, "GET /letters/{id}", "PUT /letters/{id}")
    found = judged(frozen, 1)
    assert found["GET /letters/{id}"][0] == "pass"
    assert found["PUT /letters/{id}"] == ("fail", "PRPs/contracts/phase_1/openapi.json lacks it")


def test_nothing_to_consume_is_a_failure_that_says_what_to_write(letters: Letters) -> None:
    letters.put(
        "PRPs/PROJECT_PHASE_PLAN.md",
        PLAN.replace("GET /v1/letters", "letters").replace("POST /v1/letters", "more"),
    )
    done = letters.run(SCRIPT, "--phase=2", status=1)
    assert 'PHASE2_REQUIREMENTS.md (consumes: ["GET /path"])' in done.stdout


def test_the_endpoints_of_the_summary_come_before_what_was_planned(frozen: Letters) -> None:
    frozen.put("PRPs/PHASE1_COMPLETION_SUMMARY.md",
               "---\ntemplate: completion_summary\nphase: 1\nendpoints:\n"
               "  - {kind: http, method: GET, path: /letters}\n"
               "provides: {database_schema: [table letters]}\n---\n")  # fmt: skip
    assert set(judged(frozen, 0)) == {"GET /letters"}
    consume(frozen, "table letters", "table parcels")
    found = judged(frozen, 1)
    assert found["table letters"][1].endswith("under provides.database_schema")
    assert found["table parcels"][0] == "fail"


def test_an_answer_that_breaks_the_contract_fails(frozen: Letters) -> None:
    consume(frozen, "GET /letters/{code}")
    found = judged(frozen, 1, knobs="lying")
    assert "'20 g' is not of type 'integer'" in found["GET /letters/{code}"][1]
    found = judged(frozen, 1, knobs="forgetful")
    assert "answered 404 in place of 2xx" in found["GET /letters/{code}"][1]


def test_what_an_operation_does_not_say_fails(letters: Letters) -> None:
    letters.run("generate_api_docs", "--phase=1", status=0, knobs="one_letter")
    consume(letters, "GET /letters/{code}")
    assert "has no description, no schema" in judged(letters, 1)["GET /letters/{code}"][1]


def test_before_the_contract_is_frozen_the_published_one_stands_in(letters: Letters) -> None:
    found = judged(letters, 0)
    assert found["GET /v1/letters"][0] == "warn"
    assert "prp run generate_api_docs --phase=1" in found["GET /v1/letters"][1]
    assert judged(letters, 1, "--strict")["GET /v1/letters"][0] == "fail"


def test_an_example_is_asked_for_when_there_are_some(frozen: Letters) -> None:
    text = json.loads(frozen.files()["openapi.json"])
    for part in text["components"]["schemas"]["Letter"]["properties"].values():
        part.pop("example", None)
    frozen.put("PRPs/contracts/phase_1/openapi.json", json.dumps(text))
    assert judged(frozen, 0)["GET /v1/letters"][0] == "warn"
    folder = "PRPs/contracts/phase_1/examples"
    frozen.put(f"{folder}/post_letters.answer.json", '{"operation": "POST /letters"}')
    found = judged(frozen, 1)
    assert "has no example: prp run create_integration_examples" in found["GET /v1/letters"][1]
    assert found["POST /v1/letters"][0] == "pass"


def test_a_critical_path_needs_a_baseline(frozen: Letters) -> None:
    frozen.configure(CALLS + CRITICAL)
    frozen.put("PRPs/phase1.md", PRP)
    git(frozen.root, "add", "-A")
    git(frozen.root, "commit", "-qm", "measure")
    consume(frozen, "GET /letters/{code}")
    found = judged(frozen, 1)["GET /letters/{code}"]
    assert found[1].startswith("is a critical path without a baseline “read p95”")
    record(contract(frozen.root), "L3.1", metrics=[Measurement("read p95", 3.5, "ms")])
    assert judged(frozen, 0)["GET /letters/{code}"][0] == "warn"
    frozen.run("document_performance_baselines", "--phase=1", status=0)
    assert "read p95 3.5 ms" in judged(frozen, 0, "--strict")["GET /letters/{code}"][1]


def test_a_websocket_is_described_and_opens(frozen: Letters) -> None:
    consume(frozen, "WebSocket /ws/{code}")
    assert "no AsyncAPI document" in judged(frozen, 1)["WebSocket /ws/{code}"][1]
    frozen.put("live.yaml", ASYNC)
    frozen.configure(CALLS + '\n[websocket]\nasyncapi = "live.yaml"\n')
    assert judged(frozen, 0)["WebSocket /ws/{code}"] == ("pass", "in the AsyncAPI document; opens")
    found = judged(frozen, 1, knobs="closed_socket")["WebSocket /ws/{code}"]
    assert "answered 403 in place of 101" in found[1]
    frozen.put("live.yaml", ASYNC.replace(", example: Ulm", ""))
    assert "has no example" in judged(frozen, 1)["WebSocket /ws/{code}"][1]


def test_a_service_that_is_down_and_bad_usage(frozen: Letters) -> None:
    assert "nothing answers" in frozen.run(SCRIPT, "--phase=2", "--no-start", status=3).stderr
    assert "placeholder" in frozen.run(SCRIPT, "--phase=[N+1]", status=2).stderr
    assert "phase 3 is not in the plan" in frozen.run(SCRIPT, "--phase=3", status=2).stderr
