"""What a file is to the proof, by its path alone."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePosixPath


class Role(StrEnum):
    TEST = "test"
    """A file that a test runner collects by its name."""
    SUPPORT = "support"
    """What tests import or load, but no runner collects: conftest.py, helpers in tests/."""
    CONFIGURATION = "configuration"
    """What tells tools how strict to be, and CI what to run."""
    DATA = "data"
    """What tests compare with: snapshots, and files in the tests' folders that are no code."""
    SOURCE = "source"
    OTHER = "other"
    """Documents, data, pictures: nothing that decides whether a check passes."""


PYTHON = (".py", ".pyi")
_SOURCES = frozenset("""
    .py .pyi .js .jsx .mjs .cjs .ts .tsx .mts .cts .vue .svelte .go .rs .java .kt .kts .scala .swift
    .c .h .cc .cpp .hpp .cs .rb .php .sh .bash .zsh .bats .lua .ex .exs .dart .r .jl .pl .sql
""".split())  # fmt: skip  # noqa: SIM905 - a list of words
_DATA = frozenset("""
    .json .jsonl .yaml .yml .txt .csv .tsv .xml .html .snap .ambr .toml .md .out .golden .expected
    .ini
""".split())  # fmt: skip  # noqa: SIM905 - a list of words
_CONFIGURATION = re.compile(
    r"""pyproject\.toml | \.?ruff\.toml | \.?mypy\.ini | setup\.cfg | tox\.(?:ini|toml) |
        \.?pytest\.(?:ini|toml) | \.coveragerc(?:\.\w+)? | \.flake8 | \.bandit |
        \.?pylintrc(?:\.toml)? |
        pyrightconfig\.json | \.pre-commit-config\.ya?ml | \.gitlab-ci\.ya?ml |
        tsconfig[\w.-]*\.json | package\.json | \.eslintrc(?:\.json|\.ya?ml)? | biome\.jsonc? |
        \.nycrc(?:\.json)? | \.?c8rc\.json | jest\.config\.json |
        (?:GNU)?[Mm]akefile | [Jj]ustfile | [Tt]askfile\.ya?ml | \.importlinter |
        azure-pipelines\.ya?ml |
        codecov\.ya?ml | \.codecov\.ya?ml""",
    re.VERBOSE,
)
_WORKFLOW = re.compile(r"(?:^|/)\.github/workflows/[^/]+\.ya?ml$|(?:^|/)\.circleci/config\.ya?ml$")
_TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "spec", "specs", "e2e", "testing"})
_PYTHON_TEST = re.compile(r"test_.*\.py|.*_test\.py|tests\.py")
_OTHER_TEST = re.compile(
    r""".*[._-](?:test|spec|tests|specs|cy)\.\w+ | .*_test\.(?:go|rb|exs|dart|c|cc|cpp|sh) |
        .*_spec\.\w+ | test[_-].*\.(?:sh|bash|js|ts|c|cpp|rb|lua|jl|r) | .*\.bats |
        .*Tests?\.(?:java|kt|cs|swift|php|scala) | .*(?:Spec|IT)\.(?:java|kt|scala)""",
    re.VERBOSE,
)


def role_of(path: str) -> Role:
    """Return what the file at `path`, relative to the project and with `/`, is to the proof."""
    pure = PurePosixPath(path)
    if _WORKFLOW.search(path) or _CONFIGURATION.fullmatch(pure.name):
        return Role.CONFIGURATION
    in_tests = not _TEST_FOLDERS.isdisjoint(pure.parts[:-1])
    if pure.suffix not in _SOURCES:
        kept = in_tests or "__snapshots__" in pure.parts or pure.suffix in (".snap", ".ambr")
        return Role.DATA if kept and pure.suffix in _DATA else Role.OTHER
    if pure.suffix in PYTHON:
        if _PYTHON_TEST.fullmatch(pure.name):
            return Role.TEST
        return Role.SUPPORT if in_tests or pure.name == "conftest.py" else Role.SOURCE
    # Rust has its integration tests in any file of tests/, JavaScript in any of __tests__/.
    collected = pure.suffix == ".rs" or "__tests__" in pure.parts
    if _OTHER_TEST.fullmatch(pure.name) or (in_tests and collected):
        return Role.TEST
    return Role.SUPPORT if in_tests else Role.SOURCE


def is_python(path: str) -> bool:
    return path.endswith(PYTHON)
