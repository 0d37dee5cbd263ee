"""A small pack, a project to install it into, and what can be seen of the project afterwards."""

from __future__ import annotations

from pathlib import Path

from prp_pack import install
from prp_pack.install import Action, Change
from prp_pack.repository import Repository

COMMAND = ".claude/commands/generate-prp.md"
HOOK = ".claude/hooks/prp_hook.py"
TEMPLATE = "PRPs/templates/prp_base.md"
README = "PRPs/ai_docs/README.md"


def plan(root: Path, pack: Path, *, upgrade: bool = False) -> tuple[Change, ...]:
    return install.plan_install(Repository(root), pack.joinpath, upgrade=upgrade)


def init(root: Path, pack: Path, *, upgrade: bool = False) -> dict[str, Action]:
    changes = plan(root, pack, upgrade=upgrade)
    install.apply(Repository(root), changes)
    return {change.path: change.action for change in changes}


def upgrade(root: Path, pack: Path) -> dict[str, Action]:
    return init(root, pack, upgrade=True)


def uninstall(root: Path, pack: Path) -> dict[str, Action]:
    changes = install.plan_removal(Repository(root), pack.joinpath)
    install.apply(Repository(root), changes)
    return {change.path: change.action for change in changes}


def tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(text.encode())


def read(root: Path, path: str) -> str:
    return (root / path).read_bytes().decode()
