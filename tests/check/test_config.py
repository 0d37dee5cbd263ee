"""`PRPs/prp.toml`: what it changes, and that whatever is wrong with it has its line."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from prp_pack.check import settings
from prp_pack.check.config import Config, load, parse
from prp_pack.check.engine import Checker
from prp_pack.check.frozen_contracts import Places
from prp_pack.check.globs import glob
from prp_pack.check.rules import RULES
from prp_pack.evidence.configuration import OF_SCRIPTS, PATH
from prp_pack.model import Phase, PhaseContext, PhaseType, Severity
from prp_pack.repository import Repository, UnreadableError

DEFAULT = files("prp_pack.check").joinpath("prp.toml").read_text(encoding="utf-8")
TWICE = "## Goal\nOne.\n\n## Goal\nTwo.\n"


def project(folder: Path, toml: str = "", **documents: str) -> Repository:
    (folder / "PRPs/templates").mkdir(parents=True, exist_ok=True)
    if toml:
        (folder / PATH).write_text(toml, encoding="utf-8")
    for name, text in documents.items():
        (folder / f"PRPs/{name}.md").write_text(text, encoding="utf-8")
    return Repository(folder)


def found(repository: Repository, text: str = TWICE, path: str = "PRPs/a.md") -> dict[str, str]:
    checker = Checker(repository, strict=True)
    return {f.rule: str(f.severity) for f in checker.check_text(text, path)}


def refused(toml: str) -> tuple[int, str, str]:
    with pytest.raises(UnreadableError) as raised:
        parse(toml)
    assert raised.value.path == PATH
    return raised.value.line, raised.value.reason, raised.value.help


# Text, line, and what is said; each also says where.
WRONG = [
    ("a key without value", "[check]\nselect\n", 2, "is not valid TOML: "),
    ("an open text", '[check]\nselect = ["PRP1\n', 2, "is not valid TOML: "),
    ("an unknown section", "[chekc]\n", 1, "unknown key “chekc”"),
    ("an unknown key", "# x\n[check]\nselct = []\n", 3, "unknown key “selct” in [check]"),
    ("a list that is a text", '[check]\n\nselect = "PRP1"\n', 3, "“select” is a text, not a list"),
    ("a list of numbers", "[check]\nignore = [1]\n", 2, "“ignore” is a list of other things"),
    ("a flag that is a number", "[check]\nstrict = 1\n", 2, "“strict” is a number, not true or"),
    ("a table that is a text", 'check = "x"\n', 1, "“check” is a text, not a table"),
    ("an unknown rule", '[check]\nignore = [\n  "PRP1",\n  "PRP999",\n]\n', 4,
     "no rule is called “PRP999”"),
    ("an empty rule", '[check]\nselect = [""]\n', 2, "no rule is called “”"),
    ("an unknown severity", '[check.severity]\nPRP103 = "fatal"\n', 2, "severity “fatal” of PRP103"),
    ("a severity of nothing", '[check.severity]\nPRP103 = "off"\nPRP9 = "off"\n', 3,
     "no rule is called “PRP9”"),
    ("a per-file table", '[check.per-file]\npaths = ["a"]\n', 1, "not written as [[check.per-file]]"),
    ("no reason", '[[check.per-file]]\npaths = ["a"]\nignore = ["PRP1"]\n', 1, "has no “reason”"),
    ("an empty reason",
     '[[check.per-file]]\npaths = ["a"]\nignore = ["PRP1"]\nreason = " "\n', 4, "“reason” is empty"),
    ("no paths", '[[check.per-file]]\npaths = []\nignore = ["PRP1"]\nreason = "x"\n', 2,
     "“paths” is empty"),
    ("the second table", ('[[check.per-file]]\npaths = ["a"]\nignore = ["PRP1"]\nreason = "x"\n\n'
     '[[check.per-file]]\npaths = ["/a"]\nignore = ["PRP1"]\nreason = "x"\n'), 7,
     "“/a” is not a path from the project's root"),
    ("an open bracket",
     '[[check.per-file]]\npaths = ["a", "[b"]\nignore = ["PRP1"]\nreason = "x"\n', 2,
     "“[b” has a “[” that nothing closes"),
    ("a phase of no number", '[templates]\nphase_0 = "a.md"\n', 2, "unknown key “phase_0”"),
    ("a template that is a number", "[templates]\ndefault = 1\n", 2, "“default” is a number"),
    ("a template outside", '[templates]\ndefault = "../a.md"\n', 2, "“../a.md” is not a path"),
    ("nothing left", '[check]\nignore = ["PRP"]\n', 1, "no rule is left to check with"),
]  # fmt: skip


@pytest.mark.parametrize(("toml", "line", "said"), [row[1:] for row in WRONG],
                         ids=[row[0] for row in WRONG])  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(toml: str, line: int, said: str) -> None:
    at, reason, _ = refused(toml)
    assert (at, said in reason) == (line, True), reason


@pytest.mark.parametrize(
    ("toml", "meant"),
    [
        ("[chekc]\n", "did you mean “check”"),
        ("[check]\nselct = []\n", "did you mean “select”"),
        ('[check]\nignore = ["mising-section"]\n', "did you mean “missing-section”"),
        ('[templates]\nfundation = "a.md"\n', "did you mean “foundation”"),
    ],
)
def test_a_slip_is_met_with_what_was_meant(toml: str, meant: str) -> None:
    assert refused(toml)[2] == meant


@pytest.mark.parametrize("section", OF_SCRIPTS)
def test_sections_of_the_scripts_are_left_alone(section: str) -> None:
    assert parse(f"[{section}]\nanything = 1\n") == Config()


def test_the_file_that_init_installs_changes_nothing() -> None:
    assert parse(DEFAULT) == Config()


def test_every_example_in_it_can_be_used() -> None:
    lines = (line.removeprefix("# ") for line in DEFAULT.split("\n")[2:])
    shown = parse("\n".join(lines))
    assert shown.severity == {"PRP204": Severity.NOTE}
    assert shown.per_file[0].covers("PRPs/done/old/phase1.md")


words = st.sampled_from([
    "[check]", "[check.severity]", "[[check.per-file]]", "[check.aliases]", "[templates]", "[contracts]", 'folder = "a"', "files.phase_1 = 'b'",
    'select = ["PRP1"]', "ignore = []", "strict = true", 'paths = ["**"]', 'reason = "x"',
    'PRP103 = "off"', '"Goal" = ["Ziel"]', 'phase_2 = "a"', "a.b.c = 1", "x = 1979-05-27", "[", "]",
    "check.select = [[]]", "check = {per-file = [{paths = ['[']}]}", '"""', "\u2028", "\x00", "= 1",
])  # fmt: skip


@given(
    st.one_of(st.text(), st.lists(st.one_of(words, st.text(max_size=9)), max_size=9).map("\n".join))
)
@example("a = " + "9" * 5000)
@example("a = " + "[" * 5000)
@example("")
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    try:
        parse(text)
    except UnreadableError as error:
        assert error.path == PATH
        assert 1 <= error.line <= text.count("\n") + 1
        assert "\n" not in error.reason


# Glob, and paths with whether it covers them.
GLOBS = [
    ("PRPs/done/**", {"PRPs/done/a.md": 1, "PRPs/done/b/a.md": 1, "PRPs/done": 0, "PRPs/a.md": 0}),
    ("**", {"a": 1, "a/b": 1}),
    ("**/a.md", {"a.md": 1, "b/a.md": 1, "b/c/a.md": 1, "ba.md": 0}),
    ("PRPs/*.md", {"PRPs/a.md": 1, "PRPs/b/a.md": 0}),
    ("PRPs/phase?.md", {"PRPs/phase1.md": 1, "PRPs/phase12.md": 0, "PRPs/phase/.md": 0}),
    ("PRPs/phase[12].md", {"PRPs/phase1.md": 1, "PRPs/phase3.md": 0}),
    ("PRPs/phase[!12].md", {"PRPs/phase1.md": 0, "PRPs/phase3.md": 1, "PRPs/phase/.md": 0}),
    ("a.b(c)+", {"a.b(c)+": 1, "axb(c)+": 0}),
]


@pytest.mark.parametrize(("pattern", "paths"), GLOBS)
def test_globs_cover_what_they_say(pattern: str, paths: dict[str, int]) -> None:
    for path, covered in paths.items():
        assert bool(glob(pattern).fullmatch(path)) == bool(covered), path


@pytest.mark.parametrize("pattern", ["", "/a", "./a", "../a", "a/../b", "a\\b", "a**", "a//b", "[a",
                                     "[z-a]"])  # fmt: skip
def test_what_is_no_glob_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"is not|has"):
        glob(pattern)


@given(st.text(alphabet="ab*?[]!-^&~|\\/.", max_size=12), st.text(alphabet="ab/.", max_size=8))
def test_any_glob_is_read_or_refused(pattern: str, path: str) -> None:
    try:
        glob(pattern).fullmatch(path)
    except ValueError as error:
        assert type(error) is ValueError


# --- What it changes -------------------------------------------------------------------------


def test_selection_and_severity_decide_what_is_found(tmp_path: Path) -> None:
    assert found(project(tmp_path))["PRP103"] == "error"
    assert set(found(project(tmp_path, '[check]\nselect = ["PRP103"]\n'))) == {"PRP103"}
    assert "PRP103" not in found(project(tmp_path, '[check]\nignore = ["duplicate-section"]\n'))
    assert "PRP103" not in found(project(tmp_path, '[check.severity]\nPRP103 = "off"\n'))
    assert found(project(tmp_path, '[check.severity]\nPRP103 = "note"\n'))["PRP103"] == "note"


def test_a_rule_is_excepted_in_the_files_that_are_named(tmp_path: Path) -> None:
    toml = '[[check.per-file]]\npaths = ["PRPs/done/**"]\nignore = ["PRP103"]\nreason = "closed"\n'
    repository = project(tmp_path, toml)
    assert "PRP103" in found(repository)
    assert "PRP103" not in found(repository, path="PRPs/done/a.md")


def test_a_running_command_keeps_what_nobody_may_talk_away(tmp_path: Path) -> None:
    toml = '[check]\nignore = ["PRP2"]\n[check.severity]\nPRP107 = "off"\nPRP109 = "note"\n'
    config = parse(toml)
    kept = {rule.id for rule in config.active(RULES, strict=True)}
    assert {"PRP107", "PRP201", "PRP202"} <= kept
    assert not {"PRP203", "PRP204"} & kept
    assert not {"PRP107", "PRP201"} & {rule.id for rule in config.active(RULES)}
    text = "---\nname: [x\n---\n## Goal\nx\n"
    assert found(project(tmp_path, toml), text)["PRP109"] == "error"


def test_a_command_line_replaces_the_selection_and_adds_to_what_is_ignored() -> None:
    config = parse('[check]\nselect = ["PRP1"]\nignore = ["PRP103"]\n')
    changed = config.overridden(["PRP1", "PRP2"], ["PRP201"])
    active = {rule.id for rule in changed.active(RULES)}
    assert {"PRP101", "PRP202"} <= active
    assert not {"PRP103", "PRP201"} & active
    assert config.overridden([], []) == config


def test_aliases_are_further_titles(tmp_path: Path) -> None:
    text = "---\ntemplate: prp_base\n---\n## Objectif\nx\n\n## Objectif\ny\n"
    assert "PRP103" not in found(project(tmp_path), text)
    aliased = project(tmp_path, '[check.aliases]\n"Goal" = ["Objectif"]\n')
    messages = [f.message for f in Checker(aliased).check_text(text, "PRPs/a.md")]
    assert not [message for message in messages if message == "missing section “Goal”"]
    assert "PRP103" in found(aliased, text)


@pytest.mark.parametrize(
    ("alias", "said"),
    [
        ('"Gaol" = ["Ziel"]', "“Gaol” is no section of the template"),
        ('"Goal" = ["?!"]', "“?!” is no title"),
        ('"Goal" = ["Why"]', "“Why” already means the section “why”"),
        ('"Goal" = ["Ziel"]\n"Why" = ["Ziel"]', "“Ziel” already means the section “goal”"),
    ],
)
def test_an_alias_that_cannot_be_is_refused(tmp_path: Path, alias: str, said: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        load(project(tmp_path, f"[check.aliases]\n{alias}\n"))
    assert raised.value.reason == said
    assert raised.value.line == alias.count("\n") + 2


def test_a_phase_has_the_template_of_its_number_then_of_its_type() -> None:
    config = parse('[templates]\ndefault = "d"\nfoundation = "f"\nphase_2 = "two"\n')

    def chosen(number: int, type_: PhaseType) -> str:
        return config.template_for(PhaseContext(Phase(number, 3, type_)))

    assert chosen(1, PhaseType.FOUNDATION) == "f"
    assert chosen(2, PhaseType.FOUNDATION) == "two"
    assert chosen(3, PhaseType.OPTIMIZATION) == "d"
    assert config.template_for(PhaseContext()) == "d"
    assert Config().template_for(None) == "PRPs/templates/prp_base.md"


def test_a_prp_is_held_to_the_template_of_its_phase(tmp_path: Path) -> None:
    toml = '[templates]\nphase_2 = "PRPs/templates/two.md"\n'
    repository = project(
        tmp_path, toml, **{"templates/two": "## Goal\n## Deploy (Always Required)\n"}
    )

    def missing(number: int) -> bool:
        block = (
            "---\ntemplate: prp_base\n---\n## Goal\nx\n\n## Project Context\n```yaml\n"
            "PROJECT_TYPE: complex_multi_phase\nPHASE_INFO:\n"
            f"  number: {number}\n  total_phases: 3\n  phase_type: integration\n```\n"
        )
        said = [f.message for f in Checker(repository).check_text(block, "PRPs/a.md")]
        return "missing section “Deploy”" in said

    assert missing(2)
    assert not missing(3)


def test_contracts_lie_where_the_table_of_the_scripts_says() -> None:
    config = parse('[contracts]\nfolder = "api/"\nfiles = { "phase 2" = "b.yaml", 3 = "c" }\n')
    assert config.contracts == Places("api", {2: "b.yaml", 3: "c"})
    assert parse("[contracts]\nexamples = 3\n").contracts == Places()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("folder = 1", "“folder” is a number"),
        ('folder = "/etc"', "“/etc” is not a path from the project's root"),
        ('folder = "${HERE}/api"', "“${HERE}/api” has a variable"),
        ("files = []", "“files” is a list, not a table"),
        ("files = { phase_1 = 1 }", "“phase_1” is a number"),
        ('files = { phase_1 = "../a.json" }', "“../a.json” is not a path"),
        ('files = { first = "a.json" }', "“first” is not a phase such as phase_2"),
    ],
)
def test_a_place_that_is_none_is_refused_with_its_line(said: str, why: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        parse(f"[contracts]\n{said}\n")
    assert raised.value.reason.startswith(why)
    assert raised.value.line == 2


def test_a_template_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as raised:
        load(project(tmp_path, '[templates]\n\nphase_2 = "PRPs/none.md"\n'))
    assert (raised.value.line, raised.value.reason) == (
        3,
        "the template “PRPs/none.md” does not exist",
    )


def test_what_cannot_be_read_is_told_and_the_defaults_hold(tmp_path: Path) -> None:
    repository = project(tmp_path, "[check\n")
    read = settings.load_what_can_be(repository)
    assert read.config == Config()
    assert read.told.startswith(f"{PATH}:1: is not valid TOML")
    assert "PRP103" in {
        f.rule
        for f in Checker(repository, strict=True, settings=read).check_text(TWICE, "PRPs/a.md")
    }
    with pytest.raises(UnreadableError):
        Checker(repository).check_text(TWICE, "PRPs/a.md")
