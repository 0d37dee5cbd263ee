"""`prp plan` as a user meets it: as a process, with real files, good and bad."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prp_pack.model import Severity
from prp_pack.parse import adaptation_log, plan
from prp_pack.render.adaptation_log import Adaptation
from prp_pack.render.adaptation_log import render as render_entry
from tests.test_cli import prp

PLAN = "PRPs/PROJECT_PHASE_PLAN.md"
MAP = "PRPs/PHASE_DEPENDENCY_MAP.md"
LOG = "PRPs/PHASE_ADAPTATION_LOG.md"
GOOD = """\
---
template: phase_plan
project: Parcels
phases:
  - {number: 1, name: Store, type: foundation, complexity: low, depends_on: []}
  - {number: 2, name: Live, type: integration, complexity: high, depends_on: [1]}
  - {number: 3, name: Letters, type: integration, complexity: low, depends_on: [1]}
  - {number: 4, name: Speed, type: optimization, complexity: low, depends_on: [3]}
---

# Parcels

Ours.

<!-- prp:begin status -->
<!-- prp:end -->

Also ours.
"""
CYCLIC = GOOD.replace("low, depends_on: []", "low, depends_on: [2]")
EVERY = ["show", "check", "render", "critical-path"]


def write(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(text.encode())


def summarise(folder: Path, number: int, status: str, where: str = "PRPs") -> None:
    text = f"---\ntemplate: completion_summary\nphase: {number}\nstatus: {status}\n---\n"
    write(folder, f"{where}/PHASE{number}_COMPLETION_SUMMARY.md", text)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, PLAN, GOOD)
    return tmp_path


# --- For every command ----------------------------------------------------------------------


@pytest.mark.parametrize("command", [*EVERY, "adapt"])
def test_help_shows_examples(project: Path, command: str) -> None:
    assert f"Examples:\n    prp plan {command}" in prp(project, "plan", command, "--help").stdout


@pytest.mark.parametrize("command", EVERY)
def test_without_a_plan_it_says_what_is_missing(tmp_path: Path, command: str) -> None:
    done = prp(tmp_path, "plan", command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "prp: PRPs: has no phase plan PROJECT_PHASE_PLAN.md\n"
        f"    help: write {PLAN}, or let /plan-project-phases write it\n"
    )


BAD = {
    "cycle": (CYCLIC, "phases depend on each other in a cycle: 1 → 2 → 1"),
    "gap": (GOOD.replace("number: 3", "number: 5"), "phase 3 is missing"),
    "twice": (GOOD.replace("number: 3", "number: 2"), "phase 2 stands twice"),
    "later": (GOOD.replace("high, depends_on: [1]", "high, depends_on: [3]"), "comes later"),
    "no YAML": (GOOD.replace("phases:", "phases: ["), "did not find expected"),
    "no phases": ("---\ntemplate: phase_plan\nphases: []\n---\n", "the plan names no phase"),
    "nothing": ("", "the plan names no phase"),
}


@pytest.mark.parametrize("command", EVERY)
@pytest.mark.parametrize("case", BAD)
def test_a_plan_that_is_not_sound_ends_with_its_findings(
    project: Path, command: str, case: str
) -> None:
    text, said = BAD[case]
    write(project, PLAN, text)
    done = prp(project, "plan", command)
    assert done.returncode == 1
    assert said in (done.stdout if command == "check" else done.stderr)
    assert [path.name for path in (project / "PRPs").iterdir()] == ["PROJECT_PHASE_PLAN.md"]


@pytest.mark.parametrize("command", EVERY)
@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("PRPs/nowhere.md", "PRPs/nowhere.md: does not exist"),
        ("PRPs/phase1.md", "PRPs/phase1.md: is not a phase plan"),
        ("PRPs/binary_PHASE_PLAN.md", "is binary"),
    ],
)
def test_a_file_that_is_no_plan_is_refused(
    project: Path, command: str, named: str, said: str
) -> None:
    write(project, "PRPs/phase1.md", "---\ntemplate: prp_base\n---\n# PRP\n")
    write(project, "PRPs/binary_PHASE_PLAN.md", "\0")
    done = prp(project, "plan", command, named)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


@pytest.mark.parametrize(
    ("where", "named", "project_name"),
    [
        (".", "", "Parcels"),
        ("PRPs", "", "Parcels"),
        ("PRPs/letters", "", "Letters"),
        (".", "PRPs/letters", "Letters"),
        (".", "PRPs/letters/PROJECT_PHASE_PLAN.md", "Letters"),
        ("services/mail", "", "Mail"),
        (".", "services/mail", "Mail"),
        ("services/mail", f"../../{PLAN}", "Parcels"),
    ],
)
def test_the_named_plan_is_taken_or_the_nearest(
    project: Path, where: str, named: str, project_name: str
) -> None:
    write(project, "PRPs/letters/PROJECT_PHASE_PLAN.md", GOOD.replace("t: Parcels", "t: Letters"))
    write(project, f"services/mail/{PLAN}", GOOD.replace("t: Parcels", "t: Mail"))
    arguments = ["plan", "show", "--json", *([named] if named else [])]
    shown = json.loads(prp(project / where, *arguments).stdout)
    assert shown["project"] == project_name


def test_the_only_plan_of_a_project_needs_no_name_and_of_two_one_is_asked_for(
    tmp_path: Path,
) -> None:
    write(tmp_path, "PRPs/letters/PROJECT_PHASE_PLAN.md", GOOD)
    assert prp(tmp_path, "plan", "show").returncode == 0
    write(tmp_path, "PRPs/mail/MAIL_PHASE_PLAN.md", GOOD)
    done = prp(tmp_path, "plan", "show")
    assert done.returncode == 2
    assert (
        "has several phase plans: PRPs/letters/PROJECT_PHASE_PLAN.md, PRPs/mail/MAIL_PHASE_PLAN.md"
    ) in done.stderr


def test_problems_of_a_plan_elsewhere_are_named_as_seen_from_here(project: Path) -> None:
    write(project, f"services/mail/{PLAN}", CYCLIC)
    done = prp(project, "plan", "critical-path", "services/mail")
    assert done.stderr.startswith(f"services/mail/{PLAN}:5: error: phases depend on each other")


# --- show -----------------------------------------------------------------------------------


def test_show_has_a_row_for_each_phase_and_says_what_is_next(project: Path) -> None:
    summarise(project, 1, "complete")
    summarise(project, 2, "partial")
    done = prp(project, "plan", "show")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "PRPs/PROJECT_PHASE_PLAN.md: Parcels\n"
        "\n"
        "#  phase    type          complexity  depends on  status\n"
        "1  Store    foundation    low         –           complete\n"
        "2  Live     integration   high        1           partial\n"
        "3  Letters  integration   low         1           none\n"
        "4  Speed    optimization  low         3           none\n"
        "\n"
        "next: phase 3, “Letters”\n"
    )


@pytest.mark.parametrize(
    ("statuses", "said", "number"),
    [
        ([], "next: phase 1, “Store”\n", 1),
        (["unverified"], "next: phase 2, “Live”; phase 3 can start, too\n", 2),
        (["blocked"], "next: nothing; phase 2 waits for 1\n", None),
        (["complete"] * 4, "next: nothing; every phase has a completion summary\n", None),
    ],
)
def test_what_is_next_follows_from_the_summaries(
    project: Path, statuses: list[str], said: str, number: int | None
) -> None:
    for index, status in enumerate(statuses, start=1):
        summarise(project, index, status)
    assert prp(project, "plan", "show").stdout.endswith(said)
    assert json.loads(prp(project, "plan", "show", "--json").stdout)["next"] == number


def test_show_as_json_has_the_documented_shape(project: Path) -> None:
    summarise(project, 1, "complete")
    shown = json.loads(prp(project, "plan", "show", "--json").stdout)
    assert {key: shown[key] for key in shown if key != "phases"} == {
        "version": 1, "plan": PLAN, "project": "Parcels", "next": 2, "problems": [],
    }  # fmt: skip
    assert shown["phases"][0] == {
        "number": 1, "name": "Store", "type": "foundation", "complexity": "low", "depends_on": [],
        "status": "complete", "summary": "PRPs/PHASE1_COMPLETION_SUMMARY.md", "line": 5,
    }  # fmt: skip
    assert shown["phases"][3]["status"] == "none"
    write(project, PLAN, CYCLIC)
    done = prp(project, "plan", "show", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    problem = json.loads(done.stdout)["problems"][0]
    assert (problem["path"], problem["line"], problem["severity"]) == (PLAN, 5, Severity.ERROR)


def test_a_hostile_name_commands_no_terminal(project: Path) -> None:
    write(project, PLAN, GOOD.replace("name: Store", r'name: "a\e[31m\u202eb"'))
    for command in ("show", "critical-path"):
        shown = prp(project, "plan", command).stdout
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert r"a\u{1b}[31m\u{202e}b" in shown


def test_a_summary_that_cannot_be_read_is_not_passed_over(project: Path) -> None:
    write(project, "PRPs/PHASE1_COMPLETION_SUMMARY.md", "\0")
    done = prp(project, "plan", "show")
    assert (done.returncode, done.stdout) == (2, "")
    assert "PRPs/PHASE1_COMPLETION_SUMMARY.md:1: is binary" in done.stderr


# --- check ----------------------------------------------------------------------------------


def test_check_says_what_prp_check_says_of_plan_and_map(project: Path) -> None:
    prp(project, "plan", "render")
    text = (project / MAP).read_text().replace("| 1: Store |", "| 1: Shop |")
    write(project, MAP, text)
    write(project, PLAN, GOOD.replace("project: Parcels", "project: Parcels\nunknown: 1"))
    for style in ("text", "concise", "json", "sarif"):
        ours = prp(project, "plan", "check", "--format", style)
        theirs = prp(project, "check", PLAN, MAP, "--format", style)
        assert (ours.returncode, ours.stdout, ours.stderr) == (
            theirs.returncode,
            theirs.stdout,
            theirs.stderr,
        )
    assert "PRP608" in prp(project, "plan", "check").stdout


def test_check_of_a_plan_without_a_map_says_how_to_draw_one(project: Path) -> None:
    write(project, PLAN, GOOD.replace("<!-- prp:begin status -->\n<!-- prp:end -->\n", ""))
    done = prp(project, "plan", "check")
    assert (done.returncode, done.stdout) == (0, "")
    assert "`prp plan render` draws it" in done.stderr


# --- render ---------------------------------------------------------------------------------


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_render_draws_map_and_plan_and_the_second_time_nothing(
    project: Path, newline: str, mark: str
) -> None:
    write(project, PLAN, mark + GOOD.replace("\n", newline))
    summarise(project, 1, "complete")
    done = prp(project, "plan", "render")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"drawn     {MAP}\ndrawn     {PLAN}\n"
    map_, plan_ = (project / MAP).read_bytes(), (project / PLAN).read_bytes()
    again = prp(project, "plan", "render")
    assert (again.returncode, again.stdout) == (0, f"unchanged {MAP}\nunchanged {PLAN}\n")
    assert ((project / MAP).read_bytes(), (project / PLAN).read_bytes()) == (map_, plan_)
    text = plan_.decode()
    before, _, rest = text.partition("<!-- prp:begin status ")
    assert before == (mark + GOOD.replace("\n", newline)).partition("<!-- prp:begin")[0]
    assert rest.endswith(f"<!-- prp:end -->{newline}{newline}Also ours.{newline}")
    assert f"| 2: Live | 1 | can start |{newline}" in rest
    assert text.count("\n") == text.count(newline)
    assert prp(project, "check", "--strict", PLAN, MAP).returncode == 0


def test_render_check_writes_nothing_and_fails_until_it_is_drawn(project: Path) -> None:
    done = prp(project, "plan", "render", "--check")
    assert (done.returncode, done.stdout) == (1, f"stale     {MAP}\nstale     {PLAN}\n")
    assert (project / PLAN).read_text() == GOOD
    assert not (project / MAP).exists()
    prp(project, "plan", "render")
    assert prp(project, "plan", "render", "--check").returncode == 0
    summarise(project, 1, "complete")
    done = prp(project, "plan", "render", "--check")
    assert (done.returncode, done.stdout) == (1, f"unchanged {MAP}\nstale     {PLAN}\n")


def test_render_to_standard_output_writes_nothing(project: Path) -> None:
    done = prp(project, "plan", "render", "--stdout")
    assert done.returncode == 0
    assert not (project / MAP).exists()
    prp(project, "plan", "render")
    assert (project / MAP).read_text() == done.stdout


def test_an_edited_block_is_named_and_kept_until_somebody_insists(project: Path) -> None:
    prp(project, "plan", "render")
    edited = (project / MAP).read_text().replace("P1 --> P3", "P2 --> P3")
    write(project, MAP, edited)
    write(project, PLAN, (project / PLAN).read_text().replace("name: Letters", "name: Cards"))
    done = prp(project, "plan", "render")
    assert done.returncode == 1
    line = edited.split("\n").index("## Graph") + 2
    said = f"“Graph” differs from what {PLAN} gives, and was edited since it was drawn"
    assert done.stdout.splitlines() == [
        f"drawn     {MAP}",
        f"kept      {MAP}:{line}: {said}",
        f"drawn     {PLAN}",
    ]
    assert "use --force" in done.stderr
    after = (project / MAP).read_text()
    assert "P2 --> P3" in after
    assert "| 3: Cards |" in after
    assert prp(project, "check", MAP, "--fix").stdout.count("PRP608") == 1
    assert (project / MAP).read_text() == after
    assert prp(project, "plan", "render", "--force").returncode == 0
    assert "P2 --> P3" not in (project / MAP).read_text()
    assert prp(project, "plan", "render", "--check").returncode == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# Dependencies\n\nPhase 1 first.\n", "was not made by prp: nothing is drawn there"),
        ("---\ntemplate: dependency_map\nplan: PRPs/x.md\n---\n", "is drawn from PRPs/x.md, not"),
    ],
)
def test_a_map_that_is_not_this_plans_is_refused(project: Path, text: str, said: str) -> None:
    write(project, MAP, text)
    done = prp(project, "plan", "render", "--force")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert ((project / MAP).read_text(), (project / PLAN).read_text()) == (text, GOOD)


def test_a_map_is_made_from_the_projects_own_template(project: Path) -> None:
    own = "---\ntemplate: dependency_map\nplan: x\n---\n# Our map\n\n## Graph\n[g]\n\n## Who\nWe.\n"
    write(project, "PRPs/templates/phase_dependency_map.md", own)
    write(project, "PRPs/letters/PROJECT_PHASE_PLAN.md", GOOD)
    assert prp(project, "plan", "render", "PRPs/letters").returncode == 0
    made = (project / "PRPs/letters/PHASE_DEPENDENCY_MAP.md").read_text()
    assert "plan: PRPs/letters/PROJECT_PHASE_PLAN.md\n" in made
    assert "\n## Who\nWe.\n" in made
    assert made.index("## Graph") < made.index("## Who") < made.index("## Matrix")
    assert not (project / MAP).exists()


def test_a_drawn_tree_is_a_plan_too(tmp_path: Path) -> None:
    tree = "```text\nPhase 1: Store\n├── Type: foundation\n├── Complexity: low\n└── Dependencies: none\n```\n"
    write(tmp_path, PLAN, tree)
    assert prp(tmp_path, "plan", "render").returncode == 0
    assert (tmp_path / PLAN).read_text() == tree
    assert '  P1["Phase 1: Store"]\n' in (tmp_path / MAP).read_text()
    assert prp(tmp_path, "plan", "check").returncode == 0


# --- critical-path --------------------------------------------------------------------------


def test_the_critical_path_says_what_is_complete_claimed_and_left(project: Path) -> None:
    summarise(project, 1, "complete")
    done = prp(project, "plan", "critical-path")
    assert done.stdout == (
        "1 → 2 (weight 4 of 6 in the plan)\n"
        "\n"
        "1  Store (low, weight 1): complete\n"
        "2  Live (high, weight 3): none\n"
        "\n"
        "complete: 1 (weight 1)\n"
        "claimed, without evidence: nothing\n"
        "left: 2 (weight 3)\n"
    )
    summarise(project, 2, "unverified")
    assert json.loads(prp(project, "plan", "critical-path", "--json").stdout) == {
        "version": 1, "plan": PLAN, "path": [1, 2], "weight": 4, "weights": {"1": 1, "2": 3},
        "done": [1], "claimed": [2], "left": [], "weight_left": 0, "problems": [],
    }  # fmt: skip


def test_a_plan_that_is_not_sound_has_no_critical_path(project: Path) -> None:
    write(project, PLAN, CYCLIC)
    assert prp(project, "plan", "critical-path").stdout == ""
    shown = json.loads(prp(project, "plan", "critical-path", "--json").stdout)
    assert (shown["path"], len(shown["problems"])) == ([], 1)


# --- adapt ----------------------------------------------------------------------------------

ENTRY = ("--now", "[1, 2]", "--because", "letters need\nlive parcels", "--date", "2026-03-01")


def adapt(project: Path, *arguments: str) -> str:
    done = prp(project, "plan", "adapt", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_adapt_writes_an_entry_that_quotes_the_plan(project: Path) -> None:
    said = adapt(project, "--phase", "3", "--field", "depends_on", *ENTRY, "--affects", "4,2")
    assert said == f"recorded  {LOG}\n"
    text = (project / LOG).read_text()
    assert text.startswith(f"---\ntemplate: adaptation_log\nplan: {PLAN}\n---\n")
    assert text.endswith(
        "-->\n\n"
        "## 2026-03-01: phase 3, depends_on\n"
        "- **Phase**: 3\n"
        "- **Planned**: 1\n"
        "- **Now**: [1, 2]\n"
        "- **Reason**: letters need live parcels\n"
        "- **Affects**: 2, 4\n"
    )
    (entry,) = adaptation_log.parse(text, LOG)
    assert entry.phases == (2, 3, 4)


def test_the_same_entry_is_recorded_once_and_another_after_it(project: Path) -> None:
    adapt(project, "--phase", "3", "--field", "name", *ENTRY)
    text = (project / LOG).read_text()
    assert adapt(project, "--phase", "3", "--field", "name", *ENTRY) == f"unchanged {LOG}\n"
    assert (project / LOG).read_text() == text
    adapt(project, "--phase", "4", "--planned", "slow", *ENTRY, "--title", "faster")
    after = (project / LOG).read_text()
    assert after.startswith(f"{text}\n## 2026-03-01: faster\n- **Phase**: 4\n- **Planned**: slow\n")


def test_a_recorded_change_is_no_longer_a_disagreement(project: Path) -> None:
    asked = "PRPs/PHASE3_REQUIREMENTS.md"
    write(
        project, asked, "---\ntemplate: phase_requirements\nphase: 3\nname: Cards\n---\n# Cards\n"
    )
    assert "PRP602" in prp(project, "check", asked).stdout
    adapt(project, "--phase", "3", "--field", "name", "--now", "Cards", "--because", "cheaper")
    assert "PRP602" not in prp(project, "check", asked).stdout


def test_phases_that_depend_on_it_are_named_but_not_excused(project: Path) -> None:
    done = prp(
        project, "plan", "adapt", "--phase", "1", "--field", "name", *ENTRY, "--affects", "2"
    )
    assert "phase 3 depends on phase 1" in done.stderr
    assert adaptation_log.parse((project / LOG).read_text(), LOG)[0].phases == (1, 2)


def test_an_entry_keeps_the_newlines_of_its_log(project: Path) -> None:
    write(project, LOG, "# Log\r\n\r\n## old\r\n- Phase: 2\r\n")
    adapt(project, "--phase", "3", "--field", "name", *ENTRY)
    content = (project / LOG).read_bytes()
    assert content.startswith(b"# Log\r\n\r\n## old\r\n- Phase: 2\r\n\r\n## 2026-03-01")
    assert content.count(b"\n") == content.count(b"\r\n")


@pytest.mark.parametrize("end", ["```text\n", "<!-- \n"])
def test_a_log_that_would_swallow_the_entry_is_left_alone(project: Path, end: str) -> None:
    write(project, LOG, f"# Log\n\n{end}")
    done = prp(project, "plan", "adapt", "--phase", "3", "--field", "name", *ENTRY)
    assert done.returncode == 2
    assert f"{LOG}:4: takes no entry" in done.stderr
    assert (project / LOG).read_text() == f"# Log\n\n{end}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--phase", "3"), "one of --field and --planned"),
        (("--phase", "3", "--field", "name", "--planned", "x"), "one of --field and --planned"),
        (("--phase", "9", "--field", "name"), "phase 9 is not in PRPs/PROJECT_PHASE_PLAN.md"),
        (("--phase", "3", "--planned", " "), "--planned needs words"),
        (("--phase", "3", "--field", "name", "--affects", "four"), "takes phase numbers"),
        (("--phase", "3", "--field", "colour"), "'colour' is not one of"),
        (("--phase", "3", "--field", "name", "--date", "soon"), "does not match the format"),
    ],
)
def test_a_wrong_entry_is_refused(project: Path, arguments: tuple[str, ...], said: str) -> None:
    # The last of two dates counts.
    done = prp(project, "plan", "adapt", *ENTRY, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (project / LOG).exists()


@pytest.mark.parametrize(
    "words",
    ["phase 7", "- **Phase**: 7", "## x", "a\n\n- **Affects**: 7", "```", "<!--", "[x]", "#"],
)
def test_no_words_make_an_entry_about_another_phase(words: str) -> None:
    entry = render_entry(Adaptation("2026-03-01", words, 3, words, words, words, (4,)))
    parsed = adaptation_log.parse(f"# Log\n\n{entry}\n## next\n- Phase: 9\n", LOG)
    assert [each.phases for each in parsed] == [(3, 4), (9,)]


def test_the_plan_of_these_tests_is_sound() -> None:
    assert plan.parse(GOOD, PLAN).problems == ()
