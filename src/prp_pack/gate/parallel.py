"""Which gates may run at the same time: programs that read files and share nothing else."""

from __future__ import annotations

from prp_pack.check.items import Item

# Linters and type checkers. Tests are not here: they share databases, ports and files.
_READERS = frozenset({
    "ruff", "mypy", "pyright", "basedpyright", "flake8", "pylint", "bandit", "vulture", "black",
    "isort", "eslint", "tsc", "prettier", "stylelint", "shellcheck", "shfmt", "hadolint",
    "yamllint", "golangci-lint", "staticcheck", "lint-imports", "pydocstyle", "codespell",
    "actionlint",
})  # fmt: skip


def is_safe(item: Item) -> bool:
    """Tell whether a gate may run beside others like it."""
    gate = item.gate
    if gate is None or gate.background or gate.setup or item.services or not gate.argv:
        return False
    words = [word for word in gate.argv if word not in ("python", "python3", "-m", "uv", "run")]
    return bool(words) and words[0].rpartition("/")[2] in _READERS
