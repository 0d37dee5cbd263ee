"""Command lines that check something, before and after: what a run of them would miss."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

from prp_pack.evidence.weakening.change import Effect, shown
from prp_pack.evidence.weakening.command_options import (
    CLUSTERS,
    DANGEROUS_ENVIRONMENT,
    ENVIRONMENT,
    FOLDER,
    HARMLESS,
    HIDING,
    HIGHER,
    LETTERS,
    LOWER,
    NUMBER,
    PREPARING,
    QUIET,
    QUOTED,
    RUNNERS,
    SEPARATOR,
    STRENGTHENING,
    SYNONYMS,
    WEAKENING,
    WHOLE_PROJECT,
    WITH_SUBCOMMAND,
    WITH_VALUE,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """`kind` and `message` as in a Change; the place is for the caller to know."""

    effect: Effect
    kind: str
    message: str


@dataclass(slots=True)
class _Simple:
    """One command: what it starts, the words it works on, its options with their values."""

    program: str
    words: list[str] = field(default_factory=list)
    options: dict[str, list[str]] = field(default_factory=dict)
    environment: str = ""


def _weak(kind: str, message: str) -> Difference:
    return Difference(Effect.WEAKENED, kind, message)


def compare(old: str, new: str) -> Iterator[Difference]:
    """Yield how the new command checks less, or more, than the old one."""
    if " ".join(old.split()) == " ".join(new.split()):
        return
    for pattern, name in HIDING:
        if pattern.search(_unquoted(new)) and not pattern.search(_unquoted(old)):
            yield _weak("failure-hidden", f"{shown(new)} passes when it fails: {name} is new")
            break
    before, after = list(_simple(old)), list(_simple(new))
    left = list(after)
    for one in before:
        match = next((other for other in left if other.program == one.program), None)
        if match is None:
            if not _is_preparation(one):
                message = f"{shown(old)} became {shown(new)}, without {shown(one.program)}"
                yield _weak("command-changed", message)
            continue
        left.remove(match)
        yield from _options(one, match)
        yield from _words(one, match)


def options(old: str, new: str) -> Iterator[Difference]:
    """Yield how options that stand without their program, as in `addopts`, check less or more."""
    yield from compare(f"pytest {old}", f"pytest {new}")


def _unquoted(text: str) -> str:
    return QUOTED.sub("''", text)


def _is_preparation(one: _Simple) -> bool:
    return one.program in PREPARING


def _simple(text: str) -> Iterator[_Simple]:
    """Yield the commands of a line that always run; what stands behind `||` and `|` doesn't."""
    joined = QUIET.sub("", text.replace("\\\n", " "))
    masked = QUOTED.sub(lambda found: "x" * len(found[0]), joined)
    start, runs = 0, True
    for found in (*SEPARATOR.finditer(masked), None):
        part = joined[start : found.start() if found else len(joined)]
        if runs and (one := _read(part)) is not None:
            yield one
        if found:
            start, runs = found.end(), "|" not in found[0]


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()


def _read(text: str) -> _Simple | None:
    bare = text.strip().lstrip("@-! ").rstrip("& ")
    found = ENVIRONMENT.match(f"{bare} ")
    environment = found[0].strip() if found else ""
    bare = bare[len(found[0]) :].strip() if found else bare
    for _ in range(3):
        bare = RUNNERS.sub("", bare, count=1)
    words = _split(bare)
    if not words:
        return None
    program = FOLDER.sub("", words.pop(0)) or bare.split()[0]
    if program in WITH_SUBCOMMAND and words and not words[0].startswith("-"):
        program = f"{program} {words.pop(0)}"
    one = _Simple(program, environment=environment)
    clusters = CLUSTERS.get(program)
    while words:
        word = words.pop(0)
        if not word.startswith("-") or word == "-":
            one.words.append(word.rstrip("/") or word)
            continue
        if clusters and clusters.fullmatch(word):
            for letter in word[1:]:
                one.options.setdefault(LETTERS.get((program, letter), f"-{letter}"), [""])
            continue
        name, equals, value = word.partition("=")
        name = SYNONYMS.get(name, name)
        takes = name in WITH_VALUE or bool(HIGHER.search(name) or LOWER.search(name))
        if not equals and takes and words and not words[0].startswith("--"):
            value = words.pop(0)
        one.options.setdefault(name, []).append(value)
    return one


# --- One command against another ------------------------------------------------------------


def _options(old: _Simple, new: _Simple) -> Iterator[Difference]:
    if DANGEROUS_ENVIRONMENT.search(new.environment) and new.environment != old.environment:
        yield _weak(
            "environment-changed", f"{shown(new.environment)} changes what {new.program} checks"
        )
    for name, values in new.options.items():
        before = old.options.get(name)
        if before is None:
            yield from _added(name, values, new)
        elif before != values:
            yield from _changed(name, before, values)
    for name, values in old.options.items():
        if name not in new.options:
            yield from _removed(name, values, old)


def _added(name: str, values: list[str], command: _Simple) -> Iterator[Difference]:
    word = f"{name}={values[0]}" if values[0] else name
    if name in ("-m", "-W"):
        weak = name == "-m" or not values[0].startswith("error")
        if weak:
            yield _weak("option-added", f"{shown(word)} is new: less of {command.program} counts")
        else:
            yield Difference(Effect.STRENGTHENED, "option-added", f"{shown(word)} is new")
    elif name == "-p":
        if values[0].startswith("no:"):
            yield _weak("option-added", f"{shown(word)} turns a plugin off")
    elif (
        name in WEAKENING
        or word in WEAKENING
        or name.startswith(("--no-strict", "--allow-", "--no-warn"))
    ):
        yield _weak("option-added", f"{shown(word)} is new: less of {command.program} counts")
    elif name in HARMLESS or re.fullmatch(r"-[vqsr]\w*|-n\d+|-j\d+", name):
        return
    elif STRENGTHENING.search(word) or HIGHER.search(name) or LOWER.search(name):
        yield Difference(Effect.STRENGTHENED, "option-added", f"{shown(word)} is new")
    else:
        yield _weak("option-added", f"{shown(word)} is new: whether less is checked can't be told")


def _removed(name: str, values: list[str], command: _Simple) -> Iterator[Difference]:
    word = f"{name}={values[0]}" if values[0] else name
    if name in WEAKENING or name == "-m":
        yield Difference(Effect.STRENGTHENED, "option-removed", f"{shown(word)} is gone")
    elif (name in HARMLESS and name != "-f") or re.fullmatch(r"-[vqsr]\w*|-n\d+|-j\d+", name):
        return
    else:
        yield _weak("option-removed", f"{shown(word)} of {command.program} is gone")


def _changed(name: str, old: list[str], new: list[str]) -> Iterator[Difference]:
    said = f"{name} was {shown(' '.join(old))} and is {shown(' '.join(new))}"
    if name in HARMLESS:
        return
    if name == "-W" and all(value.startswith("error") for value in new):
        yield Difference(Effect.STRENGTHENED, "option-changed", said)
        return
    if set(new) >= set(old) and name not in WEAKENING:
        yield Difference(Effect.STRENGTHENED, "option-added", said)
        return
    if name in WEAKENING and set(new) < set(old):
        yield Difference(Effect.STRENGTHENED, "option-removed", said)
        return
    numbers = [NUMBER.search(values[0]) for values in (old, new)]
    if (
        numbers[0]
        and numbers[1]
        and (HIGHER.search(name) or LOWER.search(name) or name == "--target")
    ):
        grown = float(numbers[1][0]) > float(numbers[0][0])
        better = grown if HIGHER.search(name) and not LOWER.search(name) else not grown
        if better:
            yield Difference(Effect.STRENGTHENED, "threshold-raised", said)
        else:
            yield _weak("threshold-lowered", said)
        return
    yield _weak("option-changed", said)


def _words(old: _Simple, new: _Simple) -> Iterator[Difference]:
    lost = [word for word in old.words if not any(covers(other, word) for other in new.words)]
    if new.words or not old.words:
        pass
    elif _takes_paths(old):
        # Without a path the whole project is meant.
        lost = []
    for word in lost:
        narrower = next((other for other in new.words if covers(word, other)), None)
        what = f" and has {shown(narrower)} instead" if narrower else ""
        yield _weak("path-narrowed", f"{old.program} no longer covers {shown(word)}{what}")
    if not old.words and new.words and _takes_paths(old):
        message = f"{old.program} covers only {shown(' '.join(new.words))} now"
        yield _weak("path-narrowed", message)


def _takes_paths(one: _Simple) -> bool:
    return one.program in WHOLE_PROJECT and not any(" " in word for word in one.words)


def covers(wide: str, narrow: str) -> bool:
    """Tell whether a path, or a test's address in it, has the other one inside of it."""
    wide, narrow = wide.removeprefix("./").rstrip("/"), narrow.removeprefix("./").rstrip("/")
    if wide in (narrow, "", "."):
        return True
    return narrow.startswith((f"{wide}/", f"{wide}::", f"{wide}["))
