"""Commands in Makefiles and the like: a heap of lines, each of which may check something."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from prp_pack.evidence.weakening import commands
from prp_pack.evidence.weakening.change import Change, Effect, shown, strengthened, weakened

_CHECKING = re.compile(
    r"\b(?:py\.?test|unittest|ruff|mypy|pyright|flake8|pylint|bandit|tox|nox|coverage|lint\w*|check\w*|tests?|"
    r"verify|validate\w*|audit|jest|vitest|eslint|tsc|mocha|cargo|go\s+(?:test|vet)|gotestsum|black|isort|"
    r"prettier|playwright|cypress|bats|shellcheck|pre-commit|prp|gradle\w*|mvn|ctest|rspec|phpunit)\b"
)


# Beside the lines of recipes, what variables hold may be a command.
_VARIABLE = re.compile(r"[\w.-]+\s*[:?+]?=\s*")


def compare(path: str, old: str, new: str) -> Iterator[Change]:
    """Yield the recipe lines that check less, or more."""
    before, after = (
        [
            _VARIABLE.sub("", line).strip()
            for line in _joined(text)
            if line[:1] in " \t" or _VARIABLE.match(line)
        ]
        for text in (old, new)
    )
    yield from compare_lines(path, before, after)
    for name in sorted(_ignored(new) - _ignored(old)):
        yield weakened(path, 0, "failure-hidden", f"{shown(name)} is new: failures don't count")


def _joined(text: str) -> list[str]:
    return text.replace("\\\n", " ").split("\n")


def _ignored(text: str) -> set[str]:
    return set(
        re.findall(r"^\.IGNORE\b.*|^MAKEFLAGS.*(?:-i|--ignore-errors|-k)\b.*", text, re.MULTILINE)
    )


def is_checking(line: str) -> bool:
    bare = re.sub(r"^\s*#.*|^(?:@?echo|printf)\b.*", "", line.strip())
    return bool(_CHECKING.search(bare)) and not re.match(
        r"(?:pip3?|uv|poetry|npm|pnpm|yarn|apt(?:-get)?|(?:\S*/)?python[\d.]* -m pip)\s+"
        r"(?:install|sync|add|ci|pip)\b",
        bare,
    )


def compare_lines(path: str, old: list[str], new: list[str], where: str = "") -> Iterator[Change]:
    """Yield how two heaps of command lines differ in what they check."""
    had, has = Counter(old), Counter(new)
    lost, gained = list((had - has).elements()), list((has - had).elements())
    for line in lost:
        if not is_checking(line):
            continue
        match = min(
            ((list(commands.compare(line, other)), other) for other in gained),
            key=lambda one: sum(d.effect is Effect.WEAKENED for d in one[0]), default=None,
        )  # fmt: skip
        changed = match is None or any(one.kind == "command-changed" for one in match[0])
        if match is None or changed:
            yield weakened(path, 0, "command-removed", f"{where}{shown(line)} is no longer run")
            continue
        gained.remove(match[1])
        for one in match[0]:
            yield Change(path, 0, one.effect, one.kind, f"{where}{one.message}")
    for line in gained:
        if is_checking(line):
            yield strengthened(path, 0, "command-added", f"{where}{shown(line)} is run now")
        elif re.search(r"\bset\s+\+e|\bset\s+\+o", line):
            yield weakened(path, 0, "failure-hidden", f"{where}{shown(line)} lets failures pass")
