"""Our hooks as settings, and merging them into a settings file that somebody else wrote.

The file is edited by span: what isn't ours stays as it is, byte for byte. Why no library does it
is in docs/adr/0002-settings-by-span.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from prp_pack.jsonc import SPACE, JsonText, Node, without_comments
from prp_pack.repository import Source, UnreadableError

SCRIPT = "prp_hook.py"
PROJECT_SCRIPT = f".claude/hooks/{SCRIPT}"
PLUGIN_SCRIPT = f"hooks/{SCRIPT}"

# `python3 missing.py` exits 2, which blocks the user, and so the script is read by this text.
# It runs the script as its own module, `__main__`. No double quotes: it stands in JSON. No call of
# `compile` either, which would give tracebacks the script's name and make Python set up the classes
# of `ast` for it: a tenth of the whole.
LOADER = """\
import sys
__file__ = sys.argv[0] = sys.argv.pop(1)
try:
    code = open(__file__, 'rb').read()
except OSError:
    import json
    code = ''
    print(json.dumps({'systemMessage': 'prp: the hook file ' + __file__ + ' is missing or \
unreadable; run `prp init`, or remove the prp hooks from .claude/settings.json'}))
exec(code)
"""


class Registration(NamedTuple):
    """One call of our script by the client; `condition` is the client's `if`."""

    event: str
    matcher: str
    condition: str
    seconds: int


REGISTRATIONS = (
    Registration("SessionStart", "", "", 10),
    Registration("UserPromptExpansion", "(.*:)?(generate|execute)-prp", "", 30),
    Registration("PreToolUse", "Skill", "", 30),
    Registration("PreToolUse", "Write", "Write(**/PRPs/**)", 30),
    Registration("PreToolUse", "Edit", "Edit(**/PRPs/**)", 30),
    Registration("PreToolUse", "Bash", "Bash(prp attest:*)", 30),
    Registration("PreToolUse", "Bash", "Bash(prp waive:*)", 30),
    Registration("PreToolUse", "Bash", "Bash(prp gate accept:*)", 30),
    Registration("PostToolUse", "Write", "Write(**/PRPs/**)", 30),
    Registration("PostToolUse", "Edit", "Edit(**/PRPs/**)", 30),
    Registration("Stop", "", "", 30),
)


def hook_settings(root_variable: str, script_path: str) -> dict[str, Any]:
    """Return the settings that register our script, `script_path` below `${root_variable}`."""
    hooks: dict[str, list[dict[str, Any]]] = {}
    for event, matcher, condition, seconds in REGISTRATIONS:
        script = f"${{{root_variable}}}/{script_path}"
        hook = {
            "type": "command",
            "command": "python3",
            "args": ["-I", "-S", "-c", LOADER, script, event],
            **({"if": condition} if condition else {}),
            "timeout": seconds,
        }
        group = {**({"matcher": matcher} if matcher else {}), "hooks": [hook]}
        hooks.setdefault(event, []).append(group)
    return {"hooks": hooks}


def hooks_json() -> str:
    """Return the text of the plugin's `hooks/hooks.json`, a generated file."""
    about = "Generated from prp_pack.settings_json; do not edit"
    document = {"description": about, **hook_settings("CLAUDE_PLUGIN_ROOT", PLUGIN_SCRIPT)}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


# --- Merging --------------------------------------------------------------------------------------

BOM = "\ufeff"

# The keys of a hook that the pack decides on; others, `statusMessage` say, are the user's.
OWNED = frozenset({"type", "command", "args", "if", "timeout"})

Hooks = Mapping[str, list[dict[str, Any]]]


def merged(source: Source, hooks: Hooks, script: str) -> str:
    """Return the settings' raw text with these hooks in it and nothing else changed.

    Hooks with the argument `script` (a file name, in any folder) are ours: they are brought up
    to date where they stand, and removed where `hooks` has none; so each of `hooks`, one in a
    group, has to have it. Raises `UnreadableError` for
    what isn't JSON with comments and for hooks of an unexpected shape.
    """
    bom = BOM if source.raw.startswith(BOM) else ""
    text = source.raw.removeprefix(BOM)
    if not without_comments(text).strip(SPACE):
        newline = source.newline
        gap = newline if text and not text.endswith(("\n", "\r")) else ""
        fresh = json.dumps({"hooks": hooks}, indent=2, ensure_ascii=False) + "\n"
        return bom + text + gap + fresh.replace("\n", newline)
    # One edit at a time, and the file read anew after each: no edit moves another one's span.
    step: str | None = text
    while step is not None:
        text = step
        step = _next_edit(JsonText.of(source.path, text), hooks, script)
    return bom + text


def registered(source: Source, script: str) -> Hooks:
    """Return the hooks with the argument `script` as they stand in the settings, one in a group.

    Raises `UnreadableError` for what isn't JSON with comments; a strange shape has no hooks.
    """
    text = source.raw.removeprefix(BOM)
    if not without_comments(text).strip(SPACE):
        return {}
    settings = JsonText.of(source.path, text)
    hooks = settings.root.children.get("hooks")
    events = hooks.children.items() if hooks and _is(settings, hooks, "{") else ()
    found: dict[str, list[dict[str, Any]]] = {}
    for event, groups in events:
        for group, hook in _ours(settings, groups, script):
            rest = {k: v for k, v in settings.value(group).items() if k != "hooks"}
            found.setdefault(str(event), []).append({**rest, "hooks": [settings.value(hook)]})
    return found


def without(source: Source, script: str) -> str:
    """Return the settings' raw text without the hooks that have the argument `script`.

    A list that this leaves empty goes too, and so does `hooks`; whatever holds a comment stays.
    Raises `UnreadableError` as `merged` does.
    """
    events = [*registered(source, script)]
    bom = BOM if source.raw.startswith(BOM) else ""
    text = source.raw.removeprefix(BOM)
    for event in events:
        step: str | None = text
        while step is not None:
            text = step
            settings = JsonText.of(source.path, text)
            groups = settings.root.children["hooks"].children[event]
            step = _edit_of_event(settings, groups, [], script)
        text = _without_empty(JsonText.of(source.path, text), event)
    return bom + text


def _without_empty(settings: JsonText, event: str) -> str:
    """Return the text without this event, and without `hooks`, where nothing is in them."""
    hooks = settings.root.children["hooks"]
    if not _is_empty(settings, hooks.children[event]):
        return settings.text
    settings = JsonText.of(settings.path, settings.removed(hooks, hooks.children[event]))
    hooks = settings.root.children["hooks"]
    return settings.removed(settings.root, hooks) if _is_empty(settings, hooks) else settings.text


def _is_empty(settings: JsonText, node: Node) -> bool:
    return not settings.text[node.start + 1 : node.end - 1].strip(SPACE)


def _next_edit(settings: JsonText, hooks: Hooks, script: str) -> str | None:
    root = settings.root
    _expect(settings, root, "{", "must hold a JSON object")
    registered = root.children.get("hooks")
    if registered is None:
        return settings.appended(root, "hooks", hooks)
    _expect(settings, registered, "{", "“hooks” must be an object")
    for event, wanted in hooks.items():
        groups = registered.children.get(event)
        if groups is None:
            return settings.appended(registered, event, wanted)
        _expect(settings, groups, "[", f"“hooks.{event}” must be a list")
    for name, groups in registered.children.items():
        edit = _edit_of_event(settings, groups, list(hooks.get(str(name), [])), script)
        if edit is not None:
            return edit
    return None


def _edit_of_event(
    settings: JsonText, groups: Node, missing: list[dict[str, Any]], script: str
) -> str | None:
    """Return the text after the first edit that brings this event's hooks nearer to ours."""
    strays = []
    for group, hook in _ours(settings, groups, script):
        key = settings.value(group).get("matcher"), settings.value(hook).get("if")
        same = [w for w in missing if (w.get("matcher"), _hook(w).get("if")) == key]
        if not same:
            strays.append((group, hook))
            continue
        missing.remove(same[0])
        edit = _aligned(settings, hook, _hook(same[0]), OWNED)
        if edit is not None:
            return edit
    for group, hook in strays:
        listed = group.children["hooks"]
        if len(listed.children) > 1:
            # Others share the group, so its matcher is theirs too: ours moves out.
            return settings.removed(listed, hook)
        if not missing:
            return settings.removed(groups, group)
        condition = settings.value(hook).get("if")
        best = min(missing, key=lambda wanted: _hook(wanted).get("if") != condition)
        rest = {key: value for key, value in best.items() if key != "hooks"}
        edit = _aligned(settings, group, rest, frozenset({"matcher"}))
        return edit or _aligned(settings, hook, _hook(best), OWNED)
    return settings.appended(groups, None, missing[0]) if missing else None


def _aligned(
    settings: JsonText, node: Node, wanted: Mapping[str, object], owned: frozenset[str]
) -> str | None:
    """Return the text after the first edit that gives an object these values, None for none."""
    for key, child in node.children.items():
        if key in owned and key not in wanted:
            return settings.removed(node, child)
    for key, value in wanted.items():
        if key not in node.children:
            return settings.appended(node, key, value)
        if settings.value(node.children[key]) != value:
            return settings.replaced(node.children[key], value)
    return None


def _hook(group: Mapping[str, Any]) -> dict[str, Any]:
    hook: dict[str, Any] = group["hooks"][0]
    return hook


def _ours(settings: JsonText, groups: Node, script: str) -> Iterator[tuple[Node, Node]]:
    """Yield the groups and hooks that start our script, whatever else the event's list holds."""
    for group in groups.children.values():
        listed = group.children.get("hooks")
        if listed is None or not _is(settings, listed, "["):
            continue
        for hook in listed.children.values():
            arguments = hook.children.get("args")
            values = settings.value(arguments) if arguments else None
            if isinstance(values, list) and any(_names(value, script) for value in values):
                yield group, hook


def _names(argument: object, script: str) -> bool:
    return isinstance(argument, str) and PurePosixPath(argument.replace("\\", "/")).name == script


def _expect(settings: JsonText, node: Node, bracket: str, reason: str) -> None:
    if not _is(settings, node, bracket):
        raise UnreadableError(settings.path, reason, settings.line(node))


def _is(settings: JsonText, node: Node, bracket: str) -> bool:
    return settings.strict[node.start] == bracket
