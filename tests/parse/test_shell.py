"""Shell text to commands: what each fact of a command is, and that no text raises or takes long."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prp_pack.parse import shell
from prp_pack.parse.script import Command, Script, join, without_output


def only(text: str) -> Command:
    [command] = shell.parse(text).commands
    return command


def programs(text: str) -> list[str]:
    return [command.program for command in shell.parse(text).commands]


WORDS = [
    ("pytest tests -v", ("pytest", "tests", "-v")),
    ("a 'b c' \"d e\" f\\ g", ("a", "b c", "d e", "f g")),
    ('a "say \\"b\\""', ("a", 'say "b"')),
    ('a $B ${C} $(d) `e` "x $F" $((1))', ("a", None, None, None, None, None, None)),
    ("a --b=\"c d\"'e'", ("a", "--b=c de")),
    ("a --b=$C", ("a", None)),
    ("a x{1,2} {} {a..c}", ("a", None, "{}", None)),
    ("a $'b' $'b\\n'", ("a", "b", None)),
    ("a \\\n  b \\\n  c", ("a", "b", "c")),
    ("A=1 B=2 a b", ("a", "b")),
    ("a > out b", ("a", "b")),
    ("a 2>&1 7", ("a", "7")),
    ('python -c "\nimport x\nprint(1)\n"', ("python", "-c", "\nimport x\nprint(1)\n")),
    ("./x.sh ~/y", ("./x.sh", "~/y")),
    ("$X y", (None, "y")),
    ("export A=b", ("export",)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_words_are_what_the_program_would_get(text: str, words: tuple[str | None, ...]) -> None:
    assert shell.parse(text).commands[-1].argv == words


@pytest.mark.parametrize(
    ("word", "glob"),
    [("*.py", True), ("a[1]", True), ("a?", True), ("'*'", False), ("\\*", False), ("a", False)],
)
def test_a_pattern_is_one_only_outside_of_quotes(word: str, glob: bool) -> None:
    assert only(f"x {word}").words[1].glob is glob


def test_lines_and_columns_are_those_of_the_document() -> None:
    first, second = shell.parse('é; a "\nb" c\n\n  d', 10).commands[1:]
    assert (first.line, first.column, first.end) == (10, 4, 12)
    assert (first.words[2].line, first.words[2].column) == (11, 4)
    assert (second.line, second.column, second.end) == (13, 3, 14)


def test_statements_and_comments_know_their_lines() -> None:
    script = shell.parse("# one\na && b  # two\ncat <<END\n# text\nEND\n", 5)
    assert [(s.line, s.end, s.text) for s in script.statements] == [
        (6, 7, "a && b"), (7, 10, "cat <<END\n# text\nEND"),
    ]  # fmt: skip
    assert [(c.line, c.text, c.alone) for c in script.comments] == [
        (5, "# one", True), (6, "# two", False),
    ]  # fmt: skip


PLACEHOLDERS = [
    ("x --target=<200ms", True),
    ("x --target=[<Xms]", True),
    ("x --cov >90%", True),
    ("x < 200ms", True),
    ("x <name of the file>", True),
    ("x < input.txt", False),
    ("x <input", False),
    ("x > out.json", False),
    ("x >out", False),
    ("x >> log", False),
    ("x 2> errors", False),
    ("x 2>&1", False),
    ("x &> all", False),
    ("x < /dev/null", False),
]


@pytest.mark.parametrize(("text", "placeholder"), PLACEHOLDERS)
def test_a_limit_is_told_from_a_file(text: str, placeholder: bool) -> None:
    found = [one.placeholder for one in shell.parse(text).commands[0].redirections]
    assert found and all(one is placeholder for one in found)


FOLDERS = [
    ("a", {"a": ""}),
    ("cd x && a", {"a": "x"}),
    ("cd x && a\nb", {"a": "x", "b": ""}),
    ("cd x\na\nb", {"a": "x", "b": "x"}),
    ("cd x\ncd ../y\na", {"a": "y"}),
    ("(cd x; a); b", {"a": "x", "b": ""}),
    ("cd x | a; b", {"a": "", "b": ""}),
    ("cd x &\na", {"a": ""}),
    ("cd x && (cd y && a) && b", {"a": "x/y", "b": "x"}),
    ("cd $X\na", {"a": None}),
    ("cd /tmp\na", {"a": None}),
    ("cd ..\na", {"a": None}),
    ("cd\na", {"a": None}),
    ("pushd x\na\npopd\nb", {"a": "x", "b": ""}),
    ("if c; then cd x; fi && a", {"a": None}),
    ("f() { cd x; }\na", {"a": ""}),
    ("a $(cd x && b)", {"b": "x", "a": ""}),
]


@pytest.mark.parametrize(("text", "folders"), FOLDERS)
def test_each_command_knows_its_folder(text: str, folders: dict[str, str | None]) -> None:
    found = {c.program: c.folder for c in shell.parse(text).commands}
    assert {name: found[name] for name in folders} == folders


PROGRAMS = [
    ("a | b || c && d", ["a", "b", "c", "d"]),
    ("for i in 1 2; do a $i; done", ["a"]),
    ("while a; do b; done", ["a", "b"]),
    ("if a; then b; else c; fi", ["a", "b", "c"]),
    ("case x in y) a ;; esac", ["a"]),
    ("cat <<END\na b\nEND\nc", ["cat", "c"]),
    ("cat <<END | sh\na\nEND", ["cat", "sh"]),
    ("! a", ["a"]),
    ("[ -f x ] && a", ["a"]),
    ("diff <(a) <(b)", ["a", "b", "diff"]),
    ('a "$(b "$(c)")"', ["c", "b", "a"]),
    ("# a\n", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "names"), PROGRAMS)
def test_every_simple_command_is_found(text: str, names: list[str]) -> None:
    assert programs(text) == names


def test_operators_around_a_command_are_known() -> None:
    found = {c.program: c for c in shell.parse("a | b -c || d; e\nf &\nif g; then h; fi").commands}
    assert found["a"].into == ("b", "-c")
    assert [found[name].joined for name in "abdefh"] == ["", "|", "||", ";", "", ""]
    assert [name for name, one in found.items() if one.background] == ["f"]
    assert [name for name, one in found.items() if one.tested] == ["g"]


def test_calls_of_what_the_script_defines_are_marked() -> None:
    script = shell.parse("f() { a; }\nalias g='a b'\nf\ng x\nh")
    assert [c.program for c in script.commands if c.defined] == ["f", "g"]


def test_assignments_are_kept_with_their_commands() -> None:
    script = shell.parse("A=1 B=$(c) d\nE='f g'")
    found = {a.name: a.value for c in script.commands for a in c.assignments}
    assert found == {"A": "1", "B": None, "E": "f g"}


def test_prompts_are_not_words_and_a_console_has_output() -> None:
    text = "$ pytest \\\n    -q\n3 passed\n$ ls\nsrc"
    assert programs(without_output(text)) == ["pytest", "ls"]
    assert without_output("a\nb") == "a\nb"
    assert shell.parse(without_output(text)).commands[1].column == 3


def test_lines_that_do_not_parse_are_named() -> None:
    script = shell.parse("a\nOpen the page (in a browser) and look\nb", 3)
    assert [problem.line for problem in script.problems] == [4]
    assert [c.program for c in script.commands if not c.broken] == ["a", "b"]


@pytest.mark.parametrize(
    ("folder", "path", "joined"),
    [("", "a", "a"), ("a", "../b", "b"), ("a", ".", "a"), ("", "./", ""), ("", "..", None),
     ("a", "/b", None), (None, "a", None), ("a", None, None), ("", "~/a", None)],
)  # fmt: skip
def test_a_path_is_joined_inside_of_the_project_only(
    folder: str | None, path: str | None, joined: str | None
) -> None:
    assert join(folder, path) == joined


# Each of them crashed the grammar, now and then, when it was given as it stands.
@pytest.mark.parametrize("text", ["{\U000dd000", "a{\U0007a955\u201c", "{\U00108de1\x98e100`"])
def test_characters_far_outside_of_ascii_are_parts_of_words(text: str) -> None:
    code = f"from prp_pack.parse import shell\nfor _ in range(200): shell._tree({text!r}.encode())"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert only("écho “a”\u00a0b 日本").argv == ("écho", "“a”\u00a0b", "日本")


HOSTILE = ["(", "$(", '"$(', "`", "a|", "a |\n", "a=(", "<", "<<A ", "cat <<A\n", "case a in ", "||",
           "a) ", ")", "[[", "${", "{", "if ", "while a;do ", "a(){ ", "&", "\\", "\0", "a b\n", "é",
           "$((", "[ a = ", "'", '"', "a; ", "!", "# "]  # fmt: skip


@pytest.mark.parametrize("part", HOSTILE)
def test_hostile_text_is_read_to_its_end(part: str) -> None:
    for size in (shell.MAX_CHARACTERS, 10_000 * len(part)):
        assert isinstance(shell.parse((part * size)[:size]), Script)


def test_ten_thousand_parentheses_and_a_line_of_a_megabyte_say_why_they_are_not_read() -> None:
    for text in ("(" * 10_000 + ")" * 10_000, "echo " + "a" * 1_000_000):
        [problem] = shell.parse(text, 7).problems
        assert problem.line == 7
        assert "not read" in problem.reason


def test_deep_nesting_is_given_up_with_a_reason() -> None:
    script = shell.parse("(" * 200 + "a" + ")" * 200)
    assert any("nested too deeply" in problem.reason for problem in script.problems)


pieces = st.lists(
    st.one_of(st.sampled_from([*HOSTILE, " ", "\n", "cd x", "pytest", "> y", "2>&1", "&& ", ";"]),
              st.text(max_size=8)),
    max_size=40,
).map("".join)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(text=st.one_of(st.text(), pieces))
@example("\ud800")
@example("> ")
@example("a >& b <& c")
def test_no_text_raises_and_lines_stay_inside(text: str) -> None:
    script = shell.parse(text, 1)
    last = text.count("\n") + 1
    lines = [c.line for c in script.commands] + [p.line for p in script.problems]
    assert all(1 <= line <= last for line in lines)
    assert all(s.line < s.end for s in script.statements)
    without_output(text)


def test_the_grammar_is_not_loaded_before_the_first_parse() -> None:
    code = (
        "import sys, prp_pack.check.engine, prp_pack.parse.shell as shell\n"
        "assert 'tree_sitter._binding' not in sys.modules\n"
        "shell.parse('a')\n"
        "assert 'tree_sitter._binding' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
