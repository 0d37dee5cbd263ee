from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence.conftest import git
from tests.probes.site import Site, begin

PLAN = """\
---
template: phase_plan
project: Letters
phases:
  - number: 1
    name: Store
    type: foundation
    complexity: low
    depends_on: []
    delivers: ["GET /v1/letters", "POST /v1/letters", "pages of letters"]
  - {number: 2, name: Track, type: integration, complexity: high, depends_on: [1]}
---
"""
CALLS = """
[[examples.calls]]
method = "POST"
path = "/letters"
body = { code = "L-1", weight = 20 }
save = { code = "/code" }

[[examples.calls]]
path = "/letters/{id}"
parameters = { code = "{{code}}" }
"""


class Letters(Site):
    """A site whose service is the letters; `configure` writes more tables."""

    def configure(self, more: str = "") -> None:
        super().configure(more)
        text = (self.root / "PRPs/prp.toml").read_text(encoding="utf-8")
        self.put(
            "PRPs/prp.toml", text.replace("tests.probes.target", "tests.probes.handoff_target")
        )

    @property
    def folder(self) -> Path:
        return self.root / "PRPs/contracts/phase_1"

    def files(self) -> dict[str, bytes]:
        """Return what lies below the folder of the contract."""
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def letters(tmp_path: Path) -> Letters:
    plain = begin(tmp_path / "site")
    site = Letters(plain.root, plain.port)
    site.configure(CALLS)
    site.put("PRPs/PROJECT_PHASE_PLAN.md", PLAN)
    git(site.root, "add", "-A")
    git(site.root, "commit", "-qm", "letters")
    return site


@pytest.fixture
def frozen(letters: Letters) -> Letters:
    """Return the site with its contract frozen."""
    letters.run("generate_api_docs", "--phase=1", "--no-evidence", status=0)
    return letters
