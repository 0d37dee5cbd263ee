"""Configuration files of tools as flat settings, however they are written."""

from __future__ import annotations

import configparser
import json
import tomllib
from collections.abc import Mapping
from pathlib import PurePosixPath

from prp_pack.evidence.weakening.suppressions import without_comments
from prp_pack.parse import yaml_block

Flat = Mapping[str, object]
# The longest configuration file that a person would write is a tenth of it.
MAX_CHARACTERS = 200_000
# Deeper than any tool's settings.
_DEEPEST = 12
_NAMED_BY = ("module", "id", "name", "repo", "files", "source_modules")
_TOOLS = ("ruff", "mypy", "pytest", "flake8", "coverage", "pylint", "bandit", "tsconfig",
          "package", "eslint", "biome", "nyc", "c8", "jest", "codecov", "pyright", "tox",
          "importlinter")  # fmt: skip


def read(path: str, text: str) -> Flat | str:
    """Return the settings as `tool.section.key`, or the reason why they can't be read."""
    if len(text) > MAX_CHARACTERS:
        return f"it has more than {MAX_CHARACTERS} characters"
    try:
        return _read(PurePosixPath(path).name, text)
    except (ValueError, RecursionError, configparser.Error) as error:
        return str(error).split("\n", maxsplit=1)[0]


def _read(name: str, text: str) -> Flat | str:
    if name.endswith(".toml"):
        return _of_toml(name, tomllib.loads(text))
    if name.endswith((".json", ".jsonc")) or text.lstrip().startswith("{"):
        value = json.loads(without_comments(text))
        return flatten(_tool(name), value) if isinstance(value, dict) else "it isn't an object"
    if name.endswith((".yaml", ".yml")) or name == ".eslintrc":
        block = yaml_block.load(text, 1, name)
        failed = block.value is None and block.problems
        return block.problems[0].message if failed else flatten(_tool(name), block.value)
    return _of_ini(name, text)


def _tool(name: str) -> str:
    bare = name.lower().lstrip(".")
    return next((tool for tool in _TOOLS if bare.startswith(tool)), bare.partition(".")[0])


def _of_toml(name: str, value: Mapping[str, object]) -> Flat:
    if name != "pyproject.toml":
        return {_plain(key): item for key, item in flatten(_tool(name), value).items()}
    tools = yaml_block.as_mapping(value.get("tool"))
    return {_plain(key): item for key, item in flatten("", tools).items()}


def _plain(key: str) -> str:
    return key.replace("pytest.ini_options.", "pytest.").replace(
        "tox.env_run_base.", "tox.testenv."
    )


def _of_ini(name: str, text: str) -> Flat:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(
        text if text.lstrip().startswith(("[", "#", ";")) or not text.strip() else f"[main]\n{text}"
    )
    tool = _tool(name)
    found: dict[str, object] = {}
    for section in parser.sections():
        for key, value in parser.items(section):
            found[_plain(_section(tool, section, key))] = value or ""
    return found


def _section(tool: str, section: str, key: str) -> str:
    """Return the name of a setting as pyproject.toml would have it."""
    bare = section.removeprefix("tool:").removeprefix("coverage:")
    if section.startswith("coverage:") or tool == "coverage":
        return f"coverage.{bare}.{key}"
    if bare.startswith("mypy-"):
        return f"mypy.overrides.{bare.removeprefix('mypy-')}.{key}"
    if bare in ("pytest", "mypy", "flake8", "ruff", "isort", "bandit", "pydocstyle", "pylint"):
        return f"{bare}.{key}"
    prefix = tool if tool != "setup" else ""
    return ".".join(part for part in (prefix, bare, key) if part)


def flatten(prefix: str, value: object, depth: int = 0) -> dict[str, object]:
    """Return the values of nested mappings by their dotted keys; lists of plain values stay."""
    found: dict[str, object] = {}
    pairs: list[tuple[str, object]] = []
    if isinstance(value, dict):
        pairs = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        pairs = [
            (_identity(yaml_block.as_mapping(item), index), item)
            for index, item in enumerate(value)
        ]
    if not pairs or depth > _DEEPEST:
        return {prefix: value}
    for key, item in pairs:
        found |= flatten(f"{prefix}.{key}" if prefix else key, item, depth + 1)
    return found


def _identity(item: Mapping[str, object], index: int) -> str:
    name = next((item[key] for key in _NAMED_BY if key in item), index)
    return ",".join(map(str, name)) if isinstance(name, list) else str(name)
