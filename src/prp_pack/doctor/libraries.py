"""What is installed beside the core, and what each of it gives."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
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
    names = {name for names in needed.values() for name in names}
    yield from told(needed, {name for name in names if _is_installed(name)})


def told(needed: Mapping[str, list[str]], installed: Collection[str]) -> Results:
    """Tell of each extra, with the libraries it needs; what is missing is told together."""
    missing: dict[str, str] = {}
    for extra, names in sorted(needed.items()):
        gives = GIVES.get(extra, ", ".join(names))
        if all(name in installed for name in names):
            yield ok(f"“{extra}” gives {gives}")
        else:
            missing[extra] = gives
    if missing:
        said = ", ".join(f"“{extra}” ({gives})" for extra, gives in missing.items())
        yield hint(f"not installed: {said}", f"pip install 'prp-pack[{','.join(missing)}]'")


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
