"""Where a Python service keeps what it doesn't give back: the same requests under memray."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from prp_pack.probes.probe import CannotRunError

_OPTIONS_WITH_VALUE = ("-X", "-W")
_SHOWN = 5
# A place that keeps less than this many bytes a request, or less than this share, is not told.
_FEW_BYTES, _FEW = 100, 0.05


@dataclass(frozen=True, slots=True)
class Site:
    """A line of the program, and the bytes allocated there that were never freed."""

    where: str
    function: str
    bytes: int


def under_memray(argv: Sequence[str], output: Path, path: str | None) -> tuple[str, ...]:
    """Return the words that run a Python program under memray; raises `CannotRunError`.

    `path` is the PATH that its program is looked for in.
    """
    interpreter, rest = _python(argv, path)
    options: list[str] = []
    words = list(rest)
    while words and words[0].startswith("-") and words[0][:2] not in ("-m", "-c"):
        options.append(words.pop(0))
        if options[-1] in _OPTIONS_WITH_VALUE and words:
            options.append(words.pop(0))
    return (
        *interpreter, *options, "-m", "memray", "run", "--quiet", "--force",
        "--trace-python-allocators", "--output", str(output), *words,
    )  # fmt: skip


def _python(argv: Sequence[str], path: str | None) -> tuple[tuple[str, ...], Sequence[str]]:
    """Return the interpreter of a program, and what it is given."""
    program = shutil.which(argv[0], path=path) or argv[0]
    if Path(program).name.startswith(("python", "pypy")):
        return (argv[0],), argv[1:]
    try:
        with Path(program).open("rb") as file:
            first = file.readline(512).decode("utf-8", "replace").strip()
    except OSError:
        first = ""
    if first.startswith("#!") and "python" in first:
        return tuple(first[2:].split()), (program, *argv[1:])
    raise CannotRunError(f"--deep looks into Python alone, and {argv[0]} isn't started by it")


def kept(output: Path, since: float, until: float, root: Path) -> tuple[Site, ...]:
    """Return what was allocated after `since` and not freed before `until`, the most first.

    Times are in seconds of the day. Of a stack the line of the project counts, where it has one.
    Raises `CannotRunError` for a file that memray can't read.
    """
    from memray import FileReader  # noqa: PLC0415 - the extra `memory`

    sites: Counter[tuple[str, str]] = Counter()
    try:
        with FileReader(output) as reader:
            times = [each.time / 1000 for each in reader.get_memory_snapshots()]
            first = sum(time <= since for time in times)
            last = sum(time <= until for time in times)
            for record in reader.get_temporal_allocation_records(merge_threads=True):
                size = sum(
                    each.n_bytes
                    for each in record.intervals
                    if first <= each.allocated_before_snapshot < last
                    and (each.deallocated_before_snapshot or last) >= last
                )
                if size:
                    sites[_site(record.stack_trace(), root)] += size
    except OSError as error:
        raise CannotRunError(f"memray left nothing to read: {error}") from None
    return tuple(Site(*where, size) for where, size in sites.most_common())


def notable(sites: Sequence[Site], requests: int) -> Iterator[Site]:
    """Yield the few places that keep so much a request that it matters."""
    whole = sum(site.bytes for site in sites)
    for site in sites[:_SHOWN]:
        if site.bytes >= max(_FEW_BYTES * requests, _FEW * whole):
            yield site


def _site(stack: Sequence[tuple[str, str, int]], root: Path) -> tuple[str, str]:
    """Return where a stack allocated: in the project if it went through it, else its last line."""
    if not stack:
        return "", "below Python"
    own = (frame for frame in stack if _is_own(Path(frame[1]), root))
    function, file, line = next(own, stack[0])
    path = Path(file)
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    return f"{shown}:{line}", function


def _is_own(path: Path, root: Path) -> bool:
    # An environment in the project's folder is not the project.
    return path.is_relative_to(root) and not {"site-packages", "lib"} & set(path.parts)
