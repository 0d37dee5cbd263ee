"""The gates of a PRP: which text is one, with which level, id and attributes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prp_pack.check.gate_attributes import attributes, idle_words
from prp_pack.check.gates import Gates, gates_of, is_command
from prp_pack.model import Gate
from prp_pack.parse import document
from prp_pack.schema import matrix, template
from prp_pack.schema.sections import locate


def read(text: str) -> Gates:
    parsed = document.parse(text, "PRPs/x.md")
    return gates_of(parsed, locate(parsed.outline, matrix.shipped()))


def gates(*lines: str, language: str = "bash") -> tuple[Gate, ...]:
    """Return the gates of one fence in Level 1; its first line is line 4."""
    fence = "\n".join((f"```{language}", *lines, "```"))
    return read(f"## Validation Loop\n### Level 1: Component Validation\n{fence}\n").gates


def test_each_statement_is_a_gate_with_its_line_and_id() -> None:
    found = gates("ruff check .", "", "# tests", "pytest \\", "  -q")
    assert [(g.id, g.level, g.line, g.end, g.argv) for g in found] == [
        ("L1.1", "1", 4, 5, ("ruff", "check", ".")),
        ("L1.2", "1", 7, 9, ("pytest", "-q")),
    ]


def test_levels_follow_the_headings_and_the_checklist_its_parts() -> None:
    found = read(
        "## Validation Loop\n```bash\na b\n```\n"
        "### Level 1: Component Validation\n```sh\nc\n```\n"
        "### Level 1b: Service smoke test\n#### Start\n```shell\nd\n```\n"
        "### Level 4: System Integration\n```console\n$ e\noutput\n```\n"
        "```text\nf\n```\n"
        "## Final Validation Checklist\n- [ ] Linted: `ruff check .`\n"
        "### Component Level\n- [x] Typed: `mypy src`\n- [ ] Said in `README.md`\n"
        "- [ ] Logged\n"
        "## Anti-Patterns to Avoid\n```bash\ng\n```\n- [ ] Not a gate: `ruff check .`\n"
    ).gates  # fmt: skip
    assert [(g.id, g.level, g.command) for g in found] == [
        ("L.1", "", "a b"), ("L1.1", "1", "c"), ("L1b.1", "1b", "d"), ("L4.1", "4", "e"),
        ("C.1", "C", "ruff check ."), ("C.Component.1", "C", "mypy src"),
    ]  # fmt: skip


def test_levels_of_older_templates_keep_their_numbers() -> None:
    found = read(
        "## Validation Gates\n### Level 1: Syntax & Style\n```bash\na\n```\n"
        "### Level 2: Unit Tests each new feature\n```bash\nb\n```\n"
    ).gates
    assert [g.level for g in found] == ["1", "1a"]


ATTRIBUTES = [
    ("# gate: background ready=http://x/health timeout=30s", (True, "http://x/health", 30.0, ())),
    ("# gate: background", (True, "", None, ())),
    ("# gate: timeout=2m scope=src,tests", (False, "", 120.0, ("src", "tests"))),
    ("# gate: timeout=500ms", (False, "", 0.5, ())),
    ("# about the gate: background", (False, "", None, ())),
]  # fmt: skip


@pytest.mark.parametrize(("comment", "said"), ATTRIBUTES)
def test_a_comment_above_gives_its_attributes_to_the_next_command(
    comment: str, said: tuple[object, ...]
) -> None:
    first, second = gates(comment, "a", "b")
    assert (first.background, first.ready, first.timeout, first.scope) == said
    assert (second.background, second.ready, second.timeout) == (False, "", None)


def test_attributes_may_stand_behind_the_command_or_above_the_fence() -> None:
    assert gates("a  # gate: timeout=5s")[0].timeout == 5
    text = "## Validation Loop\n<!-- gate: timeout=9s -->\n```bash\na\nb  # gate: timeout=1s\n```\n"
    assert [g.timeout for g in read(text).gates] == [9, 1]


def test_attributes_that_mean_nothing_are_kept_apart() -> None:
    assert gates("# gate: backgrund timeout=soon", "a")[0].unknown == ("backgrund", "timeout=soon")


SUGGESTIONS = [
    ("backgroud", "background", "did you mean “background”?"),
    ("Timeout=5s", "timeout=5s", "did you mean “timeout”?"),
    ("timout=soon", "timout=soon", "did you mean “timeout”? write a number"),
    ("redy", "redy", "did you mean “ready”? write `ready=`"),
    ("retries=3", "retries=3", "a gate has `background`, `ready`, `timeout`, `scope`"),
    ("timeout=1e3", "timeout=1e3", "write a number"),
    ("timeout=0.0s", "timeout=0.0s", "write a number"),
    ("scope=,", "scope=,", "write `scope=`"),
    ("ready=tcp:8000", "ready=tcp:8000", "write `ready=`"),
    ("background=false", "background=false", "it is a word of its own"),
]


@pytest.mark.parametrize(("word", "new", "hint"), SUGGESTIONS)
def test_a_word_that_says_nothing_is_named_with_what_was_meant(
    word: str, new: str, hint: str
) -> None:
    [idle] = idle_words(f"# gate: {word}")
    assert (idle.word, idle.new) == (word, new)
    assert idle.help.startswith(hint)
    assert attributes(f"# gate: {word}").unknown == (word,)


@pytest.mark.parametrize("comment", ["# a gate: backgroud", "backgroud", "# gate:", "<!-- x -->"])
def test_what_is_no_comment_about_a_gate_has_no_word(comment: str) -> None:
    assert not list(idle_words(comment))


def test_what_prepares_is_no_gate_and_goes_before_those_that_follow() -> None:
    first, second = gates("cd web", "export A=b", "npm run lint", "source x", "npm test")
    assert (first.setup, first.command) == (("cd web", "export A=b"), "npm run lint")
    assert second.setup == ("cd web", "export A=b", "source x")
    assert first.argv is None


@pytest.mark.parametrize(
    "lines",
    [("npm start &", "sleep 5", "curl -f x"), ("D=$(mktemp -d)", "a $D", "b $D")],
)
def test_commands_that_share_what_runs_only_once_are_one_gate(lines: tuple[str, ...]) -> None:
    [gate] = gates(*lines)
    assert (gate.line, gate.end, gate.argv) == (4, 7, None)
    assert gate.command == "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    ["a | b", "a > b", "A=1 b", "a $B", "a *.py", "a && b", "a ~/b", "for i in 1; do a; done"],
)
def test_what_has_shell_syntax_is_not_plain(text: str) -> None:
    assert [gate.argv for gate in gates(text)] == [None]


COMMANDS = [
    ("pytest tests/unit -v", True),
    ("mypy", True),
    ("./check.sh", True),
    ("A=1 make test", True),
    ("src/config.py", False),
    ("README.md", False),
    ("active", False),
    ("GET /health", False),
    ("class Parcel", False),
    ("await send(x)", False),
    ("200 OK", False),
]


@pytest.mark.parametrize(("text", "command"), COMMANDS)
def test_a_command_in_backticks_is_told_from_a_name(text: str, command: bool) -> None:
    assert is_command(text) is command


def test_more_shell_than_a_person_reads_is_skipped_with_a_reason() -> None:
    fence = "```bash\n" + "a b\n" * 2_400 + "```\n"
    found = read("## Validation Loop\n" + fence * 6)
    assert len(found.steps) == 4 * 2_400
    assert list(found.skipped) == [2 + 4 * 2_402, 2 + 5 * 2_402]


def test_every_gate_of_the_template_has_an_id_of_its_own() -> None:
    found = read(template.shipped_text()).gates
    ids = [gate.id for gate in found]
    assert len(set(ids)) == len(ids) > 25
    assert {gate.level for gate in found} == {"1", "1a", "2", "3", "4", "5", "C", "1b"}


fragments = st.lists(
    st.sampled_from(["## Validation Loop", "### Level 1: x", "```bash", "```", "~~~sh", "cd a", "b &",
                     "# gate: background", "A=$(b)", "- [ ] x: `a b`", "## Final Validation Checklist",
                     "cat <<E", "E", "(", "'", "> - ```sh"]),
    max_size=25,
).map("\n".join)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(text=fragments)
def test_no_text_raises(text: str) -> None:
    found = read(text)
    assert all(1 <= gate.line < gate.end for gate in found.gates)
