"""What a user is told of a migration: in lines, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prp_pack.markdown import display_title
from prp_pack.migration.rewriting import KEPT
from prp_pack.migration.steps import Migration
from prp_pack.report.json_report import dump
from prp_pack.repository import UnreadableError
from prp_pack.values import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """A migration under the name that its file has where the user stands.

    `error` says why the file could not be read or written; then nothing of it was touched.
    """

    name: str
    migration: Migration | None = None
    error: UnreadableError | None = None
    written: bool = False

    @property
    def is_pending(self) -> bool:
        return self.migration is not None and self.migration.changes and not self.written

    @property
    def is_left(self) -> bool:
        return self.migration is not None and self.migration.is_left


def lines(told: Told) -> Iterator[str]:
    """Yield what happened to a file, what had no place in it, and what was left; maybe nothing."""
    made = told.migration
    if made is None:
        return
    if made.changes:
        steps = "; ".join(step.summary for step in made.steps)
        yield f"{'migrated' if told.written else 'would migrate'} {told.name}: {steps}"
    for one in made.renamed:
        yield f"    renamed   “{one.old}” to “{display_title(one.new)}”"
    for each in made.unplaced:
        count = "1 line" if each.lines == 1 else f"{each.lines} lines"
        yield f"    no place  “{each.title}” ({count}), kept under “{KEPT}”"
    for problem in made.problems:
        where = f"{told.name}:{problem.place.line}" if problem.place.line else told.name
        yield f"left {where}: {problem.message}"
        if problem.help:
            yield f"    help: {problem.help}"


def summary(every: Sequence[Told], *, writing: bool) -> str:
    """Return the last line: how many files were, or would be, changed."""
    changed = sum(told.written or told.is_pending for told in every)
    written = sum(told.written for told in every)
    left = sum(told.is_left for told in every)
    said = f"{written} of {changed} migrated" if writing else f"{changed} to migrate"
    said = f"{len(every)} file{'' if len(every) == 1 else 's'}: {said}"
    said += f", {left} left" if left else ""
    return said if writing or not changed else f"{said}; nothing was written, --write does it"


def to_json(every: Sequence[Told]) -> str:
    """Return the document that `prp migrate --json` prints."""
    return dump({"version": 1, "files": [_file(told) for told in every]})


def _file(told: Told) -> dict[str, object]:
    made, error = told.migration, told.error
    left = [{"line": p.place.line, "message": p.message, "help": p.help, "severity": p.severity}
            for p in (made.problems if made else ())]  # fmt: skip
    return {
        "path": told.name,
        "changes": bool(made and made.changes),
        "written": told.written,
        "steps": [step.name for step in made.steps] if made else [],
        "renamed": [{"old": r.old, "new": r.new} for r in (made.renamed if made else ())],
        "unplaced": [{"title": u.title, "lines": u.lines} for u in (made.unplaced if made else ())],
        "left": left,
        "error": f"{error.reason}" if error else None,
        "diff": made.diff if made else "",
    }
