"""What merging does to settings files, as a table of files, and as a property of all of them."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prp_pack.repository import Source, UnreadableError, decode
from prp_pack.settings_json import LOADER, SCRIPT, hook_settings, hooks_json, merged

# Two short registrations; the real ones have the same shape.
WRITE = {"type": "command", "command": "python3", "args": ["/x/prp_hook.py", "W"], "timeout": 30}
WRITE["if"] = "Write(**/PRPs/**)"
STOP = {"type": "command", "command": "python3", "args": ["/x/prp_hook.py", "S"], "timeout": 10}
HOOKS: dict[str, list[dict[str, Any]]] = {
    "PreToolUse": [{"matcher": "Write", "hooks": [WRITE]}],
    "Stop": [{"hooks": [STOP]}],
}
REAL = hook_settings("CLAUDE_PROJECT_DIR", f".claude/hooks/{SCRIPT}")["hooks"]
THEIRS = {"matcher": "Bash", "hooks": [{"type": "command", "command": "echo // no comment"}]}


def merge(raw: str, hooks: dict[str, Any] = HOOKS) -> str:
    return merged(decode(raw.encode(), ".claude/settings.json"), hooks, SCRIPT)


def plain(text: str) -> Any:
    """Read JSON with comments as simply as these tests' files allow."""
    text = re.sub(r'("(?:[^"\\]|\\.)*")|//[^\r\n]*|/\*.*?\*/', r"\1", text, flags=re.DOTALL)
    return json.loads(re.sub(r",(\s*[\]}])", r"\1", text.removeprefix("\ufeff")))


def expected(old: dict[str, Any], hooks: dict[str, Any] = HOOKS) -> dict[str, Any]:
    new = copy.deepcopy(old)
    for event, groups in hooks.items():
        new.setdefault("hooks", {}).setdefault(event, []).extend(groups)
    return new


def is_inside(old: str, new: str) -> bool:
    """Whether `old` can be had from `new` by leaving characters out: nothing of it is lost."""
    characters = iter(new)
    return all(character in characters for character in old)


FILES = {
    "an empty file": "",
    "white space": "\n\n",
    "a BOM alone": "\ufeff",
    "comments alone": "// nothing here yet\n/* really */",
    "an empty object": "{}",
    "an empty object with a newline": "{\n}\n",
    "an empty object with a comment": "{ // mine\n}\n",
    "an empty object with a block": "{/* mine */}\n",
    "no final newline": '{\n  "model": "opus"\n}',
    "two spaces": '{\n  "model": "opus",\n  "env": {\n    "A": "1"\n  }\n}\n',
    "four spaces": '{\n    "permissions": {\n        "allow": []\n    }\n}\n',
    "tabs": '{\n\t"model": "opus",\n\t"hooks": {\n\t\t"Stop": []\n\t}\n}\n',
    "an indented object": '  {\n     "model": "opus"\n  }\n',
    "no indentation": '{\n"model": "opus",\n"hooks": {\n"Stop": []\n}\n}\n',
    "CRLF": '{\r\n  "model": "opus", // c\r\n  "hooks": {}\r\n}\r\n',
    "a BOM": '\ufeff{\n  "model": "opus"\n}\n',
    "minified": '{"model":"opus","hooks":{"Stop":[],"PreToolUse":[{"matcher":"Bash"}]}}',
    "one line": '{"model": "opus", "hooks": {"Stop": [ ]}}\n',
    "one line, then a bracket": '{"model": "opus"\n}\n',
    "a bracket on the last line": '{\n  "model": "opus"}',
    "trailing commas": '{\n  "hooks": {\n    "Stop": [\n      {"hooks": [],},\n    ],\n  },\n}\n',
    "a trailing comma on one line": '{"a": [1, 2,], "hooks": {"Stop": [{"hooks": []},],},}',
    "a comment after a trailing comma": '{\n  "a": 1, // about, a\n  // "b": 2,\n}\n',
    "a comment before the comma": '{\n  "a": 1 /* , */ ,\n}\n',
    "a comment ending in an odd space": '{\n  "a": 1 // odd\u00a0\n}\n',
    "a comment on the line of one-line members": '{"a": 1 // x\n}\n',
    "comments everywhere": (
        '// top\n{ // open\n  /* k */ "hooks" /* h */ : /* v */ { // hooks\n'
        '    // before\n    "Stop": [ // stop\n      // none ]\n    ] // after\n    // end }\n'
        "  } /* , */ // end\n}\n// bottom"
    ),
    "others in the same events": json.dumps(
        {"hooks": {"Stop": [THEIRS], "PreToolUse": [THEIRS, THEIRS], "Other": [THEIRS]}}, indent=2
    ),
    "events not of a known shape": '{"hooks": {"Later": {"a": 1}, "Stop": [1, {"hooks": {}}, [] ]}}',
    "nested unknown keys": '{\n  "x": {"hooks": [{"y": [[[]]]}], "": null},\n  "hooks": {"": []}\n}',
    "unicode": '{\n  "größe": "“✓” \\u00e9 \\ud83d\\ude00 \\ud800 😀",\n  "a\\"b//": 1e3\n}\n',
}


@pytest.mark.parametrize("raw", FILES.values(), ids=FILES.keys())
@pytest.mark.parametrize("hooks", [HOOKS, REAL], ids=["short", "real"])
def test_a_merge_adds_our_hooks_and_loses_no_character(raw: str, hooks: dict[str, Any]) -> None:
    new = merge(raw, hooks)
    empty = not re.sub(r"//.*|/\*.*\*/|\ufeff|\s", "", raw)
    assert plain(new) == expected({} if empty else plain(raw), hooks)
    assert merge(new, hooks) == new
    tolerated = re.compile(r"[ \t\r\n]")
    assert is_inside(tolerated.sub("", raw), tolerated.sub("", new))
    assert new.startswith("\ufeff") == raw.startswith("\ufeff")
    if raw.strip("\ufeff\n") and not empty:
        assert new.endswith("\n") == raw.endswith("\n")
    if "\r\n" in raw:
        assert not re.search(r"(?<!\r)\n", new)


SHOWN = [
    (
        '{\n\t"hooks": {\n\t\t"Stop": [] // none\n\t} // all,\n}\n',
        (
            '{\n\t"hooks": {\n\t\t"Stop": [\n\t\t\t{\n\t\t\t\t"hooks": [\n\t\t\t\t\t1\n\t\t\t\t]\n\t\t\t}\n'
            "\t\t] // none\n\t} // all,\n}\n"
        ),
    ),
    ('{"model":"opus"}', '{"model":"opus","hooks":{"Stop":[{"hooks":[1]}]}}'),
    ('{"model": "opus",}', '{"model": "opus", "hooks": {"Stop": [{"hooks": [1]}]},}'),
    (
        '{\n  "a": 1, // about a\n}\n',
        (
            '{\n  "a": 1, // about a\n  "hooks": {\n    "Stop": [\n      {\n        "hooks": [\n'
            "          1\n        ]\n      }\n    ]\n  },\n}\n"
        ),
    ),
    (
        '{\n  "a": 1 // about a\n}\n',
        (
            '{\n  "a": 1, // about a\n  "hooks": {\n    "Stop": [\n      {\n        "hooks": [\n'
            "          1\n        ]\n      }\n    ]\n  }\n}\n"
        ),
    ),
]


@pytest.mark.parametrize(("raw", "shown"), SHOWN)
def test_what_is_added_is_written_in_the_style_of_the_file(raw: str, shown: str) -> None:
    source = Source("settings.json", raw, raw)
    new = merged(source, {"Stop": [{"hooks": [{"args": [SCRIPT]}]}]}, SCRIPT)
    assert re.sub(r'\{\s*"args":\s*\[\s*"prp_hook.py"\s*\]\s*\}', "1", new) == shown


def with_stop(groups: str) -> str:
    pre = json.dumps(HOOKS["PreToolUse"], indent=1)
    return '{"hooks": {"PreToolUse": ' + pre + ',\n"Stop": ' + groups + "}}"


OURS = json.dumps(STOP)
OLD = json.dumps(STOP | {"timeout": 99, "args": ["-c", "old loader", "/old/prp_hook.py", "S"]})
OTHER = json.dumps(THEIRS["hooks"][0])
OUTDATED = [
    ("present and equal", f'[{{"hooks": [{OURS}]}}]', f'[{{"hooks": [{OURS}]}}]'),
    ("old values", f'[ {{"hooks": [{OLD}]}} ]', f'[ {{"hooks": [{OURS}]}} ]'),
    (
        "between others",
        f'[{{"hooks": [{OTHER}, {OLD}, {OTHER}]}}]',
        f'[{{"hooks": [{OTHER}, {OURS}, {OTHER}]}}]',
    ),
    ("another matcher", f'[{{"matcher": "x", "hooks": [{OURS}]}}]', f'[{{"hooks": [{OURS}]}}]'),
    (
        "a matcher shared with others",
        f'[{{"matcher": "x", "hooks": [{OTHER}, {OURS}]}}]',
        f'[{{"matcher": "x", "hooks": [{OTHER}]}}, {{"hooks": [{OURS}]}}]',
    ),
    (
        "a comment of the user's beside it",
        f'[\n {{"hooks": [ // why\n  {OLD} // keep\n ]}},\n]',
        f'[\n {{"hooks": [ // why\n  {OURS} // keep\n ]}},\n]',
    ),
    (
        "a condition that we don't have any more",
        '[{{"hooks": [{}]}}]'.format(json.dumps(STOP | {"if": "Bash(*)"})),
        f'[{{"hooks": [{OURS}]}}]',
    ),
    (
        "a key of the user's",
        '[{{"hooks": [{}]}}]'.format(json.dumps({"statusMessage": "…"} | STOP | {"timeout": 1})),
        '[{{"hooks": [{}]}}]'.format(json.dumps({"statusMessage": "…"} | STOP)),
    ),
    (
        "twice",
        f'[\n {{"hooks": [{OURS}]}},\n {{"hooks": [{OURS}]}}\n]',
        f'[\n {{"hooks": [{OURS}]}}\n]',
    ),
    (
        "thrice",
        f'[{{"hooks": [{OURS}]}}, {{"hooks": [{OURS}]}}, {{"hooks": [{OURS}]}}]',
        f'[{{"hooks": [{OURS}]}}]',
    ),
]


@pytest.mark.parametrize(
    ("before", "after"), [row[1:] for row in OUTDATED], ids=[row[0] for row in OUTDATED]
)
def test_our_own_hooks_are_brought_up_to_date_where_they_stand(before: str, after: str) -> None:
    new = merge(with_stop(before))
    assert plain(new) == plain(with_stop(after))
    assert merge(new) == new
    if "//" in before or before == after:
        assert new == with_stop(after)


def test_two_of_ours_in_one_group_are_taken_apart() -> None:
    group = {"matcher": "Write|Edit", "hooks": [{**WRITE, "if": "x"}, WRITE]}
    new = merge(json.dumps({"hooks": {"PreToolUse": [group, THEIRS]}}))
    assert plain(new)["hooks"]["PreToolUse"] == [HOOKS["PreToolUse"][0], THEIRS]


def test_an_event_that_we_have_left_loses_our_hook_and_keeps_the_others() -> None:
    old = {"hooks": {"Left": [{"hooks": [STOP]}, THEIRS], **HOOKS}}
    new = merge(json.dumps(old, indent=2))
    assert new == json.dumps({"hooks": {"Left": [THEIRS], **HOOKS}}, indent=2)


REFUSED = [
    ('{\n  "a": 1\n  "b": 2\n}', 3, "is not valid JSON: expecting ',' delimiter (column 3)"),
    ("{\n  'a': 1}", 2, "property name enclosed in double quotes (column 3)"),
    ('{"a": [1, 2}', 1, "(column 12)"),
    ('{"a": "open}', 1, "unterminated string starting at (column 7)"),
    ('{"a": 1 /* open }', 1, "(column 9)"),
    ('{"a": 1}\n}', 2, "extra data (column 1)"),
    ("\ufeff{,}", 1, "(column 2)"),
    ('{"a": [,]}', 1, "expecting value (column 8)"),
    ('{"a": [1,,]}', 1, "(column 10)"),
    ('{"a": NaN}', 1, "“NaN” is not a JSON value (column 7)"),
    ('{"a": 1,\n "b": {},\n "a": 2}', 3, "duplicate key “a” (column 2)"),
    ('{"x": [{"b": 1, // one\n"\\u0062": 2}]}', 2, "duplicate key “b” (column 1)"),
    ("[]", 1, "must hold a JSON object"),
    ("\n3", 2, "must hold a JSON object"),
    ('{\n"hooks": []}', 2, "“hooks” must be an object"),
    ('{"hooks": null}', 1, "“hooks” must be an object"),
    ('{"hooks": {\n"Stop": {}}}', 2, "“hooks.Stop” must be a list"),
    ("[" * 100_000, 0, "nested too deep"),
    ('{"a": ' + "1" * 5000 + "}", 0, "is not valid JSON"),
]


@pytest.mark.parametrize(("raw", "line", "reason"), REFUSED, ids=lambda value: str(value)[:30])
def test_what_cannot_be_merged_is_refused_with_its_line(raw: str, line: int, reason: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        merge(raw)
    assert raised.value.line == line
    assert reason in raised.value.reason


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
EVENTS = st.dictionaries(
    st.sampled_from(["Stop", "PreToolUse", "Other"]),
    st.lists(VALUES | st.fixed_dictionaries({"hooks": st.lists(VALUES, max_size=3)}), max_size=3),
)
SETTINGS = st.tuples(
    st.dictionaries(st.text().filter(lambda key: key != "hooks"), VALUES, max_size=4),
    st.fixed_dictionaries({}, optional={"hooks": EVENTS}),
).map(lambda parts: parts[0] | parts[1])
STYLES = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([None, 0, 1, 2, "\t"]),
        "separators": st.sampled_from([(",", ":"), (", ", ": "), (" ,", " :")]),
        "ensure_ascii": st.booleans(),
    }
)


@given(SETTINGS, STYLES, st.sampled_from(["\n", "\r\n"]))
def test_any_settings_have_our_hooks_after_a_merge_and_all_that_they_had(
    old: dict[str, Any], style: dict[str, Any], newline: str
) -> None:
    raw = json.dumps(old, **style).replace("\n", newline)
    new = merge(raw)
    assert json.loads(new) == expected(old)
    assert list(json.loads(new))[: len(old)] == list(old)
    assert merge(new) == new


PIECES = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    '"a"',
    '"hooks"',
    '"Stop"',
    "1",
    "//",
    "/*",
    "*/",
    "\n",
    " ",
    "\\",
]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_any_text_is_merged_for_good_or_refused(raw: str) -> None:
    try:
        new = merge(raw)
    except UnreadableError:
        return
    assert merge(new) == new
    assert '"/x/prp_hook.py"' in new


OUR_OLD = st.fixed_dictionaries(
    {"args": st.just(["/old/prp_hook.py"])},
    optional={"if": st.sampled_from(["x", WRITE["if"]]), "timeout": st.just(1), "mine": VALUES},
)
MIXED = st.fixed_dictionaries(
    {"hooks": st.lists(OUR_OLD | st.just(THEIRS["hooks"][0]), max_size=3)},
    optional={"matcher": st.sampled_from(["Write", "Edit", "", None])},
)


@given(
    st.dictionaries(st.sampled_from(["Stop", "PreToolUse", "Left"]), st.lists(MIXED, max_size=3)),
    STYLES,
)
def test_any_mix_of_old_hooks_ends_in_ours_once_and_all_of_theirs(
    hooks: dict[str, Any], style: dict[str, Any]
) -> None:
    def listed(document: Any, ours: bool) -> list[Any]:
        return [
            (event, group.get("matcher"), {k: hook.get(k) for k in (*STOP, "if")})
            for event, groups in sorted(document["hooks"].items())
            for group in groups
            for hook in group["hooks"]
            if ("prp_hook.py" in str(hook)) == ours
        ]

    old = {"hooks": hooks}
    new = merge(json.dumps(old, **style))
    assert listed(json.loads(new), ours=False) == listed(old, ours=False)
    assert sorted(map(str, listed(json.loads(new), ours=True))) == sorted(
        map(str, listed({"hooks": HOOKS}, ours=True))
    )
    assert merge(new) == new


# --- The registrations themselves -----------------------------------------------------------------


def test_both_renderings_register_the_same_calls() -> None:
    project = json.dumps(hook_settings("CLAUDE_PROJECT_DIR", ".claude/hooks/prp_hook.py"))
    moved = project.replace("${CLAUDE_PROJECT_DIR}/.claude/hooks", "${CLAUDE_PLUGIN_ROOT}/hooks")
    assert json.loads(hooks_json())["hooks"] == json.loads(moved)["hooks"]


@pytest.mark.parametrize("command", ["generate-prp", "prp:generate-prp", "prp:execute-prp"])
def test_the_matcher_knows_our_commands_with_and_without_the_plugin(command: str) -> None:
    matcher = REAL["UserPromptExpansion"][0]["matcher"]
    assert re.fullmatch(matcher, command)
    assert not re.fullmatch(matcher, "regenerate-prp")


def start(hook: dict[str, Any], root: Path) -> subprocess.CompletedProcess[str]:
    arguments = [value.replace("${CLAUDE_PROJECT_DIR}", str(root)) for value in hook["args"]]
    return subprocess.run(
        [sys.executable, *arguments], input="{}", capture_output=True, text=True, check=False
    )


def test_the_loader_runs_the_script_as_if_it_had_been_started(tmp_path: Path) -> None:
    script = tmp_path / ".claude/hooks/prp_hook.py"
    script.parent.mkdir(parents=True)
    script.write_text(
        "from __future__ import annotations\nimport dataclasses, sys\n"
        "@dataclasses.dataclass\nclass A:\n    x: dataclasses.InitVar[int]\n"
        "if __name__ == '__main__':\n    print(sys.argv, __file__, 'ä', A(1))\n    1 / 0\n",
        encoding="utf-8",
    )
    run = start(REAL["Stop"][0]["hooks"][0], tmp_path)
    assert run.stdout == f"{[str(script), 'Stop']} {script} ä A()\n"
    assert "line 8" in run.stderr


@pytest.mark.parametrize("there", ["nothing", "a folder"])
def test_a_missing_script_is_said_and_blocks_nobody(tmp_path: Path, there: str) -> None:
    root = tmp_path / "it's “here”"
    (root / ".claude/hooks" / ("prp_hook.py" if there == "a folder" else "")).mkdir(parents=True)
    run = start(REAL["Stop"][0]["hooks"][0], root)
    message = json.loads(run.stdout)["systemMessage"]
    assert (run.returncode, run.stderr) == (0, "")
    assert message.startswith(f"prp: the hook file {root}/.claude/hooks/prp_hook.py is missing")
    assert "run `prp init`" in message


def test_the_loader_is_short_because_a_model_may_have_to_read_it() -> None:
    assert len(LOADER) < 500
    assert '"' not in LOADER
