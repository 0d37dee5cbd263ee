"""Run by the project's own Python, which may know a newer language than ours.

Usage: python -I parse_and_collect.py LIST, a file that holds paths with a NUL behind each. Prints
a line for each file that doesn't parse, and at the end how many were read.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path


def main(listed: str) -> int:
    warnings.simplefilter("ignore")
    paths = [name for name in Path(listed).read_bytes().split(b"\0") if name]
    broken = 0
    for name in paths:
        path = name.decode("utf-8", "surrogateescape")
        try:
            compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)
        except SyntaxError as error:
            said = f"{path}:{error.lineno or 1}: {error.msg}"
        except (OSError, ValueError, RecursionError, MemoryError) as error:
            said = f"{path}: {error}"
        else:
            continue
        broken += 1
        sys.stdout.write(said.encode("utf-8", "backslashreplace").decode() + "\n")
    sys.stdout.write(f"parsed {len(paths) - broken} of {len(paths)} files\n")
    return 1 if broken or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
