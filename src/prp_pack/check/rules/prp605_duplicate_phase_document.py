from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.neighbours import claim_of
from prp_pack.check.registry import Target, rule
from prp_pack.model import Finding, Kind

_WORDS = {
    Kind.PRP: "PRP",
    Kind.REQUIREMENTS: "requirements document",
    Kind.SUMMARY: "completion summary",
}


@rule(
    "PRP605",
    name="duplicate-phase-document",
    summary="Two documents of one kind claim the same phase of one track.",
    kinds=tuple(_WORDS),
)
def duplicate_phase_document(target: Target) -> Iterator[Finding]:
    own = claim_of(target.document)
    if own is None:
        return
    claimants = target.neighbours.claimants(own.kind, own.track, own.number)
    others = [place for place in claimants if place.path != own.place.path]
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        message = f"phase {own.number} has another {_WORDS[own.kind]} at {others[0]}{more}"
        hint = "keep one; move the other to PRPs/done/, or give each its own `track`"
        yield Finding(max(own.place.line, 1), message, help=hint)
