"""Where the files lie that the pack ships: templates, commands, hooks, scripts.

In a wheel they are inside the package; in a checkout they are at the top level, where a reader
looks for them.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGED = Path(__file__).parent / "assets"
_CHECKOUT = Path(__file__).parents[2]
_IN_CHECKOUT = {
    "templates": "PRPs/templates",
    "commands": "commands",
    "hooks": "hooks",
    "scripts": "scripts",
}


def folder(name: str) -> Path:
    """Return the folder of shipped files called `templates`, `commands`, `hooks` or `scripts`."""
    packaged = _PACKAGED / name
    return packaged if packaged.is_dir() else _CHECKOUT / _IN_CHECKOUT[name]
