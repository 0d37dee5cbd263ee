"""What the rules on phases must and must not find, beyond the examples on their pages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.check import endpoints
from prp_pack.check.engine import Checker, check_files
from prp_pack.check.frozen_contracts import Places
from prp_pack.check.rules import RULES
from prp_pack.model import Finding
from prp_pack.parse import contract, requirements
from prp_pack.parse import plan as plans
from prp_pack.repository import Repository

PLAN = """\
---
template: phase_plan
phases:
  - {number: 1, name: store, type: foundation, complexity: low, depends_on: []}
  - {number: 2, name: tracking, type: integration, complexity: high, depends_on: [1],
     delivers: ["WebSocket /ws/{code}", "GET /parcels"]}
---
"""
PLAN_PATH = "PRPs/PROJECT_PHASE_PLAN.md"
SUMMARY_PATH = "PRPs/PHASE1_COMPLETION_SUMMARY.md"
NAMES = "\n## What\n`/ws/{id}` and `/parcels`\n"


ROOT = Path(__file__).parents[2]


def prp(number: int = 2, front: str = "", body: str = NAMES) -> str:
    type_, level, previous = ("foundation", "low", "[]") if number == 1 else (
        "integration", "high", "[1]")  # fmt: skip
    return (
        f"---\ntemplate: prp_base\n{front}---\n## Project Context\n```yaml\n"
        "PROJECT_TYPE: complex_multi_phase\nPHASE_INFO:\n"
        f"  number: {number}\n  total_phases: 2\n  phase_type: {type_}\n"
        f"  previous_phases: {previous}\n  template_source: {PLAN_PATH}\n"
        f"  complexity_level: {level}\n```\n{body}"
    )


def summary(number: int = 1, rest: str = "status: complete\n") -> str:
    return f"---\ntemplate: completion_summary\nphase: {number}\n{rest}---\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, PLAN_PATH, PLAN)
    return tmp_path


def write(project: Path, path: str, text: str) -> None:
    file = project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def check(project: Path, text: str, id: str, path: str = "PRPs/phase2.md") -> list[Finding]:
    rules = tuple(rule for rule in RULES if rule.id == id)
    assert rules
    return Checker(Repository(project), rules=rules, strict=True).check_text(text, path)


def messages(findings: Iterable[Finding]) -> list[str]:
    return [finding.message for finding in findings]


# --- PRP601: missing-completion-summary ------------------------------------------------------


def test_a_summary_that_is_there_is_not_missing(project: Path) -> None:
    assert len(check(project, prp(), "PRP601")) == 1
    write(project, SUMMARY_PATH, summary())
    assert check(project, prp(), "PRP601") == []


def test_a_phase_that_was_executed_already_needs_it_as_well(project: Path) -> None:
    write(project, "PRPs/PHASE2_COMPLETION_SUMMARY.md", summary(2))
    assert len(check(project, prp(), "PRP601")) == 1


def test_a_simple_feature_needs_no_summary(project: Path) -> None:
    text = (
        "---\ntemplate: prp_base\n---\n## Project Context\n```yaml\nPROJECT_TYPE: simple_feature\n"
    )
    assert check(project, f"{text}PHASE_INFO: null\n```\n", "PRP601", "PRPs/labels.md") == []


# --- PRP602: disagrees-with-plan -------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "agrees"),
    [
        ("tracking", True),
        ("Tracking", True),
        ('"Phase 2: Tracking!"', True),
        ("phase_2-tracking", True),
        ('""', True),
        ('"[name of the phase]"', True),
        ("tracking of letters", False),
        ("store", False),
    ],
)
def test_names_are_compared_without_case_and_punctuation(
    project: Path, name: str, agrees: bool
) -> None:
    assert (check(project, prp(front=f"name: {name}\n"), "PRP602") == []) is agrees
    text = f"---\ntemplate: phase_requirements\nphase: 2\nname: {name}\n---\n{NAMES}"
    assert (check(project, text, "PRP602", "PRPs/PHASE2_REQUIREMENTS.md") == []) is agrees
    text = summary(2, f"name: {name}\n") + NAMES
    assert (check(project, text, "PRP602", "PRPs/PHASE2_COMPLETION_SUMMARY.md") == []) is agrees


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ("`/ws/{code}` and `/parcels`", []),
        ("`ws://127.0.0.1:8000/ws/:id`, `GET /parcels?page=2`", []),
        ("/ws/<int:code>, /parcels.", []),
        ("/ws/{code} and /parcels/{code}", ["GET /parcels"]),
        ("/ws/{code}/more and /parcels-old", ["WebSocket /ws/{code}", "GET /parcels"]),
    ],
)
def test_an_endpoint_of_the_plan_must_be_named(
    project: Path, body: str, missing: list[str]
) -> None:
    found = messages(check(project, prp(body=body), "PRP602"))
    assert [
        message.split("”")[0].removeprefix("nothing here names “") for message in found
    ] == missing


def test_the_log_explains_a_difference_for_its_phases_only(project: Path) -> None:
    log = "---\ntemplate: adaptation_log\n---\n## 2026-03-01: x\n- **Phase**: {}\n"
    text = prp(front="name: letters\n")
    write(project, "PRPs/PHASE_ADAPTATION_LOG.md", log.format(1))
    assert len(check(project, text, "PRP602")) == 1
    write(project, "PRPs/PHASE_ADAPTATION_LOG.md", log.format(2))
    assert check(project, text, "PRP602") == []


def test_number_type_and_dependencies_are_no_echo_of_prp201(project: Path) -> None:
    text = prp().replace("total_phases: 2", "total_phases: 7").replace("high", "low")
    assert check(project, text, "PRP602") == []


# --- PRP604: missing-baseline ----------------------------------------------------------------

GATES = "\n### Level 3\n```bash\n{}\n```\n"
BENCHMARK = "python scripts/performance_benchmark.py --baseline=phase_1 --target-phase=2"


@pytest.mark.parametrize(
    ("command", "found"),
    [
        (BENCHMARK, 1),
        ("uv run python scripts/performance_benchmark.py --target-phase 2 --baseline phase_1", 1),
        ("python scripts/performance_benchmark.py --baseline='phase_01'", 1),
        ("python scripts/memory_profile.py --max-growth=5", 1),
        ("python scripts/memory_profile.py", 0),
        ("python scripts/performance_benchmark.py --baseline=phase_[N-1]", 0),
        ("# python scripts/performance_benchmark.py --baseline=phase_1", 0),
        ("python scripts/load_test.py --target-rps=5", 0),
    ],
)
def test_a_regression_gate_needs_a_baseline(project: Path, command: str, found: int) -> None:
    assert len(check(project, prp(body=GATES.format(command)), "PRP604")) == found


@pytest.mark.parametrize(
    ("path", "text", "recorded"),
    [
        ("PRPs/baselines/phase_1.json", "{}", True),
        ("PRPs/baselines/phase_2.json", "{}", False),
        (SUMMARY_PATH, summary(1, "metrics: [{metric: p95, value: 3.5, unit: ms}]\n"), True),
        (SUMMARY_PATH, summary(1, "metrics: [{metric: p95, value: null, unit: ms}]\n"), False),
        (SUMMARY_PATH, summary(1, "metrics: []\n"), False),
    ],
)
def test_a_baseline_is_a_file_or_a_measured_value(
    project: Path, path: str, text: str, recorded: bool
) -> None:
    write(project, path, text)
    found = check(project, prp(body=GATES.format(BENCHMARK)), "PRP604")
    assert (found == []) is recorded


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("python scripts/validate_api_contracts.py --phase=0", 1),
        ("pytest tests/integration/phase_0/", 1),
        ("cat PRPs/PHASE0_COMPLETION_SUMMARY.md", 1),
        ("pytest tests/integration/phase_1/ --maxfail=0", 0),
        ("python x.py --phase=01", 0),
        ("python x.py --phase=0.5", 0),
    ],
)
def test_the_first_phase_has_no_phase_0_before_it(project: Path, text: str, found: int) -> None:
    assert len(check(project, prp(1, body=GATES.format(text)), "PRP604", "PRPs/phase1.md")) == found
    block = f"\n### Previous Phase Integration\n```yaml\n- note: {text}\n```\n"
    assert len(check(project, prp(1, body=block), "PRP604", "PRPs/phase1.md")) == found


# --- PRP605: duplicate-phase-document --------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "front", "competes"),
    [
        ("PRPs/tracking.md", "", True),
        ("PRPs/tracking.md", "track: web\n", False),
        ("PRPs/done/phase2.md", "", False),
        ("PRPs/web/phase2.md", "", False),
        ("PRPs/templates/phase2.md", "", False),
        ("PRPs/evidence/phase2.md", "", False),
    ],
)
def test_documents_of_one_track_compete(
    project: Path, path: str, front: str, competes: bool
) -> None:
    write(project, path, prp(front=front))
    found = messages(check(project, prp(), "PRP605"))
    assert found == ([f"phase 2 has another PRP at {path}:8"] if competes else [])


def test_a_track_that_is_named_joins_folders_but_not_the_archive(project: Path) -> None:
    write(project, "PRPs/web/phase2.md", prp(front="track: web\n"))
    write(project, "PRPs/done/phase2.md", prp(front="track: web\n"))
    found = messages(check(project, prp(front="track: Web\n"), "PRP605"))
    assert found == ["phase 2 has another PRP at PRPs/web/phase2.md:9"]


def test_documents_of_another_kind_or_phase_do_not_compete(project: Path) -> None:
    write(project, "PRPs/phase1.md", prp(1))
    write(project, "PRPs/PHASE2_REQUIREMENTS.md", "---\nphase: 2\n---\n")
    write(project, "PRPs/PHASE2_COMPLETION_SUMMARY.md", summary(2))
    write(project, "PRPs/broken.md", "---\n: [\n---\n")
    (project / "PRPs/binary.md").write_bytes(b"\xff\0")
    assert check(project, prp(), "PRP605") == []


def test_of_several_rivals_the_first_is_named_and_the_others_counted(project: Path) -> None:
    for name in ("c", "a", "b"):
        write(project, f"PRPs/{name}.md", prp())
    found = messages(check(project, prp(), "PRP605", "PRPs/a.md"))
    assert found == ["phase 2 has another PRP at PRPs/b.md:8 and 1 more"]


def test_both_documents_are_named_in_one_run(project: Path) -> None:
    write(project, "PRPs/a.md", prp())
    write(project, "PRPs/b.md", prp())
    rules = tuple(rule for rule in RULES if rule.id == "PRP605")
    report = check_files(Checker(Repository(project), rules=rules), ["PRPs/a.md", "PRPs/b.md"])
    assert messages(report.findings) == [
        "phase 2 has another PRP at PRPs/b.md:8",
        "phase 2 has another PRP at PRPs/a.md:8",
    ]


# --- PRP606: dependency-not-complete ---------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        ("complete", "", 0),
        ("unverified", "", 0),
        ("partial", "", 1),
        ("blocked", "", 1),
        ("partial", "Pages,\nfor `GET /parcels`: left", 0),
        ("partial", "subpages for GET /parcelsize", 1),
        ("partial", "\n<!-- pages for GET /parcels -->\n", 1),
        (
            "partial",
            "\n### Previous Phase Integration\n```yaml\n- pages for GET /parcels\n```\n",
            1,
        ),
    ],
)
def test_what_a_dependency_left_open_must_be_named(
    project: Path, status: str, body: str, found: int
) -> None:
    rest = f"status: {status}\ndeferred: [pages for GET /parcels]\n"
    write(project, SUMMARY_PATH, summary(1, rest))
    assert len(check(project, prp(body=body), "PRP606")) == found


def test_an_unfinished_phase_must_say_what_is_open(project: Path) -> None:
    write(project, SUMMARY_PATH, summary(1, "status: blocked\ndeferred: []\n"))
    assert messages(check(project, prp(), "PRP606")) == [
        f"phase 1 is blocked at {SUMMARY_PATH}:4 and defers nothing by name"
    ]


# --- What a phase consumes, as the templates show it ------------------------------------------


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("phase_requirements", "PRPs/PHASE2_REQUIREMENTS.md"),
        ("project_phase_plan", "PRPs/PROJECT_PHASE_PLAN.md"),
    ],
)
@pytest.mark.parametrize("is_used", [False, True])
def test_the_example_of_consumes_can_be_used_as_it_stands(
    project: Path, name: str, path: str, is_used: bool
) -> None:
    text = (ROOT / f"PRPs/templates/{name}.md").read_text(encoding="utf-8")
    text = text.replace("phase: 1", "phase: 2").replace("[N]", "2")
    assert text.count("# consumes: ") == 1
    text = text.replace("# consumes: ", "consumes: ") if is_used else text
    write(project, path, text)
    found = Checker(Repository(project)).check(path)
    lines = [at for at, line in enumerate(text.split("\n"), 1) if "consumes: " in line]
    assert not [each for each in found if each.line in lines or "consumes" in each.message]
    if name == "phase_requirements":
        consumes = requirements.parse(text, path).consumes
    else:
        consumes = plans.parse(text, path).phases[1].consumes
    assert bool(consumes) is is_used
    assert [endpoints.endpoint_in(each) is not None for each in consumes] == [
        not each.startswith("table ") for each in consumes
    ]


# --- PRP607: undeclared-endpoint -------------------------------------------------------------

OPENAPI = '{"openapi": "3.1.0", "paths": {"/parcels/{code}": {"get": {}, "summary": "x"}}}'


@pytest.mark.parametrize(
    ("endpoint", "known"),
    [
        ('{kind: http, method: GET, path: "/parcels/{number}"}', True),
        ('{kind: http, method: get, path: "/parcels/:number/"}', True),
        ('{kind: http, path: "/parcels/{number}"}', True),
        ('{kind: http, method: POST, path: "/parcels/{number}"}', False),
        ('{kind: http, method: GET, path: "/parcels"}', False),
        ('{kind: websocket, path: "/ws/{code}"}', True),
    ],
)
def test_endpoints_are_compared_without_names_of_parameters(
    project: Path, endpoint: str, known: bool
) -> None:
    text = summary(1, f"endpoints:\n  - {endpoint}\n")
    assert check(project, text, "PRP607", SUMMARY_PATH) == []
    write(project, "PRPs/contracts/phase_1/openapi.json", OPENAPI)
    assert (check(project, text, "PRP607", SUMMARY_PATH) == []) is known


@pytest.mark.parametrize(
    ("toml", "path"),
    [
        ('folder = "docs/api"', "docs/api/phase_1/openapi.yml"),
        ('files = { phase_1 = "docs/one.json" }', "docs/one.json"),
    ],
)
def test_a_contract_is_looked_for_where_the_configuration_says(
    project: Path, toml: str, path: str
) -> None:
    text = summary(1, 'endpoints:\n  - {kind: http, method: GET, path: "/parcels"}\n')
    write(project, path, OPENAPI)
    assert check(project, text, "PRP607", SUMMARY_PATH) == []
    write(project, "PRPs/prp.toml", f"[contracts]\n{toml}\n")
    (found,) = check(project, text, "PRP607", SUMMARY_PATH)
    assert found.message == f"“GET /parcels” is not in {path}"
    # Then it lies nowhere else.
    write(project, "PRPs/contracts/phase_1/openapi.json", "{")
    assert check(project, text, "PRP607", SUMMARY_PATH) == [found]


@pytest.mark.parametrize(
    ("places", "there", "found"),
    [
        (Places(), {"PRPs/contracts/phase_1/openapi.yml"}, "PRPs/contracts/phase_1/openapi.yml"),
        (Places(), {"PRPs/a/contracts/phase_1/openapi.json", "PRPs/contracts/phase_1/openapi.json"},
         "PRPs/a/contracts/phase_1/openapi.json"),
        (Places("api"), {"PRPs/a/contracts/phase_1/openapi.json"}, None),
        (Places("api"), {"api/phase_1/openapi.yaml", "api/phase_1/openapi.yml"},
         "api/phase_1/openapi.yaml"),
        (Places("api", {1: "one.yaml"}), {"api/phase_1/openapi.yaml"}, "one.yaml"),
        (Places("api", {2: "two.yaml"}), {"api/phase_2/openapi.yaml"}, None),
    ],
)  # fmt: skip
def test_a_frozen_contract_is_found_in_one_order(
    places: Places, there: set[str], found: str | None
) -> None:
    assert places.find(there.__contains__, 1, "PRPs/a/PHASE1_COMPLETION_SUMMARY.md") == found


def test_what_will_be_frozen_may_be_named_before_it_is_there(project: Path) -> None:
    text = prp(body=NAMES + "\n### Documentation & References\n```yaml\n"
               "- file: docs/api/phase_1/openapi.json\n  why: what phase 1 froze\n```\n")  # fmt: skip
    before = check(project, text, "PRP401")
    write(project, "PRPs/prp.toml", '[contracts]\nfolder = "docs/api"\n')
    assert [each.message for each in check(project, text, "PRP401")] == []
    assert before


def test_endpoints_in_words_are_told_from_sentences() -> None:
    found = endpoints.endpoint_in("`websocket  /ws/{code}`")
    assert found == endpoints.WrittenEndpoint("WEBSOCKET", "/ws/{code}")
    assert endpoints.endpoint_in("GET /parcels in pages") is None
    assert endpoints.endpoint_in("a quick answer") is None


@settings(deadline=None)
@given(st.text() | st.sampled_from(["{", "[" * 5000, '{"paths": 1}', "a: &a [*a]", '{"a": 1e9}']))
def test_no_contract_raises(text: str) -> None:
    for path in ("c/openapi.json", "c/openapi.yaml"):
        found = contract.parse(text, path)
        assert found.operations or found.problems or not found.operations


# --- PRP608: stale-render --------------------------------------------------------------------

MAP = "---\ntemplate: dependency_map\n---\n# Map\n\nOurs.\n{}\n## Notes\nAlso ours.\n"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "## Graph\n\n## Matrix\n## Critical path\n",
        "## Critical Path\n[x]\n\n### Why\nbecause\n## 1. Graph\n```mermaid\ngraph TD\n```\n",
        "Graph\n-----\n\n# Matrix\n",
    ],
)
def test_the_map_is_drawn_again_and_the_rest_is_kept(project: Path, body: str) -> None:
    path = "PRPs/PHASE_DEPENDENCY_MAP.md"
    write(project, path, MAP.format(body))
    rules = tuple(rule for rule in RULES if rule.id == "PRP608")
    checker = Checker(Repository(project), rules=rules)
    _, fixed, left = checker.fix(path)
    assert "Ours." in fixed
    assert "Also ours." in fixed
    assert "  P1 --> P2\n" in fixed or left
    assert [finding for finding in left if finding.fix] == []


def test_nothing_is_drawn_from_a_plan_that_is_not_sound(project: Path) -> None:
    write(project, PLAN_PATH, PLAN.replace("depends_on: []", "depends_on: [2]"))
    path = "PRPs/PHASE_DEPENDENCY_MAP.md"
    assert check(project, MAP.format(""), "PRP608", path) == []


# --- all of them -----------------------------------------------------------------------------

PIECES = ["---", "phase: 1", "phase: 2", "name: x", "deferred: [a]", "status: partial", "track: y",
          "endpoints:", "  - {path: /x}", "  - {path: '{'}", "template: dependency_map", "## Graph",
          "template: completion_summary", "```bash", "```", BENCHMARK, "PHASE_INFO:", "# Matrix",
          "  number: 2", "  previous_phases: [1]", "<!--", "\\", "Critical path\n===",
          "<!-- prp:begin status -->", "<!-- prp:begin x -->", "<!-- prp:end -->"]  # fmt: skip
PATHS = (
    "PRPs/phase2.md",
    SUMMARY_PATH,
    "PRPs/PHASE2_REQUIREMENTS.md",
    "PRPs/PHASE_DEPENDENCY_MAP.md",
    PLAN_PATH,
)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("project")
    write(project, PLAN_PATH, PLAN)
    write(project, SUMMARY_PATH, summary(1, "status: partial\ndeferred: [x]\n"))
    write(project, "PRPs/contracts/phase_1/openapi.json", OPENAPI)
    return project


@settings(deadline=None, max_examples=100)
@given(text=st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=9)).map("\n".join),
       path=st.sampled_from(PATHS))  # fmt: skip
def test_no_rule_on_phases_raises(full: Path, text: str, path: str) -> None:
    rules = tuple(rule for rule in RULES if rule.id.startswith("PRP60"))
    checker = Checker(Repository(full), rules=rules, strict=True)
    for sample in (text, f"{prp()}{text}", f"{summary()}{text}"):
        lines = sample.replace("\r", "\n")
        for finding in checker.check_text(lines, path):
            assert 1 <= finding.line <= lines.count("\n") + 2
