"""Tool configuration before and after, by its values: comments, order and style don't count."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from prp_pack.evidence.weakening import commands, pipelines, recipes
from prp_pack.evidence.weakening.change import Change, shown, strengthened, weakened
from prp_pack.evidence.weakening.settings_table import Way, way_of
from prp_pack.evidence.weakening.suppressions import without_comments
from prp_pack.parse import yaml_block

Flat = Mapping[str, object]
# Deeper than any tool's settings.
_DEEPEST = 12
_NAMED_BY = ("module", "id", "name", "repo", "files", "source_modules")
_OFF_WORDS = frozenset({"false", "no", "off", "0", "none", ""})
# How loud a level is; a word that isn't here is as loud as can be told.
_LEVELS = {"off": 0, "none": 0, "false": 0, "0": 0, "ignore": 0, "skip": 0, "silent": 1, "information": 1,
           "info": 1, "1": 1, "warn": 1, "warning": 1, "basic": 1, "standard": 2, "2": 2, "error": 2, "true": 2,
           "normal": 2, "recommended": 3, "strict": 3, "all": 4}  # fmt: skip


def compare_all(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    """Yield the settings of a project's files that are stricter or looser than before.

    A setting that goes from one file to another, as from mypy.ini to pyproject.toml, has moved.
    """
    for path in sorted(old.keys() & new.keys()):
        if pipelines.is_pipeline(path):
            yield from pipelines.compare(path, old[path], new[path])
        elif _is_recipe(path):
            yield from recipes.compare(path, old[path], new[path])
    before = {path: read(path, text) for path, text in old.items() if _has_settings(path)}
    after = {path: read(path, text) for path, text in new.items() if _has_settings(path)}
    for path, reason in after.items():
        if isinstance(reason, str) and not isinstance(before.get(path, ""), str):
            yield weakened(path, 1, "unreadable", f"the file can't be read any more: {reason}")
    unread = {
        path for side in (before, after) for path, flat in side.items() if isinstance(flat, str)
    }
    had = {path: dict(flat) for path, flat in before.items() if not isinstance(flat, str)}
    has = {path: dict(flat) for path, flat in after.items() if not isinstance(flat, str)}
    _follow(had, has)
    for path in sorted((had.keys() | has.keys()) - unread):
        for one in differences(path, had.get(path, {}), has.get(path, {})):
            line = line_of(new.get(path, ""), one.message)
            yield Change(path, line, one.effect, one.kind, one.message)
    for path in sorted(old.keys() - new.keys()):
        if _is_recipe(path):
            yield from recipes.compare(path, old[path], "")


def _follow(old: dict[str, dict[str, object]], new: dict[str, dict[str, object]]) -> None:
    """Let a setting that one file lost and another one gained count as the latter's."""
    gained = {
        key: path for path, flat in new.items() for key in flat
        if key not in old.get(path, {}) and way_of(key) is not None
    }  # fmt: skip
    for path, flat in old.items():
        for key in [key for key in flat if key not in new.get(path, {}) and key in gained]:
            old_of_new_home = old.get(gained[key])
            value = flat.pop(key)
            if old_of_new_home is not None:
                old_of_new_home[key] = value
            elif new[gained[key]][key] == value:
                del new[gained[key]][key]
            else:
                flat[key] = value
                new.setdefault(path, {})[key] = new[gained[key]].pop(key)


def _is_recipe(path: str) -> bool:
    return PurePosixPath(path).name.lower().endswith(("makefile", "justfile"))


def _has_settings(path: str) -> bool:
    return not pipelines.is_pipeline(path) and not _is_recipe(path)


def line_of(text: str, message: str) -> int:
    """Return the line that the last name of the message's setting stands on, 0 when none does."""
    found = re.match(r"“([^”]+)”", message)
    for word in reversed(found[1].split(".")) if found else ():
        for number, line in enumerate(text.split("\n"), 1):
            if re.match(rf"\s*\[?[\"']?(?:[\w.-]*\.)?{re.escape(word)}\b", line):
                return number
    return 0


def read(path: str, text: str) -> Flat | str:
    """Return the settings as `tool.section.key`, or the reason why they can't be read."""
    name = PurePosixPath(path).name
    try:
        if name.endswith(".toml"):
            return _of_toml(name, tomllib.loads(text))
        if name.endswith((".json", ".jsonc", "rc")) and text.lstrip().startswith("{"):
            return flatten(_tool(name), json.loads(without_comments(text)))
        if name.endswith((".json", ".jsonc")):
            return "it isn't an object"
        if name.endswith((".yaml", ".yml")) or name == ".eslintrc":
            block = yaml_block.load(text, 1, path)
            failed = block.value is None and block.problems
            return block.problems[0].message if failed else flatten(_tool(name), block.value)
        return _of_ini(name, text)
    except (ValueError, RecursionError, configparser.Error) as error:
        return str(error).split("\n", maxsplit=1)[0]


def _tool(name: str) -> str:
    bare = name.lower().lstrip(".")
    for tool in ("ruff", "mypy", "pytest", "flake8", "coverage", "pylint", "bandit", "tsconfig", "package",
                 "eslint", "biome", "nyc", "c8", "jest", "codecov", "pyright", "tox", "importlinter"):  # fmt: skip
        if bare.startswith(tool):
            return tool
    return bare.partition(".")[0]


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
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
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
    prefix = tool if tool not in ("setup",) else ""
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


# --- One value against another --------------------------------------------------------------


def differences(path: str, old: Flat, new: Flat) -> Iterator[Change]:
    for key in sorted(old.keys() | new.keys()):
        way = way_of(key)
        if way is not None and old.get(key) != new.get(key):
            yield from _difference(path, key, way, old.get(key), new.get(key))


def _difference(path: str, key: str, way: Way, old: object, new: object) -> Iterator[Change]:
    name = f"“{key}”"
    match way:
        case Way.KEEP | Way.PATHS:
            yield from _kept(path, key, way, old, new)
        case Way.NARROW:
            before, after = items(old), items(new)
            for one in (one for one in after if not any(_holds(known, one) for known in before)):
                yield weakened(path, 0, "exclusion-added", f"{name} leaves out {shown(one)} now")
            for one in (one for one in before if not any(_holds(known, one) for known in after)):
                yield strengthened(
                    path, 0, "exclusion-removed", f"{name} no longer leaves out {shown(one)}"
                )
        case Way.HIGH | Way.LOW:
            yield from _number(path, name, way, old, new)
        case Way.ON | Way.ON_ALREADY | Way.OFF:
            yield from _switch(path, name, way, old, new)
        case Way.LEVEL:
            before_level, after_level = _level(old), _level(new)
            said = f"{name} was {_said(old)} and is {_said(new)}"
            # A rule that a preset turned on is turned off by naming it.
            if old is None and after_level == 0 or old is not None and after_level < before_level:
                yield weakened(path, 0, "setting-loosened", said)
            elif after_level > before_level:
                yield strengthened(path, 0, "setting-tightened", said)
        case Way.FILTERS:
            yield from _filters(path, name, items(old), items(new))
        case Way.OPTIONS:
            for one in commands.options(_joined(old), _joined(new)):
                yield Change(path, 0, one.effect, one.kind, f"{name}: {one.message}")
        case Way.COMMANDS:
            yield from _commands(path, name, old, new)


def _kept(path: str, key: str, way: Way, old: object, new: object) -> Iterator[Change]:
    before, after = items(old), items(new)
    name = f"“{key}”"
    if way is Way.PATHS:
        if new is None:
            return
        if old is None and not key.endswith("testpaths"):
            before = _DEFAULTS.get(key.rpartition(".")[2], ())
        if old is None and any(one.strip("./") in ("", "test", "tests", "src") for one in after):
            return
        if old is None and not before:
            yield weakened(
                path,
                0,
                "selection-narrowed",
                f"{name} is only {_said(new)} now; nothing was said before",
            )
            return
    # Without a list of its own a tool has a default, which is less than what somebody chose.
    for one in (one for one in before if not any(_holds(known, one) for known in after)):
        yield weakened(path, 0, "selection-narrowed", f"{name} has no {shown(one)} any more")
    if old is not None:
        for one in (one for one in after if not any(_holds(known, one) for known in before)):
            yield strengthened(path, 0, "selection-widened", f"{name} has {shown(one)} now")
    elif key.endswith(".select") and way is Way.KEEP:
        lost = [
            one for one in _DEFAULTS["select"] if not any(_holds(known, one) for known in after)
        ]
        if lost and "ruff" in key:
            yield weakened(
                path,
                0,
                "selection-narrowed",
                f"{name} has no {shown(lost[0])}, which is on by default",
            )


_DEFAULTS = {"python_files": ("test_*.py", "*_test.py"), "python_classes": ("Test",),
             "python_functions": ("test",), "select": ("E4", "E7", "E9", "F")}  # fmt: skip


def _holds(wide: str, narrow: str) -> bool:
    """Tell whether a rule's prefix, a path or a pattern has the other one in it."""
    if wide in (narrow, "ALL", "all", "*", "**", "."):
        return True
    if re.fullmatch(r"[A-Z]{1,5}\d{0,4}", wide) and narrow.startswith(wide):
        # `E` is a family and not the first letter of `ERA`.
        return len(wide) == len(narrow) or not narrow[len(wide)].isalpha()
    return commands.covers(wide, narrow) if "/" in narrow or "::" in narrow else False


def _number(path: str, name: str, way: Way, old: object, new: object) -> Iterator[Change]:
    before, after = number(old), number(new)
    said = f"{name} was {_said(old)} and is {_said(new)}"
    if before is None or after is None:
        if before is not None:
            yield weakened(path, 0, "threshold-lowered", said)
        elif after is not None and old is None and way is Way.HIGH:
            yield strengthened(path, 0, "threshold-raised", said)
    elif (after < before) == (way is Way.HIGH) and after != before:
        yield weakened(path, 0, "threshold-lowered", said)
    elif after != before:
        yield strengthened(path, 0, "threshold-raised", said)


def _switch(path: str, name: str, way: Way, old: object, new: object) -> Iterator[Change]:
    before, after = _is_on(old), _is_on(new)
    said = f"{name} was {_said(old)} and is {_said(new)}"
    if way is Way.OFF:
        before, after = not before, not after
    off_by_name = way is Way.ON_ALREADY and old is None and not after
    if (before and not after) or off_by_name:
        # What a mode turns on stays on when nobody says it again.
        yield weakened(path, 0, "setting-loosened", said)
    elif after and not before:
        yield strengthened(path, 0, "setting-tightened", said)


def _filters(path: str, name: str, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Change]:
    for one in (one for one in old if one.startswith("error") and one not in new):
        yield weakened(path, 0, "warning-ignored", f"{name} has no {shown(one)} any more")
    for one in (one for one in new if one not in old):
        if one.startswith("error"):
            yield strengthened(path, 0, "warning-heeded", f"{name} has {shown(one)} now")
        else:
            yield weakened(path, 0, "warning-ignored", f"{name} has {shown(one)} now")
    for one in (one for one in old if not one.startswith("error") and one not in new):
        yield strengthened(path, 0, "warning-heeded", f"{name} no longer has {shown(one)}")


def _commands(path: str, name: str, old: object, new: object) -> Iterator[Change]:
    if old is None:
        yield strengthened(path, 0, "command-added", f"{name} runs {_said(new)}")
    elif new is None:
        yield weakened(path, 0, "command-removed", f"{name} is gone, which ran {_said(old)}")
    else:
        for one in commands.compare(_script(old), _script(new)):
            yield Change(path, 0, one.effect, one.kind, f"{name}: {one.message}")


# --- Values, however a file writes them -----------------------------------------------------


def items(value: object) -> tuple[str, ...]:
    """Return a list's values as texts; INI files write lists over lines or with commas."""
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    if isinstance(value, str):
        parts = value.split("\n") if "\n" in value else value.split(",")
        return tuple(part.strip().rstrip(",") for part in parts if part.strip())
    return (str(value),)


def _joined(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _script(value: object) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def number(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    found = re.search(r"-?\d+(?:\.\d+)?", str(value)[:40])
    return float(found[0]) if found else None


def _is_on(value: object) -> bool:
    return str(value).strip().lower() not in _OFF_WORDS if value is not None else False


def _level(value: object) -> int:
    first = value[0] if isinstance(value, list) and value else value
    if first is None:
        return 0
    return _LEVELS.get(str(first).strip().lower(), 2)


def _said(value: object) -> str:
    return (
        "not set" if value is None else shown(_joined(value) if isinstance(value, list) else value)
    )
