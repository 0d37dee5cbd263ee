"""What is installed beside the core, and what each of it gives."""

from __future__ import annotations

import re
from importlib import metadata

import yaml

from prp_pack.doctor.result import Here, Results, hint, ok

# What an extra gives, by its name in pyproject.toml.
GIVES = {
    "api": "the scripts on API contracts",
    "db": "the scripts on databases",
    "load": "the load test",
    "lsp": "findings while you type: `prp lsp`",
    "memory": "the memory profile with --deep",
    "postgres": "the scripts on databases, for PostgreSQL",
    "report": "where everything stands as a page: `prp report`",
    "secrets": "more kinds of credentials for PRP703",
    "ws": "the scripts on WebSockets",
}

# All of them together; it gives nothing of its own.
ALL = "all"

_REQUIREMENT = re.compile(r"^([\w.-]+).*;.*\bextra\s*==\s*[\"']([\w.-]+)[\"']")


def extras(here: Here) -> Results:  # noqa: ARG001 - as all checks
    """Tell of each extra whether all of its libraries are there."""
    needed: dict[str, list[str]] = {}
    for requirement in metadata.requires("prp-pack") or ():
        found = _REQUIREMENT.match(requirement)
        if found and found[2] != ALL:
            needed.setdefault(found[2], []).append(found[1])
    for extra, names in sorted(needed.items()):
        missing = [name for name in names if not _is_installed(name)]
        gives = GIVES.get(extra, ", ".join(names))
        if missing:
            said = f"“{extra}” isn't installed ({', '.join(missing)}); it gives {gives}"
            yield hint(said, f"pip install 'prp-pack[{extra}]'")
        else:
            yield ok(f"“{extra}” gives {gives}")


def libyaml(here: Here) -> Results:  # noqa: ARG001 - as all checks
    """Tell whether YAML is read by a library in C; without it that takes longer."""
    if yaml.__with_libyaml__:
        yield ok("YAML is read by libyaml")
    else:
        yield hint(
            "PyYAML has no libyaml here, so large documents take longer",
            "pip install --force-reinstall --only-binary :all: pyyaml",
        )


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
