"""Whether the client runs our hooks twice: from the project's settings and from the plugin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from prp_pack.install.plan import SETTINGS
from prp_pack.jsonc import SPACE, JsonText, without_comments
from prp_pack.repository import Repository, Source, UnreadableError
from prp_pack.settings_json import SCRIPT, Hooks, registered
from prp_pack.values import dataclass

PLUGIN = "prp@prp-pack"
LOCAL_SETTINGS = ".claude/settings.local.json"

TWICE = (
    f"the plugin {PLUGIN} is enabled as well, so each hook runs twice: keep the plugin with "
    f"`prp init --uninstall`, or the project's own with `claude plugin disable {PLUGIN}`"
)


@dataclass(frozen=True, slots=True)
class Settings:
    """A settings file as far as it concerns us; `problem` says why it can't be read.

    `plugin` is whether it enables our plugin, None where it doesn't say.
    """

    path: str
    hooks: Hooks
    plugin: bool | None = None
    problem: str = ""


def settings(repository: Repository, client_folder: Path) -> tuple[Settings, ...]:
    """Return the client's settings that are there; the last one that says something decides.

    `client_folder` holds the user's own.
    """
    places = (
        (Repository(client_folder), "settings.json", str(client_folder / "settings.json")),
        (repository, SETTINGS, SETTINGS),
        (repository, LOCAL_SETTINGS, LOCAL_SETTINGS),
    )
    found = []
    for place, path, name in places:
        try:
            source = place.read_if_there(path)
            if source:
                found.append(_settings(source, name))
        except UnreadableError as error:
            found.append(Settings(name, {}, problem=str(error)))
    return tuple(found)


def is_enabled(found: tuple[Settings, ...]) -> bool:
    said = [each.plugin for each in found if each.plugin is not None]
    return bool(said and said[-1])


def hints(repository: Repository, client_folder: Path) -> Iterator[str]:
    """Yield what somebody should know who installs into this folder."""
    if is_enabled(settings(repository, client_folder)):
        yield TWICE
    above = next((f for f in repository.root.parents if Repository(f).exists(".git")), None)
    if above and not repository.exists(".git"):
        yield (
            f"this is a folder of the repository {above}: its hooks run in sessions that are "
            f"started here; for those started there, run `prp init` there too"
        )


def _settings(source: Source, name: str) -> Settings:
    hooks = registered(source, SCRIPT)
    text = source.raw.removeprefix("\ufeff")
    if not without_comments(text).strip(SPACE):
        return Settings(name, hooks)
    parsed = JsonText.of(source.path, text)
    value = parsed.value(parsed.root)
    plugins = value.get("enabledPlugins") if isinstance(value, dict) else None
    said = plugins.get(PLUGIN) if isinstance(plugins, dict) else None
    return Settings(name, hooks, said if isinstance(said, bool) else None)
