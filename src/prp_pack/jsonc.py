"""JSON with comments as text: where its values lie, and editing it by span.

What isn't edited stays as it is, byte for byte. Why no library does it is in
docs/adr/0002-settings-by-span.md.
"""

from __future__ import annotations

import json
import re

from prp_pack.regex import regex
from prp_pack.repository import UnreadableError
from prp_pack.typed import Any
from prp_pack.values import dataclass, field

# JSON's white space. A comment may end in another one, which is no white space outside of it.
SPACE = " \t\r\n"

_STRING = r'"(?:[^"\\]|\\.)*+"'
_TOKEN = regex(rf"{_STRING}|(?P<comment>//[^\r\n]*|/\*.*?\*/)", re.DOTALL)
# A comma before a closing bracket; the one of `[,]`, which follows no value, isn't meant.
_TRAILING = regex(rf'(?P<before>(?:{_STRING}|[^\s"\[{{:,])\s*),(?=\s*[\]}}])|{_STRING}', re.DOTALL)
_PART = regex(
    rf'(?P<key>{_STRING})\s*:|(?P<scalar>{_STRING}|[^\s"\[\]{{}}:,]+)|(?P<open>[\[{{])|[\]}}]',
    re.DOTALL,
)


@dataclass(slots=True)
class Node:
    """A value in the text, `[start, end)`; `at` is where its key begins, if it has one."""

    at: int
    start: int
    end: int
    children: dict[str | int, Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JsonText:
    """A settings text and where its values lie.

    `bare` has spaces for comments, `strict` for trailing commas too; all are equally long.
    """

    path: str
    text: str
    bare: str
    strict: str
    root: Node

    @classmethod
    def of(cls, path: str, text: str) -> JsonText:
        bare = without_comments(text)
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

    def value(self, node: Node) -> Any:
        return json.loads(self.strict[node.start : node.end])

    def line(self, node: Node) -> int:
        return self.text.count("\n", 0, node.at) + 1

    def replaced(self, node: Node, value: object) -> str:
        flat = not _breaks(self.text[node.start : node.end])
        rendered = self._rendered(value, self._indent(node.at), flat=flat)
        return self.text[: node.start] + rendered + self.text[node.end :]

    def appended(self, container: Node, key: str | None, value: object) -> str:
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

    def removed(self, container: Node, child: Node) -> str:
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

    def _child_indent(self, container: Node) -> str:
        first = next(iter(container.children.values()), None)
        if first and not self.text[_line_start(self.text, first.at) : first.at].strip(" \t"):
            return self._indent(first.at)
        return self._indent(container.start) + self._unit()

    def _is_flat(self, container: Node) -> bool:
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


def _nodes(path: str, text: str, strict: str) -> Node:
    """Return the values of a text that is known to be JSON."""
    outside = Node(0, 0, len(text))
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
            node = Node(part.start() if key is None else at, part.start(), part.end())
            inner.children[name], key = node, None
            if part["open"]:
                open_nodes.append(node)
        else:
            open_nodes.pop().end = part.end()
    return outside.children[0]


def without_comments(text: str) -> str:
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
