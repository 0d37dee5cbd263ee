"""Documents in and out of a migration, without a disk where none is needed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from prp_pack.check.engine import Checker
from prp_pack.migration.steps import Migration, migrate
from prp_pack.migration.subject import Destination
from prp_pack.parse import document
from prp_pack.project import Listed
from prp_pack.repository import Repository, decode

Migrate = Callable[..., Migration]

PLAN = """---
template: phase_plan
project: Parcels
phases:
  - {number: 1, name: Core, type: foundation, complexity: medium, depends_on: []}
  - {number: 2, name: Live, type: integration, complexity: medium, depends_on: [1]}
  - {number: 3, name: Busy, type: optimization, complexity: low, depends_on: [2]}
---

# Parcels: phase plan
"""


@pytest.fixture(scope="session")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Checker:
    """Return the rules for a project that has a plan of three phases and no code."""
    root = tmp_path_factory.mktemp("project")
    (root / "PRPs").mkdir()
    (root / "PRPs/PROJECT_PHASE_PLAN.md").write_text(PLAN, encoding="utf-8")
    return Checker(Repository(root), project=Listed(frozenset({"src/app.py"})))


def migrated(
    checker: Checker, text: str, path: str = "PRPs/search.md", to: Destination | None = None
) -> Migration:
    return migrate(checker, decode(text.encode(), path), to)


def after(made: Migration) -> str:
    """Return the new text with LF newlines."""
    return decode(made.raw.encode(), made.path).text


_WORD = re.compile(r"\w+")


def assert_nothing_lost(made: Migration) -> None:
    """Compare words and fences, by another way than the migration's own guard."""
    new = after(made)
    said = set(_WORD.findall(new))
    for value in document.parse(new, made.path).front_matter.values.values():
        said.update(_WORD.findall(str(value)))
    titles = {one.old for one in made.renamed}
    parsed = document.parse(made.before.text, made.path)
    replaced = {s.line for s in parsed.outline.sections if s.title in titles}
    front = parsed.front_matter
    exempt = {word for title in titles for word in _WORD.findall(title)}
    if front.problems:
        # What no reader understands has words on its lines and no values.
        assert set(_WORD.findall("\n".join(parsed.lines[: front.end - 1]))) - exempt <= said
    # A bare header's quotes and bars are syntax; its words are in the new front matter.
    for number, line in enumerate(made.before.text.split("\n"), start=1):
        if number in replaced or number < front.end:
            continue
        assert set(_WORD.findall(line)) <= said, line
    for value in () if front.problems else front.values.values():
        assert str(value) in titles or set(_WORD.findall(str(value))) <= said, value
    fences = Counter((f.info, f.content) for f in parsed.outline.fences)
    assert not fences - Counter(
        (f.info, f.content) for f in document.parse(new, made.path).outline.fences
    )
    assert not [p for p in made.problems if "would lose" in p.message]


def rules_of(checker: Checker, made: Migration) -> dict[str, list[str]]:
    """Return the messages of each rule on the new text."""
    found: dict[str, list[str]] = {}
    for finding in checker.check_text(after(made), made.path):
        if finding.rule != "PRP106" or finding.fix:
            found.setdefault(finding.rule, []).append(f"{finding.line}: {finding.message}")
    return found


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())
