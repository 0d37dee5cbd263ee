"""What `prp init --uninstall` removes, found out without writing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from prp_pack import assets
from prp_pack.install import manifest
from prp_pack.install.change import Action, Change
from prp_pack.install.manifest import MANIFEST, digest
from prp_pack.install.plan import SETTINGS
from prp_pack.install.shipped import PRE_COMMIT, PRE_COMMIT_CONFIG, may_be_ours, shipped
from prp_pack.install.writing import expect_possible, read
from prp_pack.repository import STATE, Repository
from prp_pack.settings_json import SCRIPT, without


def plan_removal(
    repository: Repository, folder: Callable[[str], Path] = assets.folder
) -> tuple[Change, ...]:
    """Return what taking prp-pack out of a project changes, without writing anything.

    What somebody edited stays, and so does all that isn't ours. Raises `UnreadableError` for the
    first file that can't be read or couldn't be written.
    """
    changes = (*_files(repository, folder), *_settings(repository), *_manifest(repository))
    expect_possible(repository, changes)
    return changes


def hints(repository: Repository, changes: tuple[Change, ...]) -> Iterator[str]:
    """Yield what is left, and whose it is."""
    if not changes:
        yield "nothing of prp-pack is installed here"
    if any(change.action is Action.KEPT for change in changes):
        yield "what you edited is yours from now on; remove it if you don't want it"
    if repository.exists("PRPs"):
        yield "your documents in PRPs/ stay"
    if repository.exists(STATE):
        yield f"{STATE}/ holds caches and logs, and may be removed"


def _files(repository: Repository, folder: Callable[[str], Path]) -> Iterator[Change]:
    known = manifest.load(repository).files
    ours = {**dict(shipped(folder)), PRE_COMMIT: PRE_COMMIT_CONFIG}
    for path in sorted({*known, *ours}):
        there = read(repository, path) if may_be_ours(path) else None
        if there is None:
            continue
        if digest(there.text) in (known.get(path), digest(ours[path]) if path in ours else ""):
            yield Change(path, Action.REMOVE, "", there.raw, ours=True)
        elif path in known:
            yield Change(path, Action.KEPT, there.raw, there.raw, "was edited")


def _settings(repository: Repository) -> Iterator[Change]:
    there = read(repository, SETTINGS)
    if there is None:
        return
    content = without(there, SCRIPT)
    if content == there.raw:
        return
    if "".join(content.split()) == "{}":
        yield Change(SETTINGS, Action.REMOVE, "", there.raw, "held our hooks alone")
    else:
        yield Change(SETTINGS, Action.UPDATE, content, there.raw, "our hooks taken out of it")


def _manifest(repository: Repository) -> Iterator[Change]:
    if there := read(repository, MANIFEST):
        yield Change(MANIFEST, Action.REMOVE, "", there.raw, ours=True)
