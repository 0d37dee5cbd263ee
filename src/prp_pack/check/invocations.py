"""A shell command without its wrappers: which program it comes down to, with which words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from prp_pack.check.programs import (
    INTERPRETER_ENDS,
    INTERPRETER_VALUES,
    INTERPRETERS,
    PATHS,
    PYTHONS,
    WRAPPERS,
    Wrapper,
)
from prp_pack.parse.script import Command, Word
from prp_pack.regex import regex
from prp_pack.values import dataclass

_ASSIGNMENT = regex(r"[A-Za-z_]\w*=")


@dataclass(frozen=True)
class Invocation:
    """`name` is what tables know it by: `docker compose` is one, `python -m pytest` is `pytest`.

    `word` is where the program stands. `provided` when a wrapper looks for it in an environment
    of the project's own; `module` when Python does.
    """

    name: str
    word: Word
    arguments: tuple[Word, ...]
    command: Command
    wrappers: tuple[str, ...] = ()
    provided: bool = False
    module: bool = False

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The arguments that are known."""
        return tuple(word.value for word in self.arguments if word.value is not None)

    def operands(self) -> tuple[str, ...]:
        """Return the arguments that are neither options nor, as far as is known, their values."""
        known = PATHS.get(self.name)
        valued = known.options | known.values if known else frozenset[str]()
        values = self.values
        before = ("", *values)
        return tuple(
            value
            for value, option in zip(values, before, strict=False)
            if not value.startswith("-") and option not in valued
        )


def invocations(command: Command) -> Iterator[Invocation]:
    """Yield the wrappers of a command, outermost first, and what they start at last."""
    words: Sequence[Word] = command.words
    wrappers: tuple[str, ...] = ()
    provided = False
    while words:
        name = words[0].value
        if name is None:
            return
        first = Invocation(name, words[0], tuple(words[1:]), command, wrappers, provided)
        base = name.rsplit("/", 1)[-1]
        module = _module(base, words)
        if module:
            yield first
            wrappers = (*wrappers, base)
            # `python -m coverage run x.py` goes on as `coverage run x.py` would.
            words = module
            inner = Invocation(
                words[0].value or "", words[0], tuple(words[1:]), command, wrappers, True, True
            )
            rest = _wrapped(inner.name, words)
            yield inner
            if rest is None:
                return
            words, provided = rest[0], True
            wrappers = (*wrappers, inner.name)
            continue
        rest = _wrapped(base, words)
        yield _named(first, base)
        if rest is None:
            return
        words, wrapper = rest
        wrappers = (*wrappers, base)
        provided = provided or wrapper.provides
        if base == "coverage" and words and (words[0].value or "").endswith(".py"):
            yield Invocation("python", words[0], tuple(words), command, wrappers, True)
            return


def innermost(command: Command) -> Invocation | None:
    """Return what a command comes down to; None without a program that is known."""
    return next(reversed(tuple(invocations(command))), None)


def script_of(call: Invocation) -> Word | None:
    """Return the script that an interpreter is given."""
    if call.name.rsplit("/", 1)[-1] not in INTERPRETERS:
        return None
    words = iter(call.arguments)
    for word in words:
        value = word.value
        if value is None or value in INTERPRETER_ENDS or value == "-m":
            return None
        if value in INTERPRETER_VALUES:
            next(words, None)
        elif not value.startswith(("-", "+")):
            return word
        elif call.name.rsplit("/", 1)[-1] not in PYTHONS and "c" in value and value[1:2] != "-":
            return None
    return None


def _named(call: Invocation, base: str) -> Invocation:
    """Return the call under the name that tables know it by."""
    if base == "docker" and call.operands()[:1] == ("compose",):
        at = next(i for i, w in enumerate(call.arguments) if w.value == "compose")
        rest = call.arguments[at + 1 :]
        return Invocation("docker compose", call.word, rest, call.command, call.wrappers,
                          call.provided)  # fmt: skip
    return call


def _module(base: str, words: Sequence[Word]) -> Sequence[Word]:
    """Return the words from the module on, of `python -m module …`."""
    if base in PYTHONS:
        for index, word in enumerate(words[1:], start=1):
            if word.value == "-m":
                following = words[index + 1 :]
                return following if following and following[0].value else ()
            if word.value is None or not word.value.startswith("-") or word.value == "-c":
                break
    return ()


def _wrapped(base: str, words: Sequence[Word]) -> tuple[Sequence[Word], Wrapper] | None:
    """Return the words from the wrapped program on; None when this starts no other."""
    for wrapper in WRAPPERS.get(base, ()):
        rest = _behind(wrapper, base, words)
        passed = [word.value for word in words[1 : len(words) - len(rest)]]
        if rest and all(word in passed for word in wrapper.subcommand):
            return rest, wrapper
    return None


def _behind(wrapper: Wrapper, base: str, words: Sequence[Word]) -> Sequence[Word]:
    """Return the words behind the wrapper's own; none when they aren't known."""
    expected = [*wrapper.subcommand, *(None,) * wrapper.operands]
    index = 1
    while index < len(words) and (value := words[index].value) is not None:
        own = _ASSIGNMENT.match(value) if base in ("env", "sudo") else None
        if value in wrapper.values:
            index += 1
        elif value == "-m" and base in ("uv", "coverage"):
            # `uv run -m pytest` is `uv run python -m pytest`.
            return words[index + 1 :]
        elif value in ("-v", "-V") and base == "command":
            return ()
        elif not value.startswith("-") and not own:
            if not expected:
                return words[index:]
            if expected.pop(0) not in (None, value):
                return ()
        index += 1
    return ()
