"""Which PRP stands for a phase."""

from __future__ import annotations

from prp_pack.check.neighbours import Claim, Neighbours, is_put_away
from prp_pack.model import Kind
from prp_pack.repository import Repository, UnreadableError


def path_of(repository: Repository, number: int, track: str = "") -> str:
    """Return the path of a phase's PRP; raises `UnreadableError` for none and for several.

    `track` is a track's name, or the folder that a track lies in.
    """
    neighbours = Neighbours(repository)
    claims = (neighbours.claim_at(path) for path in repository.documents())
    found = [
        claim
        for claim in claims
        if claim
        and claim.kind is Kind.PRP
        and claim.number == number
        and not is_put_away(claim.place.path)
    ]
    if track:
        found = [claim for claim in found if _is_on(claim, track)]
    if len(found) == 1:
        return found[0].place.path
    where = f" on track {track}" if track else ""
    if not found:
        hint = f"write it: /generate-prp PRPs/PHASE{number}_REQUIREMENTS.md; or name its path"
        raise UnreadableError("PRPs", f"there is no PRP for phase {number}{where}", help=hint)
    listed = ", ".join(claim.place.path for claim in found)
    said = f"several PRPs stand for phase {number}{where}: {listed}"
    raise UnreadableError("PRPs", said, help="name the path of one, or its track: --track T")


def _is_on(claim: Claim, track: str) -> bool:
    name = track.strip("/").lower()
    known = claim.track.lower()
    return known in (f"track {name}", name) or known.endswith(f"/{name}")
