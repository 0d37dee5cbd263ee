"""A project in a real git repository, with a way to write records."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from prp_pack.evidence import ledger
from prp_pack.evidence.record import Check, Kind, Record, Revision, Status, verdict_of
from prp_pack.repository import Repository

FOLDER = "PRPs/evidence/phase_1"
_NUMBERS = itertools.count(1)


def git(root: Path, *arguments: str) -> str:
    config = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", *config, "-C", str(root), *arguments]
    run = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return run.stdout


def run_id(number: int) -> str:
    return f"20261123T000000Z-{number:08x}"


def made(
    key: str = "k",
    *,
    status: Status = Status.PASS,
    tree: str = "t",
    kind: Kind = Kind.RUN,
    config: str = "c",
    number: int | None = None,
) -> Record:
    checks = (Check("exit", status, f"said {status}"),)
    return Record(
        run_id=run_id(next(_NUMBERS) if number is None else number),
        kind=kind,
        prp="PRPs/phase1.md",
        item="L1.1",
        key=key,
        subject="pytest",
        started="2026-11-23T00:00:00+00:00",
        git=Revision(None, dirty=False, tree_sha=tree),
        verdict=verdict_of(checks),
        checks=checks,
        config_sha256=config,
    )


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    root = tmp_path / "project"
    for path, text in (("src/a.py", "a = 1\n"), ("tests/test_a.py", "x\n"), ("PRPs/p.md", "# p\n")):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    git(tmp_path, "init", "-q", "-b", "main", str(root))
    git(root, "add", "-A")
    git(root, "commit", "-qm", "Begin")
    return Repository(root)


@pytest.fixture
def write(repository: Repository) -> Callable[[Record], Record]:
    return lambda record: ledger.write(repository, FOLDER, record)
