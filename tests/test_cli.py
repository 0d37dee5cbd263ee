"""The command line as a user meets it: as a process, with real files, good and bad."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from prp_pack.check.rules import RULES
from prp_pack.schema.matrix import shipped

PRP = Path(sys.executable).parent / "prp"
EXAMPLE = Path(__file__).parents[1] / "examples/parcel-tracker"
PHASE = "PRPs/phase3.md"


def prp(
    where: Path, *arguments: str | Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [PRP, *arguments], cwd=where, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, timeout=60, env={**os.environ, **environment},
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode in (0, 1, 2)
    return done


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    skipped = shutil.ignore_patterns("__pycache__", ".*_cache", "*.db", ".coverage", ".prp")
    shutil.copytree(EXAMPLE, folder, ignore=skipped)
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


# --- What a user sees first ------------------------------------------------------------------

COMMANDS = [
    "init", "context", "new", "check", "migrate", "plan", "explain", "matrix", "lsp", "doctor", "links",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_examples(project: Path, command: str) -> None:
    shown = prp(project, command, "--help")
    assert shown.returncode == 0
    assert f"Examples:\n    prp {command}" in shown.stdout


def test_every_command_is_in_the_help(project: Path) -> None:
    shown = prp(project, "-h").stdout
    assert all(f"\n  {command} " in shown for command in COMMANDS)
    assert "Exit status: 0 clean, 1 findings, 2 could not do the work." in shown


def test_the_shell_completes(project: Path) -> None:
    shown = prp(project, _PRP_COMPLETE="bash_complete", COMP_WORDS="prp ch", COMP_CWORD="1")
    assert shown.stdout == "plain,check\n"


# --- context and new -------------------------------------------------------------------------


def test_context_gives_each_value_with_its_source(project: Path) -> None:
    shown = prp(project, "context", "PRPs/PHASE3_REQUIREMENTS.md", "--format", "json")
    assert shown.returncode == 0
    document = json.loads(shown.stdout)
    assert document["version"] == 1
    assert document["project_type"] == "complex_multi_phase"
    assert document["phase_info"] == {
        "number": 3,
        "total_phases": 3,
        "phase_type": "optimization",
        "previous_phases": [1, 2],
        "template_source": "PRPs/PROJECT_PHASE_PLAN.md",
        "complexity_level": "medium",
    }
    assert document["sources"]["phase_info.number"] == "PRPs/PHASE3_REQUIREMENTS.md:3"
    assert [output["phase"] for output in document["previous_phase_outputs"]] == [1, 2]
    assert document["performance_baselines"] == []
    assert document["problems"] == []


def test_context_is_the_same_bytes_twice_from_anywhere(project: Path) -> None:
    there = prp(project, "context", "PRPs/PHASE3_REQUIREMENTS.md").stdout
    assert there == prp(project / "PRPs", "context", "PHASE3_REQUIREMENTS.md").stdout
    assert there == prp(project, "context", "--phase", "3").stdout


def test_a_feature_is_simple(project: Path) -> None:
    shown = prp(project, "context", "PRPs/INITIAL.md")
    assert "PROJECT_TYPE: simple_feature  # PRPs/INITIAL.md" in shown.stdout
    assert "PHASE_INFO: null" in shown.stdout


def test_markdown_is_what_an_agent_is_told(project: Path) -> None:
    shown = prp(project, "context", "PRPs/PHASE3_REQUIREMENTS.md", "--format", "markdown").stdout
    assert "Phase 3 of 3: “Busy depots”." in shown


def test_new_writes_a_prp_and_never_over_another(project: Path) -> None:
    (project / PHASE).unlink()
    assert prp(project, "new", "PRPs/PHASE3_REQUIREMENTS.md").stdout == f"{PHASE}\n"
    made = (project / PHASE).read_text(encoding="utf-8")
    again = prp(project, "new", "PRPs/PHASE3_REQUIREMENTS.md")
    assert again.returncode == 2
    assert "PRPs/phase3.md exists already" in again.stderr
    assert (project / PHASE).read_text(encoding="utf-8") == made
    assert prp(project, "new", "PRPs/PHASE3_REQUIREMENTS.md", "-o", "-").stdout == made


def test_new_with_a_conflict_writes_nothing(project: Path) -> None:
    path = project / "PRPs/PHASE3_REQUIREMENTS.md"
    path.write_text(path.read_text().replace("complexity: medium", "complexity: high"))
    (project / PHASE).unlink()
    made = prp(project, "new", "PRPs/PHASE3_REQUIREMENTS.md")
    assert made.returncode == 1
    assert "complexity is “high” here but “medium” at PRPs/PROJECT_PHASE_PLAN.md:" in made.stderr
    assert not (project / PHASE).exists()


# --- check -----------------------------------------------------------------------------------


def test_the_examples_documents_are_clean(project: Path) -> None:
    done = prp(project, "check", "--strict")
    assert (done.returncode, done.stdout) == (0, "")


def test_findings_have_a_place_and_say_how_to_mend(project: Path) -> None:
    path = project / PHASE
    path.write_text(path.read_text().replace("### Success Criteria", "### Succes Criteria"))
    done = prp(project, "check")
    assert done.returncode == 1
    line = path.read_text().split("\n").index("### Succes Criteria") + 1
    said = f"{PHASE}:{line}:1: error PRP101 missing section “Success Criteria”\n    help: "
    assert said in done.stdout
    assert f"{PHASE}:{line}:1: warning PRP106" in done.stdout
    assert " of 11 files; `prp check --fix` mends 1" in done.stderr


def test_json_has_the_documented_shape(project: Path) -> None:
    path = project / PHASE
    path.write_text(path.read_text().replace("total_phases: 3", "total_phases: 4"))
    document = json.loads(prp(project, "check", PHASE, "--format", "json").stdout)
    assert set(document) == {"version", "files", "findings", "summary"}
    assert (document["version"], document["files"]) == (1, 1)
    (finding,) = document["findings"]
    assert set(finding) == {
        "path", "line", "column", "rule", "name", "severity", "message", "help", "fixable",
    }  # fmt: skip
    assert (finding["path"], finding["rule"], finding["fixable"]) == (PHASE, "PRP201", True)
    assert document["summary"] == {"errors": 1, "warnings": 0, "notes": 0, "fixable": 1}


def test_fix_mends_and_a_second_run_changes_nothing(project: Path) -> None:
    path = project / PHASE
    clean = path.read_bytes()
    path.write_bytes(clean.replace(b"total_phases: 3", b"total_phases: 4"))
    done = prp(project, "check", PHASE, "--fix")
    assert done.returncode == 0, done.stdout
    assert "1 file mended" in done.stderr
    assert path.read_bytes() == clean
    assert "mended" not in prp(project, "check", PHASE, "--fix").stderr


def test_fix_keeps_bom_and_newlines(project: Path) -> None:
    path = project / PHASE
    clean = b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(clean)
    assert prp(project, "check", PHASE, "--strict").returncode == 0
    path.write_bytes(clean.replace(b"total_phases: 3", b"total_phases: 4"))
    assert prp(project, "check", PHASE, "--fix").returncode == 0
    assert path.read_bytes() == clean


def test_warnings_fail_when_strict(project: Path) -> None:
    path = project / PHASE
    text = path.read_text()
    moved = text[text.index("## Why\n") : text.index("## What\n")]
    path.write_text(text.replace(moved, "").replace("## All Needed", moved + "## All Needed"))
    assert prp(project, "check", PHASE).returncode == 0
    assert prp(project, "check", PHASE, "--strict").returncode == 1


def test_rules_can_be_selected_and_ignored(project: Path) -> None:
    path = project / PHASE
    path.write_text(path.read_text().replace("total_phases: 3", "total_phases: 4"))
    assert prp(project, "check", "--select", "PRP1").returncode == 0
    assert prp(project, "check", "--ignore", "context-mismatch,PRP204").returncode == 0
    assert prp(project, "check", "--select", "PRP2").returncode == 1
    wrong = prp(project, "check", "--select", "PRP9")
    assert wrong.returncode == 2
    assert "no rule answers to 'PRP9'" in wrong.stderr
    assert prp(project, "check", "--select", "PRP101", "--ignore", "PRP1").returncode == 2


def test_colour_is_for_terminals_only(project: Path) -> None:
    (project / PHASE).write_text("# x\n")
    assert "\x1b" not in prp(project, "check").stdout
    assert "\x1b" not in prp(project, "check", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_several_projects_are_checked_each_with_its_own_plan(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(project, other)
    plan = other / "PRPs/PROJECT_PHASE_PLAN.md"
    plan.write_text(plan.read_text().replace("type: optimization", "type: integration"))
    done = prp(tmp_path, "check", "project/PRPs/phase3.md", "other/PRPs/phase3.md")
    assert done.returncode == 1
    assert "other/PRPs/phase3.md" in done.stdout
    assert "project/PRPs/phase3.md" not in done.stdout


# --- Bad input: a clear message, the right status, nothing lost ------------------------------

Make = Callable[[Path], object]


def _large(path: Path) -> None:
    path.write_bytes(b"## Goal\nword word word\n" * 450_000)


def _outside(path: Path) -> None:
    target = path.parents[2] / "outside.md"
    target.write_text("# secret\n")
    path.symlink_to(target)


BAD: list[tuple[str, Make, int, str]] = [
    ("missing", lambda _: None, 2, "PRPs/bad.md: does not exist"),
    ("directory", lambda path: path.mkdir(), 2, "nothing was checked"),
    ("10 MB", _large, 2, "PRPs/bad.md: has 10.3 MB; a document of more than 4.2 MB is not read"),
    ("binary", lambda path: path.write_bytes(b"# a\n\x7fELF\0"), 2, "PRPs/bad.md:2: is binary"),
    ("not UTF-8", lambda path: path.write_bytes(b"# a\n\ncaf\xe9\n"), 2,
     "PRPs/bad.md:3: is not UTF-8: byte 0xe9 at offset 8"),
    ("UTF-16", lambda path: path.write_bytes("# a\n".encode("utf-16")), 2, "PRPs/bad.md:1: is"),
    ("link out", _outside, 2, "PRPs/bad.md: is a link that leads outside of the project"),
    ("link to nothing", lambda path: path.symlink_to("gone.md"), 2, "PRPs/bad.md: does not exist"),
    ("link loop", lambda path: path.symlink_to("bad.md"), 2, "PRPs/bad.md: "),
    ("FIFO", os.mkfifo, 2, "PRPs/bad.md: is not a regular file"),
    ("empty", lambda path: path.write_text(""), 0, "note PRP100"),
    ("unclosed fence", lambda path: path.write_text("---\ntemplate: prp_base\nname: a\n---\n"
                                                    "## Goal\n```yaml\na: 1\n"), 1, "error PRP107"),
    ("front matter", lambda path: path.write_text("---\ntemplate: prp_base\nname: [\n---\n"), 1,
     "error PRP109"),
    ("front matter, unclosed", lambda path: path.write_text("---\nname: a\n## Goal\n"), 0, "PRP1"),
    ("CRLF and BOM", lambda path: path.write_bytes(b"\xef\xbb\xbf# a\r\n"), 0, "note PRP100"),
    ("deep YAML", lambda path: path.write_text("---\na: " + "[" * 9999 + "\n---\n## Goal\n"), 0,
     "bad.md"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "status", "said"), [row[1:] for row in BAD],
                         ids=[row[0] for row in BAD])  # fmt: skip
@pytest.mark.parametrize("fixing", [(), ("--fix",)], ids=["check", "fix"])
def test_bad_documents_are_named_with_the_right_status(
    project: Path, make: Make, status: int, said: str, fixing: tuple[str, ...]
) -> None:
    make(project / "PRPs/bad.md")
    done = prp(project, "check", "PRPs/bad.md", *fixing)
    shown = done.stdout + done.stderr
    assert said in shown if not fixing or status == 2 else True
    assert done.returncode == status or (fixing and done.returncode in (0, 1)), shown


def test_an_unreadable_file_does_not_hide_the_others(project: Path) -> None:
    (project / "PRPs/bad.md").write_bytes(b"\0")
    (project / PHASE).write_text("# broken\n")
    done = prp(project, "check")
    assert done.returncode == 2
    assert f"{PHASE}:1" in done.stdout
    assert "PRPs/bad.md:1: is binary" in done.stderr


def test_a_check_that_checked_nothing_does_not_pass(tmp_path: Path) -> None:
    assert "PRPs: does not exist here or above" in prp(tmp_path, "check").stderr
    (tmp_path / "PRPs").mkdir()
    done = prp(tmp_path, "check")
    assert done.returncode == 2
    assert "nothing was checked" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_permission_is_named(project: Path) -> None:
    (project / PHASE).chmod(0)
    done = prp(project, "check", PHASE)
    assert done.returncode == 2
    assert f"{PHASE}: cannot be read: permission denied" in done.stderr


Graph = list[tuple[int, list[int]]]
PLANS: list[tuple[str, Graph | str | None, int, str]] = [
    ("missing", None, 2, "phase 3 is asked for but there is no phase plan"),
    ("empty", "", 2, "the plan names no phase"),
    ("cycle", [(1, [3]), (2, [1]), (3, [2])], 1, "in a cycle: 1 → 3 → 2 → 1"),
    ("gap", [(1, []), (3, [1])], 1, "phase 2 is missing"),
    ("twice", [(1, []), (2, []), (3, []), (3, [])], 1, "phase 3 stands twice"),
    ("unknown dependency", [(1, []), (2, []), (3, [9])], 1, "depends on phase 9"),
    ("later dependency", [(1, [2]), (2, []), (3, [])], 1, "which comes later"),
    ("too few", [(1, [])], 2, "phase 3 is not in PRPs/PROJECT_PHASE_PLAN.md"),
]


@pytest.mark.parametrize(("plan", "status", "said"), [row[1:] for row in PLANS],
                         ids=[row[0] for row in PLANS])  # fmt: skip
def test_a_plan_that_cannot_be_followed_is_explained(
    tmp_path: Path, plan: Graph | str | None, status: int, said: str
) -> None:
    (tmp_path / "PRPs").mkdir()
    (tmp_path / "PRPs/PHASE3_REQUIREMENTS.md").write_text("---\nphase: 3\n---\n# Phase 3\n")
    if plan is not None:
        phases = "".join(
            f"  - {{number: {number}, name: N, type: foundation, complexity: low, "
            f"depends_on: {depends_on}}}\n"
            for number, depends_on in (plan if isinstance(plan, list) else [])
        )
        (tmp_path / "PRPs/PROJECT_PHASE_PLAN.md").write_text(
            f"---\ntemplate: phase_plan\nphases:\n{phases}---\n# Plan\n" if plan else ""
        )
    done = prp(tmp_path, "context", "PRPs/PHASE3_REQUIREMENTS.md")
    assert said in done.stderr
    assert done.returncode == status
    if status == 1:
        checked = prp(tmp_path, "check", "PRPs/PROJECT_PHASE_PLAN.md")
        assert checked.returncode == 1
        assert said in checked.stdout
        assert "PRP603" in checked.stdout


@pytest.mark.parametrize("command", ["context", "new"])
@pytest.mark.parametrize("name", ["PRPs/none.md", "PRPs", "/dev/null", "-"])
def test_requirements_that_cannot_be_read_are_named(project: Path, command: str, name: str) -> None:
    done = prp(project, command, name)
    assert done.returncode == 2
    assert done.stderr


# --- explain and matrix ----------------------------------------------------------------------


def test_explain_prints_a_page_and_lists_the_rules(project: Path) -> None:
    assert prp(project, "explain", "prp101").stdout.startswith("# PRP101 missing-section\n")
    assert prp(project, "explain", "missing-section").stdout.startswith("# PRP101")
    listed = prp(project, "explain").stdout
    assert all(f"{rule.id}  {rule.name}" in listed for rule in RULES)
    assert prp(project, "explain", "PRP999").returncode == 2


def test_matrix_prints_the_table_and_its_json(project: Path) -> None:
    table = prp(project, "matrix").stdout
    assert table.splitlines()[0].split() == ["section", "simple", "first", "middle", "last", "N/A"]
    marks = {line.strip().partition("  ")[0]: line.split()[-1] for line in table.splitlines()}
    assert (marks["Known Gotchas of our codebase & Library Quirks"], marks["Goal"]) == ("○", "●")
    assert table.splitlines()[-1].split() == ["required", "24", "36", "36", "35"]
    document = json.loads(prp(project, "matrix", "--json").stdout)
    assert document["version"] == 1
    assert len(document["sections"]) == len(shipped().sections)
    by_id = {section["id"]: section for section in document["sections"]}
    assert by_id["validation-loop.level-5-forward-compatibility"] == {
        "id": "validation-loop.level-5-forward-compatibility",
        "title": "Level 5: Forward Compatibility",
        "required": {"simple": False, "first": True, "middle": True, "last": False},
        "waivable": True,
    }


def test_matrix_of_the_project_is_by_its_own_template(project: Path) -> None:
    own = project / "PRPs/templates/prp_base.md"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("## Goal\n## Deploy\n")
    (project / "src").mkdir(exist_ok=True)
    document = json.loads(prp(project / "src", "matrix", "--json").stdout)
    assert [section["title"] for section in document["sections"]] == ["Goal", "Deploy"]


def test_matrix_of_another_template(project: Path) -> None:
    (project / "own.md").write_text("## Goal\n## Deploy (Complex Multi-Phase Projects)\n")
    document = json.loads(prp(project, "matrix", "own.md", "--json").stdout)
    assert [section["title"] for section in document["sections"]] == ["Goal", "Deploy"]
    (project / "none.md").write_text("no headings\n")
    assert prp(project, "matrix", "none.md").returncode == 2
    assert prp(project, "matrix", "gone.md").returncode == 2


# --- init ------------------------------------------------------------------------------------


def test_init_shows_first_then_installs_and_then_changes_nothing(tmp_path: Path) -> None:
    shown = prp(tmp_path, "init", "--dry-run")
    assert re.search(
        r"^create    PRPs/templates/prp_base.md \([\d.]+ kB\)$", shown.stdout, re.MULTILINE
    )
    assert "+++" not in shown.stdout
    assert "`--diff` in place of `--dry-run`" in shown.stderr
    whole = prp(tmp_path, "init", "--diff")
    assert "+++ b/PRPs/templates/prp_base.md" in whole.stdout
    assert "+++ b/.claude/settings.json" in whole.stdout
    assert list(tmp_path.iterdir()) == []
    assert "create" in prp(tmp_path, "init").stdout
    again = prp(tmp_path, "init").stdout
    assert {line.partition(" ")[0] for line in again.splitlines()} == {"unchanged"}
    assert prp(tmp_path, "init", "nowhere").returncode == 2


def test_a_dry_run_shows_the_diff_of_what_is_the_users(tmp_path: Path) -> None:
    settings, command = tmp_path / ".claude/settings.json", ".claude/commands/generate-prp.md"
    settings.parent.mkdir()
    settings.write_text('{"model": "x"}\n')
    shown = prp(tmp_path, "init", "--dry-run").stdout
    assert re.findall(r"^\+\+\+ (.*)", shown, re.MULTILINE) == ["b/.claude/settings.json"]
    prp(tmp_path, "init")
    settings.write_text('{"model": "x"}\n')
    (tmp_path / command).unlink()
    shown = prp(tmp_path, "init", "--dry-run").stdout
    assert re.findall(r"^\+\+\+ (.*)", shown, re.MULTILINE) == ["b/.claude/settings.json"]
    shown = prp(tmp_path, "init", "--dry-run", "--uninstall").stdout
    assert "+++" not in shown
    assert "remove    .claude/hooks/prp_hook.py\n" in shown
    shown = prp(tmp_path, "init", "--diff", "--uninstall").stdout
    assert "--- a/.claude/hooks/prp_hook.py\n+++ /dev/null" in shown


def test_upgrade_and_uninstall_show_first_too(tmp_path: Path) -> None:
    assert prp(tmp_path, "init", "--upgrade").returncode == 2
    assert prp(tmp_path, "init", "--upgrade", "--uninstall").returncode == 2
    prp(tmp_path, "init")
    installed = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    shown = prp(tmp_path, "init", "--uninstall", "--dry-run").stdout
    assert "remove    .claude/hooks/prp_hook.py" in shown
    assert "+++ /dev/null" in shown
    assert prp(tmp_path, "init", "--upgrade", "--dry-run").returncode == 0
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == installed
    assert prp(tmp_path, "init", "--uninstall").returncode == 0
    assert list(tmp_path.iterdir()) == []
    assert "nothing of prp-pack is installed here" in prp(tmp_path, "init", "--uninstall").stderr


def test_a_folder_of_a_repository_can_have_its_own(project: Path) -> None:
    (project / "services/shop").mkdir(parents=True)
    done = prp(project, "init", "services/shop")
    assert f"this is a folder of the repository {project}" in done.stderr
    assert (project / "services/shop/.claude/settings.json").is_file()
    assert not (project / "services/shop/.pre-commit-config.yaml").exists()
    assert not (project / ".pre-commit-config.yaml").exists()


# --- JSON where the work can't be done --------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        "gate list gone.md",
        "gate status gone.md",
        "gate run gone.md",
        "gate verify gone.md",
        "complete 99",
        "reconcile gone.md",
        "plan show gone.md",
        "plan critical-path gone.md",
        "matrix gone.md",
        "run response_time_test",
    ],
)
def test_what_can_t_be_done_is_json_too_where_that_was_asked_for(project: Path, call: str) -> None:
    plain, asked = (prp(project, *call.split(), *more) for more in ((), ("--json",)))
    assert (plain.returncode, plain.stdout) == (asked.returncode, "")
    assert asked.returncode == 2
    assert asked.stderr == plain.stderr
    error = json.loads(asked.stdout)["error"]
    at = f"{error['path']}:{error['line']}" if error["line"] else error["path"]
    assert f"prp: {at}: {error['message']}\n" in asked.stderr


def test_a_context_that_can_t_be_read_is_json_only_as_json(project: Path) -> None:
    assert json.loads(prp(project, "context", "gone.md", "--format", "json").stdout)["error"]
    assert not prp(project, "context", "gone.md", "--format", "yaml").stdout


def test_a_path_that_is_not_there_is_told_which_document_may_be_meant(project: Path) -> None:
    """What `prp status` prints is from the root; it is pasted in a folder below, too."""
    below = project / "src" / "deep"
    below.mkdir(parents=True, exist_ok=True)
    for call in ("gate status", "check", "context", "complete", "reconcile", "gate run"):
        told = prp(below, *call.split(), "PRPs/phase3.md")
        assert told.returncode == 2, call
        assert "    help: from here it is ../../PRPs/phase3.md\n" in told.stderr, call
    assert "help: from here it is PRPs/phase3.md\n" in prp(project, "gate", "list", "phase3").stderr
    assert "help" not in prp(project, "gate", "list", "phase33.md").stderr


def test_an_empty_choice_of_rules_is_no_choice_of_all(project: Path) -> None:
    told = prp(project, "check", "--select", "")
    assert (told.returncode, told.stdout) == (2, "")
    assert "--select and --ignore need a rule" in told.stderr
