from __future__ import annotations

from collections.abc import Iterator

from prp_pack.check.registry import Target, rule
from prp_pack.evidence import ledger
from prp_pack.evidence.record import Kind as Records
from prp_pack.model import Edit, Finding, Kind
from prp_pack.shell_words import quoted


@rule(
    "PRP511",
    name="unproven-completion",
    summary="A summary says that its phase is complete, and no record says so.",
    kinds=(Kind.SUMMARY,),
    fixable=True,
)
def unproven_completion(target: Target) -> Iterator[Finding]:
    front, path = target.document.front_matter, target.document.path
    if target.summary.status != "complete":
        return
    named = front.text("prp")
    if target.number is None:
        folder = ledger.folder_of_feature(named or path.replace("_COMPLETION_SUMMARY", ""))
    else:
        folder = ledger.folder_of_phase(named or path, front, target.number)
    words = target.neighbours.ledger(folder).of_kind(Records.COMPLETION)
    if words and words[-1].data.get("status") == "complete":
        return
    line = front.lines.get("status", 1)
    which = f"{target.number}" if target.number else quoted(named or "PRP")
    hint = f"run `prp complete {which}`, which says what is open; "
    hint += "`unverified` is what nobody has proven"
    if named and not target.project.exists(named):
        hint = f"{named} isn't there; where it was renamed, name it here, and rename {folder} too"
    message = "status is “complete”, and no completion is on record"
    yield Finding(line, message, help=hint, fix=_unverified(target, line))


def _unverified(target: Target, line: int) -> Edit | None:
    text = target.lines[line - 1]
    plain = text.strip() == "status: complete"
    return Edit(line, line + 1, "status: unverified\n") if plain else None
