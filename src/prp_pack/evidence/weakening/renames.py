"""What an edit only calls by another name, or imports from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prp_pack.evidence.weakening.collection import defined
from prp_pack.evidence.weakening.fingerprints import fingerprint
from prp_pack.evidence.weakening.suite import Side


def renames(old: Side, new: Side) -> dict[str, str]:
    """Return the functions and classes that do the same under another name, old name to new."""
    found: dict[str, str] = {}
    fresh: dict[str, str] = {}
    for name, mark in _fingerprints(new):
        if name not in old.names:
            fresh.setdefault(mark, name)
    for name, mark in _fingerprints(old):
        if name not in new.names and mark in fresh:
            found.setdefault(name, fresh[mark])
    return found | _moved_imports(old, new)


_MADE_UP = re.compile(r"mock|fake|stub|dummy|(?:^|[._])tests?[._]", re.IGNORECASE)


def _moved_imports(old: Side, new: Side) -> dict[str, str]:
    """Return what is imported from another module than before, old dotted name to new."""
    found: dict[str, str] = {}
    fresh = sorted(new.imported - old.imported)
    for name in sorted(old.imported - new.imported):
        last = name.rpartition(".")[2]
        same = [one for one in fresh if one.rpartition(".")[2] == last]
        if len(same) == 1 and not _MADE_UP.search(same[0]):
            found[name] = same[0]
    return found


def _fingerprints(side: Side) -> Iterator[tuple[str, str]]:
    for module in side.modules.values():
        for name, cls in module.classes.items():
            yield name, fingerprint(cls)
        for one in defined(module):
            yield one.node.name, fingerprint(one.node)
