"""YAML with the line of every value. The only module that imports PyYAML for reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

import yaml

from prp_pack.model import Place, Problem
from prp_pack.values import dataclass, field

# libyaml's loader is eight times as fast; the pure one gives the same values.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Composing recurses: in C without a limit, so that a few thousand brackets end the process.
MAX_DEPTH = 100
# What aliases repeat is small in memory, and no longer so once somebody prints it.
MAX_REPEATED = 10_000
# Python refuses to print an integer of more than 4300 digits.
MAX_DIGITS = 1000
# What PyYAML's constructors of these raise on nonsense is anything but a YAML error.
_TYPED = {
    "tag:yaml.org,2002:int": "whole number",
    "tag:yaml.org,2002:float": "number",
    "tag:yaml.org,2002:bool": "boolean",
    "tag:yaml.org,2002:timestamp": "date",
}
_TEXT = "tag:yaml.org,2002:str"
_MAPPING, _SEQUENCE = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"
_SCALARS = frozenset({_TEXT, "tag:yaml.org,2002:null", *_TYPED})
_OPENS = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_CLOSES = (yaml.SequenceEndEvent, yaml.MappingEndEvent)


@dataclass(frozen=True, slots=True)
class YamlBlock:
    """A parsed value, and for each key path (`phases.0.number`) the line it stands on."""

    value: object = None
    lines: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def mapping(self) -> Mapping[str, object]:
        """The value when it is a mapping, else an empty one; keys are made strings."""
        return as_mapping(self.value)


def as_mapping(value: object) -> Mapping[str, object]:
    """Return a mapping with string keys, empty when `value` is something else."""
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else {}


def as_texts(value: object) -> tuple[str, ...]:
    """Return the texts of a list; a text alone is a list of one.

    `- pages: phase 3` was meant as a text, although YAML reads a key and a value.
    """
    found = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str | int | float):
            found.append(str(item).strip())
        elif isinstance(item, dict):
            found.append(", ".join(f"{key}: {inner}" for key, inner in as_mapping(item).items()))
    return tuple(found)


@lru_cache(maxsize=128)
def load(text: str, first_line: int, path: str) -> YamlBlock:
    """Parse `text`, whose first line is `first_line` of `path`; never raises on content."""
    try:
        if _too_deep(text):
            return _failed(path, first_line, f"nests more than {MAX_DEPTH} levels")
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return YamlBlock()
            lines: dict[str, int] = {}
            problems = list(_walk(node, loader, first_line, path, lines))
            try:
                value = _plain(node, loader, set())
            except _NotPlainError:
                value = loader.construct_document(node)
            return YamlBlock(value, lines, tuple(problems))
        finally:
            loader.dispose()
    except yaml.reader.ReaderError as error:
        before = text.encode()[: error.position]
        line = first_line + before.count(b"\n")
        return _failed(path, line, "has a character that YAML forbids")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # For libyaml a text ends on a line of its own, also one that has no such line.
        line = first_line + min(mark.line if mark else 0, text.count("\n"))
        return _failed(path, line, str(error.problem))
    except UnicodeEncodeError as error:
        line = first_line + text.count("\n", 0, error.start)
        return _failed(path, line, "has half of a character")


class _NotPlainError(Exception):
    """A document with an alias, a merge or a tag of its own: PyYAML decides what that is."""


def _plain(node: yaml.Node, loader: yaml.SafeLoader, seen: set[int]) -> object:
    """Return the value of a node as PyYAML would; raises `_NotPlainError` for what is rare."""
    tag = node.tag
    if isinstance(node, yaml.ScalarNode):
        if tag == _TEXT:
            return node.value
        if tag in _SCALARS:
            return loader.construct_object(node)
    elif id(node) not in seen:
        seen.add(id(node))
        if tag == _MAPPING and isinstance(node, yaml.MappingNode):
            if all(key.tag in _SCALARS for key, _ in node.value):
                return {
                    _plain(key, loader, seen): _plain(value, loader, seen)
                    for key, value in node.value
                }
        elif tag == _SEQUENCE and isinstance(node, yaml.SequenceNode):
            return [_plain(item, loader, seen) for item in node.value]
    raise _NotPlainError


def _failed(path: str, line: int, reason: str) -> YamlBlock:
    return YamlBlock(problems=(Problem(Place(path, line), f"YAML doesn't parse: {reason}"),))


def _too_deep(text: str) -> bool:
    """Tell whether the text nests too deeply, without composing it."""
    flow = text.count("[") + text.count("{")
    # YAML ends lines at more characters than Markdown does, and so does `splitlines`.
    lines = text.splitlines()
    compact = (line.count("- ") + line.count("? ") + _indent(line) for line in lines)
    if flow + max(compact, default=0) <= MAX_DEPTH:
        return False
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, _OPENS) - isinstance(event, _CLOSES)
        if depth > MAX_DEPTH:
            return True
    return False


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _walk(
    root: yaml.Node, loader: yaml.SafeLoader, first_line: int, path: str, lines: dict[str, int]
) -> Iterator[Problem]:
    """Fill `lines`, and yield a problem for each key that stands twice in one mapping."""
    stack = [(root, "")]
    seen: set[int] = set()
    repeated = 0
    while stack:
        node, name = stack.pop()
        lines.setdefault(name, first_line + node.start_mark.line)
        if node.tag in _TYPED:
            _refuse_nonsense(node, loader)
        # An alias leads to a node that was walked already, or to one that holds itself.
        again = id(node) in seen
        seen.add(id(node))
        repeated += again
        if repeated > MAX_REPEATED:
            raise _error(node, f"aliases repeat more than {MAX_REPEATED} values")
        dot = f"{name}." if name else ""
        if isinstance(node, yaml.MappingNode):
            keys: set[str] = set()
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise _error(key, "a key must be a single value")
                if key.tag in _TYPED:
                    _refuse_nonsense(key, loader)
                text = str(key.value)
                if text in keys and not again:
                    place = Place(path, first_line + key.start_mark.line)
                    yield Problem(place, f"key “{text}” stands twice")
                keys.add(text)
                stack.append((value, dot + text))
                # The key's line is where a reader looks, also when the value is below it.
                lines[dot + text] = first_line + key.start_mark.line
        elif isinstance(node, yaml.SequenceNode):
            stack += [(item, f"{dot}{index}") for index, item in enumerate(node.value)]


def _refuse_nonsense(node: yaml.Node, loader: yaml.SafeLoader) -> None:
    """Raise a YAML error, with its line, for a number or date that is none: `2024-13-45`."""
    if not isinstance(node, yaml.ScalarNode):
        return
    if len(node.value) > MAX_DIGITS:
        raise _error(node, f"has a number of more than {MAX_DIGITS} digits")
    try:
        loader.construct_object(node)
    except (ValueError, ArithmeticError, LookupError, AttributeError):
        raise _error(node, f"“{node.value}” is no {_TYPED[node.tag]}") from None


def _error(node: yaml.Node, reason: str) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, reason, node.start_mark)
