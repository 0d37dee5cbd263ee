"""The catalogue of edits: Markdown pages whose fences are diffs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from prp_pack.check.gates import gates_of
from prp_pack.evidence.weakening import Change, compare_goalposts, compare_trees
from prp_pack.model import Document, Gate
from prp_pack.parse import document
from prp_pack.schema import matrix
from prp_pack.schema.sections import locate

_CASE = re.compile(
    r"^### (?P<title>.+?)(?:: (?P<expected>[a-z-]+))?$\n(?P<body>.*?)(?=^##|\Z)",
    re.MULTILINE | re.DOTALL,
)
_FENCE = re.compile(
    r"^(?P<mark>`{3,4})diff (?P<path>\S+)\n(?P<diff>.*?)^(?P=mark)$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Case:
    """An edit: the files before and after, and what must be found of it."""

    title: str
    expected: str
    old: dict[str, str]
    new: dict[str, str]

    def changes(self) -> tuple[Change, ...]:
        found = list(compare_trees(self.old, self.new))
        for path in self.old:
            if path.startswith("PRPs/"):
                old, new = (document.parse(text, path) for text in (self.old[path], self.new[path]))
                found += compare_goalposts(old, new, gates(old), gates(new))
        return tuple(found)


def gates(prp: Document) -> tuple[Gate, ...]:
    return gates_of(prp, locate(prp.outline, matrix.shipped())).gates


def cases(page: str) -> list[Case]:
    text = (Path(__file__).parent / page).read_text(encoding="utf-8")
    found = []
    for case in _CASE.finditer(text):
        old, new = {}, {}
        for fence in _FENCE.finditer(case["body"]):
            lines = fence["diff"].splitlines(keepends=True)
            old[fence["path"]] = "".join(line[1:] for line in lines if line[0] in " -")
            new[fence["path"]] = "".join(line[1:] for line in lines if line[0] in " +")
        # A file of which every line is gone is gone.
        found.append(Case(case["title"], case["expected"] or "", _there(old), _there(new)))
    return found


def _there(files: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in files.items() if text}
