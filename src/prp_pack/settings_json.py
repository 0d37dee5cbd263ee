"""Our hooks as settings, and merging them into a settings file that somebody else wrote.

The file is edited by span: what isn't ours stays as it is, byte for byte. Why no library does it
is in docs/adr/0002-settings-by-span.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from prp_pack.repository import Source, UnreadableError

SCRIPT = "prp_hook.py"
PROJECT_SCRIPT = f".claude/hooks/{SCRIPT}"
PLUGIN_SCRIPT = f"hooks/{SCRIPT}"

# `python3 missing.py` exits 2, which blocks the user, and so the script is read by this text.
# It runs the script as its own module, `__main__`. No double quotes: it stands in JSON.
LOADER = """\
import sys
__file__ = sys.argv[0] = sys.argv.pop(1)
try:
    code = compile(open(__file__, 'rb').read(), __file__, 'exec')
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

# JSON's white space. A comment may end in another one, which is no white space outside of it.
SPACE = " \t\r\n"

# The keys of a hook that the pack decides on; others, `statusMessage` say, are the user's.
OWNED = frozenset({"type", "command", "args", "if", "timeout"})

_STRING = r'"(?:[^"\\]|\\.)*+"'
_TOKEN = re.compile(rf"{_STRING}|(?P<comment>//[^\r\n]*|/\*.*?\*/)", re.DOTALL)
# A comma before a closing bracket; the one of `[,]`, which follows no value, isn't meant.
_TRAILING = re.compile(
    rf'(?P<before>(?:{_STRING}|[^\s"\[{{:,])\s*),(?=\s*[\]}}])|{_STRING}', re.DOTALL
)
_PART = re.compile(
    rf'(?P<key>{_STRING})\s*:|(?P<scalar>{_STRING}|[^\s"\[\]{{}}:,]+)|(?P<open>[\[{{])|[\]}}]',
    re.DOTALL,
)

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
    if not _without_comments(text).strip(SPACE):
        newline = source.newline
        gap = newline if text and not text.endswith(("\n", "\r")) else ""
        fresh = json.dumps({"hooks": hooks}, indent=2, ensure_ascii=False) + "\n"
        return bom + text + gap + fresh.replace("\n", newline)
    # One edit at a time, and the file read anew after each: no edit moves another one's span.
    step: str | None = text
    while step is not None:
        text = step
        step = _next_edit(_Settings.of(source.path, text), hooks, script)
    return bom + text


# --- JSON with comments, and where in the text its values lie -------------------------------------


@dataclass(slots=True)
class _Node:
    """A value in the text, `[start, end)`; `at` is where its key begins, if it has one."""

    at: int
    start: int
    end: int
    children: dict[str | int, _Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Settings:
    """A settings text and where its values lie.

    `bare` has spaces for comments, `strict` for trailing commas too; all are equally long.
    """

    path: str
    text: str
    bare: str
    strict: str
    root: _Node

    @classmethod
    def of(cls, path: str, text: str) -> _Settings:
        bare = _without_comments(text)
        strict = _TRAILING.sub(lambda m: m["before"] + " " if m["before"] else m[0], bare)
        try:
            json.loads(strict)
        except json.JSONDecodeError as error:
            raise _malformed(path, text, error.pos, _lower(error.msg)) from None
        except RecursionError:
            raise UnreadableError(path, "is nested too deep to be a settings file") from None
        except ValueError as error:
            raise UnreadableError(path, f"is not valid JSON: {_lower(str(error))}") from None
        return cls(path, text, bare, strict, _nodes(path, text, strict))

    def value(self, node: _Node) -> Any:  # noqa: ANN401 - JSON has no narrower type
        return json.loads(self.strict[node.start : node.end])

    def line(self, node: _Node) -> int:
        return self.text.count("\n", 0, node.at) + 1

    def replaced(self, node: _Node, value: object) -> str:
        flat = not _breaks(self.text[node.start : node.end])
        rendered = self._rendered(value, self._indent(node.at), flat=flat)
        return self.text[: node.start] + rendered + self.text[node.end :]

    def appended(self, container: _Node, key: str | None, value: object) -> str:
        """Return the text with a last member more, after all comments of those before it."""
        text, close = self.text, container.end - 1
        children = list(container.children.values())
        last = children[-1].end if children else container.start + 1
        comma = "," in self.bare[last:close]
        point = last + len(text[last:close].rstrip(SPACE))
        flat = self._is_flat(container)
        outer = self._indent(container.start)
        inner = self._child_indent(container)
        name = "" if key is None else json.dumps(key) + (":" if self._is_compact() else ": ")
        member = name + self._rendered(value, inner, flat=flat)
        if flat:
            gap = " " if children and not self._is_compact() else ""
            rest = text[point:close] if children else ""
        else:
            gap = self._newline() + inner
            rest = text[point:close] if children else self._newline() + outer
        head = text[:last] + ("," if children and not comma else "") + text[last:point]
        return head + gap + member + ("," if comma else "") + rest + text[close:]

    def removed(self, container: _Node, child: _Node) -> str:
        """Return the text without a member and its comma; comments around it stay."""
        siblings = list(container.children.values())
        index = next(i for i, sibling in enumerate(siblings) if sibling is child)
        close = container.end - 1
        following = siblings[index + 1].at if index + 1 < len(siblings) else close
        comma = self.bare.find(",", child.end, following)
        spans = [(child.at, child.end)]
        if comma >= 0:
            spans.append((comma, comma + 1))
        elif index:
            comma = self.bare.index(",", siblings[index - 1].end, child.at)
            spans.insert(0, (comma, comma + 1))
        text, at = self.text, child.at
        for start, end in reversed(spans):
            text = text[:start] + text[end:]
            at -= end - start if end <= child.at else 0
        return _tidied(text, at)

    def _rendered(self, value: object, indent: str, *, flat: bool) -> str:
        if flat:
            separators = (",", ":") if self._is_compact() else (", ", ": ")
            return json.dumps(value, ensure_ascii=False, separators=separators)
        lines = json.dumps(value, ensure_ascii=False, indent=self._unit())
        return lines.replace("\n", self._newline() + indent)

    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def _indent(self, position: int) -> str:
        """Return the white space that the line at this position begins with."""
        start = _line_start(self.text, position)
        line = self.text[start:position]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def _unit(self) -> str:
        first = next(iter(self.root.children.values()), None)
        if first is None or not _breaks(self.text[self.root.start : first.at]):
            return "  "
        return self._indent(first.at).removeprefix(self._indent(self.root.start)) or "  "

    def _child_indent(self, container: _Node) -> str:
        first = next(iter(container.children.values()), None)
        if first and not self.text[_line_start(self.text, first.at) : first.at].strip(" \t"):
            return self._indent(first.at)
        return self._indent(container.start) + self._unit()

    def _is_flat(self, container: _Node) -> bool:
        """Whether a new member belongs on the same line as the ones before it."""
        children = list(container.children.values())
        if not children:
            whole_file_is_flat = bool(self.root.children) and self._is_flat(self.root)
            return whole_file_is_flat and not _breaks(self.text[container.start : container.end])
        ends = (container.start, children[0].at), (children[-1].end, container.end)
        return not any(_breaks(self.text[start:end]) for start, end in ends)

    def _is_compact(self) -> bool:
        first = next(iter(self.root.children.values()), None)
        return first is not None and self.text[first.at : first.start].endswith(":")


def _next_edit(settings: _Settings, hooks: Hooks, script: str) -> str | None:
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
    settings: _Settings, groups: _Node, missing: list[dict[str, Any]], script: str
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
    settings: _Settings, node: _Node, wanted: Mapping[str, object], owned: frozenset[str]
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


def _ours(settings: _Settings, groups: _Node, script: str) -> Iterator[tuple[_Node, _Node]]:
    """Yield the groups and hooks that start our script, whatever else the event's list holds."""
    for group in groups.children.values():
        listed = group.children.get("hooks")
        if listed is None or settings.strict[listed.start] != "[":
            continue
        for hook in listed.children.values():
            arguments = hook.children.get("args")
            values = settings.value(arguments) if arguments else None
            if isinstance(values, list) and any(_names(value, script) for value in values):
                yield group, hook


def _names(argument: object, script: str) -> bool:
    return isinstance(argument, str) and PurePosixPath(argument.replace("\\", "/")).name == script


def _expect(settings: _Settings, node: _Node, bracket: str, reason: str) -> None:
    if settings.strict[node.start] != bracket:
        raise UnreadableError(settings.path, reason, settings.line(node))


def _nodes(path: str, text: str, strict: str) -> _Node:
    """Return the values of a text that is known to be JSON."""
    outside = _Node(0, 0, len(text))
    open_nodes, at = [outside], 0
    key: str | None = None
    for part in _PART.finditer(strict):
        inner = open_nodes[-1]
        if part["key"]:
            key, at = json.loads(part["key"]), part.start()
            if key in inner.children:
                raise _malformed(path, text, at, f"duplicate key “{key}”")
        elif part["open"] or part["scalar"]:
            if part[0] in ("NaN", "Infinity", "-Infinity"):
                raise _malformed(path, text, part.start(), f"“{part[0]}” is not a JSON value")
            name: str | int = len(inner.children) if key is None else key
            node = _Node(part.start() if key is None else at, part.start(), part.end())
            inner.children[name], key = node, None
            if part["open"]:
                open_nodes.append(node)
        else:
            open_nodes.pop().end = part.end()
    return outside.children[0]


def _without_comments(text: str) -> str:
    def blank(token: re.Match[str]) -> str:
        return re.sub(r"[^\r\n]", " ", token[0]) if token["comment"] else token[0]

    return _TOKEN.sub(blank, text)


def _tidied(text: str, at: int) -> str:
    """Return the text without the empty line, or the spaces, that a removal has left."""
    start = _line_start(text, at)
    rest = re.compile(r"[ \t]*(?P<newline>\r\n|\n|\r)?").match(text, at)
    if rest and rest["newline"] and start and not text[start:at].strip(" \t"):
        return text[:start] + text[rest.end() :]
    before, after = text[:at], text[at:].lstrip(" \t")
    return (before.rstrip(" \t") if after[:1] in ("]", "}") else before) + after


def _line_start(text: str, position: int) -> int:
    return max(text.rfind("\n", 0, position), text.rfind("\r", 0, position)) + 1


def _breaks(text: str) -> bool:
    return "\n" in text or "\r" in text


def _malformed(path: str, text: str, position: int, what: str) -> UnreadableError:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    reason = f"is not valid JSON: {what} (column {column})"
    return UnreadableError(path, reason, line, "mend it by hand and run `prp init` again")


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]
