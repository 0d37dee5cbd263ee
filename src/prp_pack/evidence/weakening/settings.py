"""Tool configuration before and after, by its values: comments, order and style don't count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from prp_pack.evidence.weakening import commands, pipelines, recipes
from prp_pack.evidence.weakening.change import UNKNOWN, Change, shown, strengthened, weakened
from prp_pack.evidence.weakening.settings_files import Flat, read
from prp_pack.evidence.weakening.settings_table import Way, way_of

_OFF_WORDS = frozenset({"false", "no", "off", "0", "none", ""})
# How loud a level is; a word that isn't here is as loud as can be told.
_LEVELS = {"off": 0, "none": 0, "false": 0, "0": 0, "ignore": 0, "skip": 0, "silent": 1,
           "information": 1, "info": 1, "1": 1, "warn": 1, "warning": 1, "basic": 1,
           "standard": 2, "2": 2, "error": 2, "true": 2,
           "normal": 2, "recommended": 3, "strict": 3, "all": 4}  # fmt: skip


def compare_all(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    """Yield the settings of a project's files that are stricter or looser than before.

    A setting that goes from one file to another, as from mypy.ini to pyproject.toml, has moved.
    """
    for path in sorted(old):
        if pipelines.is_pipeline(path) and path in new:
            yield from pipelines.compare(path, old[path], new[path])
        elif _is_recipe(path):
            yield from recipes.compare(path, old[path], new.get(path, ""))
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
    moved = _follow(had, has)
    for path in sorted(path for path in new.keys() - old.keys() - moved if _SHADOWING.search(path)):
        message = f"the file is new and wins over settings elsewhere: {UNKNOWN}"
        yield weakened(path, 1, "configuration-shadowed", message)
    for path in sorted((had.keys() | has.keys()) - unread):
        for one in differences(path, had.get(path, {}), has.get(path, {})):
            line = line_of(new.get(path, ""), one.message)
            yield Change(path, line, one.effect, one.kind, one.message)


_SHADOWING = re.compile(
    r"(?:^|/)(?:\.?pytest\.(?:ini|toml)|\.?mypy\.ini|\.?ruff\.toml|\.coveragerc|pyrightconfig\.json)$"
)


def _follow(old: dict[str, dict[str, object]], new: dict[str, dict[str, object]]) -> set[str]:
    """Let a setting that one file lost and another one gained count as the latter's.

    Returns the files that gained any.
    """
    gained = {
        key: path for path, flat in new.items() for key in flat
        if key not in old.get(path, {}) and way_of(key) is not None
    }  # fmt: skip
    moved: set[str] = set()
    for path, flat in old.items():
        for key in [key for key in flat if key not in new.get(path, {}) and key in gained]:
            moved.add(gained[key])
            old_of_new_home = old.get(gained[key])
            value = flat.pop(key)
            if old_of_new_home is not None:
                old_of_new_home[key] = value
            elif new[gained[key]][key] == value:
                del new[gained[key]][key]
            else:
                flat[key] = value
                new.setdefault(path, {})[key] = new[gained[key]].pop(key)
    return moved


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


# --- One value against another --------------------------------------------------------------


def differences(path: str, old: Flat, new: Flat) -> Iterator[Change]:
    for key in sorted(old.keys() | new.keys()):
        way = way_of(key) if old.get(key) != new.get(key) else None
        if way is not None:
            yield from _difference(path, key, way, old.get(key), new.get(key))


def _difference(path: str, key: str, way: Way, old: object, new: object) -> Iterator[Change]:
    name = f"“{key}”"
    match way:
        case Way.KEEP | Way.PATHS:
            yield from _kept(path, key, way, old, new)
        case Way.NARROW:
            yield from _left_out(path, name, items(old), items(new))
        case Way.HIGH | Way.LOW:
            yield from _number(path, name, way, old, new)
        case Way.ON | Way.ON_ALREADY | Way.OFF:
            yield from _switch(path, name, way, old, new)
        case Way.LEVEL:
            yield from _loudness(path, name, old, new)
        case Way.FILTERS:
            yield from _filters(path, name, items(old), items(new))
        case Way.OPTIONS:
            for found in commands.options(_joined(old), _joined(new)):
                yield Change(path, 0, found.effect, found.kind, f"{name}: {found.message}")
        case Way.COMMANDS:
            yield from _commands(path, name, old, new)


def _missing(items_: Iterable[str], known: tuple[str, ...]) -> list[str]:
    return [one for one in items_ if not any(_holds(wide, one) for wide in known)]


def _left_out(path: str, name: str, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Change]:
    for one in _missing(new, old):
        yield weakened(path, 0, "exclusion-added", f"{name} leaves out {shown(one)} now")
    for one in _missing(old, new):
        message = f"{name} no longer leaves out {shown(one)}"
        yield strengthened(path, 0, "exclusion-removed", message)


def _loudness(path: str, name: str, old: object, new: object) -> Iterator[Change]:
    before, after = _level(old), _level(new)
    said = f"{name} was {_said(old)} and is {_said(new)}"
    # A rule that a preset turned on is turned off by naming it.
    if after < before or (old is None and after == 0):
        yield weakened(path, 0, "setting-loosened", said)
    elif after > before:
        yield strengthened(path, 0, "setting-tightened", said)


def _kept(path: str, key: str, way: Way, old: object, new: object) -> Iterator[Change]:
    before, after = items(old), items(new)
    name = f"“{key}”"
    if way is Way.PATHS and new is None:
        return
    if way is Way.PATHS and old is None:
        # Test files of any other name are found by default; any folder is when none is named.
        before = _DEFAULTS.get(key.rpartition(".")[2], ())
        if not before and not {one.strip("./") for one in after} & {"", "test", "tests", "src"}:
            message = f"{name} is only {_said(new)} now; nothing was said before"
            yield weakened(path, 0, "selection-narrowed", message)
    # Without a list of its own a tool has a default, which is less than what somebody chose.
    for one in _missing(before, after):
        yield weakened(path, 0, "selection-narrowed", f"{name} has no {shown(one)} any more")
    for one in _missing(after, before) if old is not None else ():
        yield strengthened(path, 0, "selection-widened", f"{name} has {shown(one)} now")
    if old is None and key in ("ruff.select", "ruff.lint.select"):
        for one in _missing(_DEFAULTS["select"], after)[:1]:
            message = f"{name} has no {shown(one)}, which is on by default"
            yield weakened(path, 0, "selection-narrowed", message)


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
