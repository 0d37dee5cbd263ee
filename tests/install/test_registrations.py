"""Our hooks in somebody's settings: what they set stays, what we change comes, and all can go."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from prp_pack.install import SETTINGS, Action
from prp_pack.install.plan import HOOKS
from prp_pack.install.registrations import three_way
from prp_pack.repository import UnreadableError, decode
from prp_pack.settings_json import SCRIPT, hook_settings, merged, registered, without
from tests.install.projects import init, read, tree, uninstall, upgrade, write
from tests.test_settings_json import (
    FILES,
    STYLES,
    THEIRS,
    is_inside,
    plain,
)
from tests.test_settings_json import (
    SETTINGS as ANY_SETTINGS,
)

Hooks = dict[str, list[dict[str, Any]]]


def hook(event: str, condition: str = "", **values: object) -> dict[str, Any]:
    made = {"type": "command", "command": "python3", "args": ["/x/prp_hook.py", event], **values}
    return made | ({"if": condition} if condition else {})


BASE: Hooks = {
    "PreToolUse": [
        {"matcher": "Write", "hooks": [hook("PreToolUse", "Write(**/PRPs/**)", timeout=30)]},
        {"matcher": "Edit", "hooks": [hook("PreToolUse", "Edit(**/PRPs/**)", timeout=30)]},
    ],
    "Stop": [{"hooks": [hook("Stop", timeout=10)]}],
}


def changed(hooks: Hooks, event: str, index: int, **values: object) -> Hooks:
    made = copy.deepcopy(hooks)
    made[event][index]["hooks"][0].update(values)
    return made


def without_event(hooks: Hooks, event: str) -> Hooks:
    return {name: groups for name, groups in hooks.items() if name != event}


def matched(hooks: Hooks, matcher: str) -> Hooks:
    made = copy.deepcopy(hooks)
    made["PreToolUse"][0]["matcher"] = matcher
    return made


LONGER = changed(BASE, "Stop", 0, timeout=60)
NEWER = changed(BASE, "Stop", 0, args=["-I", "/x/prp_hook.py", "Stop"])
OTHER = {"matcher": "Read", "hooks": [hook("PreToolUse", timeout=5)]}

# Found in the settings, merged in last, ours now; what the settings then have, for an upgrade.
THREE_WAY: dict[str, tuple[Hooks, Hooks | None, Hooks, Hooks]] = {
    "nothing there yet": ({}, None, BASE, BASE),
    "nothing changed": (BASE, BASE, BASE, BASE),
    "the user changed a value": (LONGER, BASE, BASE, LONGER),
    "we changed another value of the same hook": (
        LONGER, BASE, NEWER, changed(NEWER, "Stop", 0, timeout=60),
    ),
    "both changed a value": (LONGER, BASE, changed(BASE, "Stop", 0, timeout=20), LONGER),
    "what was merged in last isn't known": (LONGER, None, BASE, BASE),
    "the user changed a matcher": (matched(BASE, "Write|X"), BASE, BASE, matched(BASE, "Write|X")),
    "the user took one out": (without_event(BASE, "Stop"), BASE, BASE, without_event(BASE, "Stop")),
    "the user took one out that we changed": (
        without_event(BASE, "Stop"), BASE, NEWER, without_event(BASE, "Stop"),
    ),
    "we added one": (without_event(BASE, "Stop"), without_event(BASE, "Stop"), BASE, BASE),
    "we left one": (BASE, BASE, without_event(BASE, "Stop"), without_event(BASE, "Stop")),
    "we left one that the user changed": (LONGER, BASE, without_event(BASE, "Stop"), LONGER),
    "the user registered one more": (
        {"PreToolUse": [*BASE["PreToolUse"], OTHER]},
        {"PreToolUse": BASE["PreToolUse"]},
        {"PreToolUse": BASE["PreToolUse"]},
        {"PreToolUse": [*BASE["PreToolUse"], OTHER]},
    ),
    "one twice": (
        {"Stop": BASE["Stop"] * 2}, {"Stop": BASE["Stop"]}, {"Stop": BASE["Stop"]},
        {"Stop": BASE["Stop"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("found", "base", "new", "result"), THREE_WAY.values(), ids=THREE_WAY)
def test_three_sides_of_the_registrations(
    found: Hooks, base: Hooks | None, new: Hooks, result: Hooks
) -> None:
    assert three_way(found, base, new, restore=False) == result


def test_an_install_puts_back_what_the_user_took_out() -> None:
    found = without_event(LONGER, "PreToolUse")
    assert three_way(found, BASE, BASE, restore=True) == LONGER


# --- In a file ------------------------------------------------------------------------------------

THEIR_FILE = """\
{
  // What I allow.
  "permissions": {"allow": ["Bash(make test)"]},
  "unknown": [1, 2, 3,], /* who knows */
  "hooks": {
    "Stop": [
      {"hooks": [{"type": "command", "command": "echo mine"}]}, // mine
    ],
  },
}
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("bom", ["", "\ufeff"], ids=["no BOM", "BOM"])
def test_comments_unknown_keys_and_other_peoples_hooks_survive_all_of_it(
    root: Path, pack: Path, newline: str, bom: str
) -> None:
    theirs = bom + THEIR_FILE.replace("\n", newline)
    write(root, SETTINGS, theirs)
    init(root, pack)
    installed = read(root, SETTINGS)
    write(root, SETTINGS, installed.replace('"timeout": 10', '"timeout": 77 // slow disk', 1))
    edited = tree(root)
    upgrade(root, pack)
    init(root, pack)
    assert tree(root) == edited
    assert "77 // slow disk" in read(root, SETTINGS)
    uninstall(root, pack)
    after = read(root, SETTINGS)
    assert plain(after) == plain(theirs)
    assert "// mine" in after
    assert "// What I allow." in after
    assert after.startswith("\ufeff") == bool(bom)
    assert newline == "\n" or "\n" not in after.replace("\r\n", "")


def test_a_hook_that_the_user_took_out_stays_out_until_it_is_installed_again(
    root: Path, pack: Path
) -> None:
    init(root, pack)
    document = json.loads(read(root, SETTINGS))
    del document["hooks"]["Stop"]
    write(root, SETTINGS, json.dumps(document))
    assert upgrade(root, pack)[SETTINGS] is Action.UNCHANGED
    assert init(root, pack)[SETTINGS] is Action.UPDATE
    assert json.loads(read(root, SETTINGS))["hooks"] == HOOKS


def test_settings_without_any_of_ours_stay_as_they_are(root: Path, pack: Path) -> None:
    init(root, pack)
    write(root, SETTINGS, '{"model": "opus"}')
    assert upgrade(root, pack)[SETTINGS] is Action.UNCHANGED
    assert read(root, SETTINGS) == '{"model": "opus"}'


@pytest.mark.parametrize("command", [init, upgrade, uninstall])
def test_malformed_settings_are_refused_and_untouched(root: Path, pack: Path, command: Any) -> None:
    init(root, pack)
    write(root, SETTINGS, '{"hooks": {"Stop": [}')
    before = tree(root)
    with pytest.raises(UnreadableError, match="is not valid JSON"):
        command(root, pack)
    assert tree(root) == before


@pytest.mark.parametrize("raw", FILES.values(), ids=FILES.keys())
def test_what_was_merged_in_can_be_taken_out(raw: str) -> None:
    source = decode(raw.encode(), SETTINGS)
    with_ours = merged(source, HOOKS, SCRIPT)
    after = without(decode(with_ours.encode(), SETTINGS), SCRIPT)
    before = plain(raw) if "{" in raw else {}
    assert pruned(plain(after)) == pruned(before)
    assert registered(decode(after.encode(), SETTINGS), SCRIPT) == {}
    assert without(decode(after.encode(), SETTINGS), SCRIPT) == after
    assert is_inside("".join(after.split()), "".join(with_ours.split()))


@given(ANY_SETTINGS, STYLES)
def test_any_settings_are_as_before_when_ours_are_taken_out(
    old: dict[str, Any], style: dict[str, Any]
) -> None:
    raw = json.dumps(old, **style)
    with_ours = merged(decode(raw.encode(), SETTINGS), HOOKS, SCRIPT)
    after = without(decode(with_ours.encode(), SETTINGS), SCRIPT)
    assert pruned(json.loads(after)) == pruned(old)


def pruned(settings: dict[str, Any]) -> dict[str, Any]:
    """Leave out empty lists of events, and `hooks` without any: they say nothing."""
    hooks = settings.get("hooks")
    if not isinstance(hooks, dict):
        return settings
    ours = {event for event in HOOKS if hooks.get(event) == []}
    left = {event: groups for event, groups in hooks.items() if event not in ours}
    return (
        {**settings, "hooks": left} if left else {k: v for k, v in settings.items() if k != "hooks"}
    )


def test_a_comment_in_what_is_taken_out_of_stays() -> None:
    raw = json.dumps({"hooks": {"Stop": [THEIRS]}}, indent=1).replace(
        "[\n", "[ // all of them\n", 1
    )
    with_ours = merged(decode(raw.encode(), SETTINGS), {"Stop": BASE["Stop"]}, SCRIPT)
    assert without(decode(with_ours.encode(), SETTINGS), SCRIPT) == raw
    alone = '{"hooks": {"Stop": [/* none */ ]}}'
    with_ours = merged(decode(alone.encode(), SETTINGS), {"Stop": BASE["Stop"]}, SCRIPT)
    assert "/* none */" in without(decode(with_ours.encode(), SETTINGS), SCRIPT)


def test_registrations_of_ours_are_found_in_any_shape() -> None:
    hooks = hook_settings("CLAUDE_PROJECT_DIR", f".claude/hooks/{SCRIPT}")["hooks"]
    text = json.dumps({"hooks": {**hooks, "Other": {"a": 1}, "Later": [1, THEIRS]}})
    assert registered(decode(text.encode(), SETTINGS), SCRIPT) == hooks
    for odd in ("", "// none\n", "[]", '{"hooks": []}', '{"hooks": {"Stop": {}}}'):
        assert registered(decode(odd.encode(), SETTINGS), SCRIPT) == {}
