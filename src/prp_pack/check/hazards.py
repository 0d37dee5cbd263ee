"""What a command must not do as a gate: judged by its text, from the tables of `programs`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from prp_pack.check.gates import Step
from prp_pack.check.invocations import Invocation
from prp_pack.check.programs import (
    COMPARING,
    CURL_FAILS,
    DEVELOPMENT,
    DOWNLOADERS,
    FORCED_PUSH,
    INSTALLERS,
    MUTATIONS,
    NEVER_RETURN,
    PYTHONS,
    SERVERS,
    SHELLS,
    SWALLOWING,
    TEMPORARY,
    Mutation,
)
from prp_pack.parse.script import Command, Word
from prp_pack.regex import regex
from prp_pack.values import dataclass

_SUCCEEDING = (("true",), (":",), ("exit", "0"))
_SHORT = regex(r"-[a-zA-Z]+")
_BRACKETED = regex(r"(?:--[\w-]+=)?\[[^\[\]\s=]+\]")
_CHUNK = regex(r"\S+")
_FLAG = regex(r"(--?[\w-]+=)(.+)")


@dataclass(frozen=True, slots=True)
class Hazard:
    """`old` stands at `line` and `column`; `new` may take its place. Equal: nothing is offered."""

    line: int
    column: int
    message: str
    help: str = ""
    old: str = ""
    new: str = ""


def _at(word: Word, message: str, help: str = "", new: str | None = None) -> Hazard:
    return Hazard(word.line, word.column, message, help, word.raw, word.raw if new is None else new)


def hazards(step: Step, lines: Sequence[str]) -> Iterator[Hazard]:
    """Yield what is unsafe in a gate; `lines` are those of its document."""
    for command, calls in step.calls:
        yield from _placeholders(command, lines)
        yield from _swallowed(command, step)
        for call in calls:
            yield from _of_call(call, step)


def _placeholders(command: Command, lines: Sequence[str]) -> Iterator[Hazard]:
    for redirection in command.redirections:
        if redirection.placeholder and redirection.target:
            start, chunk = _chunk_at(redirection.line, redirection.column, lines)
            said = f"“{chunk or redirection.operator + redirection.target.raw}”"
            verb = "reads from" if redirection.operator == "<" else "writes to"
            message = f"{said} {verb} a file “{redirection.target.raw}”: the shell redirects here"
            new = _quoted(chunk)
            yield Hazard(redirection.line, start, message, "quote the word", chunk, new)
    for word in command.words:
        if word.glob and _BRACKETED.fullmatch(word.raw):
            message = f"“{word.raw}” is a pattern for file names, unquoted"
            yield _at(word, message, "quote the word", _quoted(word.raw))


def _chunk_at(line: int, column: int, lines: Sequence[str]) -> tuple[int, str]:
    """Return where the text without spaces around a column begins, and the text."""
    if line <= len(lines):
        for match in _CHUNK.finditer(lines[line - 1]):
            if match.start() < column <= match.end():
                return match.start() + 1, match[0]
    return column, ""


def _quoted(chunk: str) -> str:
    """Return the word in quotes; as it is where that would change what else it says."""
    flag = _FLAG.fullmatch(chunk)
    head, value = (flag[1], flag[2]) if flag else ("", chunk)
    plain = not re.search(r"[\"'`$\\;&|()]", chunk) and re.search(r"\w", value)
    return f'{head}"{value}"' if plain and (flag or not value.startswith((">", "<"))) else chunk


def _swallowed(command: Command, step: Step) -> Iterator[Hazard]:
    exits = command.argv[:2] == ("exit", "0")
    nothing = command.program in SWALLOWING or exits
    if nothing and command.joined == "||" and not command.substituted and not command.tested:
        message = f"“|| {command.raw.splitlines()[0]}” hides the failure of what stands before it"
        yield Hazard(command.line, command.column, message, "let the gate fail")
    elif command.joined == ";" and command.argv in _SUCCEEDING and command == _last(step):
        message = f"“; {command.raw}” at the end hides the failure of what stands before it"
        yield Hazard(command.line, command.column, message, "let the gate fail")
    if command.program == "set" and any(v in ("+e", "+o") for v in command.argv[1:2]):
        message = "“set +e” lets the gate go on after a failure"
        yield Hazard(command.line, command.column, message, "remove it")


def _last(step: Step) -> Command | None:
    return step.commands[-1] if step.commands else None


def _of_call(call: Invocation, step: Step) -> Iterator[Hazard]:
    base, values, command = call.name.rsplit("/", 1)[-1], call.values, call.command
    if base == "sudo":
        yield _at(call.word, "“sudo” gives a gate more rights than its user has", "remove it")
    if base in ("sh", "bash", "zsh", *PYTHONS) and command.program == call.name:
        yield from _downloaded(call)
    reader = _base(command.into[:1])
    if base in DOWNLOADERS and (
        reader in SHELLS or (reader in PYTHONS and command.into[1:] in ((), ("-",)))
    ):
        yield _at(call.word, f"“{base} … | {reader}” runs whatever the network sends")
    elif base == "curl":
        yield from _curl(call)
    if base == "rm" and _has_short(values, "rR", "--recursive"):
        yield from _removal(call, step)
    if base == "git" and "push" in values and FORCED_PUSH.intersection(values):
        yield _at(call.word, "“git push” with force overwrites what others have")
    if "--no-verify" in values:
        word = next(w for w in call.arguments if w.value == "--no-verify")
        yield _at(word, "“--no-verify” skips the hooks", "remove it")
    yield from _server(call, step)


def _base(words: Sequence[str | None]) -> str:
    return (words[0] or "").rsplit("/", 1)[-1] if words else ""


def _downloaded(call: Invocation) -> Iterator[Hazard]:
    for word in call.arguments:
        if word.value is None and re.search(r"[$<]\((?:curl|wget)\b", word.raw):
            message = f"“{call.name} {word.raw[:30]}…” runs whatever the network sends"
            yield _at(call.word, message)


def _has_short(values: Sequence[str], letters: str, long: str) -> bool:
    shorts = [v for v in values if _SHORT.fullmatch(v)]
    return long in values or any(letter in v for v in shorts for letter in letters)


def _curl(call: Invocation) -> Iterator[Hazard]:
    values, command = call.values, call.command
    fails = CURL_FAILS.intersection(values) or _has_short(values, "f", "--fail")
    asks = {"--help", "--version", "-V"}.intersection(values)
    compared = _base(command.into[:1]) in COMPARING or (
        _base(command.into[:1]) == "jq" and "-e" in command.into
    )
    coded = any("http_code" in word.raw for word in call.arguments)
    if fails or asks or compared or (coded and (command.substituted or command.into)):
        return
    hint = "add `--fail-with-body`"
    message = f"“{call.name}” succeeds when the server answers with an error"
    yield _at(call.word, message, hint, f"{call.word.raw} --fail-with-body")


def _removal(call: Invocation, step: Step) -> Iterator[Hazard]:
    if not _has_short(call.values, "f", "--force"):
        return
    made = {a.name for c in (*step.setup, *step.commands) for a in c.assignments
            if "mktemp" in a.raw or a.raw.strip("\"'").startswith(TEMPORARY)}  # fmt: skip
    for word in call.arguments:
        raw = word.raw.strip("\"'")
        variable = re.match(r"\$\{?(\w+)", raw)
        safe = raw.startswith(TEMPORARY) or (variable is not None and variable[1] in made)
        if not raw.startswith("-") and (not safe or "/.." in raw):
            message = f"“rm -rf {word.raw}” deletes outside of a temporary folder"
            hint = "work in a folder of `mktemp -d`"
            yield _at(word, message, hint)


def _server(call: Invocation, step: Step) -> Iterator[Hazard]:
    if step.gate.background or call.command.background or "timeout" in call.wrappers:
        return
    base, values, operands = call.name.rsplit("/", 1)[-1], call.values, call.operands()
    said = " ".join((call.name, *operands[:1]))
    # `npm run dev`, `python manage.py runserver`: what is run stands one word further.
    if base in ("npm", "pnpm", "yarn", "bun") and operands[:1] == ("run",):
        operands = operands[1:]
        said = " ".join((call.name, "run", *operands[:1]))
    elif base in PYTHONS and operands and operands[0].endswith("manage.py"):
        base, operands = "manage.py", operands[1:]
    runs = any(
        not server.ends.intersection(values)
        and (not server.subcommands or server.subcommands.intersection(operands[:1]))
        for server in SERVERS.get(base, ())
    )
    kept = NEVER_RETURN if base not in INSTALLERS else frozenset[str]()
    if base in PYTHONS or call.module:
        kept |= DEVELOPMENT
    staying = sorted(kept.intersection(values)) if not runs else []
    if runs or staying:
        said = f"{call.name} … {staying[0]}" if staying else said
        message = f"“{said}” doesn't return, and the gate doesn't say that it runs in background"
        hint = "put `# gate: background ready=URL timeout=30s` on the line before it"
        yield _at(call.word, message, hint)


def mutations(step: Step) -> Iterator[Hazard]:
    """Yield what a gate changes in the tree that it should only look at; its setup may."""
    for call in (call for _, calls in step.calls[len(step.fresh) :] for call in calls):
        for mutation in MUTATIONS.get(call.name.rsplit("/", 1)[-1], ()):
            yield from _mutation(call, mutation)


def _mutation(call: Invocation, mutation: Mutation) -> Iterator[Hazard]:
    words = {word.value: word for word in call.arguments if word.value is not None}
    short = [w for w in words if w.startswith("-i") or (_SHORT.fullmatch(w) and "i" in w)]
    if call.name == "sed" and mutation.words == ("-i",) and short:
        words["-i"] = words[short[0]]
    subcommands = [one for one in mutation.words if not one.startswith("-")]
    operands = call.operands()
    if list(operands[: len(subcommands)]) != subcommands or not all(
        one in words for one in mutation.words
    ):
        return
    if mutation.unless.intersection(words):
        return
    word = words[mutation.words[-1]] if mutation.words else call.word
    said = " ".join((call.name, *mutation.words))
    message = f"“{said}” {mutation.what}; a gate looks and changes nothing"
    new = word.raw
    hint = mutation.hint
    if mutation.add:
        new, hint = f"{word.raw} {mutation.add}", f"add `{mutation.add}`"
    elif mutation.instead is not None:
        new = mutation.instead
        hint = f"write `{new}`" if new else f"remove `{word.raw}`"
    yield _at(word, message, hint, new)
