"""Which commits are compared: of a phase, as it was named, configured or recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from prp_pack import context
from prp_pack.model import FrontMatter, Requirements
from prp_pack.parse import front_matter
from prp_pack.probes import quantities
from prp_pack.probes.critical_paths import Performance
from prp_pack.probes.probe import Run
from prp_pack.repository import UnreadableError


@dataclass(frozen=True)
class Version:
    """A version of the project. `commit` is None for the working tree as it is.

    `origin` says who named the commit; `caution` what it may not be.
    """

    label: str
    commit: str | None
    origin: str
    caution: str = ""

    @property
    def described(self) -> str:
        if self.commit is None:
            return f"{self.label}: the working tree"
        return f"{self.label}: commit {self.commit[:12]} ({self.origin})"


def baseline(run: Run, performance: Performance, phase: int | None) -> Version:
    """Return the version to compare with; raises `UnreadableError` when nothing names it."""
    named = run.options.get("baseline_rev")
    found = _found(run, performance, phase, "baseline", named)
    if found:
        return found
    help_ = (
        "give --baseline-rev=REV, or write it into [performance]: "
        f'revisions = {{ phase_{phase} = "REV" }}; `prp complete` records it'
    )
    looked = summary_path(run, phase) if phase else "no phase"
    said = f"nothing says which commit phase {phase} ended with ({looked} names none)"
    raise run.settings.error(said, ("performance", "revisions"), help_)


def target(run: Run, performance: Performance, phase: int | None) -> Version:
    """Return the version to judge: the commit of a complete phase, else the working tree."""
    found = _found(run, performance, phase, "target", run.options.get("target_rev"))
    return found or Version(f"phase_{phase}" if phase else "now", None, "the working tree")


def summary_path(run: Run, phase: int) -> str:
    """Return where the summary of a phase lies: beside the plan, or the PRP that is worked on."""
    plan = context.find_plan(run.repository, Requirements(path=run.prp))
    near = [path for path in (plan.path if plan else "", run.prp) if path]
    name = f"PHASE{phase}_COMPLETION_SUMMARY.md"
    paths = [PurePosixPath(path).with_name(name).as_posix() for path in near]
    paths.append(f"PRPs/{name}")
    return next((path for path in paths if run.repository.exists(path)), paths[0])


def _found(
    run: Run, performance: Performance, phase: int | None, role: str, named: str | None
) -> Version | None:
    label = f"phase_{phase}" if phase else role
    if named:
        return Version(label, _commit(run, named, f"--{role}-rev", ()), f"--{role}-rev {named}")
    if phase is None:
        return None
    for key, revision in performance.revisions.items():
        keys = ("performance", "revisions", key)
        try:
            of = quantities.phase(key)
        except ValueError as error:
            raise run.settings.error(f"“{key}” {error}", keys) from None
        if of == phase:
            return Version(label, _commit(run, revision, run.settings.path, keys), revision)
    return _recorded(run, phase, label, role)


def _recorded(run: Run, phase: int, label: str, role: str) -> Version | None:
    path = summary_path(run, phase)
    source = run.repository.read_if_there(path)
    if source is None:
        return None
    front = front_matter.parse(source.text, path)
    revision = _text(front, "commit")
    if not revision or (role == "target" and front.text("status") != "complete"):
        return None
    commit = _resolved(run, revision)
    if commit is None:
        raise UnreadableError(path, *_unknown(revision, front.lines.get("commit", 1)))
    caution = ""
    if front.values.get("uncommitted") is True:
        caution = f"{path}: the phase ended with changes that this commit lacks"
    return Version(label, commit, path, caution)


def _text(front: FrontMatter, key: str) -> str:
    """Return a value as text: YAML takes a commit of digits alone for a number."""
    value = front.values.get(key)
    return "" if value is None or isinstance(value, bool) else str(value).strip()


def _commit(run: Run, revision: str, origin: str, keys: tuple[str, ...]) -> str:
    commit = _resolved(run, revision)
    if commit is None:
        reason, line, help_ = _unknown(revision, 0)
        if keys:
            raise run.settings.error(reason, keys, help_)
        raise UnreadableError(origin, reason, line, help_)
    return commit


def _resolved(run: Run, revision: str) -> str | None:
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    found = run.repository.git(*words)
    return found.decode().strip() if found else None


def _unknown(revision: str, line: int) -> tuple[str, int, str]:
    help_ = "see `git log --oneline --all`; a shallow clone lacks it: git fetch --unshallow --tags"
    return f"git knows no commit “{revision}” here", line, help_
