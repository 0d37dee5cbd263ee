"""A project of two phases and a feature in a real git repository, with real records."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from prp_pack.check.engine import Checker
from prp_pack.evidence.record import Check, Kind, Measurement, Record, Status, verdict_of
from prp_pack.evidence.seal import snapshot
from prp_pack.gate.recording import Contract
from prp_pack.repository import Repository
from prp_pack.values import replace
from prp_pack.worktree import read
from tests.gate.projects import SETTINGS

CLOCK = datetime.fromisoformat("2026-11-23T10:00:00+00:00")
PLAN = """\
---
template: phase_plan
project: Letters
phases:
  - {number: 1, name: Store, type: foundation, complexity: low, depends_on: [],
     delivers: ["pages of letters"]}
  - {number: 2, name: Track, type: integration, complexity: high, depends_on: [1]}
---
"""
PRP = """\
---
template: prp_base
name: Store
---

## Project Context
```yaml
PROJECT_TYPE: complex_multi_phase
PHASE_INFO:
  number: 1
  total_phases: 2
  phase_type: foundation
  previous_phases: []
  template_source: PRPs/PROJECT_PHASE_PLAN.md
  complexity_level: low
```

## What
### Success Criteria
- [ ] Letters are stored: `pytest tests/test_store.py`

## All Needed Context
### Desired Codebase tree
```bash
src/store.py  # stores letters
tests/test_store.py  # tests it
```

## Implementation Blueprint
### list of tasks
```yaml
Task 1: store
CREATE src/store.py:
  - IMPLEMENT store
MODIFY src/app.py:
  - KEEP the rest
CREATE tests/test_store.py:
  - TEST it
DELETE src/old.py
```

## Validation Loop
### Level 1: Component Validation
```bash
ruff check src | tee
```
### Level 2: Integration Validation
```bash
pytest tests
```

## Final Validation Checklist
### Component Level
- [ ] Tests pass: `pytest tests`
- [ ] The README says what a letter is
"""
FEATURE = """\
---
template: prp_base
name: Labels
---

## Final Validation Checklist
- [ ] It is described: `grep letter README.md`
"""
SUMMARY = "PRPs/PHASE1_COMPLETION_SUMMARY.md"


def git(root: Path, *arguments: str) -> str:
    config = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", *config, "-C", str(root), *arguments]
    run = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return run.stdout


def project(root: Path) -> Path:
    """Make the project as it is before the work of phase 1 begins."""
    files = {
        "PRPs/PROJECT_PHASE_PLAN.md": PLAN,
        "PRPs/phase1.md": PRP,
        "PRPs/labels.md": FEATURE,
        "PRPs/prp.toml": SETTINGS,
        "src/app.py": "a = 1\n",
        "src/old.py": "o = 1\n",
        "README.md": "A letter.\n",
    }
    for path, text in files.items():
        write(root, path, text)
    git(root, "init", "-q", "-b", "main")
    commit(root, "Begin")
    return root


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(text.encode())


def commit(root: Path, message: str) -> str:
    git(root, "add", "-A")
    git(root, "commit", "-qm", message)
    return git(root, "rev-parse", "HEAD").strip()


def work(root: Path) -> None:
    """Do what the PRP of phase 1 asks for."""
    write(root, "src/store.py", "s = 1\n")
    write(root, "src/app.py", "a = 2\n")
    write(root, "tests/test_store.py", "def test_store():\n    assert True\n")
    (root / "src/old.py").unlink()


def contract(root: Path, path: str = "PRPs/phase1.md") -> Contract:
    repository = Repository(root)
    return Contract(repository, path, lambda: Checker(repository), lambda: CLOCK, {})


def seal(at: Contract) -> Record:
    target = at.target()
    now = read(at.repository)
    draft = at.draft(target, Kind.SEAL, "seal", now.digest, at.path)
    data = {"document": target.document.text, "commit": snapshot(at.repository, "x", now)}
    checks = (Check("seal", Status.PASS, "sealed"),)
    return at.write(target, replace(draft, checks=checks, verdict=verdict_of(checks), data=data))


def record(  # noqa: PLR0917
    at: Contract,
    id_: str,
    kind: Kind = Kind.RUN,
    status: Status = Status.PASS,
    metrics: Sequence[Measurement] = (),
    said: str = "",
) -> Record:
    """Write a record about an item as it stands now."""
    target = at.target()
    item = next(item for item in target.proof.items if item.id == id_)
    checks = (Check("exit", status, f"said {status}"),)
    made = replace(
        at.draft(target, kind, item.id, item.key, item.subject),
        checks=checks,
        verdict=verdict_of(checks),
        metrics=tuple(metrics),
        by="Ada" if kind is not Kind.RUN else "",
        note=said,
    )
    return at.write(target, made)


def settle(at: Contract, *, without: Sequence[str] = ()) -> None:
    """Record a run for each command, an attestation for the rest."""
    for item in at.target().proof.items:
        if item.id not in without:
            kind = Kind.RUN if item.is_runnable else Kind.ATTESTATION
            record(at, item.id, kind, said="read it" if kind is Kind.ATTESTATION else "")
