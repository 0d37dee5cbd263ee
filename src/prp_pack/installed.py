"""Which program this is: what a result that was kept must have come from to be used again."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from prp_pack import __version__, assets


def fingerprint() -> str:
    """Return a digest of this program, its libraries and its Python.

    Its own files count by size and time, as Python itself decides whether to compile them anew;
    libraries by the versions that are installed.
    """
    facts = [__version__, sys.version]
    for folder in (Path(__file__).parent, assets.folder("templates")):
        facts += sorted(_files(str(folder)))
    for folder in map(Path, sys.path):
        facts += sorted(_distributions(folder))
    return hashlib.sha256("\0".join(facts).encode("utf-8", "surrogatepass")).hexdigest()


def _files(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            else:
                known = entry.stat()
                yield f"{entry.path} {known.st_size} {known.st_mtime_ns}"


def _distributions(folder: Path) -> Iterator[str]:
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names alone, of folders with hundreds
    except OSError:
        return
    for name in names:
        if name.endswith((".dist-info", ".egg-info")):
            yield f"{folder}/{name}"
