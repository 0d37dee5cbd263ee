"""`prp doctor`: what works on this machine and in this project, and what mends the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prp_pack.doctor import hooks, installation, libraries, programs
from prp_pack.doctor.result import Here, Result, Results, State
from prp_pack.values import replace

__all__ = ("CHECKS", "Here", "Result", "State", "document", "examine", "problems")

CHECKS: dict[str, Callable[[Here], Results]] = {
    "python": programs.python,
    "git": programs.git,
    "claude-code": programs.claude_code,
    "installed-once": installation.once,
    "installed-files": installation.files,
    "hooks-registered": hooks.registrations,
    "hooks-alive": hooks.alive,
    "pre-commit": programs.pre_commit,
    "extras": libraries.extras,
    "libyaml": libraries.libyaml,
}


def examine(here: Here) -> tuple[Result, ...]:
    """Return what each check of the table says, in its order."""
    return tuple(
        replace(result, check=name) for name, check in CHECKS.items() for result in check(here)
    )


def problems(results: Iterable[Result]) -> int:
    return sum(result.state is State.PROBLEM for result in results)


def document(results: tuple[Result, ...]) -> dict[str, object]:
    """Return what `prp doctor --json` prints; its shape stays as long as its version."""
    return {
        "version": 1,
        "checks": [
            {"check": r.check, "state": r.state.value, "message": r.said, "mend": r.mend}
            for r in results
        ],
        "summary": {state.value: sum(r.state is state for r in results) for state in State},
    }
