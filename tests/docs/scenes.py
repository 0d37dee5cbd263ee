"""How each block of the docs is held to what is so: which commands run in which project.

A block is named by its page and its first line. One that stands in no table fails a test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs import projects

Key = tuple[str, str]


@dataclass(frozen=True)
class Scene:
    """A project, and the blocks whose commands run in it, one after the other.

    `instead` has what runs in place of a command that is shown, nothing where it can't run here.
    `said_by` has the command whose output a block is that shows none. `measured` takes all
    measured numbers for equal. Where `only` names programs, no others are found.
    """

    project: Callable[[Path], None]
    blocks: tuple[Key, ...]
    instead: Mapping[str, str] = field(default_factory=dict)
    said_by: Mapping[Key, str] = field(default_factory=dict)
    measured: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()


PHASES, CI, INSTALL, SCRIPTS = "docs/phases.md", "docs/ci.md", "docs/install.md", "docs/scripts/"
ANNOTATION = (CI, "Error: PRPs/phase3.md:28:1 PRP201 context-mismatch")
MAP = (PHASES, "graph LR")
STATUS_LINE = ("docs/report.md", "prp phase 3/3 · L1b proven · 32 open · next prp gate run PRPs/phase3.md --level 2")  # fmt: skip
NOT_COMPLETE = (PHASES, "PRPs/phase1.md: L1.2 failed: ruff format --check src tests (exit status 1)")  # fmt: skip

# What a runner of GitHub makes of a workflow command.
_AS_GITHUB_SHOWS_IT = (
    "prp check --format github 2> /dev/null | sed -E "
    r"'s/^::error file=([^,]*),line=([0-9]+),col=([0-9]+),.*title=([^:]*)::(.*)%0A.*/"
    r"Error: \1:\2:\3 \4\n\5/'"
)

ANTI_PATTERNS = (PHASES, "src/parcel_tracker/labels.py:7: anti-pattern: a handler that catches every exception: Do not catch blind exception: `Exception` (BLE001)")  # fmt: skip
ORPHAN = ("docs/write-a-prp.md", "PRPs/ai_docs/: no document names stripe_webhooks.md")

SCENES = {
    "the example": Scene(
        projects.tracker,
        (
            (PHASES, "$ prp plan show"),
            MAP,
            (PHASES, "$ prp context PRPs/PHASE3_REQUIREMENTS.md"),
            (PHASES, '$ prp plan adapt --phase 3 --field complexity --now high --because "clients must tell repeated scans" --date 2026-12-01'),
            (PHASES, "$ prp status"),
            (CI, "$ prp status --badge"),
            ("docs/report.md", "$ pip install 'prp-pack[report]'     # where prp-pack is installed; adds what the page needs"),
        ),
        instead={"pip install": ""},
        said_by={MAP: "sed -n '/^graph LR/,/^```/p' PRPs/PHASE_DEPENDENCY_MAP.md | sed '$d'"},
    ),
    "two documents that disagree": Scene(
        projects.four_phases,
        ((CI, "$ prp check"), ANNOTATION),
        said_by={ANNOTATION: _AS_GITHUB_SHOWS_IT},
    ),
    "a placeholder": Scene(
        projects.left_over, (("docs/rules.md", "$ prp check --select PRP3"),)
    ),
    "an old repository": Scene(
        projects.old_repository, (("docs/rules.md", "$ prp check --write-baseline"),)
    ),
    "phase 2 without a PRP": Scene(
        projects.before_phase_2, (("docs/write-a-prp.md", "$ prp new PRPs/PHASE2_REQUIREMENTS.md"),)
    ),
    "a phase that is almost done": Scene(
        projects.almost_complete, (NOT_COMPLETE,), said_by={NOT_COMPLETE: "prp complete 1"}
    ),
    "work with anti-patterns": Scene(
        projects.anti_patterns,
        (ANTI_PATTERNS,),
        said_by={ANTI_PATTERNS: "prp reconcile 1 | grep anti-pattern:"},
    ),
    "a document for the agent that nothing names": Scene(
        projects.orphan, (ORPHAN,), said_by={ORPHAN: "prp status | grep ai_docs"}
    ),
    "a level that is proven": Scene(
        projects.level_one, (STATUS_LINE,), said_by={STATUS_LINE: "echo '{}' | prp statusline"}
    ),
    "an empty repository": Scene(
        projects.empty,
        (
            (INSTALL, "$ pip install .          # from a clone; Python 3.11 or newer"),
            (INSTALL, 'eval "$(_PRP_COMPLETE=bash_source prp)"    # in ~/.bashrc; zsh_source and fish_source for the others'),
            ("README.md", "$ pip install ."),
        ),
        instead={"pip install": "", "cd ../your-project && prp init": "prp init"},
    ),
    "an older install": Scene(
        projects.older_install,
        ((INSTALL, "$ pip install --upgrade ."),),
        instead={"pip install": ""},
    ),
    "an older document": Scene(
        projects.plain,
        (
            ("docs/migrate.md", "$ prp migrate PRPs/search.md > search.diff"),
            ("docs/migrate.md", "prp init                   # commands and hooks"),
        ),
    ),
    "a service and its next phase": Scene(
        projects.served,
        (
            (SCRIPTS + "generate_api_docs.md", "$ prp run generate_api_docs --phase=1 --format=next-phase-integration"),
            (SCRIPTS + "create_integration_examples.md", "$ prp run create_integration_examples --target-phase=2"),
            (SCRIPTS + "validate_next_phase_interfaces.md", "$ prp run validate_next_phase_interfaces --phase=2"),
        ),
    ),
    "a phase that was measured": Scene(
        projects.measured,
        ((SCRIPTS + "document_performance_baselines.md", "$ prp run document_performance_baselines --phase=1"),),
    ),
    "a database without an index": Scene(
        projects.unindexed,
        ((SCRIPTS + "test_database_integration.md", "$ prp run test_database_integration --performance-check --max-avg-ms 50"),),
        measured=True,
    ),
    "a system without an engine": Scene(
        projects.composed,
        ((SCRIPTS + "production_simulation.md", "$ prp run production_simulation -f docker-compose.test.yml"),),
        only=("git", "prp"),
    ),
    "a shop that waits": Scene(
        projects.impatient,
        ((SCRIPTS + "test_error_scenarios.md", "$ prp run test_error_scenarios --simulate-failures"),),
        measured=True,
        environment={"KNOBS": "no_timeout"},
    ),
}  # fmt: skip

# Blocks that are held where their script is run already, with the test that does it.
PROBES = "tests/probes/"
HELD_BY: Mapping[Key, str] = {
    ("docs/scripts.md", "$ prp run response_time_test --target=40ms --critical-paths"):
        PROBES + "test_response_time_test.py::test_a_quick_service_passes_and_leaves_a_record",
    (SCRIPTS + "response_time_test.md", "$ prp run response_time_test --target=40ms --critical-paths"):
        PROBES + "test_response_time_test.py::test_a_quick_service_passes_and_leaves_a_record",
    (SCRIPTS + "load_test.md", "$ prp run load_test --target-rps=40 --duration=10s --no-evidence"):
        PROBES + "test_load_test.py::test_a_service_that_keeps_up_passes_and_nothing_is_left",
    (SCRIPTS + "memory_profile.md", "$ prp run memory_profile --max-growth=10% --duration=20s --deep"):
        PROBES + "test_memory_profile.py::test_deep_names_the_line_that_keeps_memory",
    (SCRIPTS + "performance_benchmark.md", "$ prp run performance_benchmark --baseline=phase_1 --target-phase=2"):
        PROBES + "test_performance_benchmark.py::test_a_slow_path_in_the_working_tree_fails_and_a_new_one_is_skipped",
    (SCRIPTS + "test_websocket_integration.md", "$ prp run test_websocket_integration --max-ping=100ms"):
        PROBES + "test_websocket_integration.py::test_a_sound_service_passes",
    (SCRIPTS + "validate_api_contracts.md", "$ prp run validate_api_contracts --phase=1"):
        PROBES + "test_validate_api_contracts.py::test_a_renamed_field_and_a_new_required_parameter_break_callers",
    ("docs/write-a-prp.md", "$ prp links"):
        "tests/links/test_links.py::test_the_page_shows_what_is_said",
    ("docs/editor.md", " 28 │   total_phases: 4  # PRPs/PROJECT_PHASE_PLAN.md:25"):
        "tests/test_lsp.py::test_what_stands_in_the_editor_is_checked_and_not_what_lies_on_disk",
}  # fmt: skip

# Sessions with an agent, played in test_sessions.py.
GENERATED = ("README.md", "> /generate-prp PRPs/PHASE3_REQUIREMENTS.md")
EXECUTED = ("docs/execute-a-prp.md", "> /execute-prp PRPs/parcel-labels.md")
SESSIONS = (GENERATED, EXECUTED)

# What is held to commands that there are, but isn't run, or not here. A test that runs the same is
# named as `file.py::test`.
NOT_RUN: Mapping[Key, str] = {
    ("README.md", "/plugin marketplace add /path/to/prp-pack"):
        "the client's own commands: tests/e2e/test_plugin.py::test_an_installed_plugin_is_enough",
    (INSTALL, "/plugin marketplace add /path/to/prp-pack        # or the git URL of your copy"):
        "the client's own commands: tests/e2e/test_plugin.py::test_an_installed_plugin_is_enough",
    (PHASES, "> /plan-project-phases PRPs/INITIAL.md"):
        "typed to the client: tests/e2e/test_plan_phases.py",
    (PHASES, "> /update-phase-plans 2 a scan is announced twice after a reconnect"):
        "typed to the client: tests/e2e/test_plan_phases.py",
    ("docs/write-a-prp.md", "> /generate-prp PRPs/PHASE2_REQUIREMENTS.md"):
        "typed to the client: tests/e2e/test_generate_prp.py",
    ("docs/editor.md", '❯ lspServers: prp prp ["lsp"]'):
        "the client's own words: tests/e2e/test_language_server.py::test_reading_starts_no_server_and_an_edit_does",
    ("docs/editor.md", "$ pip install 'prp-pack[lsp]'"): "needs the network",
    ("docs/three-phases.md", "$ make example-phases"):
        "takes minutes; its beginning is held by tests/examples/test_three_phases.py::test_a_gate_that_fails_ends_the_building_loudly",
    ("docs/execute-a-prp.md", "prp gate status PRP                                     # shows each with its key"):
        "words to be replaced: tests/gate/test_completion.py::test_a_weakened_test_must_be_accepted_by_a_person_before_the_phase_is_complete",
    ("docs/execute-a-prp.md", "prp gate verify PRPs/*.md       # in CI, on a clean checkout: runs the gates again, keeps nothing"):
        "tests/gate/test_gate_command.py::test_verify_exposes_a_record_that_no_run_can_repeat",
    (SCRIPTS + "load_test.md", "prp run load_test --target-rps=2000 --workers=3 --master=10.0.0.5:5557      # here the result comes out"):
        "needs several machines: tests/probes/test_load_test.py::test_two_workers_share_the_load",
    (SCRIPTS + "performance_benchmark.md", "prp run performance_benchmark --from new.json --against old.json"):
        "tests/probes/test_performance_benchmark.py",
    ("examples/parcel-tracker/README.md", "python3 -m venv .venv"): "needs the network",
    ("examples/parcel-tracker/README.md", ".venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy"):
        "`make example` runs the tests",
}  # fmt: skip

# Their `make` targets are there; what they do is what CI does.
MAKE = (
    ("README.md", "$ make demo              # two minutes: a plan becomes a context block, a broken PRP is refused, a mended one passes"),
    ("CONTRIBUTING.md", "$ make unit lint types                             # what to run while working; `make help` lists the rest"),
    ("docs/performance.md", "make bench                  # about six minutes"),
)  # fmt: skip

# What belongs into a document, held by test_documents.py, and what a running service is asked there.
BACKGROUND = (
    "docs/execute-a-prp.md",
    "# gate: background ready=http://127.0.0.1:8000/health timeout=30s",
)
MARKERS = (PHASES, "<!-- prp:begin status -->")
IGNORED = ("docs/rules.md", "<!-- prp: ignore PRP301 the brackets are the protocol's own -->")
ASKED = (
    "examples/parcel-tracker/README.md",
    """curl -X POST http://127.0.0.1:8000/parcels -H 'content-type: application/json' -d '{"code": "AB123", "recipient": "Ada Lovelace"}'""",
)
# The project of a scene is made of it.
MIGRATED = projects.MIGRATED
DOCUMENTS = (BACKGROUND, MARKERS, IGNORED, ASKED, MIGRATED)
