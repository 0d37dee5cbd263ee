"""What a step of a migration looks at."""

from __future__ import annotations

from functools import cached_property

from prp_pack.check.engine import Checker
from prp_pack.check.registry import Target
from prp_pack.check.rules.prp107_unclosed_fence import unclosed_fence
from prp_pack.model import Document, Kind, Lineage, Place, Problem
from prp_pack.repository import Source
from prp_pack.values import dataclass


@dataclass(frozen=True, slots=True)
class Destination:
    """What an older PRP becomes: a phase of the plan, or without a number a simple feature."""

    phase: int | None = None


@dataclass(frozen=True)
class Subject:
    """A document as the steps before have left it. `destination` is None when nobody has said."""

    source: Source
    checker: Checker
    destination: Destination | None = None

    @cached_property
    def target(self) -> Target:
        return self.checker.target(self.source.text, self.source.path)

    @property
    def document(self) -> Document:
        return self.target.document

    @cached_property
    def obstacle(self) -> Problem | None:
        """Why no part of the document can be moved: where one ends isn't what its author meant."""
        found = next(iter(unclosed_fence.check(self.target)), None)
        if found is None and not self.target.ends_open:
            return None
        line = found.line if found else self.document.last_line
        said = found.message if found else "a comment is never closed"
        place = Place(self.document.path, line)
        return Problem(place, f"nothing can be moved: {said}", help="close it, then migrate again")

    def is_prp(self, lineage: Lineage) -> bool:
        return self.document.kind is Kind.PRP and self.target.lineage is lineage
