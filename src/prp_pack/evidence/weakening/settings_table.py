"""Which settings of tools make a check stricter when they grow, and which when they shrink."""

from __future__ import annotations

import re
from enum import Enum, auto


class Way(Enum):
    """What a setting is, and in which direction it is strict."""

    KEEP = auto()
    """A list of what is checked: it must not lose anything."""
    NARROW = auto()
    """A list of what is left out: it must not grow."""
    HIGH = auto()
    """A number that must not fall."""
    LOW = auto()
    """A number that must not rise."""
    ON = auto()
    """Must not be turned off; off when it isn't there."""
    ON_ALREADY = auto()
    """Must not be turned off, also where nothing is said: it is on, or a mode turns it on."""
    OFF = auto()
    """Must not be turned on."""
    FILTERS = auto()
    """Filters for warnings: `error` must not go, `ignore` must not come."""
    OPTIONS = auto()
    """Options of a command line."""
    COMMANDS = auto()
    """Commands that check something."""
    LEVEL = auto()
    """How loud a rule is: error, warn, off."""
    PATHS = auto()
    """Where tests are looked for: must cover what it covered; from nothing, everything."""


# The first pattern that matches a key decides. Keys are written as `tool.section.key`; a file
# that belongs to one tool begins with that tool's name.
_ROWS: tuple[tuple[str, Way], ...] = (
    # ruff, flake8, pylint, bandit, pydocstyle
    (r"(ruff|flake8)\.(lint\.)?(extend-)?(select|fixable-select)", Way.KEEP),
    (r"(ruff|flake8)\.(lint\.)?(extend-)?(ignore|exclude|unfixable)", Way.NARROW),
    (r"(ruff|flake8)\.(lint\.)?(extend-)?per-file-ignores(\..*)?", Way.NARROW),
    ((r"(ruff|flake8)\..*max-(complexity|args|branches|returns|statements|locals|nested-blocks|"
      r"public-methods|positional-args|bool-expr|doc-length)"), Way.LOW),
    (r"(ruff|flake8)\.(line-length|max-line-length|lint\.pycodestyle\.max-line-length)", Way.LOW),
    (r"flake8\.(exit-zero|disable-noqa)", Way.OFF),
    (r"flake8\.(extend-|per-file-)?(ignore|exclude|filename)s?", Way.NARROW),
    (r"pylint\..*\b(disable|ignore|ignore-paths|ignore-patterns|ignored-modules|ignored-classes)",
     Way.NARROW),
    (r"pylint\..*\b(enable|load-plugins)", Way.KEEP),
    (r"pylint\..*\b(fail-under|min-\w[\w-]*)", Way.HIGH),
    (r"pylint\..*\bmax-[\w-]+", Way.LOW),
    (r"bandit\.(.*\.)?(skips|exclude|exclude_dirs)", Way.NARROW),
    (r"bandit\.(.*\.)?tests", Way.KEEP),
    ((r"(pydocstyle|interrogate|vulture|deptry|codespell|isort|black)\.(.*\.)?"
      r"(ignore\w*|exclude\w*|skip\w*|extend[-_](skip|exclude)\w*|per_rule_ignores\..*|"
      r"add[-_]ignore|ignore-words-list)"), Way.NARROW),
    (r"interrogate\.fail[-_]under|vulture\.never", Way.HIGH),
    (r"vulture\.min_confidence", Way.LOW),
    # Types
    (r"mypy\.(overrides\.[^\s]*\.)?(files|packages|modules|plugins|enable_error_code)", Way.KEEP),
    (r"mypy\.(overrides\..*\.)?(exclude|disable_error_code)", Way.NARROW),
    (r"mypy\.strict", Way.ON),
    ((r"mypy\.(overrides\..*\.)?(strict_\w+|warn_\w+|disallow_\w+|check_untyped_defs|no_implicit_\w+|"
      r"extra_checks|local_partial_types|strict)"), Way.ON_ALREADY),
    ((r"mypy\.(overrides\..*\.)?(ignore_errors|ignore_missing_imports|allow_\w+|implicit_\w+|"
      r"follow_imports_for_stubs|ignore_errors_by_regex)"), Way.OFF),
    (r"mypy\.(overrides\..*\.)?follow_imports", Way.LEVEL),
    (r"(pyright|basedpyright)\.(include|strict)", Way.KEEP),
    (r"(pyright|basedpyright)\.(exclude|ignore)", Way.NARROW),
    (r"(pyright|basedpyright)\.(typeCheckingMode|report\w+|failOnWarnings)", Way.LEVEL),
    (r"(pyright|basedpyright)\.(strict\w+|enable\w+)", Way.ON_ALREADY),
    (r"ty\.rules\..*", Way.LEVEL),
    (r"ty\.(.*\.)?exclude", Way.NARROW),
    # pytest and coverage
    (r"pytest\.addopts", Way.OPTIONS),
    (r"pytest\.(testpaths|python_files|python_classes|python_functions)", Way.PATHS),
    (r"pytest\.(norecursedirs|collect_ignore\w*)", Way.NARROW),
    (r"pytest\.filterwarnings", Way.FILTERS),
    (r"pytest\.(xfail_strict|strict\w*|empty_parameter_set_mark)", Way.ON),
    (r"pytest\.(required_plugins)", Way.KEEP),
    (r"pytest\.(reruns|retries)", Way.LOW),
    (r"coverage\.(.*\.)?fail_under", Way.HIGH),
    (r"coverage\.(.*\.)?(omit|exclude_lines|exclude_also|partial_branches|partial_also|disable_warnings)",
     Way.NARROW),
    (r"coverage\.(.*\.)?(source|source_pkgs|include|source_dirs)", Way.KEEP),
    (r"coverage\.(.*\.)?branch", Way.ON),
    (r"coverage\.(.*\.)?(ignore_errors|skip_empty)", Way.OFF),
    # Others of Python
    (r"tox\..*\bcommands(_pre)?", Way.COMMANDS),
    (r"tox\..*\b(env_?list|envlist)", Way.KEEP),
    (r"tox\..*\bignore_(outcome|errors)", Way.OFF),
    (r"(hatch|poe|pdm|taskipy)\..*\b(scripts|tasks)\..*", Way.COMMANDS),
    (r"importlinter\..*\bignore_imports", Way.NARROW),
    (r"importlinter\..*\b(forbidden_modules|source_modules|layers|containers|modules)", Way.KEEP),
    (r"importlinter\..*\bexhaustive", Way.ON),
    # JavaScript and TypeScript
    (r"package\.scripts\.\S*(test|lint|type|check|ci|verify|coverage|prettier|format|e2e)\S*",
     Way.COMMANDS),
    (r"(package\.)?(jest|c8|nyc|vitest)\.(.*\.)?(coverageThreshold\..*|lines|branches|functions|statements)",
     Way.HIGH),
    ((r"(package\.)?(jest|c8|nyc|vitest)\.(.*\.)?(testPathIgnorePatterns|coveragePathIgnorePatterns|"
      r"modulePathIgnorePatterns|exclude)"), Way.NARROW),
    (r"(package\.)?(jest|c8|nyc|vitest)\.(.*\.)?(testMatch|roots|collectCoverageFrom|include|projects)",
     Way.KEEP),
    (r"(package\.)?(jest|c8|nyc|vitest)\.(.*\.)?(check-coverage|all)", Way.ON),
    (r"(package\.)?(jest|vitest)\.(.*\.)?(passWithNoTests|bail)", Way.OFF),
    ((r"tsconfig\.compilerOptions\.(strict|no(?!Emit|Lib|Resolve|ErrorTruncation)\w+|exactOptionalPropertyTypes|"
      r"forceConsistentCasingInFileNames|alwaysStrict|use\w*Unknown\w*)"), Way.ON),
    (r"tsconfig\.compilerOptions\.strict\w+", Way.ON_ALREADY),
    (r"tsconfig\.compilerOptions\.(skipLibCheck|allow\w+|suppress\w+|noErrorTruncation|checkJs)",
     Way.OFF),
    (r"tsconfig\.(include|files)", Way.KEEP),
    (r"tsconfig\.exclude", Way.NARROW),
    (r"(package\.)?(eslint|eslintConfig|biome)\.(.*\.)?(ignorePatterns|ignore|overrides\..*\.files)",
     Way.NARROW),
    (r"(package\.)?(eslint|eslintConfig|biome)\.(.*\.)?(extends|plugins)", Way.KEEP),
    (r"(package\.)?(eslint|eslintConfig|biome)\.(.*\.)?rules\..*", Way.LEVEL),
    (r"(package\.)?(eslint|eslintConfig)\.root", Way.ON),
    (r"codecov\..*\b(target)", Way.HIGH),
    (r"codecov\..*\b(threshold)", Way.LOW),
    (r"codecov\..*\b(informational)", Way.OFF),
    (r"codecov\.(.*\.)?ignore", Way.NARROW),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern), way) for pattern, way in _ROWS)


def way_of(key: str) -> Way | None:
    """Return the direction of a setting; None for one that decides nothing we know of."""
    return next((way for pattern, way in _COMPILED if pattern.fullmatch(key)), None)
