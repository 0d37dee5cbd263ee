"""The hooks as the client has them: registered once each, and alive.

Each that is registered is started as the client starts it, with an event that changes nothing.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from prp_pack import assets
from prp_pack.doctor.asking import Answer, ask
from prp_pack.doctor.recorded import EVENTS, Recorded, content
from prp_pack.doctor.result import Here, Results, hint, ok, problem
from prp_pack.install import plugin
from prp_pack.install.manifest import digest
from prp_pack.parse.yaml_block import as_mapping
from prp_pack.repository import Repository, UnreadableError
from prp_pack.settings_json import (
    PLUGIN_SCRIPT,
    PROJECT_SCRIPT,
    REGISTRATIONS,
    SCRIPT,
    Hooks,
    hook_settings,
    registered,
)

PROJECT, PLUGIN_ROOT = "CLAUDE_PROJECT_DIR", "CLAUDE_PLUGIN_ROOT"


class Active(NamedTuple):
    """Hooks that the client runs: from where, and what stands for what in their words."""

    place: str
    hooks: Hooks
    standing_for: Mapping[str, str]


def registrations(here: Here) -> Results:
    """Tell whether each registration of ours is in the client's settings."""
    found: Counter[tuple[str, str, str]] = Counter()
    for active in _active(here):
        for event, groups in active.hooks.items():
            # Two places are what the check of double installs is about.
            found |= Counter((event, *_key(group)) for group in groups)
    wanted = [(each.event, each.matcher, each.condition) for each in REGISTRATIONS]
    if not found:
        yield problem("no hook of prp-pack is registered here", "prp init")
        return
    missing = [key for key in wanted if not found[key]]
    twice = [key for key in wanted if found[key] > 1]
    for said, keys in (("isn't registered", missing), ("is registered twice", twice)):
        if keys:
            more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
            yield problem(f"{' '.join(keys[0]).strip()}{more} {said}", "prp init")
    if not (missing or twice):
        yield ok(f"{len(wanted)} registered")


def alive(here: Here) -> Results:
    """Tell whether each hook that is registered answers a recorded event."""
    program = _program(here)
    if program is None:
        said = "the hooks find no prp: not in .venv/ of the project, and not on the PATH"
        yield problem(said, f"pip install prp-pack there, or: export PRP_COMMAND={_this(here)}")
        return
    if not (_is_this(here, program) or "PRP_COMMAND" in here.environment):
        said = f"the hooks run {program}, and this is another one, of {here.python}"
        yield hint(said, "install the same version in both")
    for active in _active(here):
        reason = "" if _is_trusted(here) else _foreign(here, active, program)
        if reason:
            yield hint(
                f"the hooks of {active.place} were not started: {reason}, and Claude Code was "
                "never told to trust this folder",
                "look at it, then start `claude` here once",
            )
            continue
        wrong: dict[str, list[str]] = {}
        for name, said in _answers(here, active):
            wrong.setdefault(said, []).append(name)
        fine = wrong.pop("", [])
        for said, names in wrong.items():
            yield problem(f"{', '.join(names)} of {active.place}: {said}", "prp init")
        if fine and not wrong:
            yield ok(f"{len(fine)} of {active.place} answer")


def _active(here: Here) -> Iterator[Active]:
    root = {PROJECT: str(here.repository.root)}
    found = plugin.settings(here.repository, here.client_folder)
    for each in found:
        if each.hooks:
            yield Active(each.path, each.hooks, root)
    folder = _plugin_folder(here) if plugin.is_enabled(found) else None
    if folder:
        try:
            source = Repository(folder).read("hooks/hooks.json")
            # By its own environment the script would be led to see to it, which is no look.
            own = {} if _installed(here) else {"PRP_COMMAND": _of_plugin(here) or "prp"}
            yield Active(
                "the plugin", registered(source, SCRIPT), {**root, **own, PLUGIN_ROOT: str(folder)}
            )
        except UnreadableError:
            return


def _plugin_folder(here: Here) -> Path | None:
    """Return where the client keeps our plugin."""
    document = _json(here.client_folder, "plugins/installed_plugins.json")
    installed = as_mapping(document.get("plugins")).get(plugin.PLUGIN)
    first = as_mapping(installed[0]) if isinstance(installed, list) and installed else {}
    path = first.get("installPath")
    return Path(path) if isinstance(path, str) else None


def _json(folder: Path, name: str) -> Mapping[str, Any]:
    try:
        source = Repository(folder).read_if_there(name)
        return as_mapping(json.loads(source.text)) if source else {}
    except (UnreadableError, ValueError, RecursionError):
        return {}


# --- What may be started --------------------------------------------------------------------------


def _is_trusted(here: Here) -> bool:
    """Tell whether the user told the client to run what this project's settings say."""
    root = str(here.repository.root)
    for folder in (here.client_folder, here.client_folder.parent):
        project = as_mapping(as_mapping(_json(folder, ".claude.json").get("projects")).get(root))
        if project.get("hasTrustDialogAccepted") is True:
            return True
    return False


def _foreign(here: Here, active: Active, program: str) -> str:
    """Return why hooks can't be told from somebody else's program; empty when they can."""
    in_plugin = PLUGIN_ROOT in active.standing_for
    variable, script = (PLUGIN_ROOT, PLUGIN_SCRIPT) if in_plugin else (PROJECT, PROJECT_SCRIPT)
    ours = hook_settings(variable, script)["hooks"]
    commands = {json.dumps(_command(group)) for groups in ours.values() for group in groups}
    for groups in active.hooks.values():
        if any(json.dumps(_command(group)) not in commands for group in groups):
            return "their commands aren't those that `prp init` writes"
    place = Repository(Path(active.standing_for[variable]))
    try:
        source = place.read_if_there(script)
    except UnreadableError as error:
        return str(error)
    shipped = assets.folder("hooks") / SCRIPT
    if source and digest(source.text) != digest(shipped.read_text(encoding="utf-8")):
        return f"{script} isn't the one of this version"
    if "PRP_COMMAND" in here.environment or _is_this(here, program):
        return ""
    inside = Path(program).is_relative_to(here.repository.root)
    return f"{program} is a program of the project" if inside else ""


def _program(here: Here) -> str | None:
    """Return the program that the entry script will find, by the order of its search."""
    found = plugin.settings(here.repository, here.client_folder)
    return _installed(here) or (_of_plugin(here) if plugin.is_enabled(found) else None)


def _of_plugin(here: Here) -> str | None:
    """Return the program in the environment that the plugin has built for itself."""
    whole = (here.client_folder / "plugins/data").glob("prp*/env-*/complete")
    newest = sorted(whole, key=lambda mark: mark.stat().st_mtime_ns, reverse=True)
    folders = (str(mark.parent / name) for mark in newest for name in ("bin", "Scripts"))
    return next((p for folder in folders if (p := _executable(folder))), None)


def _installed(here: Here) -> str | None:
    if named := here.environment.get("PRP_COMMAND", "").split():
        return named[0]
    virtual = here.repository.root / ".venv"
    folders = [str(virtual / "bin"), str(virtual / "Scripts"), *here.search_path.split(os.pathsep)]
    return next((p for folder in folders if folder and (p := _executable(folder))), None)


def _executable(folder: str) -> str | None:
    places = (Path(folder, name) for name in ("prp", "prp.exe"))
    return next((str(p) for p in places if p.is_file() and os.access(p, os.X_OK)), None)


def _is_this(here: Here, program: str) -> bool:
    """Tell whether a program is run by the Python that runs this."""
    try:
        with Path(program).open("rb") as file:
            first = file.readline(500)
    except OSError:
        return False
    said = first[2:].strip().decode("utf-8", "replace") if first.startswith(b"#!") else program
    return Path(said).parent == here.python.parent


def _this(here: Here) -> str:
    return _executable(str(here.python.parent)) or "…/prp"


# --- Starting it ----------------------------------------------------------------------------------


def _answers(here: Here, active: Active) -> Iterator[tuple[str, str]]:
    """Yield each hook's name, and what is wrong with its answer; empty for nothing."""
    done = set()
    for event, groups in active.hooks.items():
        for group in groups:
            hook = group["hooks"][0]
            tool = str(hook.get("if") or group.get("matcher") or "").partition("(")[0]
            recorded = EVENTS.get((event, tool)) or EVENTS.get((event, ""))
            command = [_filled(word, active) for word in _command(group)]
            name = f"{event} {tool}".strip() if (event, tool) in EVENTS else event
            if recorded is None or (name, *command) in done:
                continue
            done.add((name, *command))
            seconds = hook.get("timeout")
            answer = ask(
                command,
                {**here.environment, **active.standing_for},
                here.repository.root,
                seconds=seconds if isinstance(seconds, int | float) else 60,
                content=content(str(here.repository.root), event, recorded),
            )
            yield name, _wrong(answer, recorded)


def _wrong(answer: Answer, recorded: Recorded) -> str:
    """Return why this isn't the answer of a hook that works; empty when it is."""
    if answer.status is None:
        return "no answer in its time"
    if answer.status:
        last = (answer.complaint.strip().splitlines() or ["no message"])[-1]
        return f"ended with {answer.status}: {last}"
    said = answer.output.strip()
    try:
        document = as_mapping(json.loads(said)) if said else {}
    except ValueError:
        return f"answered what isn't JSON: {said[:80]}"
    if recorded.answer in said if recorded.answer else not said:
        return ""
    message = document.get("systemMessage")
    return str(message).removeprefix("prp: ") if message else "answered nothing"


def _filled(word: str, active: Active) -> str:
    for name, value in active.standing_for.items():
        word = word.replace(f"${{{name}}}", value)
    return word


def _command(group: Mapping[str, Any]) -> list[str]:
    hook = group["hooks"][0]
    return [str(hook.get("command")), *map(str, hook.get("args", ()))]


def _key(group: Mapping[str, Any]) -> tuple[str, str]:
    return str(group.get("matcher", "")), str(group["hooks"][0].get("if", ""))
