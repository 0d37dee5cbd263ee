"""Which files the pack installs, and where they go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from prp_pack.settings_json import SCRIPT

CONFIG = "PRPs/prp.toml"
PRE_COMMIT = ".pre-commit-config.yaml"

# What the configuration holds where there is none yet.
_CONFIG = Path(__file__).parents[1] / "check/prp.toml"

AI_DOCS = """\
# Documents for the agent

Put here what an agent can't find in this repository or wouldn't get right from memory: the pages
of a library's manual that a PRP relies on, a protocol, a vendor's pitfalls. One subject a file,
cut down to what is needed, with the address and the version it was taken from.

A PRP names such a file under “Documentation & References”:

```yaml
- docfile: "PRPs/ai_docs/stripe_webhooks.md"
  why: "how signatures are verified; the order of events isn't guaranteed"
```
"""

# A local hook: it runs the `prp` that the hooks of Claude Code run too, and names no address.
PRE_COMMIT_CONFIG = """\
# Written by `prp init`. `pre-commit install`, or `prek install`, switches it on.
repos:
  - repo: local
    hooks:
      - id: prp-check
        name: check PRPs
        entry: prp check
        language: system
        files: (^|/)PRPs/(?!(templates|ai_docs|evidence|contracts|baselines)/)(?:[^/.][^/]*/)*[^/.][^/]*\\.(md|MD)$
        require_serial: true
"""  # noqa: E501 - one regular expression


class Folder(NamedTuple):
    """A folder of the pack: which of its files go to which folder of a project."""

    source: str
    pattern: str
    target: str


FOLDERS = (
    Folder("commands", "*.md", ".claude/commands"),
    Folder("hooks", SCRIPT, ".claude/hooks"),
    Folder("scripts", "*.py", "scripts"),
    Folder("templates", "*.md", "PRPs/templates"),
)

_AI_DOCS_README = "PRPs/ai_docs/README.md"


def shipped(folder: Callable[[str], Path]) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each file that is installed as it is.

    `folder` tells where the pack's folder of that name lies.
    """
    for source, pattern, target in FOLDERS:
        for path in sorted(folder(source).glob(pattern)):
            yield f"{target}/{path.name}", path.read_text(encoding="utf-8")
    yield _AI_DOCS_README, AI_DOCS
    yield CONFIG, _CONFIG.read_text(encoding="utf-8")


def may_be_ours(path: str) -> bool:
    """Tell whether a path is one that some version of the pack could have installed.

    A manifest is a file like any other: whatever it says, nothing else is removed.
    """
    bare = path.removesuffix(".prp-new")
    folder, _, name = bare.rpartition("/")
    shipped_there = any(f.target == folder and fnmatch(name, f.pattern) for f in FOLDERS)
    return shipped_there or bare in (_AI_DOCS_README, CONFIG, PRE_COMMIT)
