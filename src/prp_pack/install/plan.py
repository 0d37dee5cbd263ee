"""What `prp init` and `prp init --upgrade` change, found out without writing anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from prp_pack import assets
from prp_pack.install import manifest, merging
from prp_pack.install.change import Action, Change
from prp_pack.install.manifest import MANIFEST, Manifest, digest
from prp_pack.install.merged import Merged
from prp_pack.install.registrations import three_way
from prp_pack.install.shipped import CONFIG, PRE_COMMIT, PRE_COMMIT_CONFIG, may_be_ours, shipped
from prp_pack.install.writing import expect_possible, read
from prp_pack.repository import Repository, Source, UnreadableError
from prp_pack.settings_json import PROJECT_SCRIPT, SCRIPT, Hooks, hook_settings, merged, registered
from prp_pack.values import dataclass, field, replace

SETTINGS = ".claude/settings.json"
# What ours would be, beside a file in which it conflicts with the user's.
BESIDE = ".prp-new"

HOOKS: Hooks = hook_settings("CLAUDE_PROJECT_DIR", PROJECT_SCRIPT)["hooks"]


@dataclass(frozen=True, slots=True)
class _Step:
    """What happens for one shipped file; `installed` are the versions that the manifest gets."""

    changes: tuple[Change, ...]
    installed: dict[str, str] = field(default_factory=dict)


def plan_install(
    repository: Repository,
    folder: Callable[[str], Path] = assets.folder,
    *,
    upgrade: bool = False,
) -> tuple[Change, ...]:
    """Return what an install changes, in the order of writing, without writing anything.

    `folder` tells where the files lie that the pack ships. An `upgrade` also merges what is new in
    ours into files that were edited, leaves deleted files deleted, and removes what isn't shipped
    any more. Raises `UnreadableError` for the first file that can't be read or couldn't be written.
    """
    read(repository, MANIFEST)
    known = manifest.load(repository)
    if upgrade and not known.is_there:
        raise UnreadableError(MANIFEST, "does not exist, so there is nothing to upgrade",
                              help="`prp init` installs")  # fmt: skip
    ours = dict(shipped(folder))
    if _takes_pre_commit(repository, known):
        ours[PRE_COMMIT] = PRE_COMMIT_CONFIG
    steps = [_file(repository, path, text, known, upgrade) for path, text in ours.items()]
    steps += _retired(repository, {*ours}, known) if upgrade else ()
    changes = [change for step in steps for change in step.changes]
    changes.append(_settings(repository, known, upgrade))
    changes += _others_pre_commit(repository, known)
    installed = {path: text for step in steps for path, text in step.installed.items()}
    changes.append(_record(repository, known, installed, changes, upgrade))
    expect_possible(repository, tuple(changes))
    return tuple(changes)


# What others in the project need as well.
_COMMITTED = (".claude/", "PRPs/", "scripts/", PRE_COMMIT)


def hints(changes: tuple[Change, ...]) -> Iterator[str]:
    """Yield what the user may want to do next."""
    for change in changes:
        if change.help:
            yield f"{change.path} {change.reason}: {change.help}"
    if any(change.writes for change in changes):
        yield "`prp doctor` tells whether it works here"
        places = [place for place in _COMMITTED if any(c.path.startswith(place) for c in changes)]
        named = f"{', '.join(places[:-1])} and {places[-1]}" if places[1:] else "".join(places)
        yield f"commit {named}, so that everyone in the project has the same"
        if PRE_COMMIT not in [change.path for change in changes]:
            yield "to check PRPs before each commit, run `prp check` from .pre-commit-config.yaml"


# --- One file -------------------------------------------------------------------------------------


def _file(repository: Repository, path: str, text: str, known: Manifest, upgrade: bool) -> _Step:
    there = read(repository, path)
    installed = known.files.get(path)
    new = text.replace("\r\n", "\n")
    if there is None and upgrade and installed:
        reason = "was deleted and stays so; `prp init` puts it back"
        return _Step((Change(path, Action.KEPT, "", None, reason),), {path: new})
    if there is None:
        return _Step((Change(path, Action.CREATE, text),), {path: new})
    if there.text == new:
        return _Step((Change(path, Action.UNCHANGED, there.raw, there.raw),), {path: new})
    if installed == digest(there.text):
        content = merging.as_in(there, new)
        return _Step((Change(path, Action.UPDATE, content, there.raw, ours=True),), {path: new})
    if upgrade and installed not in (None, digest(new)):
        return _merge(repository, there, new, known)
    return _edited(there, installed, new)


def _edited(there: Source, installed: str | None, new: str) -> _Step:
    """Leave a file that isn't as we installed it, and say what can be done."""
    if installed is None:
        remedy = "to get ours, move it away and run `prp init` again"
        return _kept(there, "is not from prp-pack", remedy)
    remedy = "`prp init --upgrade` merges into it what is new in ours"
    newer = installed != digest(new)
    return _kept(there, "was edited since it was installed", remedy if newer else "")


def _kept(there: Source, reason: str, remedy: str = "") -> _Step:
    if there.path == CONFIG:
        reason, remedy = "is the project's own", ""
    return _Step((Change(there.path, Action.KEPT, there.raw, there.raw, reason, remedy),))


def _merge(repository: Repository, there: Source, new: str, known: Manifest) -> _Step:
    """Put what is new in ours into a file that the user edited."""
    path = there.path
    base = known.text_of(known.files[path])
    if base is None:
        done = Merged(there.text, new, (merging.THE_FILE,))
        reason = "was edited, and what it was edited from isn't known"
    else:
        done = merging.merge(repository, path, base, there.text, new)
        reason = "has your edits and what is new in ours"
    content = merging.as_in(there, done.text)
    action = Action.MERGE if content != there.raw else Action.KEPT
    if not done.conflicts:
        reason = reason if action is Action.MERGE else "has all that is new in ours"
        return _Step((Change(path, action, content, there.raw, reason),), {path: new})
    beside = _beside(repository, path, merging.as_in(there, done.theirs), known)
    if beside is None:
        remedy = "take from it what you want, remove it, and run `prp init --upgrade` again"
        return _kept(there, f"has a {path}{BESIDE} beside it that isn't ours to replace", remedy)
    what = "" if base is None else f"; both sides changed {_listed(done.conflicts)}"
    remedy = f"yours stays; {path}{BESIDE} has ours: take what you want, then remove it"
    changed = Change(path, action, content, there.raw, f"{reason}{what}", remedy)
    return _Step((changed, beside), {path: new, beside.path: done.theirs})


def _beside(repository: Repository, path: str, content: str, known: Manifest) -> Change | None:
    """Return the change that puts ours beside a file; None when something else is there."""
    there = read(repository, f"{path}{BESIDE}")
    if there is None:
        return Change(f"{path}{BESIDE}", Action.CREATE, content)
    if there.raw == content:
        return Change(there.path, Action.UNCHANGED, content, content)
    if known.files.get(there.path) == digest(there.text):
        return Change(there.path, Action.UPDATE, content, there.raw, ours=True)
    return None


def _listed(conflicts: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in conflicts)


def _retired(repository: Repository, shipped_now: set[str], known: Manifest) -> Iterator[_Step]:
    """Yield the removal of what an older version installed and nobody edited."""
    for path in sorted({*known.files} - shipped_now):
        there = read(repository, path) if may_be_ours(path) else None
        if there is None or path.endswith(BESIDE):
            continue
        reason = "is no longer part of prp-pack"
        if known.files[path] == digest(there.text):
            yield _Step((Change(path, Action.REMOVE, "", there.raw, reason, ours=True),))
        else:
            yield _kept(there, f"{reason}, but was edited")


# --- Settings, pre-commit, the record -------------------------------------------------------------


def _settings(repository: Repository, known: Manifest, upgrade: bool) -> Change:
    there = read(repository, SETTINGS)
    base = _hooks_of(known)
    if there is None and base is not None and upgrade:
        reason = "was deleted and stays so; `prp init` puts the hooks back"
        return Change(SETTINGS, Action.KEPT, "", None, reason)
    source = there or Source(SETTINGS, "", "")
    wanted = three_way(registered(source, SCRIPT), base, HOOKS, restore=not upgrade)
    content = merged(source, wanted, SCRIPT) if wanted else source.raw
    return _generated(SETTINGS, content, there, "hooks merged into it")


def _hooks_of(known: Manifest) -> Hooks | None:
    """Return the registrations that were merged in last; None where they aren't known."""
    text = known.text_of(known.hooks)
    hooks = json.loads(text) if text else None
    return hooks if isinstance(hooks, dict) else None


def _takes_pre_commit(repository: Repository, known: Manifest) -> bool:
    """Tell whether the project's configuration of pre-commit is ours, or there is none yet.

    pre-commit reads it in the root of the git repository alone.
    """
    there = read(repository, PRE_COMMIT)
    if PRE_COMMIT in known.files or (there and there.text == PRE_COMMIT_CONFIG):
        return True
    return there is None and repository.exists(".git")


def _others_pre_commit(repository: Repository, known: Manifest) -> Iterator[Change]:
    there = None if _takes_pre_commit(repository, known) else read(repository, PRE_COMMIT)
    if there is None:
        return
    if "prp-check" in there.text or "prp check" in there.text:
        yield Change(PRE_COMMIT, Action.UNCHANGED, there.raw, there.raw)
        return
    entry = PRE_COMMIT_CONFIG.partition("repos:\n")[2]
    remedy = f"to check PRPs before each commit, add to `repos:`\n{entry}".rstrip("\n")
    yield Change(PRE_COMMIT, Action.KEPT, there.raw, there.raw, "is yours", remedy)


def _record(
    repository: Repository,
    known: Manifest,
    installed: dict[str, str],
    changes: Iterable[Change],
    upgrade: bool,
) -> Change:
    removed = {change.path for change in changes if change.removes}
    # An entry outlives an edit, so that a file put back to our version is ours again. One of a
    # deleted file tells an upgrade that it was deleted.
    older = {
        path: digest_
        for path, digest_ in known.files.items()
        if path not in removed and (upgrade or _is_there(repository, path))
    }
    files = older | {path: digest(text) for path, text in installed.items()}
    texts = [*installed.values()]
    for path in {*older} - {*installed}:
        there = read(repository, path) if may_be_ours(path) else None
        texts += [there.text] if there and digest(there.text) == older[path] else []
    hooks = json.dumps(HOOKS, indent=2, ensure_ascii=False)
    there = read(repository, MANIFEST)
    content = known.followed_by(files, hooks, texts).to_json()
    content = merging.as_in(there, content) if there else content
    return replace(_generated(MANIFEST, content, there), ours=True)


def _generated(path: str, content: str, there: Source | None, reason: str = "") -> Change:
    if there is None:
        return Change(path, Action.CREATE, content)
    if there.raw == content:
        return Change(path, Action.UNCHANGED, content, there.raw)
    return Change(path, Action.UPDATE, content, there.raw, reason)


def _is_there(repository: Repository, path: str) -> bool:
    inside = repository.relative(repository.root / path) == path
    return inside and repository.exists(path)
