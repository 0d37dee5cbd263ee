"""What `prp init` put here: whether it is there, of this version, and there only once."""

from __future__ import annotations

from prp_pack.doctor.result import Here, Results, hint, ok, problem
from prp_pack.install import MANIFEST, PRE_COMMIT, SETTINGS, Action, Change, plan_install, plugin
from prp_pack.install.plan import BESIDE
from prp_pack.install.shipped import FOLDERS
from prp_pack.repository import UnreadableError


def files(here: Here) -> Results:
    """Tell whether each installed file, shims among them, is of this version."""
    repository = here.repository
    if not repository.exists(MANIFEST):
        return
    try:
        planned = plan_install(repository)
    except UnreadableError as error:
        yield problem(str(error), error.help or "mend the file, then run `prp init`")
        return
    changes = [c for c in planned if c.path not in (MANIFEST, SETTINGS, PRE_COMMIT)]
    missing = [c for c in changes if c.action is Action.CREATE]
    older = [c for c in changes if c.action is Action.UPDATE]
    edited = [c for c in changes if c.action is Action.KEPT and c.help]
    if missing:
        yield hint(f"{_named(missing)} was deleted", "prp init    # puts it back")
    if older:
        yield hint(f"{_named(older)} is of another version than this prp", "prp init --upgrade")
    if edited:
        yield hint(f"{_named(edited)} was edited, and ours is newer", "prp init --upgrade")
    if not (missing or older or edited):
        yield ok(f"{len(changes)} installed files are of this version")
    for target in sorted({folder.target for folder in FOLDERS} | {"PRPs"}):
        for name in repository.names(target):
            if name.endswith(BESIDE):
                said = f"{target}/{name} is left from an upgrade: both sides had changed the file"
                yield hint(said, f"take from it what you want, then: rm {target}/{name}")


def once(here: Here) -> Results:
    """Tell whether the plugin and the project's own hooks are both active."""
    found = plugin.settings(here.repository, here.client_folder)
    for each in found:
        if each.problem:
            yield problem(
                f"{each.problem}; the client ignores all of it", f"mend {each.path} by hand"
            )
    registering = [each.path for each in found if each.hooks]
    if plugin.is_enabled(found) and registering:
        mend = f"prp init --uninstall    # or: claude plugin disable {plugin.PLUGIN}"
        said = f"the plugin is enabled, and {registering[-1]} registers the hooks as well"
        yield problem(f"{said}: each runs twice", mend)
    elif len(registering) > 1:
        said = f"the hooks are registered in {' and in '.join(registering)}: each runs twice"
        yield problem(said, f"remove the prp hooks from {registering[0]}")
    elif registering or plugin.is_enabled(found):
        yield ok("installed once, " + ("in the project" if registering else "as a plugin"))


def _named(changes: list[Change]) -> str:
    more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
    return f"{changes[0].path}{more}"
