"""Shell text to the simple commands in it. The only importer of tree-sitter.

Nothing is run and nothing is expanded: a word of which only a running shell could know the value
has the value None. Texts that a person would not write in a fence (too long, nested too deeply)
are given up on and say so; no text raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from types import ModuleType

from prp_pack.parse.script import (
    PROMPT,
    Assignment,
    Command,
    Comment,
    Problem,
    Redirection,
    Script,
    Statement,
    Word,
    join,
)
from prp_pack.regex import regex
from prp_pack.typed import TYPE_CHECKING
from prp_pack.values import dataclass, field, replace

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser

# The longest fence with commands in 180 real documents has 3,536 characters.
MAX_CHARACTERS = 10_000
MAX_DEPTH = 60
# How often the parser may report progress: it does so every few dozen bytes of plain commands.
# Recovering from errors is where it may take quadratic time and memory.
MAX_STEPS = 600
MAX_STEPS_WITH_ERRORS = 200

_ESCAPED = regex(r"\\(\n|.)", re.DOTALL)
_ESCAPED_IN_QUOTES = regex(r'\\(["\\$`\n])')
# The grammar looks characters up in a table of C for bytes, and crashes on those far outside of it.
# To the shell each of these is an ordinary part of a word, as an X is.
_NOT_ASCII = regex(rb"[^\x00-\x7f]")
_GLOB = regex(r"[*?\[]")
_BRACES = regex(r"\{[^{}\s]*(?:,|\.\.)[^{}\s]*\}")
# A limit or a name as people write it in prose, taken by the shell for a file.
_QUANTITY = regex(r"=?[\[{]?(?:\d+(?:\.\d+)?|[XN])(?:[a-zA-Z]{1,4}|%)?[\]}]?")
_UNIT = regex(r"=?[\[{]?[A-Za-z]*(?:ms|rps|%)[\]}]?")
_ANGLED = regex(r"<[A-Za-z][\w |/.-]*>")


@lru_cache(maxsize=128)
def parse(content: str, first_line: int = 1) -> Script:
    """Return the commands of a script whose first line is line `first_line` of its document."""
    if len(content) > MAX_CHARACTERS:
        reason = f"{len(content)} characters of shell are not read; {MAX_CHARACTERS} are"
        return Script(problems=(Problem(first_line, reason),))
    content = "\n".join(PROMPT.sub("  ", line) for line in content.split("\n"))
    data = content.encode("utf-8", "surrogatepass")
    root = _tree(data)
    if root is None:
        return Script(problems=(Problem(first_line, "fence is too tangled to be read as shell"),))
    broken = frozenset(row + first_line for row in _error_rows(root))
    walk = _Walk(data, first_line, broken, frozenset(_defined(root, data)))
    statements = tuple(walk.statements(root))
    problems = [Problem(line, "line doesn't parse as shell") for line in sorted(broken)]
    problems += [
        Problem(line, "command is nested too deeply to be read") for line in sorted(walk.too_deep)
    ]
    return Script(statements, tuple(walk.comments), tuple(problems))


@lru_cache(maxsize=1)
def _language() -> Language:
    made: Language = _compiled("tree_sitter").Language(_compiled("tree_sitter_bash").language())
    return made


@cache
def _compiled(package: str) -> ModuleType:
    """Return the compiled part of a package without the rest, which only adds query files.

    The rest imports `typing` and `importlib.resources`: more than the parser itself takes.
    """
    around = find_spec(package)
    places = around.submodule_search_locations if around else None
    spec = PathFinder.find_spec(f"{package}._binding", places)
    if spec is None or spec.loader is None:
        return import_module(package)
    binding = module_from_spec(spec)
    spec.loader.exec_module(binding)
    return binding


def _tree(data: bytes) -> Node | None:
    steps = 0

    def give_up(_offset: int, has_error: bool) -> bool:
        nonlocal steps
        steps += 1
        return steps > (MAX_STEPS_WITH_ERRORS if has_error else MAX_STEPS)

    # A parser that gave up would go on with the same text: each text gets its own.
    parser: Parser = _compiled("tree_sitter").Parser(_language())
    ascii_only = _NOT_ASCII.sub(b"X", data)
    try:
        tree = parser.parse(lambda offset, _: ascii_only[offset:], progress_callback=give_up)
    except ValueError:
        return None
    return tree.root_node


def _inside(root: Node) -> Iterator[Node]:
    """Yield all nodes, without recursion."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.children)


def _error_rows(root: Node) -> Iterator[int]:
    if root.has_error:
        for node in _inside(root):
            if node.is_missing:
                yield node.start_point.row
            elif node.is_error:
                yield from range(node.start_point.row, node.end_point.row + 1)


def _defined(root: Node, data: bytes) -> Iterator[str]:
    for node in _inside(root):
        if node.type == "function_definition" and (name := node.child_by_field_name("name")):
            yield _text(name, data)
        elif node.type == "command" and _text(node, data).startswith("alias "):
            yield from re.findall(r"\s([\w.-]+)=", _text(node, data))


def _text(node: Node, data: bytes) -> str:
    return data[node.start_byte : node.end_byte].decode("utf-8", "replace")


@dataclass(slots=True)
class _Walk:
    """One pass over a tree, in the order of execution; `folder` is where it stands just now."""

    data: bytes
    first_line: int
    broken: frozenset[int]
    defined: frozenset[str]
    folder: str | None = ""
    pushed: list[str | None] = field(default_factory=list)
    found: list[Command] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    too_deep: set[int] = field(default_factory=set)

    def statements(self, root: Node) -> Iterator[Statement]:
        for node, background, joined in _in_sequence(root.children):
            if node.type == "comment":
                self._comment(node)
                continue
            self.found = []
            how = Command(0, 0, 0, "", background=background, joined=joined)
            before = self.folder
            self._run(node, how, 0)
            # A `cd` counts to the end of its list; for all that follows when it stands alone.
            if node.type != "command":
                self.folder = before
            line = self._line(node)
            # A here-document ends with the newline behind it.
            end = line + self._text(node).rstrip("\n").count("\n") + 1
            text = self._text(node).rstrip("\n") + " &" * background
            yield Statement(line, end, text, node.type, tuple(self.found), background)

    def _comment(self, node: Node) -> None:
        before = self.data[self.data.rfind(b"\n", 0, node.start_byte) + 1 : node.start_byte]
        self.comments.append(Comment(self._line(node), self._text(node), not before.strip()))

    def _visit(self, node: Node, how: Command, depth: int) -> None:
        """Collect the commands of a node; `how` carries what they take from around them."""
        if depth > MAX_DEPTH:
            self.too_deep.add(self._line(node))
            return
        kind, depth = node.type, depth + 1
        if kind == "comment":
            self._comment(node)
        elif kind in _COMMANDS:
            self._command(node, (), how, depth)
        elif kind == "redirected_statement":
            self._redirected(node, how, depth)
        elif kind == "pipeline":
            self._pipeline(node.children, how, depth)
        elif kind == "list":
            self._list(node, how, depth)
        elif kind in _APART:
            substituted = how.substituted or kind.endswith("substitution")
            self._apart(node.children, replace(how, substituted=substituted, joined=""), depth)
        elif kind in _BRANCHES:
            before = self.folder
            self._branches(node, how, depth)
            self.folder = before if self.folder == before else None
        elif kind in ("negated_command", "test_command"):
            self._block(node.children, replace(how, tested=True), depth)
        else:
            self._block(node.children, replace(how, joined=""), depth)

    def _block(self, nodes: Sequence[Node], how: Command, depth: int) -> None:
        for node, background, joined in _in_sequence(nodes):
            behind = how.background or background
            self._run(node, replace(how, background=behind, joined=joined or how.joined), depth)

    def _run(self, node: Node, how: Command, depth: int) -> None:
        """Visit a node; what is put in the background can't change the folder for the rest."""
        before = self.folder
        self._visit(node, how, depth)
        if how.background:
            self.folder = before

    def _apart(self, nodes: Sequence[Node], how: Command, depth: int) -> None:
        """Visit what runs in a shell of its own, so that a `cd` there stays there."""
        before, pushed = self.folder, list(self.pushed)
        self._block(nodes, how, depth)
        self.folder, self.pushed = before, pushed

    def _branches(self, node: Node, how: Command, depth: int) -> None:
        conditions = {child.id for child in node.children_by_field_name("condition")}
        for child, background, _ in _in_sequence(node.children):
            tested = how.tested or child.id in conditions
            behind = how.background or background
            inner = replace(how, tested=tested, background=behind, joined="")
            self._visit(child, inner, depth)

    def _list(self, node: Node, how: Command, depth: int) -> None:
        operator = how.joined
        for child in node.children:
            if child.type in ("&&", "||"):
                operator = child.type
            elif child.is_named:
                self._visit(child, replace(how, joined=operator), depth)

    def _pipeline(self, nodes: Sequence[Node], how: Command, depth: int) -> None:
        parts = [node for node in nodes if node.is_named and node.type != "comment"]
        for index, part in enumerate(parts):
            into = self._first_words(parts[index + 1]) if index + 1 < len(parts) else how.into
            joined = "|" if index else how.joined
            self._apart([part], replace(how, into=into, joined=joined), depth)

    def _first_words(self, node: Node) -> tuple[str | None, ...]:
        for inner in _inside(node):
            if inner.type == "command":
                return tuple(_value(word, self.data)[0] for word in _word_nodes(inner))
        return ()

    def _redirected(self, node: Node, how: Command, depth: int) -> None:
        body = node.child_by_field_name("body")
        redirects = node.children_by_field_name("redirect")
        piped = [n for r in redirects for n in r.children if n.type == "pipeline"]
        if piped:
            how = replace(how, into=self._first_words(piped[0]))
        if body is None:
            self._command(node, (), how, depth)
        elif body.type == "command":
            self._command(body, redirects, how, depth, node)
        else:
            self._visit(body, how, depth)
            for redirect in redirects:
                self._substitutions(redirect, how, depth)
        for node_ in piped:
            self._pipeline(node_.children, replace(how, joined="|", into=()), depth)

    def _command(
        self, node: Node, redirects: Iterable[Node], how: Command, depth: int,
        whole: Node | None = None,
    ) -> None:  # fmt: skip
        whole = whole or node
        nodes = [child for child in node.children if child.type.endswith("_redirect")]
        redirections = [*nodes, *redirects]
        assigns = node.type.startswith("variable_assignment")
        words = [] if assigns else list(_word_nodes(node))
        for redirect in redirections:
            # Only the first word behind the operator is the file; the rest are arguments.
            words += redirect.children_by_field_name("destination")[1:]
        words.sort(key=lambda word: word.start_byte)
        ours = [node] if node.type == "variable_assignment" else node.children
        first = words[0] if words else None
        line, end = (
            self._line(whole),
            self._line(whole) + self._text(whole).rstrip("\n").count("\n"),
        )
        command = replace(
            how,
            line=line,
            column=self._column(whole),
            end=end + 1,
            raw=self._text(whole).rstrip("\n"),
            words=tuple(self._word(word) for word in words),
            redirections=tuple(self._redirection(one) for one in redirections),
            assignments=tuple(
                _assignment(n, self.data) for n in ours if n.type == "variable_assignment"
            ),
            folder=self.folder,
            defined=first is not None and self._text(first) in self.defined,
            broken=not self.broken.isdisjoint(range(line, end + 1)),
        )
        for part in (node, *(one for one in redirects)):
            self._substitutions(part, how, depth)
        self.found.append(command)
        self._change_folder(command)

    def _substitutions(self, node: Node, how: Command, depth: int) -> None:
        waiting = list(reversed(node.children))
        while waiting:
            inner = waiting.pop()
            if inner.type in ("command_substitution", "process_substitution"):
                self._visit(inner, replace(how, background=False, into=()), depth)
            elif inner.type != "pipeline":
                waiting += reversed(inner.children)

    def _change_folder(self, command: Command) -> None:
        if command.program == "popd":
            self.folder = self.pushed.pop() if self.pushed else None
        elif command.program in ("cd", "pushd"):
            if command.program == "pushd":
                self.pushed.append(self.folder)
            named = [word for word in command.argv[1:] if word not in ("-P", "-L", "--")]
            self.folder = join(self.folder, named[0]) if named else None

    def _redirection(self, node: Node) -> Redirection:
        signs = [child for child in node.children if not child.is_named and child.type[0] in "<>&"]
        targets = node.children_by_field_name("destination")
        at = signs[0] if signs else node
        target = self._word(targets[0]) if targets else None
        before = self.data[: at.start_byte][-1:].decode("ascii", "replace")
        after = self.data[at.start_byte : at.start_byte + 200].decode("utf-8", "replace")
        placeholder = _is_placeholder(at.type, before, target, after)
        return Redirection(at.type, target, self._line(at), self._column(at), placeholder)

    def _word(self, node: Node) -> Word:
        value, glob = _value(node, self.data)
        return Word(self._line(node), self._column(node), self._text(node), value, glob)

    def _text(self, node: Node) -> str:
        return _text(node, self.data)

    def _line(self, node: Node) -> int:
        return self.first_line + node.start_point.row

    def _column(self, node: Node) -> int:
        start = self.data.rfind(b"\n", 0, node.start_byte) + 1
        return len(self.data[start : node.start_byte].decode("utf-8", "replace")) + 1


_COMMANDS = ("command", "declaration_command", "unset_command", "variable_assignment",
             "variable_assignments")  # fmt: skip
_APART = ("subshell", "command_substitution", "process_substitution", "function_definition")
_BRANCHES = ("if_statement", "while_statement", "for_statement", "c_style_for_statement",
             "case_statement")  # fmt: skip
_WORDS = ("word", "string", "raw_string", "concatenation", "number", "simple_expansion",
          "expansion", "command_substitution", "process_substitution", "ansi_c_string",
          "translated_string", "arithmetic_expansion", "brace_expression", "variable_name",
          "regex", "extglob_pattern", "==", "=~")  # fmt: skip


def _in_sequence(nodes: Sequence[Node]) -> Iterator[tuple[Node, bool, str]]:
    """Yield named nodes, whether each is put in the background, and a `;` before it."""
    joined = ""
    for index, node in enumerate(nodes):
        following = nodes[index + 1].type if index + 1 < len(nodes) else ""
        if node.is_named:
            yield node, following == "&", joined
            joined = ""
        elif node.type == ";" and not node.is_missing:
            joined = ";"


def _word_nodes(node: Node) -> Iterator[Node]:
    for child in node.children:
        if child.type == "command_name":
            yield from child.children
        elif child.type in _WORDS or (child.type in ("export", "declare", "local", "readonly",
                                                     "typeset", "unset")):  # fmt: skip
            yield child


def _value(node: Node, data: bytes) -> tuple[str | None, bool]:
    """Return a word after quoting, and whether it is a pattern for file names."""
    text, kind = _text(node, data), node.type
    value: str | None = None
    glob = False
    if kind == "raw_string":
        value = text[1:-1]
    elif kind == "string":
        plain = all(c.type in ('"', "string_content") for c in node.children)
        value = _ESCAPED_IN_QUOTES.sub(_unescaped, text[1:-1]) if plain else None
    elif kind == "ansi_c_string":
        value = None if "\\" in text else text[2:-1]
    elif _BRACES.search(text):
        pass
    elif kind == "concatenation":
        parts = [_value(child, data) for child in node.children]
        known = [part for part, _ in parts if part is not None]
        value = "".join(known) if len(known) == len(parts) else None
        glob = any(one for _, one in parts)
    elif kind in ("word", "number", "variable_name") or not node.is_named:
        value = _ESCAPED.sub(_unescaped, text)
        glob = bool(_GLOB.search(_ESCAPED.sub("", text)))
    return value, glob


def _unescaped(match: re.Match[str]) -> str:
    return "" if match[1] == "\n" else match[1]


def _assignment(node: Node, data: bytes) -> Assignment:
    name, _, raw = _text(node, data).partition("=")
    value = node.child_by_field_name("value")
    return Assignment(name, _value(value, data)[0] if value else raw, raw)


def _is_placeholder(operator: str, before: str, target: Word | None, after: str) -> bool:
    if operator not in ("<", ">", ">&", "<&", "&>") or target is None or before == "&":
        return False
    if operator in (">&", "<&", "&>"):
        return False
    if before in tuple("=[{\"'") or _ANGLED.match(after):
        return True
    # `2>1` is a slip, but not a limit; a file without a dot that is a number with unit is one.
    return not before.isdigit() and bool(
        _QUANTITY.fullmatch(target.raw) or _UNIT.fullmatch(target.raw)
    )
