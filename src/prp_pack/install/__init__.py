"""What `prp init` puts into a project: commands, the hook, settings, templates.

A file that somebody has edited is never overwritten: an upgrade merges into it, and where both
sides changed the same, the user's stays.
"""

from prp_pack.install.change import Action, Change
from prp_pack.install.manifest import MANIFEST
from prp_pack.install.plan import SETTINGS, hints, plan_install
from prp_pack.install.removal import plan_removal
from prp_pack.install.shipped import CONFIG, PRE_COMMIT
from prp_pack.install.writing import apply

__all__ = (
    "CONFIG",
    "MANIFEST",
    "PRE_COMMIT",
    "SETTINGS",
    "Action",
    "Change",
    "apply",
    "hints",
    "plan_install",
    "plan_removal",
)
