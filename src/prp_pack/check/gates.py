"""The gates of a PRP: what its Validation Loop and its checklist would run."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from prp_pack.check.gate_attributes import Attributes, attributes
from prp_pack.check.invocations import Invocation, invocations
from prp_pack.check.programs import NOT_COMMANDS, SINGLE_WORDS
from prp_pack.model import Checkbox, Document, Edit, Fence, Gate, Section
from prp_pack.parse import shell
from prp_pack.parse.script import Command, Script, Statement, Word, without_output
from prp_pack.regex import regex
from prp_pack.schema.sections import Located
from prp_pack.values import dataclass, field, replace

SHELLS = ("bash", "sh", "shell", "console", "zsh", "shell-session", "terminal")
LOOP, CHECKLIST = "validation-loop", "final-validation-checklist"
CRITERIA = "what.success-criteria"
_LETTERS = {CHECKLIST: "C", CRITERIA: "S"}
# More commands than this in one document are not for a person to read, nor for us.
MAX_CHARACTERS = 40_000

_LEVEL = regex(r"(?:^|-)level-(\d+[a-z]?)(?=-|$)")
_AT_THE_END = regex(r"(?:^|[:=–—-])\s*(?:\*\*\s*)?(`+)\s*([^`]+?)\s*\1[\s.;]*$")
# A criterion that names its test: the test decides it.
_TEST = regex(r"`(test_\w+)` in `([\w./-]+\.py)`")
_PROGRAM = regex(r"(?:\w+=\S*\s+)*([a-z.~][\w./+-]*)(?:\s|$)")
_FREE_OF_SETUP = ("cd", "export", "set", "source", ".", "alias", "umask", "ulimit", "shopt")


@dataclass(frozen=True)
class Step:
    """A gate with the shell commands in it.

    `setup` are the commands of the lines that prepare it; `fresh` are those of them that no gate
    before it has, so that each command of a document stands in one `own`.
    """

    gate: Gate
    commands: tuple[Command, ...]
    setup: tuple[Command, ...] = ()
    fresh: tuple[Command, ...] = ()

    @property
    def own(self) -> tuple[Command, ...]:
        return (*self.fresh, *self.commands)

    @cached_property
    def calls(self) -> tuple[tuple[Command, tuple[Invocation, ...]], ...]:
        """Its own commands, each with the programs that it starts."""
        return tuple((command, tuple(invocations(command))) for command in self.own)


@dataclass(frozen=True, slots=True)
class Boxed:
    """A box that says when the work is done. `step` is the command that decides it, if one does.

    `id` counts the boxes of its part, `C.Component.2`; `level` is C, or S for a success criterion.
    """

    box: Checkbox
    id: str
    level: str
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Gates:
    """`skipped` are the lines of fences that were not read, each with the reason.

    `comments` are those in the fences and on the lines above them, by line; some are about a gate.
    """

    steps: tuple[Step, ...] = ()
    skipped: Mapping[int, str] = field(default_factory=dict)
    comments: Mapping[int, str] = field(default_factory=dict)

    @property
    def gates(self) -> tuple[Gate, ...]:
        return tuple(step.gate for step in self.steps)

    def within(self, section: Section) -> tuple[Step, ...]:
        return tuple(s for s in self.steps if section.line < s.gate.line < section.end)


def gates_of(document: Document, located: Located) -> Gates:
    """Return the gates in the order of the document, fences before checklist."""
    found: list[Step] = []
    skipped: dict[int, str] = {}
    said: dict[int, str] = {}
    counts: dict[str, int] = {}
    budget = MAX_CHARACTERS
    levels = _levels(document, located)
    for fence, level in _fences(document, located, levels):
        budget -= len(fence.content)
        if budget < 0:
            skipped[fence.line] = f"more than {MAX_CHARACTERS} characters of shell are not read"
            continue
        script, steps = _read(fence.content, fence.line + 1, _above(document, fence))
        said |= {comment.line: comment.text for comment in script.comments}
        said[fence.line - 1] = _above(document, fence)
        skipped |= {problem.line: problem.reason for problem in script.problems}
        found += [_numbered(one, level, f"L{level}", counts) for one in steps]
    for boxed in boxes_of(document, located, CHECKLIST):
        if boxed.step is not None:
            found.append(boxed.step)
    return Gates(tuple(found), skipped, said)


def _numbered(step: Step, level: str, prefix: str, counts: dict[str, int]) -> Step:
    counts[prefix] = counts.get(prefix, 0) + 1
    gate = replace(step.gate, id=f"{prefix}.{counts[prefix]}", level=level)
    return Step(gate, step.commands, step.setup, step.fresh)


def _levels(document: Document, located: Located) -> list[tuple[Section, str]]:
    """Return the sections that are a level, in order; the later one is the inner one."""
    known = {match.section.line: match.spec.name for match in located.matches}
    found = []
    for section in document.outline.sections:
        match = _LEVEL.search(known.get(section.line, "")) or _LEVEL.search(section.path[-1])
        if match:
            found.append((section, match[1]))
    return found


def _fences(
    document: Document, located: Located, levels: Sequence[tuple[Section, str]]
) -> Iterator[tuple[Fence, str]]:
    loops = [match.section for match in located.by_id.get(LOOP, ())]
    for fence in document.outline.fences:
        if fence.language not in SHELLS or not fence.closed:
            continue
        # A level counts wherever it stands: a wrong parent is for another rule to report.
        around = [level for section, level in levels if section.line < fence.line < section.end]
        if around or any(loop.line < fence.line < loop.end for loop in loops):
            yield fence, around[-1] if around else ""


def _above(document: Document, fence: Fence) -> str:
    return document.lines[fence.line - 2] if fence.line > 1 else ""


@lru_cache(maxsize=128)
def _read(content: str, first_line: int, above: str) -> tuple[Script, tuple[Step, ...]]:
    """Return a fence's script and its gates; each rule on commands asks for the same ones."""
    script = shell.parse(without_output(content), first_line)
    return script, tuple(_steps(script, attributes(above)))


def _steps(script: Script, around: Attributes) -> Iterator[Step]:
    """Yield a gate for each statement, or one for all where they can't run apart."""
    statements = [one for one in script.statements if one.kind != "ERROR"]
    commented = {c.line: c.text for c in script.comments}
    alone = {c.line for c in script.comments if c.alone}
    if statements and any(_leaves_state(one) for one in statements):
        commands = tuple(command for one in statements for command in one.commands)
        text = "\n".join(one.text for one in statements)
        said = [attributes(text) for text in commented.values()]
        here = next((one for one in said if one != Attributes()), around)
        yield _step((statements[0].line, statements[-1].end), text, commands, here, "script")
        return
    setup: list[Statement] = []
    above = Attributes()
    before = known = 0
    for one in statements:
        for line in (line for line in sorted(alone) if before <= line < one.line):
            said_here = attributes(commented[line])
            above = said_here if said_here != Attributes() else above
        before = one.end
        if _is_setup(one):
            setup.append(one)
            continue
        behind = attributes(commented.get(one.end - 1, ""))
        here = next((a for a in (behind, above) if a != Attributes()), around)
        above = Attributes()
        step = _step((one.line, one.end), one.text, one.commands, here, one.kind)
        yield _after(step, setup, known)
        known = len(setup)


def _step(
    lines: tuple[int, int], text: str, commands: tuple[Command, ...], said: Attributes, kind: str
) -> Step:
    gate = Gate(
        id="", level="", line=lines[0], end=lines[1], command=text, argv=_plain(commands, kind),
        background=said.background, ready=said.ready, timeout=said.timeout, scope=said.scope,
        unknown=said.unknown,
    )  # fmt: skip
    return Step(gate, commands)


def _after(step: Step, setup: Sequence[Statement], known: int) -> Step:
    """Return the step with its setup, of which the first `known` statements aren't fresh."""
    if not setup:
        return step
    gate = replace(step.gate, setup=tuple(one.text for one in setup), argv=None)
    commands = tuple(c for one in setup for c in one.commands)
    fresh = tuple(c for one in setup[known:] for c in one.commands)
    return replace(step, gate=gate, setup=commands, fresh=fresh)


def _plain(commands: Sequence[Command], kind: str) -> tuple[str, ...] | None:
    if kind != "command" or len(commands) != 1 or commands[0].assignments:
        return None
    words = commands[0].words
    known = tuple(word.value for word in words if word.value is not None)
    plain = not any(word.glob or (word.value or "").startswith("~") for word in words)
    free = not commands[0].broken and not commands[0].redirections
    return known if words and plain and free and len(known) == len(words) else None


def _is_setup(statement: Statement) -> bool:
    """Tell whether a statement does nothing but prepare what follows it in its fence."""
    if statement.kind == "function_definition":
        return True
    return bool(statement.commands) and all(
        not one.words or one.program in _FREE_OF_SETUP for one in statement.commands
    )


def _leaves_state(statement: Statement) -> bool:
    """Tell whether the statement leaves behind what running it again would make anew."""
    if statement.background:
        return True
    assigns = [a for c in statement.commands if not c.words or c.program in _FREE_OF_SETUP
               for a in c.assignments]  # fmt: skip
    return any(assignment.value is None and "(" in assignment.raw for assignment in assigns)


def boxes_of(document: Document, located: Located, section_id: str) -> Iterator[Boxed]:
    """Yield the boxes of the checklist, or of the success criteria, each with its id."""
    lists = [match.section for match in located.by_id.get(section_id, ())]
    letter = _LETTERS[section_id]
    counts: dict[str, int] = {}
    sections = document.outline.sections
    begins = [section.line for section in sections]
    for box in document.outline.checkboxes:
        if any(section.line < box.line < section.end for section in lists):
            # The last heading above it is that of the innermost section.
            inner = sections[bisect_right(begins, box.line) - 1]
            part = "" if inner in lists else inner.path[-1].split("-")[0].capitalize()
            prefix = f"{letter}.{part}" if part else letter
            counts[prefix] = counts.get(prefix, 0) + 1
            step = _of_checkbox(document, box)
            if step is not None:
                gate = replace(step.gate, id=f"{prefix}.{counts[prefix]}", level=letter)
                step = replace(step, gate=gate)
            yield Boxed(box, f"{prefix}.{counts[prefix]}", letter, step)


def _of_checkbox(document: Document, box: Checkbox) -> Step | None:
    if named := _TEST.search(box.text):
        command = f"pytest {named[2]} -k {named[1]}"
        script = shell.parse(command, box.line)
        return _step((box.line, box.line + 1), command, script.commands, Attributes(), "command")
    found = _AT_THE_END.search(box.text)
    if not found or not is_command(found[2]):
        return None
    # The spaces keep columns as they are in the document.
    line = document.lines[box.line - 1]
    script = shell.parse(" " * max(0, line.rfind(found[2])) + found[2], box.line)
    kind = script.statements[0].kind if len(script.statements) == 1 else "script"
    return _step((box.line, box.line + 1), found[2], script.commands, Attributes(), kind)


def is_command(text: str) -> bool:
    """Tell whether a text in backticks reads as a command, and not as a name or a path."""
    program = _PROGRAM.match(text)
    if not program or program[1] in NOT_COMMANDS:
        return False
    one_word = len(text.split()) == 1
    return not one_word or text in SINGLE_WORDS or text.endswith(".sh")


def where(document: Document, word: Word) -> int:
    """Return the column of a word in the document, also where its fence is indented."""
    return replacement(document, word.line, word.column, word.raw, word.raw)[0]


def replacement(
    document: Document, line: int, column: int, old: str, new: str
) -> tuple[int, Edit | None]:
    """Return the column of a text in the document, and the edit that puts `new` in its place.

    There is no edit where `new` is `old`, or where the text runs over several lines.
    """
    lines = document.lines
    text = lines[line - 1] if line <= len(lines) else ""
    at = text.find(old, column - 1) if old else -1
    if at < 0:
        return column, None
    if new == old:
        return at + 1, None
    before, after = text[:at], text[at + len(old) :]
    if not new:
        # The space goes with the word.
        before, after = (before[:-1], after) if before.endswith(" ") else (before, after.lstrip())
    return at + 1, Edit(line, line + 1, f"{before}{new}{after}\n")
