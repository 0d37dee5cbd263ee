"""Where the frozen contract of a phase lies: as `[contracts]` says, else where it usually does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath

from prp_pack.project import Project
from prp_pack.regex import regex
from prp_pack.values import dataclass, field

FOLDER = "PRPs/contracts"
NAMES = ("openapi.json", "openapi.yaml", "openapi.yml")
_PHASE = regex(r"(?:phase[_ -]?)?([1-9]\d{0,3})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Places:
    """`files` has, by number, the contracts of phases that don't lie below `folder`."""

    folder: str = FOLDER
    files: Mapping[int, str] = field(default_factory=dict)

    def folder_of(self, number: int | None) -> str:
        """Return where the scripts write what is frozen of a phase."""
        return f"{self.folder}/phase_{number}"

    def find(
        self, exists: Callable[[str], bool], number: int | None, beside: str = ""
    ) -> str | None:
        """Return the path of a phase's contract, None without one.

        While no folder is named, a track may have its contracts beside its documents; `beside` is
        one of them. A file that is named is meant, also before it is there.
        """
        if number is not None and number in self.files:
            return self.files[number]
        return next((path for path in self._usual(number, beside) if exists(path)), None)

    def _usual(self, number: int | None, beside: str) -> Iterator[str]:
        here = f"{PurePosixPath(beside).parent}/contracts/phase_{number}"
        own = [here] if beside and self.folder == FOLDER else []
        for folder in dict.fromkeys((*own, self.folder_of(number))):
            for name in NAMES:
                yield f"{folder}/{name}"


def places(folder: str, files: Mapping[str, str]) -> Places:
    """Return what `[contracts]` says; raises `KeyError` with a key that names no phase."""
    found = {}
    for key, path in files.items():
        named = _PHASE.fullmatch(key.strip())
        if not named:
            raise KeyError(key)
        found[int(named[1])] = path
    return Places(folder.rstrip("/"), found)


@dataclass(frozen=True, slots=True)
class FrozenContract:
    """`folder` is where scripts leave what belongs to it, such as `examples/`."""

    path: str
    text: str
    folder: str


def frozen_contract(
    project: Project, contracts: Places, beside: str, number: int | None
) -> FrozenContract | None:
    """Return the frozen contract of the phase that a document `beside` is about."""
    path = contracts.find(project.exists, number, beside)
    text = project.text(path) if path else None
    if path is None or text is None:
        return None
    is_named = number in contracts.files
    folder = contracts.folder_of(number) if is_named else str(PurePosixPath(path).parent)
    return FrozenContract(path, text, folder)
