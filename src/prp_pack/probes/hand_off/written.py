"""Files that a script keeps in the repository: written, or held against what is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prp_pack.evidence.record import Check, Status
from prp_pack.repository import Repository

_SHOWN = 100


def settle(repository: Repository, files: Mapping[str, str], *, check: bool) -> Iterator[Check]:
    """Yield a check for each file, by its path; write those that differ unless only `check`ing.

    Raises `UnreadableError` for a file that can't be read or written.
    """
    for path, text in files.items():
        source = repository.read_if_there(path)
        there = source.raw if source else None
        if there == text:
            yield Check(path, Status.PASS, "as it would be written", path)
        elif check:
            yield Check(path, Status.FAIL, _difference(there, text), path)
        else:
            repository.write(path, text)
            yield Check(path, Status.PASS, "written", path)


def _difference(there: str | None, text: str) -> str:
    if there is None:
        return "it is not there; run without --check to write it"
    old, new = there.splitlines(), text.splitlines()
    pairs = (n for n, (a, b) in enumerate(zip(old, new, strict=False), start=1) if a != b)
    line = next(pairs, min(len(old), len(new)) + 1)
    now = new[line - 1].strip()[:_SHOWN] if line <= len(new) else "nothing"
    return f"line {line} would be written anew: {now}"
